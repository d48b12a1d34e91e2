// The best items of users: against scoring every pair, for any number of threads.
import CKernels
import OsusumeData
import OsusumeModels
import Testing

struct TopItemSearchTests {
  /// Biased parameters with a common direction and norms that differ a hundredfold.
  static func parameters(users: Int, items: Int, factors: Int, seed: UInt64) -> FactorParameters {
    let parameters = FactorParameters(
      layout: FactorLayout(factors: factors, biased: true), users: users, items: items, mean: 7)
    for (table, stream) in [(parameters.users, 100), (parameters.items, 101)]
      as [(FloatMatrix, UInt64)]
    {
      let key = ck_random_key(seed, stream)
      for row in 0..<table.rows {
        let position = UInt64(row * 64)
        let size = ck_random_uniform(key, position + 63) < 0.1 ? 3 : 0.03
        for lane in 0..<factors {
          let common = lane == 0 ? 2.0 : 0
          table[row][lane] = Float(common + size * ck_random_normal(key, position + UInt64(lane)))
        }
      }
    }
    for item in 0..<items {
      parameters.items[item][parameters.layout.itemBiasLane] = Float(item % 7) / 10
    }
    return parameters
  }

  @Test func agreesWithScoringEveryPair() {
    let parameters = Self.parameters(users: 40, items: 700, factors: 20, seed: 1)
    let found = parameters.topItems(for: Array(0..<40), count: 10, excluding: nil, threads: 1)
    for user in 0..<40 {
      let scores = (0..<700).map { parameters.score(user: user, item: $0) }
      let tenth = scores.sorted(by: >)[9]
      for place in (user * 10)..<(user * 10 + 10) {
        #expect(abs(found.scores[place] - scores[Int(found.items[place])]) < 1e-4)
        #expect(found.scores[place] >= tenth - 1e-4)
      }
      #expect(Set(found.items[(user * 10)..<(user * 10 + 10)]).count == 10)
    }
  }

  @Test func theSameForAnyThreadsAndAnyCompany() {
    let parameters = Self.parameters(users: 400, items: 500, factors: 13, seed: 2)
    let users = (0..<400).map { Int32(($0 * 7) % 400) }
    let search = FactorSearch(parameters)
    let one = search.top(5, for: users, threads: 1)
    #expect(search.top(5, for: users, threads: 2) == one)
    #expect(search.top(5, for: users, threads: 3) == one)
    for row in [0, 5, 95, 96, 399] {
      let alone = search.top(5, for: [users[row]], threads: 1)
      #expect(alone.items == Array(one.items[(row * 5)..<(row * 5 + 5)]))
      #expect(alone.scores == Array(one.scores[(row * 5)..<(row * 5 + 5)]))
    }
  }

  @Test func candidatesAndSeenItemsNarrowTheSearch() {
    let parameters = Self.parameters(users: 30, items: 300, factors: 8, seed: 3)
    let seen = SeenItems(
      offsets: (0...30).map { Int32($0 * 100) },
      items: (0..<30).flatMap { user in (0..<100).map { Int32($0 * 3 + user % 3) } })
    let candidates = (0..<300).reversed().filter { $0 % 2 == 0 }.map { Int32($0) }
    let users = (0..<30).map { Int32($0) }
    let everything = FactorSearch(parameters).top(300, for: users, threads: 2)
    let found = FactorSearch(parameters, candidates: candidates)
      .top(10, for: users, excluding: seen, threads: 2)
    for user in 0..<30 {
      let expected = everything.items[(user * 300)..<(user * 300 + 300)]
        .filter { $0 % 2 == 0 && !seen[user].contains($0) }
      #expect(Array(found.items[(user * 10)..<(user * 10 + 10)]) == Array(expected.prefix(10)))
    }
  }

  /// Models without factors are ranked by a common order: the same as by searching.
  @Test(arguments: [1, 2, 10, 400])
  func ranksByBiasAsASearchWould(count: Int) {
    let (users, items) = (30, 300)
    let key = ck_random_key(5, 102)
    // A vector of zeros makes the second a model with factors, of the same scores.
    let layouts = [0, 1].map { FactorLayout(factors: $0, biased: true) }
    for grain in [Float(0), 1e-7, 0.1] {  // All tie; many round to one score; few tie.
      let tables = layouts.map {
        FactorParameters(layout: $0, users: users, items: items, mean: 7)
      }
      for parameters in tables {
        let layout = parameters.layout
        for user in 0..<users { parameters.users[user][layout.userBiasLane] = Float(user) / 9 }
        for item in 0..<items {
          let steps = Float(ck_random_bits(key, UInt64(item)) % 40)
          parameters.items[item][layout.itemBiasLane] = grain * steps
        }
      }
      let seen = SeenItems(
        offsets: (0...users).map { Int32($0 * 100) },
        items: (0..<users).flatMap { user in (0..<100).map { Int32($0 * 3 + user % 3) } })
      for candidates in [nil, (0..<Int32(items)).reversed().filter { $0 % 2 == 0 }, []] {
        let searches = tables.map { FactorSearch($0, candidates: candidates) }
        let asked = (0..<Int32(users)).reversed().map { $0 }
        for seen in [nil, seen] {
          let found = searches.map { $0.top(count, for: asked, excluding: seen, threads: 2) }
          #expect(found[0] == found[1], "grain \(grain), candidates \(candidates?.count ?? items)")
        }
      }
    }
  }

  @Test func awkwardNumbers() {
    let parameters = Self.parameters(users: 3, items: 100, factors: 4, seed: 4)
    parameters.items[17][0] = .infinity
    parameters.items[18][0] = 3e38
    parameters.users[1][0] = -.infinity
    parameters.users[2].update(repeating: 0)
    let found = FactorSearch(parameters).top(100, for: [0, 1, 2], threads: 1)
    #expect(Array(found.items[0..<2]) == [17, 18])
    for user in 0..<3 {
      #expect(Set(found.items[(user * 100)..<(user * 100 + 100)]).count == 100)
    }
    let few = FactorSearch(parameters).top(2, for: [0, 1, 2], threads: 1)
    for user in 0..<3 {
      #expect(
        Array(few.items[(user * 2)..<(user * 2 + 2)])
          == Array(found.items[(user * 100)..<(user * 100 + 2)]))
    }
    #expect(FactorSearch(parameters).top(0, for: [0], threads: 1).items.isEmpty)
    #expect(FactorSearch(parameters).top(3, for: [], threads: 2).items.isEmpty)
    #expect(
      FactorSearch(parameters, candidates: []).top(2, for: [0], threads: 1).items == [-1, -1])
  }
}

// A whole evaluation against a naive one on random data.
import Foundation
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import Testing

struct EvaluationTests {
  /// Random tables, training rows and test rows that share no pair; user 1 has no liked test row.
  struct World {
    let users = 37
    let items = 61
    var parameters: FactorParameters
    var test: IndexedRatings
    var seen: SeenItems

    init(seed: UInt64) {
      var random = SplitMix(state: seed)
      parameters = FactorParameters(
        layout: FactorLayout(factors: 3, biased: true), users: users, items: items, mean: 6)
      for table in [parameters.users, parameters.items] {
        for row in 0..<table.rows {
          for lane in 0..<3 { table[row][lane] = Float.random(in: -1...1, using: &random) }
        }
      }
      var rows = [(Int32, Int32, Float)]()
      var offsets: [Int32] = [0]
      var seenItems: [Int32] = []
      for user in 0..<users {
        for item in 0..<items {
          let draw = Int.random(in: 0..<10, using: &random)
          if draw < 3 { seenItems.append(Int32(item)) }
          if draw == 3 {
            rows.append(
              (
                Int32(user), Int32(item),
                user == 1 ? 2 : Float(Int.random(in: 1...10, using: &random))
              )
            )
          }
        }
        offsets.append(Int32(seenItems.count))
      }
      rows.shuffle(using: &random)
      test = IndexedRatings(users: rows.map(\.0), items: rows.map(\.1), values: rows.map(\.2))
      seen = SeenItems(offsets: offsets, items: seenItems)
    }

    /// All unseen items of a user, best first, ties by index.
    func ranking(_ user: Int) -> [Int] {
      (0..<items).filter { !seen[user].contains(Int32($0)) }
        .sorted {
          let (a, b) = (
            parameters.score(user: user, item: $0), parameters.score(user: user, item: $1)
          )
          return a == b ? $0 < $1 : a > b
        }
    }

    func evaluate(
      cutoffs: [Int], resamples: Int = 200, threads: Int = 1, offset: Float = 0
    ) -> Evaluation {
      Evaluation(
        test: test,
        predictions: parameters.scores(users: test.users, items: test.items, threads: threads)
          .map { $0 + offset },
        scale: 1...10, relevantAt: 7, dislikedAt: 3,
        popularity: ItemPopularity(counts: counts, users: users), cutoffs: cutoffs,
        bootstrap: Bootstrap(resamples: resamples, seed: 3), threads: threads, ranking: self)
    }

    /// Training rows of each item.
    var counts: [Int32] {
      seen.items.reduce(into: [Int32](repeating: 0, count: items)) { $0[Int($1)] += 1 }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64], [1, 5, 100]) func agreesWithTheNaiveOne(
    seed: UInt64, cutoff: Int
  ) {
    let world = World(seed: seed)
    let evaluation = world.evaluate(cutoffs: [cutoff, 3])
    var sums = [String: Double]()
    var recommended = Set<Int>()
    var ranked = 0
    for user in 0..<world.users {
      let relevant = (0..<world.test.count).filter {
        world.test.users[$0] == user && world.test.values[$0] >= 7
      }.map { Int(world.test.items[$0]) }
      if relevant.isEmpty { continue }
      ranked += 1
      let top = Array(world.ranking(user).prefix(cutoff))
      recommended.formUnion(top)
      var gain = 0.0, precisions = 0.0, found = 0
      for rank in 1...cutoff where rank <= top.count && relevant.contains(top[rank - 1]) {
        found += 1
        gain += 1 / log2(Double(rank + 1))
        precisions += Double(found) / Double(rank)
      }
      var ideal = 0.0
      for rank in 1...min(cutoff, relevant.count) { ideal += 1 / log2(Double(rank + 1)) }
      sums["ndcg@\(cutoff)", default: 0] += gain / ideal
      sums["precision@\(cutoff)", default: 0] += Double(found) / Double(cutoff)
      sums["hit_rate@\(cutoff)", default: 0] += found > 0 ? 1 : 0
      sums["mrr@\(cutoff)", default: 0] +=
        top.firstIndex { relevant.contains($0) }.map { 1 / Double($0 + 1) } ?? 0
      sums["recall@\(cutoff)", default: 0] += Double(found) / Double(relevant.count)
      sums["map@\(cutoff)", default: 0] += precisions / Double(min(cutoff, relevant.count))
    }
    for (name, sum) in sums {
      #expect(
        abs((evaluation[name]?.value ?? .nan) - sum / Double(ranked)) < 1e-12,
        "\(name), seed \(seed)")
    }
    #expect(evaluation["coverage@\(cutoff)"]?.value == Double(recommended.count) / 61)
    #expect(evaluation.usersWithoutRelevant == evaluation.users - ranked)
    #expect(evaluation.usersWithoutRelevant >= 1 && evaluation["ndcg@3"] != nil)
    let errors = world.parameters.errors(on: world.test, scale: 1...10, threads: 1)
    #expect(abs((evaluation["rmse"]?.value ?? .nan) - (errors?.rmse ?? 0)) < 1e-12)
    #expect(abs((evaluation["mae_clipped"]?.value ?? .nan) - (errors?.maeClipped ?? 0)) < 1e-12)
  }

  @Test func intervalsHoldTheValueAndThreadsDoNotMoveThem() {
    let world = World(seed: 9)
    let one = world.evaluate(cutoffs: [5, 10], threads: 1)
    let three = world.evaluate(cutoffs: [5, 10], threads: 3)
    #expect(one.metrics == three.metrics && one.metrics.count == 4 + 2 * 11)
    for metric in one.metrics {
      let interval = metric.interval ?? 0...0
      #expect(interval.contains(metric.value) && interval.lowerBound < interval.upperBound)
    }
  }

  @Test func intervalOfTheMeanHasTheWidthOfTheTheory() throws {
    let world = World(seed: 5)
    let ndcg = try #require(world.evaluate(cutoffs: [1], resamples: 4000)["ndcg@1"])
    // NDCG@1 is 0 or 1 for each of n users: its standard error is √(p(1−p)/n), and 1.96 of them reach
    // to either bound. The bootstrap's own noise and the step of 1/n leave a quarter's room.
    let evaluation = world.evaluate(cutoffs: [1], resamples: 0)
    let n = Double(evaluation.users - evaluation.usersWithoutRelevant)
    let expected = 2 * 1.96 * (ndcg.value * (1 - ndcg.value) / n).squareRoot()
    let interval = try #require(ndcg.interval)
    let width = interval.upperBound - interval.lowerBound
    #expect(abs(width / expected - 1) < 0.25, "width \(width), expected \(expected)")
  }

  @Test func nothingToJudgeGivesNoMetric() {
    let evaluation = Evaluation(
      test: IndexedRatings(users: [], items: [], values: []), predictions: [], scale: 1...10,
      relevantAt: 7, dislikedAt: 3, popularity: ItemPopularity(counts: [1, 0, 2], users: 2),
      cutoffs: [10], bootstrap: Bootstrap(resamples: 10), threads: 2, ranking: World(seed: 1))
    #expect(evaluation.metrics.isEmpty && evaluation.users == 0)
  }

  @Test func pairedDifferencesSeeWhatSingleIntervalsDoNot() throws {
    let world = World(seed: 4)
    let model = world.evaluate(cutoffs: [5])
    let shifted = world.evaluate(cutoffs: [5], offset: 0.02)
    let same = try #require(PairedComparison(of: "ndcg@5", model, against: shifted))
    #expect(same.difference == 0 && same.verdict == .undecided)
    let rmse = try #require(PairedComparison(of: "rmse", model, against: shifted))
    let back = try #require(PairedComparison(of: "rmse", shifted, against: model))
    #expect(rmse.difference == -back.difference && rmse.interval.contains(rmse.difference))
    let far = try #require(
      PairedComparison(of: "rmse", model, against: world.evaluate(cutoffs: [5], offset: 9)))
    #expect(far.verdict == .better)
    #expect(PairedComparison(of: "ndcg@7", model, against: shifted) == nil)
  }
}

extension EvaluationTests.World: ItemRanking {
  func top(_ count: Int, for users: [Int32]) -> TopItems {
    let rows = users.map { ranking(Int($0)).prefix(count).map { Int32($0) } }
    let padded = rows.map { $0 + [Int32](repeating: -1, count: count - $0.count) }
    return TopItems(
      width: count, items: padded.flatMap { $0 },
      scores: zip(users, padded).flatMap { user, row in
        row.map { $0 < 0 ? -.infinity : parameters.score(user: Int(user), item: Int($0)) }
      })
  }

  func scores(of user: Int32) -> [Float] {
    (0..<items).map { parameters.score(user: Int(user), item: $0) }
  }

  var isFlat: Bool { false }

  func leftOut(_ user: Int32) -> ArraySlice<Int32> { seen[Int(user)] }
}

/// A small generator for tests (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

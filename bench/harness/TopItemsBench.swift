// Top-N for everyone: seconds, users a second, and the share of the flops a full product would take.
import CKernels
import Dispatch
import Osusume

/// How the factors of a bench are drawn.
public enum BenchFactors: String, Sendable, Codable, CaseIterable {
  /// Independent normals of one size: no item stands out, so nothing can be ruled out early.
  case gaussian
  /// A falling spectrum and item vectors that grow with popularity, as training leaves them.
  case realistic
}

/// What a run of top-N took.
public struct TopItemsBenchResult: Sendable, Codable {
  /// How the factors were drawn.
  public var factors: BenchFactors
  /// Users ranked for.
  public var users: Int
  /// Items ranked.
  public var items: Int
  /// Items found for each user.
  public var count: Int
  /// Threads used.
  public var threads: Int
  /// Preparation of the items, one thread.
  public var prepareSeconds: Double
  /// The search: median of the runs.
  public var seconds: Double
  /// Users ranked in a second of search.
  public var usersPerSecond: Double
  /// 2·users·items·lanes a second of search: what a full float product would have to sustain.
  public var equivalentGigaflops: Double
}

/// Ranks synthetic items for synthetic users who have each seen 85 items; checks a sample of users
/// against scoring every pair, and returns nil when one is wrong: a wrong answer has no speed.
public func benchTopItems(
  users: Int = 66_351, items: Int = 9_926, width: Int = 50, factors: BenchFactors,
  count: Int = 10, threads: Int, runs: Int = 5
) -> TopItemsBenchResult? {
  let parameters = benchParameters(users: users, items: items, width: width, factors)
  let seen = benchSeen(users: users, items: items)
  let everyone = (0..<Int32(users)).map { $0 }
  var search = TopItemSearch(parameters)
  let prepareSeconds = seconds { search = TopItemSearch(parameters) }
  var top = TopItems(width: 0, items: [], scores: [])
  let times = (0..<runs).map { _ in
    seconds { top = search.top(count, for: everyone, excluding: seen, threads: threads) }
  }.sorted()
  for user in stride(from: 0, to: users, by: max(1, users / 50)) {
    guard isRight(top, user: user, parameters, seen) else { return nil }
  }
  let median = times[runs / 2]
  let flops = 2 * Double(users) * Double(items) * Double(parameters.layout.lanes)
  return TopItemsBenchResult(
    factors: factors, users: users, items: items, count: count, threads: threads,
    prepareSeconds: prepareSeconds, seconds: median, usersPerSecond: Double(users) / median,
    equivalentGigaflops: flops / median / 1e9)
}

private func seconds(_ body: () -> Void) -> Double {
  let start = DispatchTime.now().uptimeNanoseconds
  body()
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}

private func benchParameters(
  users: Int, items: Int, width: Int, _ factors: BenchFactors
) -> FactorParameters {
  let parameters = FactorParameters(
    layout: RowLayout(factors: width, biased: true), users: users, items: items, mean: 7.8)
  for (table, stream) in [(parameters.users, 100), (parameters.items, 101)]
    as [(FloatMatrix, UInt64)]
  {
    let key = ck_random_key(42, stream)
    forEachChunk((table.rows + 1023) / 1024, threads: 2) { chunk in
      for row in chunk * 1024..<min((chunk + 1) * 1024, table.rows) {
        // A cubic popularity gives a few items vectors several times the median's.
        let popularity = Double(row) / Double(table.rows)
        let size =
          factors == .realistic && stream == 101
          ? 0.3 + 1.2 * popularity * popularity * popularity : 1
        for lane in 0..<width {
          let spectrum = factors == .realistic ? (1 + Double(lane) / 2).squareRoot() : 1
          let normal = ck_random_normal(key, UInt64(row * (width + 1) + lane))
          table[row][lane] = Float(0.3 * size * normal / spectrum)
        }
        let bias = ck_random_normal(key, UInt64(row * (width + 1) + width))
        let lane = stream == 100 ? parameters.layout.userBiasLane : parameters.layout.itemBiasLane
        table[row][lane] = Float(0.4 * bias)
      }
    }
  }
  return parameters
}

/// 85 items a user, evenly spread.
private func benchSeen(users: Int, items: Int) -> SeenItems {
  let each = min(85, items)
  let step = items / max(1, each)
  return SeenItems(
    offsets: (0...users).map { Int32($0 * each) },
    items: (0..<users).flatMap { user in
      (0..<each).map { Int32($0 * step + user % max(1, step)) }
    })
}

/// Whether one user's ranking holds the best unseen items, by the slow path's scores; those may round
/// differently, by far less than 1e-4 here.
private func isRight(
  _ top: TopItems, user: Int, _ parameters: FactorParameters, _ seen: SeenItems
) -> Bool {
  let left = Set(seen[user])
  let places = user * top.width..<(user + 1) * top.width
  let chosen = top.items[places].filter { $0 >= 0 }
  let scores = (0..<parameters.items.rows).map { parameters.score(user: user, item: $0) }
  let open = scores.indices.filter { !left.contains(Int32($0)) }
  let expected = open.map { scores[$0] }.sorted(by: >).prefix(top.width)
  return chosen.count == expected.count && Set(chosen).count == chosen.count
    && zip(chosen, expected).allSatisfy {
      !left.contains($0) && abs(scores[Int($0)] - $1) < 1e-4
    }
}

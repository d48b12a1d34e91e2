// The best items under models without factors: one order of items serves every user.
import OsusumeData

/// Items ranked by bias alone, for scores mean + (b_u + b_i).
///
/// A search by bounds must score every item that ties with the worst one kept; here most may tie (the
/// model `mean` scores all items alike), but a user's list is the head of one common order.
struct BiasRanking: Sendable {
  private let parameters: FactorParameters
  /// Candidates by falling bias, equal ones by rising index.
  private let order: [Int32]
  /// The first place in `order` of each bias; at the end, the length of `order`.
  private let runs: [Int]

  /// Users ranked by one claim of a thread.
  private static let chunk = 1024

  init(_ parameters: FactorParameters, candidates: [Int32]?) {
    precondition(parameters.layout.factors == 0)
    self.parameters = parameters
    let biases = (0..<Int32(parameters.items.rows)).map { parameters.itemBias($0) }
    let order = (candidates ?? (0..<Int32(biases.count)).map { $0 }).sorted {
      (-biases[Int($0)], $0) < (-biases[Int($1)], $1)
    }
    let starts = order.indices.filter {
      $0 == 0 || biases[Int(order[$0])] != biases[Int(order[$0 - 1])]
    }
    self.order = order
    runs = starts + [order.count]
  }

  /// Whether all candidates have one bias.
  var isFlat: Bool { runs.count <= 2 }

  /// As `FactorSearch.top`, which has checked its arguments.
  func top(
    _ count: Int, for users: [Int32], in table: FloatMatrix, excluding seen: SeenItems?,
    threads: Int
  ) -> TopItems {
    let chunks = (users.count + Self.chunk - 1) / Self.chunk
    let parts = mapChunks(chunks, threads: threads) { part in
      var top = TopItems(width: count, items: [], scores: [])
      for user in users.dropFirst(part * Self.chunk).prefix(Self.chunk) {
        let best = best(count, bias: parameters.userBias(user, in: table), seen?[Int(user)] ?? [])
        let missing = count - best.count
        top.items += best.map(\.item) + [Int32](repeating: -1, count: missing)
        top.scores += best.map(\.score) + [Float](repeating: -.infinity, count: missing)
      }
      return top
    }
    return TopItems(width: count, joining: parts)
  }

  /// The best items of a user.
  ///
  /// Scores fall along `order`, but different biases may round to one score, within which the index
  /// decides: so runs are walked until the score falls below the last one wanted, and no run can give
  /// more than its first `count` items.
  private func best(_ count: Int, bias: Float, _ seen: ArraySlice<Int32>) -> ArraySlice<
    (item: Int32, score: Float)
  > {
    var found: [(item: Int32, score: Float)] = []
    for (start, end) in zip(runs, runs.dropFirst()) where count > 0 {
      let score = parameters.mean + (bias + parameters.itemBias(order[start]))
      if found.count >= count && score < found[count - 1].score { break }
      let unseen = order[start..<end].lazy.filter { !seen.holds($0) }
      found += unseen.prefix(count).map { ($0, score) }
    }
    found.sort { ($1.score, $0.item) < ($0.score, $1.item) }
    return found.prefix(count)
  }
}

extension FactorParameters {
  fileprivate func itemBias(_ item: Int32) -> Float {
    layout.biased ? items[Int(item)][layout.itemBiasLane] : 0
  }

  fileprivate func userBias(_ user: Int32, in table: FloatMatrix) -> Float {
    layout.biased ? table[Int(user)][layout.userBiasLane] : 0
  }
}

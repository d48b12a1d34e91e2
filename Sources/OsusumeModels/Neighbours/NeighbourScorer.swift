// Scores of pairs by item neighbourhoods: a user's scores for a few items, not for all.
import CKernels
import OsusumeData

/// A neighbourhood model with each item's neighbours at hand: a pair costs as many steps as an item has
/// neighbours, where all of a user's scores cost as many for each rating.
public struct NeighbourScorer: PairScorer {
  /// The model's parameters.
  public let parameters: NeighbourParameters
  /// By item: its neighbours, ascending, and how similar they are.
  let neighbours: NeighbourParameters.Lists

  private init(
    _ parameters: NeighbourParameters, neighbours: NeighbourParameters.Lists
  ) {
    self.parameters = parameters
    self.neighbours = neighbours
  }

  /// Prepares parameters.
  package init(_ parameters: NeighbourParameters, threads: Int) {
    self.parameters = parameters
    neighbours = parameters.reverseNeighbours.transposed(
      columns: parameters.biases.items.rows, threads: threads)
  }

  /// The same with one user, of these ratings, by ascending item, and with the bias in this vector.
  func with(user vector: FloatMatrix, ratings: [(index: Int32, value: Float)]) -> NeighbourScorer {
    let known = parameters.biases
    let biases = FactorParameters(
      mean: known.mean, layout: known.layout, users: vector, items: known.items)
    return NeighbourScorer(
      NeighbourParameters(
        biases: biases, reverseNeighbours: parameters.reverseNeighbours,
        ratings: .init(
          offsets: [0, Int32(ratings.count)], items: ratings.map(\.index),
          values: ratings.map { $0.value - biases.score(user: 0, item: Int($0.index)) }),
        damping: parameters.damping), neighbours: neighbours)
  }

  /// Raw scores of pairs; indices must be in range.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    let byUser = Grouping(keys: users, count: parameters.userCount, threads: threads)
    let asked = (0..<parameters.userCount).filter { !byUser[$0].isEmpty }
    let chunks = (asked.count + 255) / 256
    return [Float](unsafeUninitializedCapacity: users.count) { out, filled in
      // Each pair belongs to one user, each user to one chunk.
      nonisolated(unsafe) let out = out
      forEachChunk(chunks, threads: threads) { chunk in
        var own = [Float](repeating: .nan, count: neighbours.count)
        for user in asked[evenRange(chunk, of: chunks, count: asked.count)] {
          let wanted = byUser[user].map { items[Int($0)] }
          let scores = scores(of: wanted, user: user, &own)
          for (place, score) in zip(byUser[user], scores) { out[Int(place)] = score }
        }
      }
      filled = users.count
    }
  }

  /// A user's raw scores of some items; `own` as `ck_knn_scores_of` has it.
  private func scores(of wanted: [Int32], user: Int, _ own: inout [Float]) -> [Float] {
    var scores = [Float](repeating: 0, count: wanted.count)
    parameters.ratings.withEntries(parameters.places(ofUser: user)) { ratings in
      neighbours.withKernel {
        ck_knn_scores_of(
          ratings, $0, wanted, wanted.count, parameters.damping, &own, &scores)
      }
    }
    let biases = parameters.biases
    let bias = biases.users[user][biases.layout.userBiasLane]
    for (place, item) in wanted.enumerated() {
      scores[place] += biases.mean + bias + biases.items[Int(item)][biases.layout.itemBiasLane]
    }
    return scores
  }
}

// How popular items are in training, and how new a recommendation of them is.
import Foundation
import OsusumeModels

/// Popularity and novelty of each item.
public struct ItemPopularity: Sendable, Equatable {
  /// The fraction of the users with training ratings who rated the item.
  public let fractions: [Double]
  /// −log2 of that fraction; an item that nobody rated counts as if one had.
  public let novelty: [Double]

  /// Makes popularity from the training ratings of each item and the number of users who gave them.
  package init(counts: [Int32], users: Int) {
    let users = Double(max(1, users))
    fractions = counts.map { Double($0) / users }
    novelty = counts.map { -log2(Double(max(1, $0)) / users) }
  }
}

extension ItemPopularity {
  /// The popularity that a model's training ratings show.
  init(_ model: Model) {
    let seen = model.seen
    self.init(
      counts: model.itemCounts,
      users: zip(seen.offsets, seen.offsets.dropFirst()).count { $0 < $1 })
  }
}

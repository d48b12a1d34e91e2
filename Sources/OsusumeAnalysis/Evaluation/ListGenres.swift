// Genres of lists: how unlike a list's items are, and how well they keep to the genres of what a user has met.
import Foundation
import OsusumeData
import OsusumeModels

/// The genres of all items, and what each user has met.
///
/// Items without genres are left out of either metric.
public struct ListGenres: Sendable {
  private let features: ItemFeatures
  /// By user: the items of their ratings in training, and by which they were folded in.
  private let history: SeenItems

  /// The part of a history in the distribution that lists are compared with it by (Steck 2018): a list that lacks
  /// a genre of the history is far from it, and not infinitely far.
  static let mixed = 0.01

  /// Genres by item and histories by user; nil where no item has a genre.
  public init?(_ features: ItemFeatures, history: SeenItems) {
    guard !features.members.isEmpty else { return nil }
    self.features = features
    self.history = history
  }

  /// The genres that a model knows of its items, and histories of its users and of those folded in.
  init?(_ model: Model, history: SeenItems) {
    self.init(
      ItemFeatures(itemIDs: model.itemIDs, catalog: model.catalog, counts: model.itemCounts),
      history: history)
  }

  private func genres(of item: Int32) -> ArraySlice<Int32> {
    guard Int(item) + 1 < features.offsets.count else { return [] }
    return features.members[
      Int(features.offsets[Int(item)])..<Int(features.offsets[Int(item) + 1])]
  }

  /// The mean over pairs of a list's items of 1 − the cosine of their genres; nil where fewer than two have any.
  ///
  /// Source: Ziegler, McNee, Konstan and Lausen 2005. With v_i = 1/√(number of genres) at each genre of item i,
  /// Σ_{i<j} v_i·v_j = (|Σ v_i|² − n)/2.
  func distance(_ list: [Int32]) -> Double? {
    let (sum, count) = sum(of: list) { 1 / Double($0).squareRoot() }
    guard count > 1 else { return nil }
    let similar = sum.reduce(0) { $0 + $1 * $1 } - count
    // Rounding takes a list of items that are all alike below 0.
    return max(0, 1 - similar / (count * (count - 1)))
  }

  /// The genres of some items as fractions, each item's own alike; nil where none has any.
  private func distribution(_ items: some Sequence<Int32>) -> [Double]? {
    let (sum, count) = sum(of: items) { 1 / Double($0) }
    return count > 0 ? sum.map { $0 / count } : nil
  }

  /// By genre, the sum of the weights that items have at each of theirs, a function of how many those are; and the
  /// number of items that have any.
  private func sum(
    of items: some Sequence<Int32>, weight: (Int) -> Double
  ) -> (byGenre: [Double], items: Double) {
    var sum = [Double](repeating: 0, count: features.genres.count)
    var count = 0.0
    for item in items {
      let own = genres(of: item)
      guard !own.isEmpty else { continue }
      count += 1
      for genre in own { sum[Int(genre)] += weight(own.count) }
    }
    return (sum, count)
  }

  /// The genres of what a user has met; nil where that has none.
  func wanted(by user: Int32) -> [Double]? {
    Int(user) + 1 < history.offsets.count ? distribution(history[Int(user)]) : nil
  }

  /// KL(p ‖ 0.99·q + 0.01·p), p being the genres of what a user has met and q those of a list (Steck 2018,
  /// without weights of ranks); nil where the list has none.
  func miscalibration(_ list: [Int32], from wanted: [Double]) -> Double? {
    guard let listed = distribution(list) else { return nil }
    let divergence = zip(wanted, listed).reduce(0.0) { sum, genre in
      let (p, q) = genre
      return p > 0 ? sum + p * log(p / ((1 - Self.mixed) * q + Self.mixed * p)) : sum
    }
    return max(0, divergence)
  }
}

// A linear relation between items: what having met one says of meeting each other.
import CKernels
import OsusumeData

/// The largest weights of a matrix B [items, items] whose diagonal is zero, and who is scored by it.
///
/// A user's scores are the sum of the rows of B of the items they have met, each times how much it counts
/// (Steck 2019, EASE).
public struct ItemRelation: Sendable {
  /// items + 1 offsets into `columns` and `weights`.
  public let offsets: [Int32]
  /// Item indices, ascending within a row.
  public let columns: [Int32]
  /// B[i, j].
  public let weights: [Float]

  /// Makes a relation from its parts.
  package init(offsets: [Int32], columns: [Int32], weights: [Float]) {
    (self.offsets, self.columns, self.weights) = (offsets, columns, weights)
  }

  /// Number of items.
  public var items: Int { offsets.count - 1 }

  /// Scores of all items by what some items, each named once, say of them, times how much each counts.
  func scores(_ met: [Int32], strengths: [Float]) -> [Float] {
    var scores = [Float](repeating: 0, count: items)
    ck_gram_scores(met, strengths, met.count, offsets, columns, weights, &scores)
    return scores
  }

  /// The same with further items, which say nothing and of which nothing is said.
  func extended(items: Int) -> ItemRelation {
    let more = max(0, items - self.items)
    return ItemRelation(
      offsets: offsets + [Int32](repeating: offsets.last ?? 0, count: more), columns: columns,
      weights: weights)
  }

  /// B[i, j]; 0 where it is not among the largest.
  package subscript(item: Int, other: Int) -> Float {
    let row = Int(offsets[item])..<Int(offsets[item + 1])
    let place = columns[row].firstPlace(from: Int32(other))
    return place < row.upperBound && columns[place] == other ? weights[place] : 0
  }
}

// What users rated the items of their seen lists: one byte each, as long as there are few kinds of rating.
import CKernels
import OsusumeData

/// The training ratings, in the order of a model's seen lists.
public struct SeenRatings: Sendable, Equatable {
  /// The kinds of rating there are, ascending; 256 at most.
  public let values: [Float]
  /// By place in the seen lists: the number of its rating among `values`.
  public let codes: [UInt8]

  /// Makes ratings from their parts.
  package init(values: [Float], codes: [UInt8]) {
    (self.values, self.codes) = (values, codes)
  }

  /// The ratings of seen lists; nil where there are more kinds of rating than fit a byte, or rows that are
  /// no ratings.
  ///
  /// Of several ratings of one item by one user the last counts.
  package init?(_ rows: IndexedRatings, in seen: SeenItems, threads: Int) {
    var kinds = [Float](repeating: 0, count: Int(CK_COLUMNS_KINDS))
    var count = 0
    let byRow = [UInt8](unsafeUninitializedCapacity: rows.count) { codes, filled in
      count = ck_columns_kinds(rows.values, rows.count, &kinds, codes.baseAddress)
      filled = rows.count
    }
    guard count <= kinds.count else { return nil }
    self.init(
      values: Array(kinds.prefix(count)), codes: seen.byPlace(byRow, of: rows, threads: threads))
  }

  /// The rating at a place of the seen lists.
  package subscript(place: Int) -> Float { values[Int(codes[place])] }

  /// The kind of rating nearest to a number, of two as near the lower: a prediction rounded to the steps of the
  /// scale; nil where there is none.
  public func nearest(to number: Float) -> Float? {
    values.min { abs($0 - number) < abs($1 - number) }
  }

  /// A function of the rating at each place of the seen lists.
  package func map(_ function: (Float) -> UInt8) -> [UInt8] {
    let kinds = values.map(function)
    return codes.map { kinds[Int($0)] }
  }
}

extension SeenRatings {
  /// Reads ratings of seen lists, if there are any.
  ///
  /// Errors: `ModelFileFault`.
  init?(from reader: inout TensorReader, count: Int) throws {
    guard reader.has("seen_ratings") else { return nil }
    self.init(
      values: try reader.vector("rating_values"),
      codes: try reader.vector("seen_ratings", count: count))
  }

  /// One byte for each entry of the seen lists, and what the bytes stand for.
  var tensors: [Tensor] {
    [Tensor("seen_ratings", codes), Tensor("rating_values", values)]
  }

  /// Checks that every byte stands for a rating.
  ///
  /// Errors: `ModelFileFault`.
  func check(entries: Int) throws {
    guard codes.count == entries else {
      throw ModelFileFault.tensorShape("seen_ratings", [codes.count], expected: [entries])
    }
    try checkRange(values, "rating_values", -RatingTable.largestRating...RatingTable.largestRating)
    if let position = codes.firstIndex(where: { Int($0) >= values.count }) {
      throw ModelFileFault.index("seen_ratings", at: position)
    }
  }
}

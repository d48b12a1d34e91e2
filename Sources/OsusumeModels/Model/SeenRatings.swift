// What users rated the items of their seen lists: one byte each, as long as there are few kinds of rating.
import OsusumeData

/// The training ratings, in the order of a model's seen lists.
public struct SeenRatings: Sendable, Equatable {
  /// The kinds of rating there are, ascending; 256 at most.
  public let values: [Float]
  /// By place in the seen lists: the number of its rating among `values`.
  public let codes: [UInt8]

  /// Makes ratings from their parts.
  public init(values: [Float], codes: [UInt8]) {
    (self.values, self.codes) = (values, codes)
  }

  /// The ratings of seen lists; nil where there are more kinds of rating than fit a byte, or rows that are
  /// no ratings.
  ///
  /// Of several ratings of one item by one user the last counts.
  public init?(_ rows: IndexedRatings, in seen: SeenItems, threads: Int) {
    guard let values = Self.kinds(of: rows.values) else { return nil }
    let chunk = 1 << 16
    let places = seen.places(users: rows.users, items: rows.items, threads: threads)
    let kinds = [UInt8](count: rows.count, chunk: chunk, threads: threads) { pairs, out in
      for (offset, pair) in pairs.enumerated() {
        out[offset] = UInt8(values.indices.firstPlace { values[$0] >= rows.values[pair] })
      }
    }
    var codes = [UInt8](repeating: 0, count: seen.items.count)
    for (place, kind) in zip(places, kinds) { codes[Int(place)] = kind }
    self.init(values: values, codes: codes)
  }

  /// The distinct values, ascending; nil where there are more than 256, or one that is no number.
  private static func kinds(of values: [Float]) -> [Float]? {
    var kinds: [Float] = []
    for value in values {
      let place = kinds.indices.firstPlace { kinds[$0] >= value }
      if place < kinds.count, kinds[place] == value { continue }
      guard kinds.count < 256, value.isFinite else { return nil }
      kinds.insert(value, at: place)
    }
    return kinds
  }

  /// The rating at a place of the seen lists.
  public subscript(place: Int) -> Float { values[Int(codes[place])] }

  /// A function of the rating at each place of the seen lists.
  func map(_ function: (Float) -> UInt8) -> [UInt8] {
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

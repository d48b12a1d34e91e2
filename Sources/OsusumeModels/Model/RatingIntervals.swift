// How far ratings lie from what was expected: the interval that is said beside an expected rating.
import OsusumeData

/// Intervals that hold four ratings of five, by the rating that is expected.
///
/// Quantiles of the errors on ratings that the predictions did not know, in blocks of neighbouring expected ratings:
/// who is expected to rate 9 seldom rates far above it, and may rate far below.
public struct RatingIntervals: Sendable, Equatable {
  /// The fraction of ratings that intervals are to hold.
  public static let coverage = 0.8

  /// Expected ratings, ascending; one at least.
  public let expected: [Float]
  /// How far below each of them the interval begins, 0 or more; in between it is linear, beyond it is constant.
  public let below: [Float]
  /// How far above each of them it ends, 0 or more.
  public let above: [Float]

  /// Makes intervals from their parts.
  package init(expected: [Float], below: [Float], above: [Float]) {
    precondition(
      !expected.isEmpty && expected.count == below.count && expected.count == above.count)
    (self.expected, self.below, self.above) = (expected, below, above)
  }

  /// Finds intervals from predictions and the ratings that they are of; nil where there are fewer than
  /// `fewest`.
  package init?(predictions: [Float], ratings: [Float]) {
    precondition(predictions.count == ratings.count)
    let pairs = zip(predictions, ratings).filter { $0.isFinite && $1.isFinite }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    guard pairs.count >= Self.fewest else { return nil }
    let blocks = min(Self.mostBlocks, pairs.count / Self.fewest)
    var points: [(expected: Float, below: Float, above: Float)] = []
    for block in 0..<blocks {
      let own = pairs[block * pairs.count / blocks..<(block + 1) * pairs.count / blocks]
      let mean = own.reduce(0.0) { $0 + Double($1.0) } / Double(own.count)
      let errors = own.map { $0.1 - $0.0 }.sorted()
      let tail = (1 - Self.coverage) / 2
      points.append(
        (
          Float(mean), max(0, -errors.quantile(tail)),
          max(0, errors.quantile(1 - tail))
        ))
    }
    // Blocks of one expected rating all make one point.
    let kept = points.indices.filter { $0 == 0 || points[$0].expected > points[$0 - 1].expected }
      .map { points[$0] }
    self.init(
      expected: kept.map(\.expected), below: kept.map(\.below), above: kept.map(\.above))
  }

  /// Ratings in a block, at least: twenty beyond either bound.
  static let fewest = 200
  private static let mostBlocks = 20

  /// The interval around an expected rating, which it holds; not clipped to any scale.
  package func callAsFunction(_ rating: Float) -> ClosedRange<Float> {
    let next = expected.indices.firstPlace { !(expected[$0] <= rating) }
    let (low, high) = (max(0, next - 1), min(next, expected.count - 1))
    let part =
      low == high ? 0 : (rating - expected[low]) / (expected[high] - expected[low])
    func between(_ values: [Float]) -> Float { values[low] + part * (values[high] - values[low]) }
    return rating - between(below)...rating + between(above)
  }
}

extension RatingIntervals {
  private static let names = ["interval_expected", "interval_below", "interval_above"]

  /// Reads intervals, if there are any.
  ///
  /// Errors: `ModelFileFault`.
  init?(from reader: inout TensorReader) throws {
    guard reader.has(Self.names[0]) else { return nil }
    let expected: [Float] = try reader.vector(Self.names[0])
    guard !expected.isEmpty else { throw ModelFileFault.empty(Self.names[0]) }
    self.init(
      expected: expected, below: try reader.vector(Self.names[1], count: expected.count),
      above: try reader.vector(Self.names[2], count: expected.count))
  }

  /// Their points.
  var tensors: [Tensor] {
    [
      Tensor(Self.names[0], expected), Tensor(Self.names[1], below), Tensor(Self.names[2], above),
    ]
  }

  /// Checks that expected ratings rise and that no distance is below 0.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws {
    let largest = Float(NumberLimit.score)
    try checkRange(expected, Self.names[0], -largest...largest)
    try checkRange(below, Self.names[1], 0...largest)
    try checkRange(above, Self.names[2], 0...largest)
    for place in expected.indices.dropFirst() where expected[place] <= expected[place - 1] {
      throw ModelFileFault.index(Self.names[0], at: place)
    }
  }
}

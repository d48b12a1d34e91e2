// The ranges of a model's numbers: within them no score, and no sum of scores' squares, overflows.
import OsusumeData

/// What numbers of a model may be at most.
///
/// All of it is far above what ratings of at most `RatingTable.largestRating`, 10⁹, lead to, and so far
/// below the largest float32, 3.4·10³⁸, that what is computed in float32 stays finite.
enum NumberLimit {
  /// A learned number: its square, summed over 2³¹ rows, is 2·10³³.
  static let parameter: Float = 1e12
  /// A score: its square, summed over the most draws that a model keeps, is 2·10³⁵.
  static let score = 1e16
  /// A variance: summed over 2³¹ users it is 2·10³⁷.
  static let variance: Float = 1e28
  /// A value inside a network, which nothing squares.
  static let networkValue = Double(Float.greatestFiniteMagnitude) / 2
  /// A similarity is a cosine; sums of squares in float32 may take it a little beyond 1.
  static let similarity: Float = 1.01
}

/// Checks the numbers of a tensor; padding, which is 0, may be among them.
///
/// Errors: `ModelFileFault` with the tensor's name.
func checkRange(
  _ numbers: UnsafeBufferPointer<Float>, _ name: String,
  _ allowed: ClosedRange<Float> = -NumberLimit.parameter...NumberLimit.parameter
) throws {
  let (low, high) = (allowed.lowerBound, allowed.upperBound)
  var outside: UInt32 = 0
  // Without a branch, so that it vectorises.
  for number in numbers { outside |= (number >= low ? 0 : 1) | (number <= high ? 0 : 1) }
  guard outside != 0 else { return }
  guard numbers.allSatisfy(\.isFinite) else { throw ModelFileFault.notFinite(name) }
  throw ModelFileFault.range(name, allowed)
}

/// Checks the numbers of a tensor.
///
/// Errors: `ModelFileFault` with the tensor's name.
func checkRange(
  _ numbers: [Float], _ name: String,
  _ allowed: ClosedRange<Float> = -NumberLimit.parameter...NumberLimit.parameter
) throws {
  try numbers.withUnsafeBufferPointer { try checkRange($0, name, allowed) }
}

/// Checks the numbers of a table.
///
/// Errors: `ModelFileFault` with the table's name.
func checkRange(_ table: FloatMatrix?, _ name: String) throws {
  guard let table else { return }
  try checkRange(UnsafeBufferPointer(start: table.base, count: table.capacity), name)
}

extension Model {
  /// Checks that no score can overflow, at any time and in any draw: μ, vectors, biases, residuals, drift.
  ///
  /// Numbers must be in their ranges already. Errors: `ModelFileFault.scores`.
  func checkScores() throws {
    let drift = learned.timeBiases.map { $0.users.largest + $0.items.largest } ?? 0
    var largest = parameters.largestScore()
    if let draws = learned.draws, let factors = parameters.factors {
      // A draw's score is of a part of the vectors, times the number of draws.
      largest =
        factors.largestScore(timesProduct: Double(draws.count)) + draws.userBiases.largest
        + draws.itemBiases.largest
    }
    // A change in time is of a deviation then and of one now.
    guard largest + 2 * drift <= type(of: parameters).scoreLimit else {
      throw ModelFileFault.scores
    }
  }
}

extension FactorParameters {
  /// As `largestScore(timesProduct: 1)`.
  public func largestScore() -> Double { largestScore(timesProduct: 1) }

  /// No score has a larger magnitude: |μ| + max ‖p‖·max ‖q‖ + max |b_u| + max |b_i| (Cauchy and Schwarz).
  func largestScore(timesProduct factor: Double) -> Double {
    let product = longest(users) * longest(items) * factor
    guard layout.biased else { return abs(Double(mean)) + product }
    return abs(Double(mean)) + product + largest(layout.userBiasLane, of: users)
      + largest(layout.itemBiasLane, of: items)
  }

  /// The length of a table's longest vector.
  private func longest(_ table: FloatMatrix) -> Double {
    var longest = 0.0
    for row in 0..<table.rows {
      var squares = 0.0
      let values = table.base + row * table.stride
      for lane in 0..<layout.factors { squares += Double(values[lane]) * Double(values[lane]) }
      longest = max(longest, squares)
    }
    return longest.squareRoot()
  }

  private func largest(_ lane: Int, of table: FloatMatrix) -> Double {
    (0..<table.rows).reduce(0) { max($0, abs(Double(table.base[$1 * table.stride + lane]))) }
  }
}

extension Drift {
  /// No deviation has a larger magnitude: between known times a process is below their sum.
  var largest: Double { 2 * Double(memories.count) * states.largest }
}

extension FloatMatrix {
  /// Whether every number is such as a table of a model may have; products of two rows are then finite.
  package var isInRange: Bool { (try? checkRange(self, "")) != nil }

  /// Whether no lane, padding included, is NaN or infinite.
  package var isFinite: Bool {
    let numbers = UnsafeBufferPointer(start: base, count: capacity)
    let most = Float.greatestFiniteMagnitude
    return (try? checkRange(numbers, "", -most...most)) != nil
  }

  /// The largest magnitude.
  var largest: Double {
    (0..<capacity).reduce(0) { max($0, abs(Double(base[$1]))) }
  }
}

extension [Float] {
  /// The largest magnitude; 0 where there is none.
  var largest: Double { reduce(0) { Swift.max($0, abs(Double($1))) } }
}

// How likely a score of a list is to be of an item that the user has met: a curve that only rises.
import OsusumeData

/// Turns scores that rank into probabilities, without changing the order.
///
/// Fitted to scores of items whose ratings were hidden from the scorer, and of all others (isotonic
/// regression: Zadrozny and Elkan 2002), so that of the items with a probability of 0.3 three in ten had in
/// fact been met by the people asked about.
public struct LikelihoodCurve: Sendable, Equatable {
  /// Scores, ascending; one at least.
  public let scores: [Float]
  /// The probability at each score, 0 to 1, never falling; in between it is linear, beyond it is constant.
  public let probabilities: [Float]

  /// Makes a curve from its points.
  package init(scores: [Float], probabilities: [Float]) {
    precondition(!scores.isEmpty && scores.count == probabilities.count)
    self.scores = scores
    self.probabilities = probabilities
  }

  /// Fits a curve to scores of items that were met, each as good as `weight` of them, and of items that
  /// were not; nil where either are missing.
  package init?(met: [Float], weight: Double, others: [Float]) {
    guard !met.isEmpty, !others.isEmpty else { return nil }
    let met = met.sorted()
    let others = others.sorted()
    // Blocks of about equally many met items, which are few: between the scores at which they end lie
    // the others.
    let size = max(Self.fewest, (met.count + Self.mostBlocks - 1) / Self.mostBlocks)
    var pools: [Pool] = []
    var (start, place) = (0, 0)
    while start < met.count {
      var next = min(met.count, start + size)
      while next < met.count, met[next] == met[next - 1] { next += 1 }
      let own = met[start..<next]
      let end = next == met.count ? Float.infinity : met[next - 1]
      let first = place
      start = next
      while place < others.count, others[place] <= end { place += 1 }
      let sum =
        own.reduce(0.0) { $0 + Double($1) } + others[first..<place].reduce(0.0) { $0 + Double($1) }
      pools.append(
        Pool(
          met: weight * Double(own.count), others: Double(place - first), scores: sum,
          count: own.count + place - first))
      // Neighbours of which the second is no likelier become one (pool adjacent violators).
      while pools.count > 1, !pools[pools.count - 2].isBelow(pools[pools.count - 1]) {
        let last = pools.removeLast()
        pools[pools.count - 1].add(last)
      }
    }
    self.init(
      scores: pools.map(\.score),
      probabilities: pools.map { Float($0.probability) })
  }

  private static let mostBlocks = 100
  /// Met items in a block, at least.
  private static let fewest = 20

  /// The probability of a score.
  package func callAsFunction(_ score: Float) -> Float {
    let next = scores.indices.firstPlace { !(scores[$0] <= score) }
    guard next > 0 else { return probabilities[0] }
    guard next < scores.count else { return probabilities[scores.count - 1] }
    let part = (score - scores[next - 1]) / (scores[next] - scores[next - 1])
    return probabilities[next - 1] + part * (probabilities[next] - probabilities[next - 1])
  }

  /// Items of neighbouring scores.
  private struct Pool {
    var met: Double
    var others: Double
    var scores: Double
    var count: Int

    var probability: Double { met / (met + others) }

    /// Their mean score.
    var score: Float { Float(scores / Double(count)) }

    func isBelow(_ other: Pool) -> Bool {
      probability < other.probability && score < other.score
    }

    mutating func add(_ other: Pool) {
      met += other.met
      others += other.others
      scores += other.scores
      count += other.count
    }
  }
}

extension LikelihoodCurve {
  /// Reads a curve, if there is one.
  ///
  /// Errors: `ModelFileFault`.
  init?(from reader: inout TensorReader) throws {
    guard reader.has("likelihood_scores") else { return nil }
    let scores: [Float] = try reader.vector("likelihood_scores")
    guard !scores.isEmpty else { throw ModelFileFault.empty("likelihood_scores") }
    self.init(
      scores: scores, probabilities: try reader.vector("likelihood", count: scores.count))
  }

  /// Its points.
  var tensors: [Tensor] {
    [Tensor("likelihood_scores", scores), Tensor("likelihood", probabilities)]
  }

  /// Checks that scores rise and that probabilities are such and do not fall.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws {
    try checkRange(scores, "likelihood_scores")
    try checkRange(probabilities, "likelihood", 0...1)
    for place in scores.indices.dropFirst()
    where scores[place] <= scores[place - 1] || probabilities[place] < probabilities[place - 1] {
      throw ModelFileFault.index("likelihood_scores", at: place)
    }
  }
}

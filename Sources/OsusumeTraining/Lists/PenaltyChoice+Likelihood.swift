// How likely items are by their scores in lists: from users of whom something was hidden.
import OsusumeData
import OsusumeModels

extension PenaltyChoice {
  /// Users whose scores the curve is fitted to: each has some two thousand items.
  private static let mostUsers = 500

  /// The probability that a user has met an item, given all others that they have met, by the item's score.
  ///
  /// From scores by fits that know nothing of what is hidden. A tenth of what users have met is hidden, and so
  /// each hidden item stands for ten. nil where there are no samples.
  func likelihood(_ penalty: Double) throws -> LikelihoodCurve? {
    let inverse = try inverse(penalty)
    let step = max(1, samples.count / Self.mostUsers)
    let chosen = stride(from: 0, to: samples.count, by: step).map { samples[$0] }
    let parts = mapChunks(chosen.count, threads: threads) { number in
      let user = chosen[number]
      let scores = scores(of: user, by: inverse)
      var isMet = [Bool](repeating: false, count: scores.count)
      for item in user.met { isMet[Int(item)] = true }
      return (
        met: user.met.filter { user.hidden.contains($0) }.map { scores[Int($0)] },
        others: scores.indices.filter { !isMet[$0] }.map { scores[$0] }
      )
    }
    return LikelihoodCurve(
      met: parts.flatMap(\.met), weight: 10, others: parts.flatMap(\.others))
  }
}

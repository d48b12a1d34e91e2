// Probabilities by score: they never fall, they are right on average, and files of others are refused.
import CKernels
import Foundation
import Testing

@testable import OsusumeModels

struct LikelihoodCurveTests {
  /// Scores of pairs, a score s being of an item that was met with probability s².
  private static func draws(_ count: Int) -> (met: [Float], others: [Float]) {
    let key = ck_random_key(4, 960)
    var (met, others): ([Float], [Float]) = ([], [])
    for place in 0..<count {
      let score = Float(ck_random_uniform(key, UInt64(2 * place)))
      let isMet = ck_random_uniform(key, UInt64(2 * place + 1)) < Double(score * score)
      if isMet { met.append(score) } else { others.append(score) }
    }
    return (met, others)
  }

  @Test func aKnownCurveIsFound() throws {
    let (met, others) = Self.draws(40_000)
    let curve = try #require(LikelihoodCurve(met: met, weight: 1, others: others))
    for score in stride(from: Float(0.05), through: 0.95, by: 0.05) {
      #expect(abs(curve(score) - score * score) < 0.06, "at \(score): \(curve(score))")
    }
    #expect(zip(curve.probabilities, curve.probabilities.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(zip(curve.scores, curve.scores.dropFirst()).allSatisfy { $0 < $1 })
    #expect(curve(-9) == curve.probabilities.first && curve(9) == curve.probabilities.last)
    try curve.check()
  }

  /// Each met item stands for three: odds are three times as large.
  @Test func weightsCount() throws {
    let ones = [Float](repeating: 1, count: 50)
    let curve = try #require(LikelihoodCurve(met: ones, weight: 3, others: ones))
    #expect(abs(curve(1) - 0.75) < 1e-6 && curve.scores.count == 1)
    #expect(LikelihoodCurve(met: [], weight: 1, others: [1]) == nil)
    #expect(LikelihoodCurve(met: [1], weight: 1, others: []) == nil)
  }

  @Test func tiesAndFallingSharesMakeOnePoint() throws {
    // The higher the score the rarer: nothing but one probability never falls.
    let met = (0..<100).map { number -> Float in Float(number / 30) }
    let others = (0..<900).map { number -> Float in Float(number / 200) }
    let curve = try #require(LikelihoodCurve(met: met, weight: 1, others: others))
    try curve.check()
    #expect(curve.probabilities.allSatisfy { $0 > 0.05 && $0 < 0.2 })
  }

  @Test(arguments: [
    ([1, 1], [0.1, 0.2]), ([2, 1], [0.1, 0.2]), ([1, 2], [0.2, 0.1]), ([1, 2], [0.1, 1.5]),
    ([1, Float.nan], [0.1, 0.2]),
  ])
  func otherPointsAreRefused(scores: [Float], probabilities: [Float]) {
    #expect(throws: ModelFileFault.self) {
      try LikelihoodCurve(scores: scores, probabilities: probabilities).check()
    }
  }
}

// Intervals beside expected ratings: they hold what they say, follow the expected rating, and files of others are
// refused.
import CKernels
import Foundation
import Testing

@testable import OsusumeModels

struct RatingIntervalsTests {
  /// Ratings that are normal around predictions from 1 to 10, the wider the lower.
  private static func draws(_ count: Int, seed: UInt64) -> (predictions: [Float], ratings: [Float])
  {
    let key = ck_random_key(seed, 961)
    var (predictions, ratings): ([Float], [Float]) = ([], [])
    for place in 0..<count {
      let prediction = 1 + 9 * ck_random_uniform(key, UInt64(2 * place))
      let noise = ck_random_normal(ck_random_key(seed, 962), UInt64(place))
      predictions.append(Float(prediction))
      ratings.append(Float(prediction + deviation(prediction) * noise))
    }
    return (predictions, ratings)
  }

  private static func deviation(_ prediction: Double) -> Double { 2 - prediction / 8 }

  @Test func fourOfFiveLieWithin() throws {
    let (predictions, ratings) = Self.draws(20_000, seed: 1)
    let intervals = try #require(RatingIntervals(predictions: predictions, ratings: ratings))
    try intervals.check()
    let others = Self.draws(20_000, seed: 2)
    for low in stride(from: Float(1), to: 10, by: 3) {
      let part = zip(others.predictions, others.ratings).filter { $0.0 >= low && $0.0 < low + 3 }
      let held = Double(part.count { intervals($0.0).contains($0.1) }) / Double(part.count)
      // Four standard errors of either sample.
      #expect(abs(held - 0.8) < 0.03, "from \(low): \(held)")
    }
    // 1.2816 standard deviations of a normal distribution to either side.
    for rating in stride(from: Float(2), through: 9, by: 1) {
      let interval = intervals(rating)
      let reach = Float(1.2816 * Self.deviation(Double(rating)))
      #expect(abs(rating - interval.lowerBound - reach) < 0.3, "below \(rating)")
      #expect(abs(interval.upperBound - rating - reach) < 0.3, "above \(rating)")
    }
    // Beyond the points they are as wide as at the last.
    let end = intervals(100)
    #expect(abs(end.upperBound - 100 - (intervals.above.last ?? 0)) < 1e-4)
  }

  @Test func anIntervalHoldsTheExpectedRating() throws {
    // All ratings lie above what was expected.
    let intervals = try #require(
      RatingIntervals(
        predictions: [Float](repeating: 5, count: 400), ratings: [Float](repeating: 7, count: 400)))
    #expect(intervals.expected == [5] && intervals(5) == 5...7)
    #expect(RatingIntervals(predictions: [5, 6], ratings: [5, 6]) == nil)
  }

  @Test(
    arguments: [
      ([1, 1], [0, 0], [1, 1]), ([2, 1], [0, 0], [1, 1]), ([1, 2], [-1, 0], [1, 1]),
      ([1, 2], [0, 0], [1, Float.infinity]), ([Float.nan, 2], [0, 0], [1, 1]),
    ] as [([Float], [Float], [Float])])
  func otherPointsAreRefused(expected: [Float], below: [Float], above: [Float]) {
    #expect(throws: ModelFileFault.self) {
      try RatingIntervals(expected: expected, below: below, above: above).check()
    }
  }
}

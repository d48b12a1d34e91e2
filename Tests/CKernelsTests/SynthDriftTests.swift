// Times of synthesized ratings and what moves with them: the formula in double, and its statistics.
import CKernels
import Foundation
import Testing

struct SynthDriftTests {
  private static let (first, last): (Int64, Int64) = (1_200_000_000, 1_500_000_000)
  private static let steps = 5

  /// A law of which some parts may be 0; items drift by item + step² / 8.
  private struct Clock {
    var sitting = 0.0
    var user = 0.0
    var items = false
    var chance = 1.0 / 12
    var memory = 3e7

    /// One user's times, and what they add to scores of 0.
    func times(
      _ number: UInt64, items count: Int, key: UInt64 = 9
    ) -> (times: [Int64], scores: [Float]) {
      let drift = (0..<max(1, count) * steps).map {
        items ? Float($0 / steps) + Float(($0 % steps) * ($0 % steps)) / 8 : 0
      }
      var times = [Int64](repeating: -1, count: count + 1)
      var scores = [Float](repeating: 0, count: count + 1)
      drift.withUnsafeBufferPointer { drift in
        var clock = ck_synth_clock(
          first: first, last: last, steps: steps, item_drift: drift.baseAddress,
          sitting_chance: chance, sitting_sd: sitting, user_sd: user, user_memory: memory, key: key)
        ck_synth_drift(&clock, number, (0..<Int32(count)).map { $0 }, count, &scores, &times)
      }
      #expect(times.removeLast() == -1 && scores.removeLast() == 0, "wrote beyond the last row")
      return (times, scores)
    }
  }

  @Test(arguments: [1, 2, 3, 16, 17, 500, 41_666, 60_000])
  func timesAreOfTheSpanAndInOrderOfPlace(count: Int) {
    for user in 0..<(count > 1000 ? 2 : 50) as Range<UInt64> {
      let order = ck_random_bits(ck_random_bits(9, user), 0)
      let times = Clock().times(user, items: count).times
      let placed = (0..<UInt64(count)).map {
        times[Int(ck_random_permute(order, $0, UInt64(count)))]
      }
      #expect(placed.allSatisfy { (Self.first...Self.last).contains($0) })
      #expect(zip(placed, placed.dropFirst()).allSatisfy { $0 <= $1 }, "user \(user), \(count)")
    }
  }

  /// Every row starts a sitting, so that all numbers behind it can be told from times alone.
  @Test(arguments: [1, 2, 15, 33, 200]) func scoresAreTheFormula(count: Int) {
    let clock = Clock(sitting: 0.5, user: 0.8, items: true, chance: 1, memory: 2e7)
    for number in 0..<20 as Range<UInt64> {
      let user = ck_random_bits(9, number)
      let keys = (0..<3 as Range<UInt64>).map { ck_random_bits(user, $0) }
      let (times, scores) = clock.times(number, items: count)
      let span = Double(Self.last - Self.first)
      let least = min(span, 7200 * Double(count))
      let length = least + (span - least) * ck_random_uniform(keys[1], 0)
      let began = Double(Self.first) + (span - length) * ck_random_uniform(keys[1], 1)
      var (bias, before) = (0.0, 0.0)
      for k in 0..<UInt64(count) {
        let row = Int(ck_random_permute(keys[0], k, UInt64(count)))
        let when =
          began + length * (Double(k) + ck_random_uniform(keys[1], 3 + 2 * k)) / Double(count)
        #expect(abs(times[row] - Int64(when)) <= 1)
        let kept = k == 0 ? 0 : exp(-(when - before) / 2e7)
        bias = kept * bias + (1 - kept * kept).squareRoot() * 0.8 * ck_random_normal(keys[2], 2 * k)
        let mood = 0.5 * ck_random_normal(keys[2], 2 * k + 1)
        let place = (when - Double(Self.first)) / span * Double(Self.steps - 1)
        let step = min(Int(place), Self.steps - 2)
        let (low, high) = (Double(step * step) / 8, Double((step + 1) * (step + 1)) / 8)
        let drift = Double(row) + low + (place - Double(step)) * (high - low)
        // Five roundings of numbers no larger than the largest of the terms' sums.
        let size = abs(bias + mood) + abs(drift) + 4
        #expect(abs(Double(scores[row]) - (bias + mood + drift)) <= 5 * 0x1p-24 * size, "\(number)")
        before = when
      }
    }
  }

  @Test func sittingsShareAMood() {
    let clock = Clock(sitting: 1)
    var moods: Set<Float> = []
    var rows = 0
    var squares = 0.0
    for user in 0..<300 as Range<UInt64> {
      let (times, scores) = clock.times(user, items: 100)
      let sorted = zip(times, scores).sorted { $0.0 < $1.0 }
      for (one, next) in zip(sorted, sorted.dropFirst()) where next.0 - one.0 > 7200 {
        #expect(one.1 != next.1)
      }
      rows += scores.count
      for mood in Set(scores) where moods.insert(mood).inserted { squares += Double(mood * mood) }
    }
    // 300 · (1 + 99/12) = 2775 sittings, give or take four standard errors of 50; of moods 4·√(2/2775).
    #expect(abs(moods.count - 2775) < 200)
    #expect(abs(squares / Double(moods.count) - 1) < 0.11)
  }

  @Test func usersForgetAsTheirMemorySays() {
    let clock = Clock(user: 1, chance: 1, memory: 5e7)
    var (squares, products, expected) = (0.0, 0.0, 0.0)
    var (count, pairs) = (0.0, 0.0)
    for user in 0..<4000 as Range<UInt64> {
      let (times, scores) = clock.times(user, items: 2)
      squares += scores.reduce(0) { $0 + Double($1 * $1) }
      count += 2
      products += Double(scores[0] * scores[1])
      expected += exp(-Double(abs(times[0] - times[1])) / 5e7)
      pairs += 1
    }
    // Four standard errors: 4·√(2/8000) and more, for those of a user go together, and 4·√(2/4000).
    #expect(abs(squares / count - 1) < 0.09)
    #expect(abs(products / pairs - expected / pairs) < 0.09)
    #expect(expected / pairs > 0.2 && expected / pairs < 0.8)
  }

  @Test func whatIsUnratedStaysSo() {
    var clock = ck_synth_clock(
      first: Self.first, last: Self.last, steps: 2, item_drift: nil, sitting_chance: 0.1,
      sitting_sd: 1, user_sd: 1, user_memory: 1e7, key: 1)
    let drift: [Float] = [0, 1]
    var scores = [-Float.infinity]
    var time: Int64 = 0
    drift.withUnsafeBufferPointer {
      clock.item_drift = $0.baseAddress
      ck_synth_drift(&clock, 0, [0], 1, &scores, &time)
    }
    #expect(scores == [-.infinity] && time >= Self.first)
  }
}

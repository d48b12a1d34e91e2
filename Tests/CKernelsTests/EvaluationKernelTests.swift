// Kernels of baselines and evaluation against their double-precision references.
import CKernels
import CReference
import Testing

struct EvaluationKernelTests {
  private static let key = ck_random_key(11, 900)

  private func uniform(_ position: Int) -> Double {
    ck_random_uniform(Self.key, UInt64(position))
  }

  /// Doubles are exact to 2⁻⁵³ a term; 4·n of them leave room for any order of additions.
  private func agree(_ a: Double, _ b: Double, terms: Int, magnitude: Double) -> Bool {
    abs(a - b) <= 4 * Double(terms + 1) * 0x1p-53 * (magnitude + 1)
  }

  @Test(arguments: awkwardCounts + [1000]) func biasSumsAddRatingsInOrder(count: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 925))
    let keys = random.codes(count, below: 7)
    let ratings = (0..<count).map { _ in random.normal() }
    let sums = Guarded((0..<7).map { Double($0) / 3 })
    ck_bias_sums(keys, ratings, count, sums.base)
    var expected = (0..<7).map { Double($0) / 3 }
    for (key, rating) in zip(keys, ratings) { expected[Int(key)] += Double(rating) }
    #expect(sums.values == expected && sums.isIntact, "\(count) ratings")
  }

  @Test(arguments: [0, 1, 3, 4, 5, 17, 1000]) func biasSweep(longest: Int) {
    let rows = 9
    var offsets: [Int32] = [0]
    for row in 0..<rows { offsets.append(offsets[row] + Int32(longest * row / (rows - 1))) }
    let pairs = Int(offsets[rows])
    let columns = (0..<pairs).map { Int32(uniform($0) * 50) }
    let other = (0..<50).map { Float(uniform(5000 + $0) - 0.5) }
    let sums = (0..<rows).map { 7 * Double(offsets[$0 + 1] - offsets[$0]) + uniform(9000 + $0) }
    var found = [Float](repeating: 99, count: rows + 1)
    var expected = [Double](repeating: 0, count: rows)
    ck_bias_sweep(offsets, columns, 0, rows, sums, 6.5, 5, other, &found)
    ref_bias_sweep(offsets, columns, rows, sums, 6.5, 5, other, &expected)
    for row in 0..<rows {
      // One rounding to float, on top of the sums in double.
      #expect(abs(Double(found[row]) - expected[row]) <= 0x1p-23 * abs(expected[row]) + 1e-12)
    }
    #expect(found[rows] == 99 && found[0] == 0)
    ck_bias_sweep(offsets, columns, 2, 4, nil, 0, 0, other, &found)
    ref_bias_sweep(offsets, columns, rows, nil, 0, 0, other, &expected)
    #expect(abs(Double(found[3]) - expected[3]) <= 0x1p-23 * abs(expected[3]) + 1e-12)
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 127, 4099]) func errorSums(count: Int) {
    let predictions = (0..<count).map { Float(12 * uniform($0) - 1) }
    let truths = (0..<count).map { Float(Int(10 * uniform(10_000 + $0)) + 1) }
    let users = (0..<count).map { Int32(3 * uniform(20_000 + $0)) }
    var found = [Double](repeating: 0, count: 4)
    var expected = found
    ck_error_sums(predictions, truths, count, 1, 10, &found)
    ref_error_sums(predictions, truths, nil, 0, count, 1, 10, &expected)
    for lane in 0..<4 {
      #expect(agree(found[lane], expected[lane], terms: count, magnitude: expected[lane]))
    }
    var byUser = [Double](repeating: 0, count: 12)
    ck_error_sums_by_user(predictions, truths, users, count, 1, 10, &byUser)
    for user in 0..<3 {
      ref_error_sums(predictions, truths, users, Int32(user), count, 1, 10, &expected)
      for lane in 0..<4 {
        let sum = byUser[4 * user + lane]
        #expect(agree(sum, expected[lane], terms: count, magnitude: expected[lane]))
      }
    }
  }

  @Test(arguments: [0, 1, 3, 4, 5, 255, 256, 257, 1023], [2, 6, 10]) func bootstrapSums(
    users: Int, columns: Int
  ) {
    let resamples = 3
    let x = (0..<users * columns).map { uniform($0) }
    var weights = [UInt8](repeating: 0, count: resamples * users)
    for resample in 0..<resamples {
      weights.withUnsafeMutableBufferPointer {
        ck_bootstrap_weights(
          Self.key, UInt64(resample), users, $0.baseAddress.map { $0 + resample * users })
      }
    }
    var found = [Double](repeating: -1, count: resamples * columns)
    ck_bootstrap_sums(weights, resamples, x, users, columns, &found)
    for resample in 0..<resamples {
      var expected = [Double](repeating: 0, count: columns)
      let own = Array(weights[resample * users..<(resample + 1) * users])
      ref_bootstrap_sums(own, x, users, columns, &expected)
      for column in 0..<columns {
        let sum = found[resample * columns + column]
        #expect(agree(sum, expected[column], terms: users, magnitude: expected[column]))
      }
    }
  }

  @Test func weightsAreAPoissonLaw() {
    let users = 400_000
    var weights = [UInt8](repeating: 0, count: users)
    ck_bootstrap_weights(Self.key, 5, users, &weights)
    var counts = [Double](repeating: 0, count: 9)
    for weight in weights { counts[Int(weight)] += 1 }
    var probability = 0.36787944117144233
    for weight in 0..<5 {
      if weight > 0 { probability /= Double(weight) }
      // Five standard deviations of a count of that many draws.
      let room = 5 * (probability * (1 - probability) / Double(users)).squareRoot()
      #expect(abs(counts[weight] / Double(users) - probability) < room, "weight \(weight)")
    }
  }

  @Test func coveredCountsRowsThatReachSomebody() {
    let offsets: [Int32] = [0, 2, 2, 3, 5]
    let recommended: [Int32] = [0, 1, 2, 0, 2]
    #expect(ck_bootstrap_covered(offsets, recommended, 4, [0, 0, 0]) == 0)
    #expect(ck_bootstrap_covered(offsets, recommended, 4, [0, 1, 0]) == 1)
    #expect(ck_bootstrap_covered(offsets, recommended, 4, [2, 0, 0]) == 2)
    #expect(ck_bootstrap_covered(offsets, recommended, 4, [0, 0, 3]) == 2)
    #expect(ck_bootstrap_covered(offsets, recommended, 4, [1, 1, 1]) == 3)
  }
}

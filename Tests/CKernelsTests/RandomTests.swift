// The generator of random numbers against SplitMix64 as it is published.
import CKernels
import CReference
import Testing

struct RandomTests {
  /// Steele, Lea and Flood's generator, seeded with 1234567: the first numbers that it gives.
  @Test func bitsAreSplitMix64() {
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    for (position, number) in published.enumerated() {
      #expect(ref_random_bits(1_234_567, UInt64(position)) == number)
      #expect(ck_random_bits(1_234_567, UInt64(position)) == number)
    }
    for key in [0, 1, 1 << 63, UInt64.max] {
      for position in [0, 1, 63, 1 << 40, UInt64.max] {
        #expect(ck_random_bits(key, position) == ref_random_bits(key, position), "\(key)")
      }
    }
  }

  /// What SplitMix64 gives when its counter comes to z.
  @Test func mixIsItsFinalizer() {
    for z in [0, 1, 2, 0x1234_5678_9abc_def0, UInt64.max] {
      #expect(ck_random_mix(z) == ref_random_bits(z &- 0x9e37_79b9_7f4a_7c15, 0), "\(z)")
    }
  }

  /// Each output bit changes with each input bit half of the time.
  @Test func mixSpreadsEveryBit() {
    let trials = 1000
    for input in 0..<64 as Range<UInt64> {
      var flips = [Double](repeating: 0, count: 64)
      for trial in 0..<UInt64(trials) {
        let z = trial &* 0x2545_f491_4f6c_dd1d
        let changed = ck_random_mix(z) ^ ck_random_mix(z ^ 1 << input)
        for output in 0..<64 { flips[output] += Double(changed >> UInt64(output) & 1) }
      }
      // Six standard deviations: 4,096 pairs of bits are looked at.
      let room = 6 * (0.25 / Double(trials)).squareRoot()
      #expect(flips.allSatisfy { abs($0 / Double(trials) - 0.5) < room }, "input bit \(input)")
    }
  }
}

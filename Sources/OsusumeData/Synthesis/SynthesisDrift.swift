// When the users of a synthesized set rate, and how biases move meanwhile.
import CKernels
import Foundation

/// What the kernel needs to give rows times, and the memory it lies in.
///
/// Users rate in sittings of a dozen rows. What ratings are off by at a time is the sum of a sitting's mood,
/// half of its variance, and of two processes that forget, a user's and an item's: biases, not tastes.
final class SynthesisDrift: @unchecked Sendable {
  /// The kernel's view; its pointer is valid as long as this object lives.
  let kernelClock: ck_synth_clock
  private let itemDrift: Column<Float>

  /// The years 2007 to 2016, in seconds since 1970.
  static let span: ClosedRange<Int64> = 1_167_609_600...1_483_228_799
  private static let rowsOfSitting = 12.0
  private static let year = 31_557_600.0
  private static let (userMemory, itemMemory) = (year, 2 * year)
  /// Quarters of years: much shorter than what items remember.
  private static let steps = 41

  /// Biases that move by `deviation` points.
  init(deviation: Double, items: Int, seed: UInt64) {
    let key = SynthesisStream.itemDrift.key(seed: seed)
    let kept = exp(-Self.year / 4 / Self.itemMemory)
    let itemDrift = Column<Float>(count: items * Self.steps)
    for item in 0..<items {
      var bias = 0.0
      for step in 0..<Self.steps {
        let place = item * Self.steps + step
        let fresh = deviation / 2 * ck_random_normal(key, UInt64(place))
        bias = step == 0 ? fresh : kept * bias + (1 - kept * kept).squareRoot() * fresh
        itemDrift.base[place] = Float(bias)
      }
    }
    self.itemDrift = itemDrift
    kernelClock = ck_synth_clock(
      first: Self.span.lowerBound, last: Self.span.upperBound, steps: Self.steps,
      item_drift: itemDrift.base, sitting_chance: 1 / Self.rowsOfSitting,
      sitting_sd: deviation / 2.0.squareRoot(), user_sd: deviation / 2,
      user_memory: Self.userMemory, key: SynthesisStream.times.key(seed: seed))
  }
}

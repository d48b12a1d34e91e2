// Random numbers in a row: for draws that take as many as they happen to need.
import CKernels
import Foundation

/// The numbers of a key of `ck_random_key`, one after the other.
package struct RandomSequence {
  private let key: UInt64
  private var position: UInt64 = 0

  package init(key: UInt64) {
    self.key = key
  }

  /// Uniform in [0, 1).
  package mutating func uniform() -> Double {
    defer { position += 1 }
    return ck_random_uniform(key, position)
  }

  /// Standard normal.
  package mutating func normal() -> Double {
    // Positions of normal numbers count in pairs of uniform ones.
    let pair = (position + 1) / 2
    position = 2 * pair + 2
    return ck_random_normal(key, pair)
  }

  /// Gamma with a shape above 0 and scale 1 (Marsaglia and Tsang 2000).
  package mutating func gamma(shape: Double) -> Double {
    precondition(shape > 0)
    guard shape >= 1 else {
      return gamma(shape: shape + 1) * pow(1 - uniform(), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      if log(1 - uniform()) < x * x / 2 + d - d * v + d * log(v) { return d * v }
    }
  }

  /// χ² with so many degrees of freedom, above 0.
  package mutating func chiSquared(_ degrees: Double) -> Double { 2 * gamma(shape: degrees / 2) }
}

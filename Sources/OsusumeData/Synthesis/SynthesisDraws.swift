// Random numbers of the synthesis: one stream a purpose, in the order they are asked for.
import CKernels
import Foundation

/// The streams of a seed that the synthesis uses.
enum SynthesisStream: UInt64 {
  case rows = 100
  case userRoles
  case userUnrated
  case itemRoles
  case itemTraits
  case itemText
  case sureItems
  case times
  case itemDrift

  /// The stream's key.
  func key(seed: UInt64) -> UInt64 { ck_random_key(seed, rawValue) }
}

/// Draws from one stream.
struct SynthesisDraws {
  private let key: UInt64
  private var position: UInt64 = 0

  init(_ stream: SynthesisStream, seed: UInt64) {
    key = stream.key(seed: seed)
  }

  /// Uniform in [0, 1).
  mutating func uniform() -> Double {
    position += 1
    return ck_random_uniform(key, position)
  }

  /// Uniform in 0..<bound.
  mutating func below(_ bound: Int) -> Int {
    position += 1
    return Int(ck_random_below(key, position, UInt64(bound)))
  }

  /// Standard normal.
  mutating func normal() -> Double {
    let u = (uniform() + 0x1p-54), angle = uniform() * 2 * Double.pi
    return (-2 * log(u)).squareRoot() * cos(angle)
  }

  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// A position, drawn by weight.
  mutating func index(weights: [Double]) -> Int {
    var rest = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }
}

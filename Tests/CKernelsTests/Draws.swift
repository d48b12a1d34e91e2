// What kernel tests draw their inputs from, and the sizes they try.
import CKernels

/// Sizes around vector widths, cache lines and words of bitmaps.
let awkwardCounts = [0, 1, 2, 3, 4, 5, 15, 16, 17, 33, 63, 64, 65, 127]

/// Random numbers one after the other.
struct Draws {
  let key: UInt64
  var position: UInt64 = 0

  mutating func normal() -> Float {
    position += 1
    return Float(ck_random_normal(key, position))
  }

  mutating func below(_ bound: Int) -> Int {
    position += 1
    return Int(ck_random_below(key &+ 1, position, UInt64(bound)))
  }

  mutating func codes(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(below(bound)) }
  }
}

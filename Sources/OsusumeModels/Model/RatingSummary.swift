// The training ratings in a few numbers: scale, median, and how often each item was rated.
import CKernels
import OsusumeData

/// Scale, median, standard deviation and item counts of ratings.
public struct RatingSummary: Sendable, Equatable {
  /// The lowest and highest rating; 0...0 without ratings.
  public var scale: ClosedRange<Float>
  /// The median rating: the mean of the middle two when their number is even; 0 without ratings.
  public var median: Float
  /// The standard deviation of the ratings; 1 where they are all equal: nothing to scale by.
  public var deviation: Double
  /// Number of ratings of each item.
  public var itemCounts: [Int32]

  /// Summarises ratings; those that are not numbers count for their items alone.
  package init(rows: IndexedRatings, items: Int) {
    itemCounts = [Int32](repeating: 0, count: items)
    ck_columns_count(rows.items, 0, rows.count, &itemCounts)
    let values = rows.rated.values
    guard let first = values.first else {
      scale = 0...0
      median = 0
      deviation = 1
      return
    }
    let bounds = values.withUnsafeBufferPointer { values in
      values.reduce((low: first, high: first)) { (min($0.low, $1), max($0.high, $1)) }
    }
    scale = bounds.low...bounds.high
    let (sum, squares) = values.withUnsafeBufferPointer { values in
      values.reduce((0.0, 0.0)) {
        ($0.0 + Double($1 - first), $0.1 + Double($1 - first) * Double($1 - first))
      }
    }
    let mean = sum / Double(values.count)
    let standardDeviation = max(0, squares / Double(values.count) - mean * mean).squareRoot()
    deviation = standardDeviation > 0 ? standardDeviation : 1
    let middle = (values.count - 1) / 2
    let low = Self.value(rank: middle, of: values)
    let high = values.count % 2 == 1 ? low : Self.value(rank: middle + 1, of: values)
    // In double, where the sum of two floats cannot overflow.
    median = Float((Double(low) + Double(high)) / 2)
  }

  /// The value at a rank in ascending order, by two counting passes: over the upper 16 bits, then over
  /// the lower 16 of those whose upper bits are the ones found.
  private static func value(rank: Int, of values: [Float]) -> Float {
    var rank = rank
    let upper = bucket(of: &rank, in: values) { Int($0 >> 16) }
    let lower = bucket(of: &rank, in: values) { $0 >> 16 == upper ? Int($0 & 0xFFFF) : nil }
    let key = UInt32(upper) << 16 | UInt32(lower)
    return Float(bitPattern: key >> 31 == 1 ? key ^ 0x8000_0000 : ~key)
  }

  /// The bucket that holds a rank; the rank becomes that within the bucket.
  @inline(__always)
  private static func bucket(of rank: inout Int, in values: [Float], by place: (UInt32) -> Int?)
    -> Int
  {
    var counts = [Int](repeating: 0, count: 1 << 16)
    values.withUnsafeBufferPointer { values in
      counts.withUnsafeMutableBufferPointer { counts in
        for value in values {
          // An unsigned number that is ordered as the float is.
          let bits = value.bitPattern
          let key = bits >> 31 == 1 ? ~bits : bits ^ 0x8000_0000
          if let bucket = place(key) { counts[bucket] += 1 }
        }
      }
    }
    var bucket = 0
    while rank >= counts[bucket] {
      rank -= counts[bucket]
      bucket += 1
    }
    return bucket
  }
}

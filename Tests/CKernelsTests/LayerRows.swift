// Rows of values as networks' kernels read and write them: at any address, at any stride.
import CKernels
import Testing

/// Numbers of rows around what kernels fetch ahead.
let awkwardRows = [0, 1, 2, 9, 17, 33]

/// Rows of random values in [-1, 1), some of them 0, with three lanes between one and the next.
struct LayerRows {
  let rows: Int
  let width: Int
  private let memory: Guarded<Float>
  private let before: [Float]

  init(_ rows: Int, width: Int, seed: UInt64) {
    self.rows = rows
    self.width = width
    let key = ck_random_key(seed, 915)
    before = (0..<rows * (width + 3)).map { place in
      place % 11 == 5 ? 0 : Float(2 * ck_random_uniform(key, UInt64(place)) - 1)
    }
    memory = .init(before)
  }

  var stride: Int { width + 3 }
  var base: UnsafeMutablePointer<Float> { memory.base }

  /// The values that the rows began with.
  subscript(row: Int, lane: Int) -> Float { before[row * stride + lane] }

  func double(_ row: Int, _ lane: Int) -> Double { Double(self[row, lane]) }

  /// The values that the rows hold now.
  func now(_ row: Int, _ lane: Int) -> Float { memory.base[row * stride + lane] }

  func view(_ row: Guarded<Int32>? = nil) -> ck_layer_view {
    ck_layer_view(base: memory.base, stride: stride, row: row.map { .init($0.base) }, width: width)
  }

  /// Holds what a kernel wrote to the first lanes of each row to a reference and its bound, and all else
  /// to what it was.
  func expect(
    lanes: Int? = nil, _ note: String, _ reference: (_ row: Int, _ lane: Int) -> Bounded
  ) {
    let places = (0..<rows).flatMap { row in (0..<stride).map { (row, $0) } }
    let wrong = places.first { row, lane in
      guard lane < lanes ?? width else {
        return now(row, lane).bitPattern != self[row, lane].bitPattern
      }
      return !reference(row, lane).holds(now(row, lane))
    }
    #expect(wrong == nil, "\(note), \(rows) rows of \(width): row and lane")
    #expect(memory.isIntact, "\(note), \(rows) rows of \(width)")
  }
}

/// A value in double precision and how far float32 may be from it.
struct Bounded {
  var value: Double
  var bound: Double

  /// One that is as it is in float32.
  static func exactly(_ value: Float) -> Bounded { .init(value: Double(value), bound: 0) }

  /// A sum whose terms' magnitudes add up to `magnitude`, with a rounding for each of `roundings`.
  static func sum(_ value: Double, roundings: Int, magnitude: Double) -> Bounded {
    .init(value: value, bound: Double(roundings) * 0x1p-24 * magnitude)
  }

  func holds(_ found: Float) -> Bool { abs(Double(found) - value) <= bound }
}

// UMAP's kernels against the same steps in double precision.
import CKernels
import Foundation
import OsusumeData
import Testing

/// Bits of a counter, as ck_umap_move draws them.
private func mixed(_ x: UInt32) -> UInt32 {
  var x = x
  x ^= x >> 16
  x = x &* 0x7feb_352d
  x ^= x >> 15
  x = x &* 0x846c_a68b
  return x ^ (x >> 16)
}

extension KernelTests {
  @Suite struct UMAPTests {
    private static let (a, b) = (1.5769435, 0.8950609)

    /// Where a point is after an epoch, in double.
    private func moved(
      _ point: Int, _ places: [(x: Double, y: Double)], due: [Int], epoch: UInt32, rate: Double,
      key: UInt32
    ) -> (x: Double, y: Double) {
      var (x, y) = places[point]
      func clipped(_ value: Double) -> Double { max(-4, min(4, value)) }
      for (n, other) in due.enumerated() {
        for _ in 0..<2 {
          let (dx, dy) = (x - places[other].x, y - places[other].y)
          let d = max(dx * dx + dy * dy, 1e-12)
          let power = pow(d, Self.b)
          let pull = -2 * Self.a * Self.b * power / (d * (1 + Self.a * power))
          x += rate * clipped(pull * dx)
          y += rate * clipped(pull * dy)
        }
        for draw in 0..<UInt32(CK_UMAP_NEGATIVES) {
          let counter = epoch &* 0x85eb_ca6b &+ (UInt32(n) * UInt32(CK_UMAP_NEGATIVES) + draw)
          let bits = mixed(UInt32(point) &* 0x9e37_79b9 &+ key &+ mixed(counter))
          let drawn = min(Int(Float(bits >> 8) * (Float(places.count) * 0x1p-24)), places.count - 1)
          let (dx, dy) = (x - places[drawn].x, y - places[drawn].y)
          let d = max(dx * dx + dy * dy, 1e-12)
          let push = 2 * Self.b / ((0.001 + d) * (1 + Self.a * pow(d, Self.b)))
          x += rate * clipped(push * dx)
          y += rate * clipped(push * dy)
        }
      }
      return (x, y)
    }

    @Test func pointsMoveAsInDouble() {
      let count = 41
      var draws = Draws(key: ck_random_key(11, 1))
      let places = FloatMatrix(rows: 4, columns: count)
      for point in 0..<count {
        places[0][point] = 5 * draws.normal()
        places[1][point] = 5 * draws.normal()
      }
      // Each has up to four neighbours; an edge pulls always, every other epoch, or never.
      let degrees = (0..<count).map { $0 % 5 }
      let offsets = degrees.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
      let columns = (0..<count).flatMap { point in
        (0..<degrees[point]).map { Int32((point + 3 * $0 + 1) % count) }
      }
      let pace = columns.indices.map { [UInt32.max, 1 << 31, 0][$0 % 3] }
      let order = (0..<48).map { $0 < count ? Int32((7 * $0) % count) : -1 }
      let before = (0..<count).map { (x: Double(places[0][$0]), y: Double(places[1][$0])) }
      forEachISA { name in
        let now = places.copy()
        var scratch = [Int32](repeating: 0, count: 5 * 16)
        for epoch: UInt32 in [0, 1] {
          ck_csr.lend(offsets: offsets, columns: columns) { edges in
            pace.withUnsafeBufferPointer { pace in
              order.withUnsafeBufferPointer { order in
                var state = ck_umap_state(
                  edges: edges, pace: pace.baseAddress, count: count, points: order.baseAddress,
                  a: Float(Self.a), b: Float(Self.b), key: 99, x: places.base,
                  y: places.base + places.stride, next_x: now.base + 2 * now.stride,
                  next_y: now.base + 3 * now.stride)
                // Two parts of three blocks.
                ck_umap_move(&state, epoch, 0.25, 0, 3, 2, &scratch)
                ck_umap_move(&state, epoch, 0.25, 1, 3, 2, &scratch)
                ck_umap_settle(&state, 0, 3, 2, now.base, now.base + now.stride)
              }
            }
          }
          for point in 0..<count {
            let due = (Int(offsets[point])..<Int(offsets[point + 1])).filter {
              pace[$0] == .max ? epoch > 0 : pace[$0] > 0 && epoch == 1
            }
            let right = moved(
              point, before, due: due.map { Int(columns[$0]) }, epoch: epoch, rate: 0.25, key: 99)
            #expect(abs(Double(now[2][point]) - right.x) < 2e-3, "\(name), \(epoch), \(point)")
            #expect(abs(Double(now[3][point]) - right.y) < 2e-3, "\(name), \(epoch), \(point)")
          }
          // Only the points of the part that settled have taken their places over.
          for (place, point) in order.enumerated() where point >= 0 {
            let row = place / 16 % 2 == 0 ? 2 : 0
            let right = row == 2 ? now[2][Int(point)] : places[0][Int(point)]
            #expect(now[0][Int(point)] == right, "\(name), \(point)")
          }
        }
      }
    }

    @Test func strengthsSumToTheLogarithm() {
      var draws = Draws(key: ck_random_key(12, 1))
      let (rows, count, stride) = (8, 14, 16)
      let squares = (0..<rows * stride).map { place in
        let size = Float(pow(10, Double(place / stride) - 3))
        // The first of row 2 lies at the same place, and all of row 3.
        return place == 2 * stride || place / stride == 3 ? 0 : size * (1 + abs(draws.normal()))
      }
      forEachISA { name in
        var strengths = [Float](repeating: 0, count: rows * count)
        ck_umap_strengths(squares, stride, count, 0.01, 0, 5, &strengths)
        ck_umap_strengths(squares, stride, count, 0.01, 5, rows, &strengths)
        for row in 0..<rows {
          let own = strengths[row * count..<(row + 1) * count].map { Double($0) }
          let sum = own.reduce(0, +)
          #expect(abs(sum - (row == 3 ? Double(count) : log2(Double(count + 1)))) < 1e-3, "\(name)")
          let far = (0..<count).map { Double(squares[row * stride + $0]).squareRoot() }
          let order = (0..<count).sorted { far[$0] < far[$1] }
          #expect(own[order[0]] == 1, "\(name), row \(row)")
          for (near, next) in zip(order, order.dropFirst()) {
            #expect(own[near] >= own[next], "\(name), row \(row)")
          }
        }
      }
    }
  }
}

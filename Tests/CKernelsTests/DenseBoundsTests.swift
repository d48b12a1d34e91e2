// Products of narrow layers on rows that begin at any float and end with the memory, every width to 70.
import CKernels
import OsusumeData
import Testing

extension KernelTests {
  struct DenseBoundsTests {
    /// Rows, and which columns of slopes are zero in all of them.
    private static let cases: [(rows: Int, isDead: @Sendable (Int) -> Bool)] = [
      (1, { _ in false }), (1, { $0 % 3 == 1 }), (1, { $0 % 4 != 0 }), (1, { _ in true }),
      (2, { _ in false }), (2, { $0 % 3 == 1 }), (2, { $0 != 0 }), (2, { _ in true }),
      (3, { $0 % 2 == 0 }), (67, { $0 % 5 > 1 }), (66, { _ in false }),
    ]

    /// Columns of every kind beside one that goes through all widths as the inner width does.
    private static func columns(beside inner: Int) -> [Int] {
      [1, 4, 17, 33, inner * 29 % 71]
    }

    /// Random rows `stride` apart, the last of which ends with the memory; between rows there is
    /// nothing that is a number.
    private func rows(
      _ count: Int, _ width: Int, stride: Int, readable: Int? = nil, seed: UInt64
    ) throws -> GuardedFloats {
      let floats = try GuardedFloats(count: (count - 1) * stride + (readable ?? width))
      let key = ck_random_key(seed, 901)
      for at in 0..<floats.count {
        floats.base[at] =
          at % stride < width ? Float(2 * ck_random_uniform(key, UInt64(at)) - 1) : .nan
      }
      return floats
    }

    /// Expects rows of sums; rounding may make one error a term and one a sum.
    private func expect(
      _ actual: GuardedFloats, stride: Int, _ sums: [DenseTests.Sums], _ message: String
    ) {
      for (r, sums) in sums.enumerated() {
        for (c, (sum, size)) in zip(sums.values, sums.sizes).enumerated() {
          let bound = 0x1p-24 * Double(sums.terms + 3) * size
          let value = Double(actual.base[r * stride + c])
          #expect(abs(value - sum) <= bound, "\(message): \(r), \(c)")
        }
      }
    }

    /// x ends with the memory, so that it begins at every lane of a vector as `inner` grows.
    @Test(arguments: 1...70) func theWayBack(inner: Int) throws {
      for columns in Self.columns(beside: inner) {
        for (number, (rows, isDead)) in Self.cases.enumerated() {
          let stride = (max(inner, columns) + 15) / 16 * 16
          let readable = (columns + 15) / 16 * 16
          let x = try self.rows(rows, inner, stride: stride, seed: 1)
          let d = try self.rows(rows, columns, stride: stride, readable: readable, seed: 2)
          let w = try self.rows(1, inner * columns, stride: inner * columns, seed: 3)
          for r in 0..<rows {
            for c in 0..<columns where isDead(c) { d.base[r * stride + c] = 0 }
          }
          let back = (0..<rows).map { r in
            DenseTests.Sums(inner, of: columns) { k, c in
              Double(d.base[r * stride + c]) * Double(w.base[k * columns + c])
            }
          }
          let gradient = DenseTests.Sums(inner * columns, of: rows) { at, r in
            Double(x.base[r * stride + at / columns]) * Double(d.base[r * stride + at % columns])
          }
          let g = try GuardedFloats(count: inner * columns)
          let dx = try GuardedFloats(count: (rows - 1) * stride + inner)
          forEachISA { name in
            for at in 0..<g.count { g.base[at] = .nan }
            for at in 0..<dx.count { dx.base[at] = .nan }
            var weights = ck_dense_weights(w: w.base, inner: inner, columns: columns)
            ck_dense_back(x.base, d.base, stride, rows, &weights, g.base, 0, dx.base)
            let message = "\(name), \(columns) columns, case \(number)"
            expect(dx, stride: stride, back, message + ", rows")
            expect(g, stride: g.count, [gradient], message + ", weights")
          }
        }
      }
    }

    @Test(arguments: 1...70) func products(inner: Int) throws {
      for columns in Self.columns(beside: inner) {
        for rows in [1, 2, 3, 9] {
          let x = try self.rows(rows, inner, stride: inner + 3, seed: 4)
          let w = try self.rows(1, inner * columns, stride: inner * columns, seed: 5)
          let y = try GuardedFloats(count: (rows - 1) * (columns + 2) + columns)
          let sums = (0..<rows).map { r in
            DenseTests.Sums(columns, of: inner) { c, k in
              Double(x.base[r * (inner + 3) + k]) * Double(w.base[k * columns + c])
            }
          }
          forEachISA { name in
            for at in 0..<y.count { y.base[at] = .nan }
            var weights = ck_dense_weights(w: w.base, inner: inner, columns: columns)
            ck_dense_multiply(x.base, inner + 3, rows, &weights, 0, y.base, columns + 2)
            expect(y, stride: columns + 2, sums, "\(name), \(rows) x \(columns)")
          }
        }
      }
    }
  }
}

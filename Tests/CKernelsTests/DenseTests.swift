// Products of narrow layers on every instruction set, against sums in double precision.
import CKernels
import Foundation
import OsusumeData
import Testing

extension KernelTests {
  struct DenseTests {
    /// Rows, inner width, columns: whole tiles, remainders of every kind, more than a panel's depth.
    static let shapes = [
      (0, 3, 5), (1, 1, 1), (3, 5, 1), (7, 1, 9), (5, 16, 16), (9, 50, 100), (70, 33, 18),
      (66, 100, 50), (4, 300, 17), (65, 7, 40), (129, 12, 31), (2, 0, 6), (6, 1, 20), (7, 270, 2),
      (131, 21, 20), (3, 600, 1),
    ]

    /// A sum of products, and the sum of their magnitudes.
    private func sum(_ count: Int, _ product: (Int) -> Double) -> (value: Double, size: Double) {
      (0..<count).reduce(into: (0, 0)) {
        let term = product($1)
        $0.0 += term
        $0.1 += abs(term)
      }
    }

    /// What rounding may do to a sum of so many products: one error a term and one a sum.
    private func bound(_ count: Int, _ size: Double) -> Double {
      0x1p-24 * Double(count + 2) * size
    }

    @Test(arguments: shapes)
    func productsOfRowsWithWeights(_ rows: Int, _ inner: Int, _ columns: Int) {
      let x = randomRows(max(1, rows), lanes: max(1, inner), stride: 640, seed: 1)
      let w = randomRows(1, lanes: max(1, inner * columns), stride: inner * columns + 16, seed: 2)
      let before = randomRows(max(1, rows), lanes: columns, stride: 128, seed: 3)
      forEachISA { name in
        for transposed in [false, true] {
          for adds in [false, true] {
            let y = before.copy()
            let (row, column) = transposed ? (1, inner) : (columns, 1)
            ck_dense_multiply(
              x.base, x.stride, rows, inner, w.base, row, column, columns, adds ? 1 : 0, y.base,
              y.stride)
            for r in 0..<rows {
              for c in 0..<columns {
                var (value, size) = sum(inner) {
                  Double(x[r][$0]) * Double(w.base[$0 * row + c * column])
                }
                if adds {
                  value += Double(before[r][c])
                  size += Double(abs(before[r][c]))
                }
                #expect(
                  abs(Double(y[r][c]) - value) <= bound(inner + 1, size), "\(name), \(r), \(c)")
              }
              for c in columns..<y.stride {
                #expect(y[r][c] == before[r][c], "\(name): written behind row \(r)")
              }
            }
          }
        }
      }
    }

    @Test func aRowsProductDoesNotDependOnItsNeighbours() {
      let x = randomRows(37, lanes: 50, stride: 64, seed: 4)
      let w = randomRows(1, lanes: 50 * 100, stride: 5008, seed: 5)
      forEachISA { name in
        let (all, one) = (FloatMatrix(rows: 37, columns: 100), FloatMatrix(rows: 1, columns: 100))
        ck_dense_multiply(x.base, 64, 37, 50, w.base, 100, 1, 100, 0, all.base, all.stride)
        for r in 0..<37 {
          ck_dense_multiply(
            x.base + r * 64, 64, 1, 50, w.base, 100, 1, 100, 0, one.base, one.stride)
          #expect(memcmp(all.base + r * all.stride, one.base, 400) == 0, "\(name), \(r)")
        }
      }
    }

    @Test(arguments: shapes)
    func gradientsOfWeights(_ rows: Int, _ inner: Int, _ columns: Int) {
      let values = randomRows(max(1, rows), lanes: max(1, inner), stride: 640, seed: 6)
      let slopes = randomRows(max(1, rows), lanes: columns, stride: 128, seed: 7)
      // What stands behind a row must not matter.
      let (x, d) = (values.copy(), slopes.copy())
      for r in 0..<rows {
        for k in inner..<x.stride { x[r][k] = .nan }
        for c in columns..<d.stride { d[r][c] = .nan }
      }
      forEachISA { name in
        let g = [Float](unsafeUninitializedCapacity: inner * columns + 1) { buffer, count in
          buffer.initialize(repeating: 7)
          count = buffer.count
          guard let base = buffer.baseAddress else { return }
          ck_dense_gradient(x.base, x.stride, d.base, d.stride, rows, inner, columns, base)
        }
        for k in 0..<inner {
          for c in 0..<columns {
            let (value, size) = sum(rows) { Double(x[$0][k]) * Double(slopes[$0][c]) }
            #expect(
              abs(Double(g[k * columns + c]) - value) <= bound(rows, size), "\(name), \(k), \(c)")
          }
        }
        #expect(g.last == 7, "\(name): written behind the weights")
      }
    }
  }
}

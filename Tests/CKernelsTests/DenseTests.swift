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

    /// Sums of products in double precision, each with the sum of its terms' magnitudes.
    struct Sums {
      var values: [Double] = []
      var sizes: [Double] = []
      /// Terms a sum.
      let terms: Int

      init(_ count: Int, of terms: Int, _ product: (_ sum: Int, _ term: Int) -> Double) {
        self.terms = terms
        for sum in 0..<count {
          var (value, size) = (0.0, 0.0)
          for term in 0..<terms {
            let product = product(sum, term)
            value += product
            size += abs(product)
          }
          values.append(value)
          sizes.append(size)
        }
      }
    }

    /// Expects a row of sums, on top of what was there before where it adds, and nothing behind them.
    ///
    /// Rounding may make one error a term and one a sum.
    private func expect(
      _ row: UnsafeMutableBufferPointer<Float>, _ sums: Sums,
      before: UnsafeMutableBufferPointer<Float>, adds: Bool, _ message: String
    ) {
      for (c, (sum, size)) in zip(sums.values, sums.sizes).enumerated() {
        let old = adds ? Double(before[c]) : 0
        let bound = 0x1p-24 * Double(sums.terms + 3) * (size + abs(old))
        #expect(abs(Double(row[c]) - sum - old) <= bound, "\(message), \(c)")
      }
      let behind = sums.values.count..<row.count
      #expect(
        behind.allSatisfy { row[$0].bitPattern == before[$0].bitPattern },
        "\(message): written behind it")
    }

    @Test(arguments: shapes)
    func productsOfRowsWithWeights(_ rows: Int, _ inner: Int, _ columns: Int) {
      let x = randomRows(max(1, rows), lanes: max(1, inner), stride: 640, seed: 1)
      let w = randomRows(1, lanes: max(1, inner * columns), stride: inner * columns + 16, seed: 2)
      let before = randomRows(max(1, rows), lanes: columns, stride: 128, seed: 3)
      let sums = (0..<rows).map { r in
        Sums(columns, of: inner) { c, k in Double(x[r][k]) * Double(w.base[k * columns + c]) }
      }
      forEachISA { name in
        for adds in [false, true] {
          let y = before.copy()
          var weights = ck_dense_weights(w: w.base, inner: inner, columns: columns)
          ck_dense_multiply(
            x.base, x.stride, rows, &weights, adds ? 1 : 0, y.base, y.stride)
          for r in 0..<rows {
            expect(y[r], sums[r], before: before[r], adds: adds, "\(name), row \(r)")
          }
        }
      }
    }

    @Test func aRowsProductDoesNotDependOnItsNeighbours() {
      let x = randomRows(37, lanes: 50, stride: 64, seed: 4)
      let w = randomRows(1, lanes: 50 * 100, stride: 5008, seed: 5)
      forEachISA { name in
        let (all, one) = (FloatMatrix(rows: 37, columns: 100), FloatMatrix(rows: 1, columns: 100))
        var weights = ck_dense_weights(w: w.base, inner: 50, columns: 100)
        ck_dense_multiply(x.base, 64, 37, &weights, 0, all.base, all.stride)
        for r in 0..<37 {
          ck_dense_multiply(x.base + r * 64, 64, 1, &weights, 0, one.base, one.stride)
          #expect(memcmp(all.base + r * all.stride, one.base, 400) == 0, "\(name), \(r)")
        }
      }
    }

    /// Slopes in every column, in all but each third, in none but the fifth, in none.
    @Test(arguments: shapes + [(700, 20, 40)])
    func theWayBack(_ rows: Int, _ inner: Int, _ columns: Int) {
      let values = randomRows(max(1, rows), lanes: max(1, inner), stride: 640, seed: 6)
      let w = randomRows(1, lanes: max(1, inner * columns), stride: inner * columns + 16, seed: 7)
      let before = randomRows(max(1, rows), lanes: inner, stride: 640, seed: 8)
      let dead: [(Int) -> Bool] = [{ _ in false }, { $0 % 3 == 1 }, { $0 != 4 }, { _ in true }]
      for (pattern, isDead) in dead.enumerated() {
        let slopes = randomRows(max(1, rows), lanes: columns, stride: 640, seed: 9)
        for r in 0..<slopes.rows {
          for c in 0..<columns where isDead(c) { slopes[r][c] = r % 2 == 0 ? 0 : -0.0 }
        }
        // What stands behind a row must not matter.
        let (x, d) = (values.copy(), slopes.copy())
        for r in 0..<rows {
          for k in inner..<x.stride { x[r][k] = .nan }
          for c in columns..<d.stride { d[r][c] = .nan }
        }
        let back = (0..<rows).map { r in
          Sums(inner, of: columns) { k, c in
            Double(slopes[r][c]) * Double(w.base[k * columns + c])
          }
        }
        let weights = Sums(inner * columns, of: rows) { at, r in
          Double(values[r][at / columns]) * Double(slopes[r][at % columns])
        }
        let adds = pattern % 2 == 1
        forEachISA { name in
          let message = "\(name), pattern \(pattern)"
          let (g, dx) = (FloatMatrix(rows: 1, columns: inner * columns + 1), before.copy())
          let none = g.copy()
          var layer = ck_dense_weights(w: w.base, inner: inner, columns: columns)
          ck_dense_back(
            x.base, d.base, 640, rows, &layer, g.base, adds ? 1 : 0, dx.base)
          for r in 0..<rows {
            expect(dx[r], back[r], before: before[r], adds: adds, "\(message), row \(r)")
          }
          expect(g[0], weights, before: none[0], adds: false, "\(message), weights")
        }
      }
    }
  }
}

// Pairs of rows: scores and the fused forward pass, held to double precision on every instruction set.
import CKernels
import CReference
import OsusumeData
import Testing

/// Rows of random numbers in [-1, 1) on `lanes` lanes, zero beyond.
func randomRows(_ rows: Int, lanes: Int, stride: Int, seed: UInt64) -> FloatMatrix {
  let matrix = FloatMatrix(rows: rows, columns: stride)
  let key = ck_random_key(seed, 900)
  for row in 0..<rows {
    for lane in 0..<lanes {
      let position = UInt64(row * stride + lane)
      matrix[row][lane] = Float(2 * ck_random_uniform(key, position) - 1)
    }
  }
  return matrix
}

/// Lane counts around vector widths and cache lines, and the catalog's own.
let awkwardLanes = [1, 2, 7, 8, 15, 16, 17, 32, 33, 50, 52, 64, 66, 127]

extension KernelTests {
  struct PairTests {
    @Test(arguments: awkwardLanes) func scoresAreInnerProducts(lanes: Int) {
      let stride = (lanes + 15) / 16 * 16
      let p = randomRows(9, lanes: lanes, stride: stride, seed: 1)
      let q = randomRows(13, lanes: lanes, stride: stride, seed: 2)
      for count in [0, 1, 15, 16, 33, 127] {
        let u = (0..<count).map { Int32($0 * 5 % 9) }
        let i = (0..<count).map { Int32($0 * 7 % 13) }
        forEachISA { name in
          var out = [Float](repeating: .nan, count: count + 1)
          var factors = ck_factors(
            P: p.base, Q: q.base, stride: stride, lanes: lanes, mean: 0.5)
          ck_pair_dot(&factors, u, i, count, &out)
          for b in 0..<count {
            var magnitude = 0.0
            let exact =
              0.5 + ref_dot(p[Int(u[b])].baseAddress, q[Int(i[b])].baseAddress, lanes, &magnitude)
            let bound = Double(lanes + 2) * 0x1p-24 * (magnitude + 0.5)
            #expect(abs(Double(out[b]) - exact) <= bound, "\(name), \(lanes) lanes, pair \(b)")
          }
          #expect(out[count].isNaN, "\(name): wrote beyond the end")
        }
      }
    }

    @Test(arguments: awkwardLanes) func forwardGivesErrorsAndGradients(lanes: Int) {
      for (stride, width) in [((lanes + 15) / 16 * 16, (lanes + 15) / 16 * 16), (400, 144)] {
        for loss in [CK_LOSS_RMSE, CK_LOSS_MAE] {
          check(lanes: lanes, stride: stride, width: width, loss: loss)
        }
      }
    }

    /// Runs of 3, 0, 1 and 29 ratings, items repeated, in two calls, against the definition.
    private func check(lanes: Int, stride: Int, width: Int, loss: ck_loss) {
      let p = randomRows(5, lanes: lanes, stride: stride, seed: 3)
      let q = randomRows(7, lanes: lanes, stride: stride, seed: 4)
      let id: [Int32] = [4, 0, 2, 3]
      let start: [Int32] = [0, 3, 3, 4, 33]
      let item = (0..<33).map { Int32($0 * 3 % 7) }
      let rating = (0..<33).map { Float($0 % 5) }
      let columns = (Guarded(id), Guarded(start), Guarded(item), Guarded(rating))
      forEachISA { name in
        let weight = Guarded<Float>(repeating: .nan, count: 33)
        let g = FloatMatrix(rows: 4, columns: width)
        let c = FloatMatrix(rows: 4, columns: width)
        var factors = ck_factors(
          P: p.base, Q: q.base, stride: stride, lanes: lanes, mean: 0.25)
        var batch = ck_pair_batch(
          id: columns.0.base, start: columns.1.base, item: columns.2.base,
          rating: columns.3.base)
        var out = ck_pair_gradients(weight: weight.base, G: g.base, C: c.base, width: width)
        let parts = [0..<3, 3..<4].map {
          ck_pair_forward(&factors, &batch, $0.lowerBound, $0.upperBound, loss, &out)
        }
        var squared = 0.0
        for s in 0..<4 {
          let row = p[Int(id[s])]
          for lane in 0..<lanes { #expect(c[s][lane] == row[lane]) }
          let own = Int(start[s])..<Int(start[s + 1])
          for b in own {
            var magnitude = 0.0
            let e =
              0.25 + ref_dot(row.baseAddress, q[Int(item[b])].baseAddress, lanes, &magnitude)
              - Double(rating[b])
            squared += e * e
            let bound = Double(lanes + 4) * 0x1p-24 * (magnitude + 0.25 + Double(rating[b]))
            let expected = loss == CK_LOSS_MAE ? (e > 0 ? 1 : -1) : e
            let slack = loss == CK_LOSS_MAE ? 0 : bound
            #expect(
              abs(Double(weight.base[b]) - expected) <= slack, "\(name), \(lanes) lanes, row \(b)")
          }
          var sum = [Double](repeating: 0, count: lanes)
          var magnitude = sum
          ref_weighted_sum(
            q.base, Array(item[own]), own.map { Double(weight.base[$0]) }, own.count, stride, lanes,
            &sum, &magnitude)
          for lane in 0..<lanes {
            let bound = Double(own.count + 1) * 0x1p-24 * magnitude[lane]
            #expect(abs(Double(g[s][lane]) - sum[lane]) <= bound, "\(name), run \(s), lane \(lane)")
          }
        }
        #expect(abs(parts[0].squared + parts[1].squared - squared) <= 1e-5 * squared)
        #expect(weight.isIntact, "\(name): wrote beyond the end")
      }
    }
  }
}

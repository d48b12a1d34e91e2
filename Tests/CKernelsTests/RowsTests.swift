// Sums of rows and plain steps on touched rows, held to double precision on every instruction set.
import CKernels
import CReference
import OsusumeData
import Testing

extension KernelTests {
  struct RowsTests {
    @Test(arguments: awkwardLanes) func sumsAreWeightedSums(lanes: Int) {
      let stride = (lanes + 15) / 16 * 16
      let rows = randomRows(11, lanes: lanes, stride: stride, seed: 5)
      let start: [Int32] = [0, 1, 1, 18, 33]
      let row = (0..<33).map { Int32($0 * 5 % 11) }
      let source = (0..<33).map { Int32(32 - $0) }
      let weight = (0..<33).map { Float($0) / 7 - 2 }
      forEachISA { name in
        let g = FloatMatrix(rows: 4, columns: stride)
        ck_rows_sum(rows.base, start, source, row, weight, 4, stride, lanes, g.base)
        for s in 0..<4 {
          let own = Int(start[s])..<Int(start[s + 1])
          var sum = [Double](repeating: 0, count: lanes)
          var magnitude = sum
          ref_weighted_sum(
            rows.base, Array(row[own]), own.map { Double(weight[Int(source[$0])]) }, own.count,
            stride, lanes, &sum, &magnitude)
          for lane in 0..<lanes {
            let bound = Double(own.count + 1) * 0x1p-24 * magnitude[lane]
            #expect(abs(Double(g[s][lane]) - sum[lane]) <= bound, "\(name), run \(s), lane \(lane)")
          }
        }
      }
    }

    @Test(arguments: awkwardLanes) func stepsMoveTheRowsNamedAndNoOthers(lanes: Int) {
      let width = (lanes + 15) / 16 * 16
      let stride = 2 * width
      let id: [Int32] = [3, 0, 5]
      let g = randomRows(3, lanes: lanes, stride: width, seed: 6)
      let mask = FloatMatrix(rows: 1, columns: width)
      for lane in 0..<lanes where lane != 1 { mask[0][lane] = 1 }
      let before = randomRows(7, lanes: lanes, stride: stride, seed: 7)
      forEachISA { name in
        let (descended, adapted) = (before.copy(), before.copy())
        id.withUnsafeBufferPointer { id in
          var gradients = ck_rows_gradients(
            count: id.count, id: id.baseAddress, G: g.base, width: width, scale: 0.5)
          var table = ck_rows_table(
            rows: descended.base, mask: mask.base, stride: stride, lanes: lanes)
          ck_rows_descend(&gradients, 0.1, &table)
          table.rows = adapted.base
          ck_rows_adagrad(&gradients, 0.1, 1e-8, &table, adapted.base + width)
        }
        for row in 0..<7 {
          let s = id.firstIndex(of: Int32(row))
          for lane in 0..<lanes {
            let start = Double(before[row][lane])
            let gradient = s.map { 0.5 * Double(g[$0][lane]) * Double(mask[0][lane]) } ?? 0
            #expect(
              abs(Double(descended[row][lane]) - (start - 0.1 * gradient)) <= 0x1p-22, "\(name)")
            // The first step of AdaGrad is the sign of the gradient.
            let sign = abs(gradient) > 1e-5 ? (gradient > 0 ? 0.1 : -0.1) : 0
            if gradient == 0 || abs(gradient) > 1e-3 {
              #expect(abs(Double(adapted[row][lane]) - (start - sign)) <= 1e-5, "\(name)")
            }
          }
        }
      }
    }
  }
}

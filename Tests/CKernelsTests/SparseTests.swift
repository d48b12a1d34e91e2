// ck_sparse_multiply against double precision.
import CKernels
import CReference
import OsusumeData
import Testing

extension KernelTests {
  @Suite struct SparseTests {
    @Test(arguments: [1, 15, 16, 17, 60, 64, 74, 130, 200])
    func rowsAreWeightedSums(_ lanes: Int) {
      let key = ck_random_key(UInt64(lanes), 91)
      let dense = FloatMatrix(rows: 37, columns: lanes)
      for lane in 0..<dense.capacity {
        dense.base[lane] = Float(ck_random_normal(key, UInt64(lane)))
      }
      var offsets: [Int32] = [0]
      var columns: [Int32] = []
      var values: [Float] = []
      for row in 0..<23 {
        for _ in 0..<[0, 1, 2, 13, 90][row % 5] {
          columns.append(Int32(ck_random_below(key, UInt64(1 << 40 | values.count), 37)))
          values.append(Float(ck_random_normal(key, UInt64(1 << 41 | values.count))))
        }
        offsets.append(Int32(values.count))
      }
      forEachISA { isa in
        let out = FloatMatrix(rows: 23, columns: lanes)
        for lane in 0..<out.capacity { out.base[lane] = .nan }
        // In two ranges, as threads would.
        ck_csr.lend(offsets: offsets, columns: columns, values: values) {
          for (first, last) in [(0, 9), (9, 23)] {
            ck_sparse_multiply($0, first, last, dense.base, dense.stride, out.base)
          }
        }
        for row in 0..<23 {
          let range = Int(offsets[row])..<Int(offsets[row + 1])
          var sum = [Double](repeating: 0, count: dense.stride)
          var magnitude = sum
          ref_weighted_sum(
            dense.base, Array(columns[range]), values[range].map { Double($0) }, range.count,
            dense.stride, dense.stride, &sum, &magnitude)
          for lane in 0..<dense.stride {
            let tolerance = Double(range.count + 2) * 0x1p-24 * magnitude[lane]
            #expect(
              abs(Double(out[row][lane]) - sum[lane]) <= tolerance,
              "\(isa): lanes \(lanes), row \(row), lane \(lane)")
          }
        }
      }
    }
  }
}

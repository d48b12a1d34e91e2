// The Gram matrix of a table's vectors: what all of them together say of one vector of the other table.
import COpenBLAS
import OsusumeData

extension FloatMatrix {
  /// XᵀX over all rows, X their first `lanes` lanes; [lanes, lanes], symmetric.
  ///
  /// Products are summed in single precision over ranges of rows that depend on their number alone, and
  /// ranges in double in their order: the same for any number of threads.
  package func gram(lanes: Int, threads: Int) -> [Double] {
    BLAS.prepare
    let ranges = max(1, min(32, rows / 256))
    let parts = mapChunks(ranges, threads: threads) { part in
      let range = evenRange(part, of: ranges, count: rows)
      var sums = [Float](repeating: 0, count: lanes * lanes)
      cblas_ssyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(lanes), Int32(range.count), 1,
        base + range.lowerBound * stride, Int32(stride), 0, &sums, Int32(lanes))
      return sums
    }
    var gram = [Double](repeating: 0, count: lanes * lanes)
    for row in 0..<lanes {
      for column in row..<lanes {
        let sum = parts.reduce(0.0) { $0 + Double($1[row * lanes + column]) }
        gram[row * lanes + column] = sum
        gram[column * lanes + row] = sum
      }
    }
    return gram
  }

  /// The mean of the rows, padding included, or of those that `isWanted` keeps; zeros where there is none.
  package func meanRow(where isWanted: (_ row: Int) -> Bool = { _ in true }) -> [Float] {
    var sums = [Double](repeating: 0, count: stride)
    var count = 0
    for row in 0..<rows where isWanted(row) {
      count += 1
      for lane in 0..<stride { sums[lane] += Double(base[row * stride + lane]) }
    }
    return sums.map { Float($0 / Double(max(1, count))) }
  }
}

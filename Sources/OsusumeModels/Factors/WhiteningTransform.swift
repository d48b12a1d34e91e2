// A normal distribution fitted to the rows of a table: the prior of a vector.
import COpenBLAS
import OsusumeData

/// Rows as m + L·z, z standard normal: m the mean of some rows and L·Lᵀ their covariance.
///
/// Vectors of networks vary along few directions: equal steps are made in z, not in the vector.
struct WhiteningTransform: Sendable {
  /// m.
  let mean: [Float]
  /// L, lower triangular, [lanes, lanes].
  private let root: FloatMatrix

  /// Lanes of a row.
  var lanes: Int { mean.count }

  /// Fits to the rows that `counts` accepts.
  init(_ table: FloatMatrix, where counts: (_ row: Int) -> Bool) {
    BLAS.prepare
    let lanes = table.columns
    let rows = (0..<table.rows).filter(counts)
    var sums = [Double](repeating: 0, count: lanes)
    for row in rows {
      let values = table[row]
      for lane in 0..<lanes { sums[lane] += Double(values[lane]) }
    }
    mean = sums.map { Float($0 / Double(max(1, rows.count))) }
    let centred = FloatMatrix(rows: rows.count, columns: lanes)
    for (place, row) in rows.enumerated() {
      let (from, to) = (table[row], centred[place])
      for lane in 0..<lanes { to[lane] = from[lane] - mean[lane] }
    }
    root = FloatMatrix(rows: lanes, columns: lanes)
    cblas_ssyrk(
      CblasRowMajor, CblasLower, CblasTrans, blasint(lanes), blasint(rows.count),
      1 / Float(max(1, rows.count)), centred.base, blasint(centred.stride), 0, root.base,
      blasint(root.stride))
    // Rows may span fewer directions than they have lanes.
    let trace = (0..<lanes).reduce(0) { $0 + root[$1][$1] }
    for lane in 0..<lanes { root[lane][lane] += 1e-5 * trace / Float(lanes) + 1e-20 }
    let status = LAPACKE_spotrf(
      LAPACK_ROW_MAJOR, 0x4C /* L */, Int32(lanes), root.base, Int32(root.stride))
    guard status != 0 else { return }
    // A number among the rows is not finite: the prior is the mean alone.
    for row in 0..<lanes {
      for lane in 0..<root.stride { root[row][lane] = 0 }
    }
  }

  /// m + L·z.
  func place(_ z: [Float], in row: FloatMatrix) {
    for lane in 0..<lanes { row[0][lane] = 0 }
    add(z, to: row)
  }

  /// Adds m + L·z to a row.
  func add(_ z: [Float], to row: FloatMatrix) {
    var offset = z
    cblas_strmv(
      CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, blasint(lanes), root.base,
      blasint(root.stride), &offset, 1)
    for lane in 0..<lanes { row[0][lane] += mean[lane] + offset[lane] }
  }

  /// The gradient by z of a function that has this gradient by the vector: Lᵀ·g.
  func slope(_ gradient: UnsafePointer<Float>) -> [Float] {
    var slope = Array(UnsafeBufferPointer(start: gradient, count: lanes))
    cblas_strmv(
      CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, blasint(lanes), root.base,
      blasint(root.stride), &slope, 1)
    return slope
  }

  /// Replaces each row x by Lᵀ·x: its product with z is that of x with L·z.
  func whiten(_ rows: FloatMatrix) {
    cblas_strmm(
      CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, blasint(rows.rows),
      blasint(lanes), 1, root.base, blasint(root.stride), rows.base, blasint(rows.stride))
  }
}

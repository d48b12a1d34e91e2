// What LAPACK and BLAS do for the singular value decomposition. Rows of a FloatMatrix are the columns of
// LAPACK's transposed view of it, so nothing is copied.
import COpenBLAS
import OsusumeData
import OsusumeModels

extension FloatMatrix {
  /// Turns the columns into an orthonormal basis of what they span, and returns the lower triangle L,
  /// column-major, with  self = basis · Lᵀ.
  ///
  /// Needs at least as many rows as columns. Errors: `TrainingError.noConvergence`.
  func orthonormaliseColumns() throws -> [Float] {
    BLAS.prepare
    precondition(rows >= columns)
    let (width, count, step) = (Int32(columns), Int32(rows), Int32(stride))
    var scales = [Float](repeating: 0, count: columns)
    let order = LAPACK_COL_MAJOR
    var code = LAPACKE_sgelqf(order, width, count, base, step, &scales)
    guard code == 0 else { throw TrainingError.noConvergence(routine: "sgelqf", code: Int(code)) }
    var triangle = [Float](repeating: 0, count: columns * columns)
    for column in 0..<columns {
      for row in column..<columns {
        triangle[column * columns + row] = base[column * stride + row]
      }
    }
    code = LAPACKE_sorglq(order, width, count, width, base, step, scales)
    guard code == 0 else { throw TrainingError.noConvergence(routine: "sorglq", code: Int(code)) }
    return triangle
  }

  /// Sets lanes 0..<columns of `out` to  self · rotation · diag(√scale).
  ///
  /// `rotation` is column-major with as many rows as self has columns.
  func multiply(_ rotation: [Float], columns kept: Int, scale: [Float], into out: FloatMatrix) {
    BLAS.prepare
    precondition(out.rows == rows && rotation.count >= columns * kept && scale.count >= kept)
    var scaled = rotation
    for column in 0..<kept {
      for row in 0..<columns { scaled[column * columns + row] *= scale[column].squareRoot() }
    }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(kept), Int32(columns), 1, base,
      Int32(stride), scaled, Int32(columns), 0, out.base, Int32(out.stride))
  }
}

/// The singular value decomposition of a small square matrix: left · diag(values) · rightᵀ.
struct SmallSVD {
  /// Singular values, largest first.
  let values: [Float]
  /// Left and right singular vectors as columns, column-major.
  let left: [Float], right: [Float]

  /// Decomposes a column-major matrix.
  ///
  /// Errors: `TrainingError.noConvergence`.
  init(_ matrix: [Float], width: Int) throws {
    BLAS.prepare
    precondition(matrix.count == width * width)
    var matrix = matrix
    var values = [Float](repeating: 0, count: width)
    var left = [Float](repeating: 0, count: width * width)
    var rightTransposed = left
    let n = Int32(width)
    let code = LAPACKE_sgesdd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "A")), n, n, &matrix, n, &values, &left, n,
      &rightTransposed, n)
    guard code == 0 else { throw TrainingError.noConvergence(routine: "sgesdd", code: Int(code)) }
    var right = left
    for row in 0..<width {
      for column in 0..<width {
        right[row * width + column] = rightTransposed[column * width + row]
      }
    }
    (self.values, self.left, self.right) = (values, left, right)
  }
}

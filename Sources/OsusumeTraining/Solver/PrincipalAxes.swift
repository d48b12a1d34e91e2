// The eigenvectors of a Gram matrix, and tables rotated to them.
import COpenBLAS
import OsusumeData
import OsusumeModels

/// The axes in which the Gram matrix of some vectors is diagonal.
struct PrincipalAxes {
  /// Eigenvalues, ascending.
  let values: [Double]
  /// Eigenvectors as rows, [width, width].
  let vectors: [Float]
  /// Numbers of a vector.
  let width: Int

  /// Decomposes a symmetric matrix [width, width].
  ///
  /// Errors: `TrainingError.noConvergence`.
  init(gram: [Double], width: Int) throws {
    BLAS.prepare
    var (matrix, values) = (gram, [Double](repeating: 0, count: width))
    let code = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(width), &matrix,
      Int32(width), &values)
    guard code == 0 else { throw TrainingError.noConvergence(routine: "dsyevd", code: Int(code)) }
    (self.values, vectors, self.width) = (values, matrix.map(Float.init), width)
  }
}

extension FloatMatrix {
  /// Replaces each row by its coordinates along the axes: inner products of rows stay what they are.
  func turn(into axes: PrincipalAxes, threads: Int) {
    BLAS.prepare
    precondition(columns == axes.width)
    let chunks = (rows + 511) / 512
    forEachChunk(chunks, threads: threads) { chunk in
      let range = evenRange(chunk, of: chunks, count: rows)
      let start = base + range.lowerBound * stride
      let old = [Float](UnsafeBufferPointer(start: start, count: range.count * stride))
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(range.count), Int32(columns), Int32(columns),
        1, old, Int32(stride), axes.vectors, Int32(columns), 0, start, Int32(stride))
    }
  }
}

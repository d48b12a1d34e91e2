// The inverse of a large symmetric positive definite matrix, in place and on all threads.
import CKernels
import COpenBLAS
import OsusumeData
import OsusumeModels

extension FloatMatrix {
  /// Columns of a block: products of 512 by 512 run at OpenBLAS's full speed on one thread, and a matrix
  /// of some thousand rows has more of them than any machine has cores.
  static let blockSize = 512

  /// Replaces a symmetric positive definite matrix, given by its upper triangle, by minus its inverse,
  /// both triangles filled.
  ///
  /// By sweeping blocks of the diagonal (Beaton 1964; Goodnight 1979): for each block K in turn
  /// A_KK ← −A_KK⁻¹, A_IK ← A_IK·A_KK⁻¹, A_IJ ← A_IJ − A_IK·A_KK⁻¹·A_KJ. As many operations as a Cholesky
  /// factorisation and an inverse from it, rows³, but in one kind of step whose products are
  /// independent of each other: OpenBLAS's own threads would make the last bits depend on their number.
  /// The same bytes for any number of threads.
  ///
  /// - Returns: False, with the contents lost, where a block is not positive definite.
  func negateAndInvert(threads: Int) -> Bool {
    precondition(rows == columns)
    BLAS.prepare
    let starts = Array(Swift.stride(from: 0, to: rows, by: Self.blockSize))
    let blocks = starts.map { $0..<min(rows, $0 + Self.blockSize) }
    let panel = FloatMatrix(rows: rows, columns: Self.blockSize)
    let scaled = FloatMatrix(rows: rows, columns: Self.blockSize)
    let pairs = blocks.indices.flatMap { i in (i..<blocks.count).map { (i, $0) } }
    for (k, block) in blocks.enumerated() {
      guard let inverse = invertedBlock(block) else { return false }
      forEachChunk(blocks.count, threads: threads) { i in
        guard i != k else { return }
        copyColumns(block, of: blocks[i], to: panel)
        Self.product(
          panel, blocks[i], inverse, 0..<block.count, depth: block.count, transposed: false,
          scale: 1, adds: false, into: scaled, blocks[i], 0..<block.count)
      }
      forEachChunk(pairs.count, threads: threads) { pair in
        let (i, j) = pairs[pair]
        guard i != k, j != k else { return }
        Self.product(
          scaled, blocks[i], panel, blocks[j], depth: block.count, transposed: true, scale: -1,
          adds: true, into: self, blocks[i], blocks[j])
      }
      forEachChunk(blocks.count, threads: threads) { i in
        replaceColumns(block, of: blocks[i], by: i == k ? inverse : scaled, negated: i == k)
      }
    }
    mirror(threads: threads)
    return true
  }

  /// Copies the upper triangle to the lower.
  func mirror(threads: Int) {
    let chunks = (rows + 255) / 256
    forEachChunk(chunks, threads: threads) { chunk in
      ck_gram_mirror(base, stride, rows, chunk * 256, min(rows, chunk * 256 + 256))
    }
  }

  /// The inverse of a block of the diagonal, both triangles; nil where it is not positive definite.
  private func invertedBlock(_ block: Range<Int>) -> FloatMatrix? {
    let inverse = FloatMatrix(rows: block.count, columns: block.count)
    let (size, step) = (Int32(block.count), Int32(inverse.stride))
    for row in block {
      (inverse.base + (row - block.lowerBound) * inverse.stride).update(
        from: base + row * stride + block.lowerBound, count: block.count)
    }
    let upper = CChar(UInt8(ascii: "U"))
    guard LAPACKE_spotrf(LAPACK_ROW_MAJOR, upper, size, inverse.base, step) == 0,
      LAPACKE_spotri(LAPACK_ROW_MAJOR, upper, size, inverse.base, step) == 0
    else { return nil }
    inverse.mirror(threads: 1)
    return inverse
  }

  /// Copies A_IK, which lies there or transposed above the diagonal, to the rows I of a panel.
  private func copyColumns(_ block: Range<Int>, of rows: Range<Int>, to panel: FloatMatrix) {
    if rows.lowerBound <= block.lowerBound {
      for row in rows {
        (panel.base + row * panel.stride).update(
          from: base + row * stride + block.lowerBound, count: block.count)
      }
    } else {
      for column in block {
        let from = base + column * stride
        for row in rows { panel.base[row * panel.stride + column - block.lowerBound] = from[row] }
      }
    }
  }

  /// Sets A_IK, where it lies, to the rows I of a panel, or A_KK to minus its inverse.
  private func replaceColumns(
    _ block: Range<Int>, of rows: Range<Int>, by panel: FloatMatrix, negated: Bool
  ) {
    let sign: Float = negated ? -1 : 1
    let first = negated ? rows.lowerBound : 0
    for row in rows {
      let from = panel.base + (row - first) * panel.stride
      for column in block {
        let place =
          rows.lowerBound <= block.lowerBound ? row * stride + column : column * stride + row
        base[place] = sign * from[column - block.lowerBound]
      }
    }
  }

  /// to[rows, columns] (+)= scale · left[leftRows, 0..<depth] · right, transposed or not.
  private static func product(
    _ left: FloatMatrix, _ leftRows: Range<Int>, _ right: FloatMatrix, _ rightRows: Range<Int>,
    depth: Int, transposed: Bool, scale: Float, adds: Bool, into to: FloatMatrix,
    _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(rows.count),
      Int32(columns.count), Int32(depth), scale, left.base + leftRows.lowerBound * left.stride,
      Int32(left.stride), right.base + rightRows.lowerBound * right.stride, Int32(right.stride),
      adds ? 1 : 0, to.base + rows.lowerBound * to.stride + columns.lowerBound, Int32(to.stride))
  }
}

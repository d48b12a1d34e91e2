// The matrix products of a dense layer: our kernels where it is narrow, OpenBLAS where it is wide.
import CKernels
import COpenBLAS

/// Products of some rows, `stride` floats apart, with the weights W [inner, columns] of a layer.
struct LayerProducts {
  /// Rows of values.
  let rows: Int
  /// Width of the layer's input.
  let inner: Int
  /// Width of the layer's output.
  let columns: Int
  /// Floats from one row to the next, of inputs, outputs and gradients alike.
  let stride: Int

  /// The most weights that a narrow layer has.
  ///
  /// Up to here they stay in the second-level cache, and our kernels take 0.75 to 1 of OpenBLAS's time
  /// (50 by 100: 0.77); from 600 by 400 on they take longer.
  private static let mostNarrow = 1 << 16

  private var isNarrow: Bool { inner * columns <= Self.mostNarrow }

  /// Y = X·W (+ Y).
  func output(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, adds: Bool,
    into y: UnsafeMutablePointer<Float>
  ) {
    if isNarrow {
      var weights = ck_dense_weights(w: w, inner: inner, columns: columns)
      ck_dense_multiply(x, stride, rows, &weights, adds ? 1 : 0, y, stride)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(inner),
        1, x, blasint(stride), w, blasint(columns), adds ? 1 : 0, y, blasint(stride))
    }
  }

  /// ∂W = Xᵀ·D and ∂X = D·Wᵀ (+ ∂X), either where it is wanted.
  ///
  /// d begins at a cache line and is padded as what a step writes in a workspace is; x may lie at any
  /// lane, as a table's vectors do.
  func gradients(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, of d: UnsafePointer<Float>,
    weights: UnsafeMutablePointer<Float>?, adds: Bool, input: UnsafeMutablePointer<Float>?
  ) {
    if isNarrow {
      var layer = ck_dense_weights(w: w, inner: inner, columns: columns)
      ck_dense_back(x, d, stride, rows, &layer, weights, adds ? 1 : 0, input)
      return
    }
    if let weights {
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(inner), blasint(columns), blasint(rows), 1,
        x, blasint(stride), d, blasint(stride), 0, weights, blasint(columns))
    }
    if let input {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(inner), blasint(columns), 1,
        d, blasint(stride), w, blasint(columns), adds ? 1 : 0, input, blasint(stride))
    }
  }
}

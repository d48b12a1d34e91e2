// Errors of predicted ratings.
import CKernels
import OsusumeData

/// Root mean squared error and mean absolute error over a set of ratings, raw and clipped to the scale.
public struct ErrorMetrics: Sendable, Equatable {
  /// Root of the mean squared error.
  public var rmse: Double
  /// Root of the mean squared error of predictions clipped to the scale.
  public var rmseClipped: Double
  /// Mean absolute error.
  public var mae: Double
  /// Mean absolute error of predictions clipped to the scale.
  public var maeClipped: Double

  /// Errors of predictions against truths of the same length, which must not be empty.
  package init(
    predictions: [Float], truths: [Float],
    scale: ClosedRange<Float> = -.infinity ... .infinity, threads: Int = 1
  ) {
    precondition(predictions.count == truths.count && !truths.isEmpty)
    // Parts of equal size: the order of additions depends on the number of ratings alone.
    let parts = max(1, truths.count >> 16)
    var sums = [Double](repeating: 0, count: 4 * parts)
    sums.withUnsafeMutableBufferPointer { sums in
      forEachChunk(parts, threads: threads) { part in
        let range = evenRange(part, of: parts, count: truths.count)
        predictions[range].withUnsafeBufferPointer { predictions in
          truths[range].withUnsafeBufferPointer { truths in
            ck_error_sums(
              predictions.baseAddress, truths.baseAddress, range.count, scale.lowerBound,
              scale.upperBound, sums.baseAddress.map { $0 + 4 * part })
          }
        }
      }
    }
    let means = (0..<4).map { lane in
      stride(from: lane, to: sums.count, by: 4).reduce(0) { $0 + sums[$1] } / Double(truths.count)
    }
    rmse = means[0].squareRoot()
    mae = means[1]
    rmseClipped = means[2].squareRoot()
    maeClipped = means[3]
  }
}

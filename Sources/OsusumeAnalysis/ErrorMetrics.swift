// Errors of predicted ratings.
import Foundation

/// Root mean squared error and mean absolute error over a set of rows.
public struct ErrorMetrics: Sendable, Equatable {
  /// Root of the mean squared error.
  public var rmse: Double
  /// Mean absolute error.
  public var mae: Double

  /// Errors of predictions against truths of the same length, which must not be empty.
  public init(predictions: [Float], truths: [Float]) {
    precondition(predictions.count == truths.count && !truths.isEmpty)
    var squared = 0.0
    var absolute = 0.0
    for (prediction, truth) in zip(predictions, truths) {
      let error = Double(prediction) - Double(truth)
      squared += error * error
      absolute += abs(error)
    }
    rmse = (squared / Double(truths.count)).squareRoot()
    mae = absolute / Double(truths.count)
  }
}

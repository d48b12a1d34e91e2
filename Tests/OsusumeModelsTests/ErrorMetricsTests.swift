// Errors of predicted ratings.
import OsusumeData
import OsusumeModels
import Testing

struct ErrorMetricsTests {
  @Test func knownErrors() {
    let errors = ErrorMetrics(predictions: [1, 2, 3], truths: [1, 4, 2])
    #expect(abs(errors.rmse - (5.0 / 3).squareRoot()) < 1e-12)
    #expect(errors.mae == 1)
    #expect(errors.rmseClipped == errors.rmse && errors.maeClipped == errors.mae)
  }

  @Test func clippingActsOnPredictions() {
    let errors = ErrorMetrics(predictions: [0, 12, 5], truths: [1, 10, 6], scale: 1...10)
    #expect(errors.mae == 4.0 / 3 && errors.maeClipped == 1.0 / 3)
    #expect(errors.rmse == 2.0.squareRoot() && errors.rmseClipped == (1.0 / 3).squareRoot())
  }

  @Test func threadsDoNotChangeABit() {
    let count = 300_001
    let predictions = (0..<count).map { Float($0 % 97) * 0.1137 }
    let truths = (0..<count).map { Float($0 % 10 + 1) }
    let one = ErrorMetrics(predictions: predictions, truths: truths, scale: 1...10, threads: 1)
    #expect(
      one == ErrorMetrics(predictions: predictions, truths: truths, scale: 1...10, threads: 3))
  }
}

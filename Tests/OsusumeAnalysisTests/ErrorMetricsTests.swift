// Errors of predicted ratings.
import OsusumeAnalysis
import Testing

struct ErrorMetricsTests {
  @Test func knownErrors() {
    let errors = ErrorMetrics(predictions: [1, 2, 3], truths: [1, 4, 2])
    #expect(abs(errors.rmse - (5.0 / 3).squareRoot()) < 1e-12)
    #expect(errors.mae == 1)
  }
}

// The fit that judged a model which was then fitted again, to all ratings.

/// What a model's metrics are of, where the model itself was trained on every rating there is.
///
/// Its metrics are those of an earlier fit with the same settings and seed, which had not seen the test rows.
public struct JudgedFit: Codable, Sendable, Hashable {
  /// Rows that the earlier fit was trained on.
  public var trainRows: Int
  /// Rows that the metrics are of.
  public var testRows: Int
  /// Epochs of either fit; nil where a fit has none.
  public var epochs: Int?

  /// Makes it from its parts.
  public init(trainRows: Int, testRows: Int, epochs: Int? = nil) {
    self.trainRows = trainRows
    self.testRows = testRows
    self.epochs = epochs
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case trainRows = "train_rows"
    case testRows = "test_rows"
  }
}

extension Model {
  /// Takes over the metrics of a model that was fitted to a part of the rows of this one and judged on the rest.
  ///
  /// - Parameter epochs: Epochs of either fit; nil where a fit has none.
  package mutating func takeJudgement(of judged: Model, epochs: Int?) {
    metrics = judged.metrics
    provenance.judged = JudgedFit(
      trainRows: judged.provenance.trainRows, testRows: judged.provenance.testRows, epochs: epochs)
  }
}

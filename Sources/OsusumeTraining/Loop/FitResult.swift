// What a fit returns: parameters, and the errors after each epoch on the way.
import OsusumeModels

/// What the epochs of a fit are for, where it has two parts.
public enum FitPhase: String, Sendable, Codable {
  /// Finding the number of epochs by the errors on held-out training rows.
  case search
  /// The fit on all training rows.
  case fit
}

/// One epoch: what it took, and the errors after it.
public struct EpochReport: Sendable, Equatable, Codable {
  /// 1 for the first.
  public var epoch: Int
  /// Seconds of training in it, evaluation excluded.
  public var seconds: Double
  /// Mean loss over the training ratings.
  public var trainLoss: Double
  /// Raw RMSE on the test rows; nil when there are none.
  public var validRMSE: Double?
  /// Raw MAE on the test rows; nil when there are none.
  public var validMAE: Double?
  /// The part of the fit it belongs to; nil where there can be but one.
  ///
  /// In a search `validRMSE` and `validMAE` are of the held-out training rows.
  public var phase: FitPhase?
  /// Metrics of labels on the test rows; nil for models that predict none.
  public var labels: LabelMetrics?
  /// NDCG at 10 of the lists of at most 2,000 of the users with test rows; nil for models that predict ratings
  /// or labels.
  public var validNDCG: Double?

  /// Makes a report from its figures.
  public init(
    epoch: Int, seconds: Double, trainLoss: Double, validRMSE: Double?, validMAE: Double?,
    phase: FitPhase? = nil
  ) {
    self.phase = phase
    self.epoch = epoch
    self.seconds = seconds
    self.trainLoss = trainLoss
    self.validRMSE = validRMSE
    self.validMAE = validMAE
  }

  private enum CodingKeys: String, CodingKey {
    case epoch, seconds, phase
    case trainLoss = "train_loss"
    case validRMSE = "valid_rmse"
    case validMAE = "valid_mae"
    case validNDCG = "valid_ndcg@10"
    case accuracy = "valid_accuracy"
    case precision = "valid_precision"
    case recall = "valid_recall"
    case f1 = "valid_f1"
    case auc = "valid_auc"
    case logLoss = "valid_log_loss"
  }

  /// Writes the figures under the names of the report; metrics of labels stand beside the others.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(epoch, forKey: .epoch)
    try values.encode(seconds, forKey: .seconds)
    try values.encode(trainLoss, forKey: .trainLoss)
    // JSON has no infinity: an error that overflows is left out.
    try values.encodeIfPresent(validRMSE.flatMap { $0.isFinite ? $0 : nil }, forKey: .validRMSE)
    try values.encodeIfPresent(validMAE.flatMap { $0.isFinite ? $0 : nil }, forKey: .validMAE)
    try values.encodeIfPresent(validNDCG, forKey: .validNDCG)
    try values.encodeIfPresent(phase, forKey: .phase)
    guard let labels else { return }
    // What is not a number is null.
    func encode(_ value: Double, _ key: CodingKeys) throws {
      try values.encode(value.isFinite ? value : nil, forKey: key)
    }
    try encode(labels.accuracy, .accuracy)
    try encode(labels.precision, .precision)
    try encode(labels.recall, .recall)
    try encode(labels.f1, .f1)
    try encode(labels.auc, .auc)
    try encode(labels.logLoss, .logLoss)
  }

  /// Reads a report as it was written; metrics of labels are not read back.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      epoch: try values.decode(Int.self, forKey: .epoch),
      seconds: try values.decode(Double.self, forKey: .seconds),
      trainLoss: try values.decode(Double.self, forKey: .trainLoss),
      validRMSE: try values.decodeIfPresent(Double.self, forKey: .validRMSE),
      validMAE: try values.decodeIfPresent(Double.self, forKey: .validMAE),
      phase: try values.decodeIfPresent(FitPhase.self, forKey: .phase))
    validNDCG = try values.decodeIfPresent(Double.self, forKey: .validNDCG)
  }
}

/// A fitted model's parameters and its learning curve.
public struct FitResult: Sendable {
  /// The model's parameters.
  public var parameters: any Scorer
  /// What was learned beside them.
  public var learned: Learned
  /// One report an epoch; empty for closed forms.
  public var epochs: [EpochReport] = []
  /// One report an epoch of the search for the number of epochs; empty where there was none.
  public var search: [EpochReport] = []
  /// What the user should know about the fit, a line each (a rate that had to be halved, say).
  public var notes: [String]

  /// Makes a result without a curve: the training loop adds it.
  public init(parameters: any Scorer, learned: Learned = .init(), notes: [String] = []) {
    self.parameters = parameters
    self.learned = learned
    self.notes = notes
  }
}

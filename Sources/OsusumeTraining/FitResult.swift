// What a fit hands back: parameters and the curve that led to them.
import OsusumeModels

/// What the epochs of a fit are for, where it has two parts.
public enum FitPhase: String, Sendable, Codable {
  /// Finding the number of epochs, judged on held-out training rows.
  case search
  /// The fit on all training rows.
  case fit
}

/// One pass over the training rows.
public struct EpochReport: Sendable, Equatable, Codable {
  /// 1 for the first.
  public var epoch: Int
  /// Seconds of training in it, evaluation excluded.
  public var seconds: Double
  /// Mean of the loss over its batches.
  public var trainLoss: Double
  /// Raw RMSE on the test rows; nil when there are none.
  public var validRMSE: Double?
  /// Raw MAE on the test rows; nil when there are none.
  public var validMAE: Double?
  /// The part of the fit it belongs to; nil where there is but one.
  ///
  /// In a search `validRMSE` and
  /// `validMAE` are of the held-out training rows.
  public var phase: FitPhase?
  /// Metrics of labels on the test rows; nil for models that predict none.
  public var labels: LabelMetrics?

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
    try values.encodeIfPresent(phase, forKey: .phase)
    guard let labels else { return }
    try values.encode(labels.accuracy, forKey: .accuracy)
    try values.encode(labels.precision, forKey: .precision)
    try values.encode(labels.recall, forKey: .recall)
    try values.encode(labels.f1, forKey: .f1)
    try values.encode(labels.auc, forKey: .auc)
    try values.encode(labels.logLoss, forKey: .logLoss)
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
  }
}

/// A fitted model's parameters and its learning curve.
public struct FitResult: Sendable {
  /// What was learned.
  public var parameters: Parameters
  /// One report a pass; empty for closed forms.
  public var epochs: [EpochReport]
  /// One report a pass of the search for the number of epochs; empty where there was none.
  public var search: [EpochReport]
  /// The singular values behind the factors, largest first; empty where a fit finds none.
  public var singularValues: [Float]
  /// What a sampler keeps of its draws; nil for other fits.
  public var draws: PosteriorDraws?
  /// What rows are expected to be from implicit feedback; nil for fits that expect nothing of it.
  public var expectations: Expectations?
  /// How biases move with time; nil for fits whose biases stand still.
  public var timeBiases: TimeBiases?
  /// What the user should know about the fit, a line each (a rate that had to be halved, say).
  public var notes: [String]

  /// Makes a result from its parts.
  public init(
    parameters: Parameters, epochs: [EpochReport] = [], search: [EpochReport] = [],
    singularValues: [Float] = [], notes: [String] = []
  ) {
    self.parameters = parameters
    self.epochs = epochs
    self.search = search
    self.singularValues = singularValues
    self.notes = notes
  }

  /// Makes a result of packed rows.
  public init(
    parameters: FactorParameters, epochs: [EpochReport] = [], search: [EpochReport] = [],
    singularValues: [Float] = [], notes: [String] = []
  ) {
    self.init(
      parameters: .factors(parameters), epochs: epochs, search: search,
      singularValues: singularValues, notes: notes)
  }
}

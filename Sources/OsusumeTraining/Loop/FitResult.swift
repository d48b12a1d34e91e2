// What a fit returns: parameters, and the errors after each epoch on the way.
import OsusumeData
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

  /// Raw RMSE on training rows that were held out and that nothing goes by (the setting `validation` without
  /// early stopping);
  /// nil where there are none.
  public var heldOutRMSE: Double?
  /// Raw MAE on the same rows.
  public var heldOutMAE: Double?
  /// Log-loss of labels on the same rows.
  public var heldOutLogLoss: Double?

  /// What early stopping goes by, the less the better: the RMSE, of labels the log loss, of lists 1 − NDCG; nil
  /// without any.
  package var error: Double? {
    validRMSE ?? labels?.logLoss ?? validNDCG.map { 1 - $0 }
  }

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

  /// What the names of figures begin with.
  private var prefixes: [String] { phase == .search ? ["validation_"] : ["test_", "valid_"] }

  /// Writes the figures under the names of the report; metrics of labels stand beside the others.
  ///
  /// Those of test ratings are `test_rmse` and so on, and `valid_rmse` as ever; those of training ratings
  /// that were held out to find the number of epochs, `validation_rmse`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: JSONKey.self)
    try values.encode(epoch, forKey: "epoch")
    try values.encode(seconds, forKey: "seconds")
    try values.encode(trainLoss, forKey: "train_loss")
    try values.encodeIfPresent(phase, forKey: "phase")
    for (name, value) in [
      ("rmse", heldOutRMSE), ("mae", heldOutMAE), ("log_loss", heldOutLogLoss),
    ] {
      try values.encodeIfPresent(
        value.flatMap { $0.isFinite ? $0 : nil }, forKey: JSONKey("validation_" + name))
    }
    for prefix in prefixes {
      // JSON has no infinity: an error that overflows is left out.
      for (name, value) in [("rmse", validRMSE), ("mae", validMAE), ("ndcg@10", validNDCG)] {
        try values.encodeIfPresent(
          value.flatMap { $0.isFinite ? $0 : nil }, forKey: JSONKey(prefix + name))
      }
      guard let labels else { continue }
      let metrics = [
        ("accuracy", labels.accuracy), ("precision", labels.precision),
        ("recall", labels.recall), ("f1", labels.f1), ("auc", labels.auc),
        ("log_loss", labels.logLoss),
      ]
      // What is not a number is null.
      for (name, value) in metrics {
        try values.encode(value.isFinite ? value : nil, forKey: JSONKey(prefix + name))
      }
    }
  }

  /// Reads a report as it was written; metrics of labels are not read back.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: JSONKey.self)
    self.init(
      epoch: try values.decode(Int.self, forKey: "epoch"),
      seconds: try values.decode(Double.self, forKey: "seconds"),
      trainLoss: try values.decode(Double.self, forKey: "train_loss"), validRMSE: nil,
      validMAE: nil, phase: try values.decodeIfPresent(FitPhase.self, forKey: "phase"))
    func figure(_ name: String) throws -> Double? {
      try values.decodeIfPresent(Double.self, forKey: JSONKey(prefixes[0] + name))
    }
    validRMSE = try figure("rmse")
    validMAE = try figure("mae")
    validNDCG = try figure("ndcg@10")
    guard phase != .search else { return }
    heldOutRMSE = try values.decodeIfPresent(Double.self, forKey: JSONKey("validation_rmse"))
    heldOutMAE = try values.decodeIfPresent(Double.self, forKey: JSONKey("validation_mae"))
    heldOutLogLoss = try values.decodeIfPresent(Double.self, forKey: JSONKey("validation_log_loss"))
  }
}

/// A fitted model's parameters and its learning curve.
public struct FitResult: Sendable {
  /// The model's parameters.
  package var parameters: any Scorer
  /// What was learned beside them.
  public var learned: Learned
  /// One report an epoch; empty for closed forms.
  public var epochs: [EpochReport] = []
  /// One report an epoch of the search for the number of epochs; empty where there was none.
  public var search: [EpochReport] = []
  /// Whether all epochs were run; false: `progress` stopped the fit.
  public internal(set) var isComplete = true
  /// The number of epochs whose outcome the parameters are: of a search, up to the best one; 0 for closed forms.
  public var keptEpochs: Int {
    KeptEpoch(search: search, epochs: epochs)?.epoch ?? epochs.count
  }
  /// The training ratings by user, where the fit had to find them; a model made of the result takes them over.
  package var seen: FittedSeen?
  /// What the user should know about the fit, a line each (a rate that had to be halved, say).
  public var notes: [String]

  /// Makes a result without a curve: the training loop adds it.
  package init(parameters: any Scorer, learned: Learned = .init(), notes: [String] = []) {
    self.parameters = parameters
    self.learned = learned
    self.notes = notes
  }
}

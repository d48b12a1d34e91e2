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
  /// What the user should know about the fit, a line each (a rate that had to be halved, say).
  public var notes: [String]

  /// Makes a result from its parts.
  public init(
    parameters: Parameters, epochs: [EpochReport] = [], search: [EpochReport] = [],
    notes: [String] = []
  ) {
    self.parameters = parameters
    self.epochs = epochs
    self.search = search
    self.notes = notes
  }

  /// Makes a result of packed rows.
  public init(
    parameters: FactorParameters, epochs: [EpochReport] = [], search: [EpochReport] = [],
    notes: [String] = []
  ) {
    self.init(parameters: .factors(parameters), epochs: epochs, search: search, notes: notes)
  }
}

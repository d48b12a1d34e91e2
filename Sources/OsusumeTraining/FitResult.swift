// What a fit hands back: parameters and the curve that led to them.
import OsusumeModels

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

  /// Makes a report from its figures.
  public init(
    epoch: Int, seconds: Double, trainLoss: Double, validRMSE: Double?, validMAE: Double?
  ) {
    self.epoch = epoch
    self.seconds = seconds
    self.trainLoss = trainLoss
    self.validRMSE = validRMSE
    self.validMAE = validMAE
  }

  private enum CodingKeys: String, CodingKey {
    case epoch, seconds
    case trainLoss = "train_loss"
    case validRMSE = "valid_rmse"
    case validMAE = "valid_mae"
  }
}

/// A fitted model's parameters and its learning curve.
public struct FitResult: Sendable {
  /// What was learned.
  public var parameters: FactorParameters
  /// One report a pass; empty for closed forms.
  public var epochs: [EpochReport]

  /// Makes a result from its parts.
  public init(parameters: FactorParameters, epochs: [EpochReport] = []) {
    self.parameters = parameters
    self.epochs = epochs
  }
}

// What trials of settings are judged by.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// A figure that a search makes as good as it can.
public enum TuningMetric: String, Sendable, Codable, CaseIterable {
  /// Root mean squared error of ratings.
  case rmse
  /// Mean absolute error of ratings.
  case mae
  /// NDCG of lists, cut at 10.
  case ndcg = "ndcg@10"
  /// Chance that an interaction that was liked is given a higher probability than one that was not.
  case auc
  /// Mean of −log of the probability given to what is.
  case logLoss = "log_loss"

  /// Ranks that count in lists.
  static let cutoff = 10

  /// Whether less is better.
  public var lowerIsBetter: Bool { self != .ndcg && self != .auc }

  /// What a model is for: probabilities of interactions, lists, or ratings.
  public static func usual(for spec: ModelSpec) -> TuningMetric {
    if spec.target == .interaction { return .logLoss }
    return spec.lists == nil && spec.predictsRatings ? .rmse : .ndcg
  }

  /// Whether a model has this figure.
  public func suits(_ spec: ModelSpec) -> Bool {
    switch self {
    case .rmse, .mae: spec.predictsRatings
    case .ndcg: true
    case .auc, .logLoss: spec.needsLabels
    }
  }

  /// A figure as something to be lowered.
  func cost(_ figure: Double) -> Double { lowerIsBetter ? figure : -figure }

  /// The figure in an epoch's report on held-out rows; nil where reports have none.
  func figure(in report: EpochReport) -> Double? {
    switch self {
    case .rmse: report.validRMSE
    case .mae: report.validMAE
    case .ndcg: report.validNDCG
    case .auc: report.labels?.auc
    case .logLoss: report.labels?.logLoss
    }
  }

  /// As it is written in prose.
  public var title: String {
    switch self {
    case .rmse: "RMSE"
    case .mae: "MAE"
    case .ndcg: "NDCG@10"
    case .auc: "AUC"
    case .logLoss: "log-loss"
    }
  }
}

extension ModelSpec {
  /// The fit whose settings move a figure: of a model with lists of their own, that of the lists or of the ratings.
  public func searchedFit(by metric: TuningMetric) -> FitKind {
    metric == .ndcg ? lists ?? fit : fit
  }

  /// The part of a model that a figure depends on, with its settings: a trial fits no more than that.
  func part(judgedBy metric: TuningMetric, _ settings: Hyperparameters) -> (
    spec: ModelSpec, settings: Hyperparameters
  ) {
    guard lists != nil else { return (self, settings) }
    guard metric == .ndcg, var part = listsPart(settings) else {
      var ratings = self
      ratings.lists = nil
      return (ratings, settings)
    }
    (part.settings.split, part.settings.minUserRatings) = (settings.split, settings.minUserRatings)
    return part
  }
}

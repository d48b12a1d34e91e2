// One trial of settings, and what came of its fits.
import OsusumeData
import OsusumeModels

/// What came of fitting one trial's settings at one stage of a search.
public struct TrialRun: Codable, Sendable, Equatable {
  /// The trial, 1 the default settings.
  public let trial: Int
  /// The stage, 0 the cheapest.
  public let stage: Int
  /// The values it tries, as text by setting.
  public let settings: [String: String]
  /// The figure on held-out ratings, of several folds the mean; nil where the fit failed.
  public let figure: Double?
  /// The figure after each epoch, by fold; empty where nobody asked.
  public let curves: [[Double]]
  /// Why there is no figure.
  public let failure: String?
  /// Whether it was stopped, being worse than half of those before it; its figure is the one it had then.
  public let isHopeless: Bool
  /// Seconds of the fits and of judging them.
  public let seconds: Double
}

/// One trial, from its cheapest stage to the last it came to.
public struct Trial: Sendable, Equatable {
  /// What came of a trial.
  public enum Outcome: String, Sendable, Codable {
    /// It was fitted whole.
    case finished
    /// Others did better with as much.
    case dropped
    /// It was stopped on the way, others having been better by then.
    case stopped
    /// It could not be fitted.
    case failed
  }

  /// Its number, 1 the default settings.
  public let number: Int
  /// The values it tries, as text by setting.
  public let settings: [String: String]
  /// Its fits, by stage.
  public internal(set) var runs: [TrialRun] = []
  /// What came of it.
  public internal(set) var outcome = Outcome.dropped

  /// Its figure on held-out ratings, at the last stage it came to; nil where that failed.
  public var figure: Double? { runs.last?.figure }
  /// The stage it came to.
  public var stage: Int { runs.last?.stage ?? 0 }
  /// Seconds of all its fits.
  public var seconds: Double { runs.reduce(0) { $0 + $1.seconds } }
  /// Why it failed.
  public var failure: String? { runs.last?.failure }
}

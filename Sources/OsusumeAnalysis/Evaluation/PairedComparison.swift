// Two models on the same users: is their difference more than sampling variation?
import OsusumeData

/// The difference of a metric between two evaluations of the same test rows, resampled together.
public struct PairedComparison: Sendable, Equatable {
  /// What the interval of a difference says.
  public enum Outcome: String, Sendable, Codable {
    /// The first model is better: the interval excludes 0.
    case better
    /// The first model is worse: the interval excludes 0.
    case worse
    /// The first model has more of something that is neither good nor bad by itself, such as coverage.
    case more
    /// The first model has less of such a thing.
    case less
    /// The interval contains 0: no evidence of a difference.
    case undecided
  }

  /// The metric's name.
  public var metric: String
  /// The first evaluation's value minus the second's.
  public var difference: Double
  /// Bounds of the middle 95 % of the resampled differences.
  public var interval: ClosedRange<Double>
  /// What that means for the first model.
  public var verdict: Outcome

  /// Compares two evaluations; nil where one lacks the metric, as a finite number, or they do not share
  /// rows, users and resamples.
  public init?(of name: String, _ first: Evaluation, against second: Evaluation) {
    guard let a = first[name], let b = second[name], first.rows == second.rows,
      (a.value - b.value).isFinite, first.users == second.users,
      first.bootstrap == second.bootstrap,
      let interval = middle95(zip(a.resamples, b.resamples).map { $0 - $1 })
    else { return nil }
    metric = name
    difference = a.value - b.value
    self.interval = interval
    verdict = Self.verdict(interval, by: a)
  }

  /// What an interval of differences says of the first model, by a metric.
  static func verdict(_ interval: ClosedRange<Double>, by metric: Metric) -> Outcome {
    if interval.lowerBound <= 0 && interval.upperBound >= 0 { return .undecided }
    let isLess = interval.upperBound < 0
    guard metric.isQuality else { return isLess ? .less : .more }
    return isLess == metric.lowerIsBetter ? .better : .worse
  }
}

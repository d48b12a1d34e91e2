// A paired comparison of two models in words, the variation between seeds included.
import Foundation
import OsusumeData

/// Whether one model is better than another by some metric, and by how much.
///
/// The interval allows for the sampling of users (the paired bootstrap) and for the seed that each model
/// was fitted with (the standard deviation of its repeated fits). The first alone would find a difference
/// between two shuffles of one model far more often than in one case of twenty.
public struct Verdict: Sendable, Equatable {
  /// The model whose value comes first in the difference.
  public let first: String
  /// The other one.
  public let second: String
  /// The difference, its interval, and what that means for the first model.
  public let comparison: PairedComparison
  /// What to bear in mind: `flax-bias had not converged`; nil: nothing.
  public let caveat: String?

  /// One of the two by some metric: its name, its figures, and how far they move from seed to seed.
  struct Side {
    let label: String
    let evaluation: Evaluation?
    let deviation: (value: Double, freedom: Int)?
    let caveat: String?

    init(_ model: ComparedModel, _ metric: String) {
      label = model.label
      evaluation = model.evaluation(of: metric)
      deviation = model.seedDeviation(metric)
      caveat =
        model.hasConverged
        ? nil : "\(model.label) \(model.convergence?.words ?? "had not converged")"
    }

    init(_ baseline: LabelBaseline) {
      (label, evaluation, deviation, caveat) = (baseline.name, baseline.evaluation, nil, nil)
    }
  }

  /// nil where one of the two lacks the metric.
  init?(_ metric: String, _ first: Side, _ second: Side) {
    guard let own = first.evaluation, let other = second.evaluation, let value = own[metric],
      let paired = PairedComparison(of: metric, own, against: other)
    else { return nil }
    self.first = first.label
    self.second = second.label
    let caveats = [first, second].compactMap(\.caveat)
    caveat = caveats.isEmpty ? nil : caveats.joined(separator: ", ")
    comparison = paired.widened(
      by: seedReach([first, second].compactMap(\.deviation)), metric: value)
  }

  /// One sentence: "als better than flax-bias by 0.0120 [0.0090, 0.0150]", or that there is no evidence; with
  /// what to bear in mind.
  public var sentence: String { finding + (caveat.map { " (\($0))" } ?? "") }

  private var finding: String {
    let (difference, interval) = (comparison.difference, comparison.interval)
    guard comparison.verdict != .undecided else {
      return "no evidence that \(first) and \(second) differ: "
        + Self.text(difference, interval.lowerBound, interval.upperBound)
    }
    let isFirst = [.better, .more].contains(comparison.verdict)
    let (better, worse) = isFirst ? (first, second) : (second, first)
    let relation =
      [.better, .worse].contains(comparison.verdict) ? "better than" : "covers more than"
    // The interval excludes 0, so both bounds have the sign of the difference.
    let bounds = [abs(interval.lowerBound), abs(interval.upperBound)].sorted()
    return "\(better) \(relation) \(worse) by " + Self.text(abs(difference), bounds[0], bounds[1])
  }

  private static func text(_ value: Double, _ low: Double, _ high: Double) -> String {
    String(format: "%.4f [%.4f, %.4f]", value, low, high)
  }
}

/// How far the seeds of two models reach to either side of a difference, at 95 %: Student's t for the
/// variances' joint degrees of freedom (Welch 1947) times the difference's standard deviation.
func seedReach(_ deviations: [(value: Double, freedom: Int)]) -> Double {
  let variances = deviations.map { (value: $0.value * $0.value, freedom: Double($0.freedom)) }
  let variance = variances.reduce(0) { $0 + $1.value }
  guard variance > 0 else { return 0 }
  let freedom =
    variance * variance / variances.reduce(0) { $0 + $1.value * $1.value / $1.freedom }
  return studentQuantile(freedom: freedom) * variance.squareRoot()
}

/// The quantile at 0.975 of Student's t, for the next lower whole number of degrees of freedom.
private func studentQuantile(freedom: Double) -> Double {
  let quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
  guard freedom < 11 else { return freedom < 30 ? 2.201 : 2.042 }
  return quantiles[max(0, Int(freedom) - 1)]
}

extension PairedComparison {
  /// The same with an interval that reaches further: independent reaches add as squares.
  func widened(by reach: Double, metric: Metric) -> PairedComparison {
    func sum(_ own: Double) -> Double { (own * own + reach * reach).squareRoot() }
    var wider = self
    guard reach.isFinite else {
      wider.verdict = .undecided
      return wider
    }
    // A resampled interval need not hold the difference itself.
    let low = min(interval.lowerBound, difference)
    let high = max(interval.upperBound, difference)
    wider.interval = (difference - sum(difference - low))...(difference + sum(high - difference))
    wider.verdict = Self.verdict(wider.interval, by: metric)
    return wider
  }
}

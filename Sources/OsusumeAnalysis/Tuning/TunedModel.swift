// The end of a search: the winner fitted to all training ratings, and judged once on the test ratings.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// The winner of a search beside the default settings, both fitted to all training ratings.
public struct TunedModel: Sendable {
  /// The winner's settings.
  public let settings: Hyperparameters
  /// The winner, with its errors on the test rows among its metrics.
  public let model: Model
  /// Figures on the test rows, of the winner and of the default settings.
  public let test: (best: [Metric], defaults: [Metric])
  /// The difference of the metric of the search, winner minus default; nil where the winner is the default, or
  /// where there is no telling.
  public let comparison: PairedComparison?
  /// The metric of the search.
  public let metric: TuningMetric
  /// Whether no trial was better than the default settings.
  public let isDefault: Bool

  /// Fits and judges the winner and the default settings.
  ///
  /// - Throws: `TuningError`, and what the fits throw.
  public init(_ tuning: Tuning, on data: TuningData) throws {
    metric = tuning.plan.metric
    let judge = try TestJudge(tuning.plan, data)
    isDefault = tuning.best.number == 1
    let best = try judge.judged(isDefault ? [:] : tuning.best.settings)
    let other = isDefault ? best : try judge.judged([:])
    settings = best.model.hyperparameters
    model = best.model
    test = (best.metrics, other.metrics)
    comparison =
      isDefault
      ? nil
      : zip(best.evaluations, other.evaluations).lazy.compactMap { [metric] own, others in
        PairedComparison(of: metric.rawValue, own, against: others)
      }.first
  }

  /// The figure of the search on the test rows, of the winner.
  public var figure: Double? { test.best.first { $0.name == metric.rawValue }?.value }

  /// What the test says of the winner, in one sentence.
  public var verdict: String {
    let own = figure.map { String(format: "test %@ %.4f", metric.title, $0) } ?? metric.title
    guard let comparison else {
      let others = test.defaults.first { $0.name == metric.rawValue }?.value
      return isDefault
        ? "\(own): no trial was better than the default settings"
        : own + (others.map { String(format: " beside %.4f of the default settings", $0) } ?? "")
          + "; without resamples there is no telling whether they differ"
    }
    let (difference, interval) = (comparison.difference, comparison.interval)
    guard comparison.verdict != .undecided else {
      return "\(own): no evidence that it differs from that of the default settings: "
        + Self.text(difference, interval.lowerBound, interval.upperBound)
    }
    let isLower = difference < 0
    let bounds = [abs(interval.lowerBound), abs(interval.upperBound)].sorted()
    return "\(own), \(isLower ? "lower" : "higher") than the default by "
      + Self.text(abs(difference), bounds[0], bounds[1])
      + (comparison.verdict == .worse ? ": keep the default settings" : "")
  }

  private static func text(_ value: Double, _ low: Double, _ high: Double) -> String {
    String(format: "%.4f [%.4f, %.4f]", value, low, high)
  }
}

/// Fits settings to all training ratings and judges them on the test ratings.
private struct TestJudge {
  let plan: TuningPlan
  let data: TuningData
  let held: HeldOutRatings

  init(_ plan: TuningPlan, _ data: TuningData) throws {
    self.plan = plan
    self.data = data
    held = try HeldOutRatings(
      data.split.rated, users: data.ratings.userIDs.count, items: data.ratings.itemIDs.count,
      unrated: data.ratings.allUnrated, threads: plan.threads)
  }

  /// A model, and what the test says of its ratings and lists, and of its labels.
  struct Judged {
    let model: Model
    let evaluations: [Evaluation]
    var metrics: [Metric] { evaluations.flatMap(\.metrics) }
  }

  func judged(_ values: [String: String]) throws -> Judged {
    var settings = try plan.settings(values)
    // A model file holds no paths.
    if let digest = data.testSHA256 { settings.split = .file("sha256:" + digest) }
    let trainer = Trainer(plan.spec, settings, seed: plan.seed, threads: plan.threads)
    let fit = try trainer.fit(data.split, of: data.ratings, catalog: data.catalog, test: nil)
    var model = try trainer.model(
      fitted: fit, of: data.ratings, split: data.split, catalog: data.catalog,
      itemsSHA256: data.itemsSHA256)
    try model.evaluate(on: data.split, threads: plan.threads)
    let options = EvaluationOptions(
      cutoffs: plan.metric == .ndcg ? [TuningMetric.cutoff] : [], relevantAt: data.relevantAt,
      bootstrap: plan.bootstrap, threads: plan.threads)
    let labels = Evaluation(labelsOf: data.split.test, by: model, options)
    return Judged(
      model: model,
      evaluations: [try Evaluation(model, on: held, options), labels].compactMap(\.self))
  }
}

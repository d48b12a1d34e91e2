// What `osusume tune` prints: a table of trials, or JSON.
import Foundation
import Osusume

struct TuneReport: Report {
  struct Seconds: Encodable {
    let ingest: Double
    let prepare: Double
    let search: Double
    let winner: Double
    let total: Double
  }

  let command = "tune"
  @NotEncoded var tuning: Tuning
  @NotEncoded var winner: TunedModel
  private let loaded: DataOptions.Loaded
  private let split: Split
  private let options: GlobalOptions
  private let train: String
  private let outputs: (model: String?, spec: String?, report: String?)
  private let seconds: Seconds

  init(
    _ tuning: Tuning, _ winner: TunedModel, loaded: DataOptions.Loaded, split: Split,
    options: GlobalOptions, train: String,
    outputs: (model: String?, spec: String?, report: String?), seconds: Seconds
  ) {
    _tuning = NotEncoded(wrappedValue: tuning)
    _winner = NotEncoded(wrappedValue: winner)
    self.loaded = loaded
    self.split = split
    self.options = options
    self.train = train
    self.outputs = outputs
    self.seconds = seconds
  }

  private var plan: TuningPlan { tuning.plan }

  /// The name of a trial's figure in JSON: `validation_rmse`.
  private var figureName: JSONKey { JSONKey("validation_" + plan.metric.rawValue) }

  func encode(to encoder: any Encoder) throws {
    var report = encoder.container(keyedBy: JSONKey.self)
    try report.encode(plan.spec.name, forKey: "model")
    try report.encode(osusumeVersion, forKey: "version")
    try report.encode(options.seed, forKey: "seed")
    try report.encode(options.threads, forKey: "threads")
    try report.encode(InstructionSet.active, forKey: "isa")
    try report.encode(
      TrainReport.DataCounts(loaded.ratings, split: split), forKey: "data")
    try report.encode(plan.search, forKey: "search")
    try report.encode(plan.metric, forKey: "metric")
    try report.encodeIfPresent(plan.folds, forKey: "folds")
    try report.encode(tuning.stages, forKey: "stages")
    try report.encode(tuning.resumedRuns, forKey: "resumed")
    var space = report.nestedContainer(keyedBy: JSONKey.self, forKey: "space")
    for setting in plan.space.settings {
      try space.encode(setting.words, forKey: JSONKey(setting.name))
    }
    var trials = report.nestedUnkeyedContainer(forKey: "trials")
    for trial in tuning.trials {
      var entry = trials.nestedContainer(keyedBy: JSONKey.self)
      try encode(trial, into: &entry)
      try entry.encode(trial.outcome, forKey: "outcome")
      try entry.encode(tuning.stages[trial.stage], forKey: "share")
      try entry.encode(trial.seconds, forKey: "seconds")
      try entry.encodeIfPresent(trial.failure, forKey: "failure")
    }
    var best = report.nestedContainer(keyedBy: JSONKey.self, forKey: "best")
    try encode(tuning.best, into: &best)
    try best.encode(train, forKey: "command")
    try best.encode(winner.settings, forKey: "all_settings")
    try encodeTest(into: &report)
    try report.encode(seconds, forKey: "seconds")
    try report.encodeIfPresent(outputs.model, forKey: "output")
    try report.encodeIfPresent(outputs.spec, forKey: "output_spec")
    try report.encodeIfPresent(outputs.report, forKey: "report")
  }

  private func encode(
    _ trial: Trial, into entry: inout KeyedEncodingContainer<JSONKey>
  ) throws {
    try entry.encode(trial.number, forKey: "trial")
    var settings = entry.nestedContainer(keyedBy: JSONKey.self, forKey: "settings")
    for searched in plan.space.settings {
      guard let text = trial.settings[searched.name],
        let setting = Setting.named(searched.name)
      else { continue }
      let key = JSONKey(searched.name)
      switch setting.form {
      case .whole: try settings.encode(Int(text), forKey: key)
      case .number: try settings.encode(Double(text), forKey: key)
      case .flag: try settings.encode(text == "true", forKey: key)
      case .words: try settings.encode(text, forKey: key)
      }
    }
    try entry.encode(trial.figure, forKey: figureName)
  }

  /// What the test ratings say, and of what.
  private func encodeTest(into report: inout KeyedEncodingContainer<JSONKey>) throws {
    var test = report.nestedContainer(keyedBy: JSONKey.self, forKey: "test")
    try encode(winner.test.best, into: &test)
    var defaults = test.nestedContainer(keyedBy: JSONKey.self, forKey: "default")
    try encode(winner.test.defaults, into: &defaults)
    if let comparison = winner.comparison {
      try test.encode(comparison.difference, forKey: "difference")
      try test.encode(
        [comparison.interval.lowerBound, comparison.interval.upperBound],
        forKey: "difference_ci95")
      try test.encode(comparison.verdict, forKey: "outcome")
    }
    try test.encode(winner.verdict, forKey: "verdict")
  }

  private func encode(
    _ metrics: [Metric], into container: inout KeyedEncodingContainer<JSONKey>
  ) throws {
    for metric in metrics {
      let value = metric.value.isFinite ? metric.value : nil
      try container.encode(value, forKey: JSONKey(metric.name))
      try container.encode(metric.bounds, forKey: JSONKey(metric.name + "_ci95"))
    }
  }

  /// The report for people.
  var lines: [String] {
    let finished = tuning.trials.count { $0.outcome == .finished }
    return [
      "\(split.train.count.grouped) ratings to train on, \(split.test.count.grouped) to test on; "
        + "\(tuning.trials.count) trials of \(plan.spec.name) by \(plan.search.rawValue), "
        + "\(finished) of them fitted whole"
        + (tuning.resumedRuns > 0 ? "; \(tuning.resumedRuns) fits from the journal" : ""),
      "",
    ] + table + ["", winner.verdict, "", "train the winner:", "  " + train, ""]
      + [
        String(format: "%.1f s in all, %.1f s of them the search", seconds.total, seconds.search)
          + outputs(of: [outputs.model, outputs.spec, outputs.report])
      ]
  }

  private func outputs(of paths: [String?]) -> String {
    paths.compactMap(\.self).map { ", " + $0 }.joined()
  }

  /// All trials, best first: those that came further before the others.
  private var table: [String] {
    let names = plan.space.settings.map(\.name)
    var table = TextTable(
      ["trial"] + names + ["share", plan.metric.title, "s", ""],
      alignments: [.right] + names.map { _ in .right } + [.right, .right, .right, .left])
    for trial in tuning.ranked {
      let note =
        trial.failure.map { $0.namingFlags.clipped(to: 60) }
        ?? [
          trial.number == tuning.best.number ? "best" : nil, trial.number == 1 ? "default" : nil,
          trial.outcome == .stopped ? "stopped" : nil,
        ].compactMap(\.self).joined(separator: ", ")
      table.add(
        [String(trial.number)] + names.map { trial.settings[$0] ?? "" }
          + [
            Tuning.share(tuning.stages[trial.stage]),
            trial.figure.map { String(format: "%.4f", $0) } ?? "–",
            String(format: "%.2f", trial.seconds), note,
          ])
    }
    return table.lines
  }

}

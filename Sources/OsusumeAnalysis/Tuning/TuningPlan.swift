// What a search for settings is to do: which model, which settings, how many trials, judged by what.
import CKernels
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// How settings to be tried are found.
public enum SearchMethod: String, Sendable, Codable, CaseIterable {
  /// At random, each trial fitted whole.
  case random
  /// At random, most of them fitted briefly and dropped (successive halving).
  case halving
  /// Every combination of evenly spaced values.
  case grid
}

/// A search for settings, before any data is seen.
public struct TuningPlan: Sendable {
  /// The model.
  public var spec: ModelSpec
  /// Settings that all trials have, as text by name: those that were given in place of the model's own.
  public var given: [String: String]
  /// The settings that trials differ in.
  public var space: SearchSpace
  /// How values are chosen.
  public var search = SearchMethod.halving
  /// Most settings that are tried, the default ones included.
  public var trials = 60
  /// What they are judged by.
  public var metric: TuningMetric
  /// Parts that the training ratings are dealt into, each to judge a fit to the others; nil: one part is held
  /// out, as the test is.
  public var folds: Int?
  /// How the interval of the verdict is found.
  public var bootstrap = Bootstrap()
  /// Seed of every random choice, those of all fits included.
  public var seed: UInt64 = 42
  /// Threads to use; nothing but times depends on them.
  public var threads = allCores
  /// The settings of the first trial, and of whatever is not searched.
  let defaults: Hyperparameters

  /// Makes a plan for a model.
  ///
  /// - Parameters:
  ///   - given: Settings in place of the model's own, as text by name.
  ///   - space: What is searched; nil: the usual space of the model, less what is given.
  ///   - metric: What trials are judged by; nil: what the model is for (`TuningMetric.usual`).
  ///   - data: Changes the settings that follow from the data, such as its split.
  /// - Throws: `SettingError`, `SearchSpaceError`, `TuningError.unfitMetric`.
  public init(
    _ spec: ModelSpec, given: [String: String] = [:], space: SearchSpace? = nil,
    metric: TuningMetric? = nil, data: (inout Hyperparameters) -> Void = { _ in }
  ) throws {
    self.spec = spec
    self.given = given
    let metric = metric ?? .usual(for: spec)
    guard metric.suits(spec) else { throw TuningError.unfitMetric(metric, model: spec.name) }
    self.metric = metric
    var defaults = try spec.settings(overriding: given)
    data(&defaults)
    try defaults.check(for: spec)
    self.defaults = defaults
    self.space =
      try space
      ?? SearchSpace(
        of: spec, searching: spec.searchedFit(by: metric), defaults, fixed: given.keys)
  }

  /// Fails where a number is out of range.
  ///
  /// Errors: `SettingError`.
  func check() throws {
    try SettingError.check("trials", trials, in: 1...100_000)
    try EvaluationOptions(cutoffs: [], relevantAt: 0, bootstrap: bootstrap, threads: threads)
      .check()
  }

  /// The settings of a fit with some values in place of the defaults.
  public func settings(_ values: [String: String]) throws -> Hyperparameters {
    guard !values.isEmpty else { return defaults }
    var settings = try spec.settings(overriding: given.merging(values) { $1 })
    (settings.split, settings.minUserRatings) = (defaults.split, defaults.minUserRatings)
    return settings
  }

  /// The values that each trial tries, the first none: it has the default settings.
  ///
  /// No values are tried twice; a space of few may have fewer trials than asked for.
  ///
  /// Errors: `SearchSpaceError.gridTooLarge`.
  func values() throws -> [[String: String]] {
    if search == .grid { return [[:]] + (try trials > 1 ? space.grid(most: trials - 1) : []) }
    let key = ck_random_key(seed, RandomStream.tuning)
    var tried: [[String: String]] = [[:]]
    var known = Set<[String: String]>()
    var draw: UInt64 = 0
    while tried.count < trials, draw < 20 * UInt64(trials) {
      let own = ck_random_bits(key, draw)
      let values = space.draw { ck_random_uniform(own, UInt64($0)) }
      if known.insert(values).inserted { tried.append(values) }
      draw += 1
    }
    return tried
  }

  /// The values of a trial in words that `values()` has none for: those of the default settings.
  func defaultValues() -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: space.settings.compactMap { searched in
        Setting.named(searched.name).map { (searched.name, $0.text(in: defaults)) }
      })
  }

  /// The fraction of its epochs, or of the training ratings where it has none, that a trial is given at each
  /// stage: all at the last.
  ///
  /// Of halving, each stage has three times as much as the one before, and a third of its trials.
  func stages(of trials: Int) -> [Double] {
    guard search == .halving else { return [1] }
    let (part, settings) = spec.part(judgedBy: metric, defaults)
    // A cheap trial has three epochs at least, or a third of the ratings: less says too little of the whole. Of 60
    // settings of mf on anime-2016, stages of two, seven and 20 epochs dropped five of the best eight.
    let most = part.fitType(settings).hasEpochs ? settings.epochs / 3 : 3
    var fractions = [1.0]
    var share = 3
    while share <= most, share <= trials, fractions.count < Self.mostStages {
      fractions.insert(1 / Double(share), at: 0)
      share *= 3
    }
    return fractions
  }

  private static let mostStages = 4

  /// How many runs there are at most, over all stages.
  public var mostRuns: Int {
    var left = trials
    return stages(of: trials).reduce(0) { sum, _ in
      defer { left = min(left, (left + 2) / 3 + 1) }
      return sum + left
    }
  }
}

/// Why settings cannot be searched for.
public enum TuningError: OsusumeError, Equatable {
  /// The model has no such figure.
  case unfitMetric(TuningMetric, model: String)
  /// A part of the ratings that is to judge is empty.
  case nothingToJudge(SplitRule, of: String)
  /// The default settings cannot be fitted, and why.
  case defaults(String)
  /// The figure of the default settings cannot be told.
  case noFigure(TuningMetric)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unfitMetric(let metric, let model):
      "\(model) has no \(metric.title): give `metric` "
        + (ModelSpec.named(model).map { spec in
          TuningMetric.allCases.filter { $0.suits(spec) }.map(\.rawValue).joined(separator: ", ")
        } ?? "that it has") + ", or leave it out"
    case .nothingToJudge(let rule, let part):
      "split \(rule) leaves no rows to judge \(part) by: give more ratings, or another `split`, such as random:0.5"
    case .defaults(let reason): "the default settings: \(reason)"
    case .noFigure(let metric):
      "\(metric.title) of the default settings is no finite number on the held-out ratings: check the ratings "
        + "(`osusume data validate`), or give another `metric`"
    }
  }
}

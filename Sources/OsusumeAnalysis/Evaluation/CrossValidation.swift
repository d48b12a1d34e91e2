// Cross-validation: every rating is predicted once, by a model that has not seen it.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// A model fitted and judged on each fold of some ratings in turn, and the baselines beside it.
public struct CrossValidation: Sendable {
  /// What one fold came to.
  public struct Fold: Sendable {
    /// Its training and its test rows.
    public let trainRows: Int, testRows: Int
    /// Test rows of a user or an item without training rows.
    public let coldRows: Int
    /// The evaluation of its test rows, without intervals.
    public let evaluation: Evaluation
    /// Metrics of labels, of a model that predicts some.
    public let labels: Evaluation?
    /// Seconds of the fit.
    public let seconds: Double
  }

  /// The model.
  public let spec: ModelSpec
  /// The folds, in order.
  public let folds: [Fold]
  /// All folds in one: each row counts once, users are drawn with all their rows.
  public let evaluation: Evaluation
  /// Metrics of labels on all rows; nil for a model that predicts none.
  public let labels: Evaluation?
  /// Baselines fitted and judged on the same folds.
  public let baselines: [(name: String, evaluation: Evaluation)]
  /// The rating from which on a test row was relevant.
  public let relevantAt: Float

  /// Deals ratings into folds, and fits and judges a model and baselines on each.
  ///
  /// - Parameters:
  ///   - trainer: The model and its settings; the seed deals the folds too.
  ///   - count: Number of folds.
  ///   - labels: What gives rows their labels, where the model needs them.
  ///   - baselines: Models to be judged beside it.
  ///   - options: `relevantAt` is of all folds.
  ///   - progress: Called before each fold, from 1, with what is being fitted.
  /// - Throws: `FoldsError`, `TrainingError`, `SettingError`, `RatingsFault` and what the fits throw.
  public init(
    _ trainer: Trainer, on ratings: Ratings, catalog: ItemCatalog = .init(), folds count: Int,
    labels: InteractionLabels? = nil, baselines: [ModelSpec] = [], _ options: EvaluationOptions,
    progress: (_ fold: Int, _ model: String) -> Void = { _, _ in }
  ) throws {
    try options.check()
    try ratings.check()
    try trainer.spec.checkFeedback(ratings.feedback)
    try trainer.spec.checkTimestamps(of: ratings.rows)
    let (users, items) = (ratings.userIDs.count, ratings.itemIDs.count)
    let dealt = try Folds(
      of: ratings.rows, users: users, count: count, seed: trainer.seed, threads: options.threads)
    var pointsOnly = options
    pointsOnly.bootstrap.resamples = 0
    pointsOnly.keepsSums = true
    var folds: [Fold] = []
    var joined = LabelledRows()
    var others = baselines.map { _ in [Evaluation]() }
    for fold in 0..<count {
      let dealt = try dealt.split(testingOn: fold)
      let cut = labels?.labelled(dealt, threads: options.threads) ?? dealt
      progress(fold + 1, trainer.spec.name)
      let start = ContinuousClock.now
      let fit = try trainer.fit(cut, of: ratings, catalog: catalog, test: nil)
      let seconds = start.duration(to: .now) / .seconds(1)
      let model = try trainer.model(fitted: fit, of: ratings, split: cut, catalog: catalog)
      let held = try HeldOutRatings(
        cut.rated, users: users, items: items, unrated: ratings.allUnrated,
        threads: options.threads)
      let probabilities = joined.add(cut.test, model, threads: options.threads)
      folds.append(
        Fold(
          trainRows: cut.train.count, testRows: cut.test.count, coldRows: cut.coldRows,
          evaluation: try Evaluation(model, on: held, pointsOnly),
          labels: probabilities.map {
            Evaluation(
              labelsOf: cut.test, probabilities: $0, bootstrap: pointsOnly.bootstrap,
              threads: options.threads)
          }, seconds: seconds))
      for (place, baseline) in baselines.enumerated() {
        progress(fold + 1, baseline.name)
        others[place].append(
          try Evaluation(baseline: baseline, beside: model, on: held, pointsOnly))
      }
    }
    func join(_ parts: [Evaluation]) -> Evaluation {
      Evaluation(
        joining: parts, cutoffs: options.cutoffs, bootstrap: options.bootstrap,
        threads: options.threads)
    }
    spec = trainer.spec
    self.folds = folds
    evaluation = join(folds.map(\.evaluation))
    self.labels = joined.evaluation(options)
    self.baselines = zip(baselines, others).map { ($0.name, join($1)) }
    relevantAt = options.relevantAt
  }
}

/// The test rows of all folds with their labels and the probabilities that models gave them.
private struct LabelledRows {
  private var rows = IndexedRatings(users: [], items: [], values: [])
  private var probabilities: [Float] = []

  /// Adds a fold's rows; returns their probabilities, nil where the model predicts none.
  mutating func add(_ test: IndexedRatings, _ model: Model, threads: Int) -> [Float]? {
    guard let own = model.probabilities(ofLabelsOf: test, threads: threads) else { return nil }
    rows.users += test.users
    rows.items += test.items
    rows.values += test.values
    rows.labels += test.labels
    probabilities += own
    return own
  }

  func evaluation(_ options: EvaluationOptions) -> Evaluation? {
    guard !probabilities.isEmpty else { return nil }
    return Evaluation(
      labelsOf: rows, probabilities: probabilities, bootstrap: options.bootstrap,
      threads: options.threads)
  }
}

// Several models on one split of one file, side by side.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// What a comparison is to find out.
public struct ComparisonOptions: Sendable {
  /// The rating from which on a test row is relevant; nil: the median training rating.
  public var relevantAt: Float?
  /// How intervals are found; the same resamples for all models.
  public var bootstrap = Bootstrap()
  /// Fits of each model with further seeds, from which verdicts know how much a metric varies with it.
  ///
  /// 0: verdicts allow for the sampling of users alone, and call two fits of one model different up to
  /// a third of the time.
  public var repeats = 2
  /// Whether models that had not converged are fitted anew, for as many epochs as held-out training ratings ask
  /// for.
  public var untilConverged = false
  /// Further widths at which models with factors are fitted.
  public var alsoFactors: [Int] = []
  /// Threads to use; figures but for times do not depend on them.
  public var threads = allCores

  /// Intervals at 95 %, no further widths, all cores.
  public init() {}

  /// Fails where an option is out of range.
  ///
  /// Errors: `SettingError`.
  func check() throws {
    try SettingError.check("repeats", repeats, in: 0...99)
    for factors in alsoFactors { try SettingError.check("also_factors", factors, in: 1...2048) }
    try EvaluationOptions(
      cutoffs: [], relevantAt: relevantAt ?? 0, bootstrap: bootstrap, threads: threads
    ).check()
  }
}

/// Models fitted to one training set and evaluated on one test set.
public struct Comparison: Sendable {
  /// Errors of ratings, of models that predict them.
  public static let errorMetrics = ["rmse", "mae"]
  /// Metrics of the lists of all models.
  public static let listMetrics = [
    "ndcg", "recall", "coverage", "intra_list_distance", "miscalibration",
  ].map { "\($0)@\(ComparisonData.listLength)" }
  /// The metrics that verdicts are given on: of ratings, of lists, of labels.
  public static let metrics = errorMetrics + listMetrics + Evaluation.labelMetrics

  /// The models, in the order asked for.
  public let models: [ComparedModel]
  /// What tells labels apart without a model; empty where no model here does.
  public let labelBaselines: [LabelBaseline]
  /// Every pair of models by every metric that both have, baselines of labels included.
  public let verdicts: [Verdict]
  /// Thirds of the users and of the items, which `ComparedModel.segmentErrors` follows.
  public let segments: [Segment]
  /// The factors of each model; nil for one without.
  public let geometry: [FactorGeometry?]
  /// Items with training ratings, ascending: those that `geometry` is about.
  public let ratedItems: [Int]
  /// Training ratings of each of these.
  public let ratedItemCounts: [Int32]
  /// How alike the factors and lists of every pair of models are.
  public let agreements: [Agreement]
  /// What the factors mean, by names.
  public let meaning: FactorMeaning
  /// Models with factors at each width, their own among them; empty unless asked for.
  public let widths: [WidthResult]
  /// The rating from which on a test row was relevant.
  public let relevantAt: Float
  /// Fewest training ratings of the items whose neighbours are compared.
  public let fewestNeighbourRatings: Int32
  /// Number of items whose neighbours are compared.
  public let neighbourItems: Int
  /// What to know about models whose lists are worse than those of popularity, about baselines that are missing,
  /// and about the number of fits.
  public let warnings: [String]

  /// Fits and evaluates the contenders.
  ///
  /// - Parameters:
  ///   - contenders: At least one; labels distinct.
  ///   - ratings: What was split.
  ///   - split: The training set and the test set, which holds at least one rated row. Where a contender
  ///     learns from labels, rows have them (`InteractionLabels`) and may lack a rating: models of ratings
  ///     learn from, and are judged on, the rated ones of the same rows.
  ///   - progress: Called after each epoch with the name of the model.
  /// - Throws: `ComparisonError`, which names the model whose fit failed; `SettingError` for an option out of
  ///   range; `RatingsFault`.
  public init(
    _ contenders: [Contender], on ratings: Ratings, split: Split, catalog: ItemCatalog = .init(),
    _ options: ComparisonOptions, progress: (String, EpochReport) -> Void = { _, _ in }
  ) throws {
    guard contenders.contains(where: { !$0.isBaseline }) else { throw ComparisonError.nobody }
    guard split.test.count > 0 else { throw ComparisonError.nothingToJudge }
    try options.check()
    try ratings.check()
    for contender in contenders {
      do {
        guard !contender.spec.needsLabels || !split.train.labels.isEmpty else {
          throw TrainingError.noLabels
        }
        try contender.spec.checkFeedback(ratings.feedback)
        try contender.spec.checkTimestamps(of: split.train)
        try contender.spec.checkFoldIn(of: split)
      } catch let error as any OsusumeError {
        throw ComparisonError.fit(contender.label, reason: error.description)
      }
    }
    let data = try ComparisonData(ratings: ratings, split: split, catalog: catalog)
    let bound =
      options.relevantAt
      ?? ratings.feedback.relevantFrom(
        median: RatingSummary(rows: data.rated.split.train, items: ratings.itemIDs.count).median)
    let evaluation = EvaluationOptions(
      cutoffs: [ComparisonData.listLength], relevantAt: bound, bootstrap: options.bootstrap,
      threads: options.threads)
    for contender in contenders {
      try contender.saved.map {
        try data.check($0, path: contender.label, threads: options.threads)
      }
    }
    var leftOut: [String] = []
    let models = try contenders.compactMap { contender -> ComparedModel? in
      do {
        return try ComparedModel(
          contender, of: data, evaluation, repeats: options.repeats,
          untilConverged: options.untilConverged
        ) { progress(contender.label, $0) }
      } catch let error as ComparisonError where contender.isBaseline {
        leftOut.append("the baseline is left out: \(error)")
        return nil
      }
    }
    let factors = FactorComparison(models, of: data, threads: options.threads)
    self.models = models
    labelBaselines =
      models.contains { $0.labels != nil }
      ? LabelBaseline.all(
        train: split.train, test: split.test, items: ratings.itemIDs.count,
        bootstrap: options.bootstrap, threads: options.threads) : []
    verdicts =
      pairs(models.count).flatMap { a, b in
        Self.metrics.compactMap { Verdict($0, .init(models[a], $0), .init(models[b], $0)) }
      }
      + models.flatMap { [labelBaselines] model in
        labelBaselines.flatMap { baseline in
          Evaluation.labelMetrics.compactMap {
            Verdict($0, .init(model, $0), .init(baseline))
          }
        }
      }
    segments = data.segments
    geometry = factors.geometry
    ratedItems = factors.ratedItems
    ratedItemCounts = factors.ratedItems.map { data.itemCounts[$0] }
    agreements = factors.agreements
    meaning = FactorMeaning(
      models, factors, of: data, relevantAt: bound, threads: options.threads)
    fewestNeighbourRatings = factors.fewestNeighbourRatings
    neighbourItems = factors.neighbourItems
    relevantAt = bound
    let popularity =
      models.first { $0.contender.spec.name == ModelSpec.popularity.name }?.evaluation
      ?? Evaluation(popularityBeside: models[0].model, on: data.held, evaluation)
    let ofLists = models.compactMap {
      $0.evaluation.rankingWarning(
        of: $0.contender.spec, popularity: popularity, cutoff: ComparisonData.listLength)
    }
    let isOfTwo = models.contains { $0.repeats.count == 1 }
    warnings = leftOut + ofLists + (isOfTwo ? [Self.twoSeeds] : [])
    widths =
      try options.alsoFactors.isEmpty
      ? []
      : WidthResult.all(
        options.alsoFactors, models, factors, of: data, evaluation, progress: progress)
  }

  /// What two fits of each model say of seeds.
  static let twoSeeds =
    "each model was fitted with two seeds, which say little of how much seeds matter, so that the intervals of "
    + "verdicts are wide (Student's t with one degree of freedom is 12.7, with two it is 4.3): three fits or "
    + "more, `repeats 3`, make them narrower"

  /// The model of the lowest RMSE; nil where none predicts ratings.
  public var best: ComparedModel? {
    models.filter { $0.rmse != nil }.min { ($0.rmse ?? 0) < ($1.rmse ?? 0) }
  }

  /// The model of labels of the lowest log-loss; nil where none predicts any.
  public var bestOfLabels: ComparedModel? {
    models.filter { $0.labels != nil }.min {
      ($0["log_loss"]?.value ?? .infinity) < ($1["log_loss"]?.value ?? .infinity)
    }
  }

  /// The verdict on two models by a metric, whichever comes first in it.
  public func verdict(_ metric: String, _ a: String, _ b: String) -> Verdict? {
    verdicts.first {
      $0.comparison.metric == metric && Set([$0.first, $0.second]) == Set([a, b])
    }
  }

  /// How the length of an item's vector goes with how often it was rated; nil for a model without
  /// factors.
  package func popularityCorrelation(_ model: Int) -> PopularityCorrelation? {
    geometry[model].map { PopularityCorrelation(norms: $0.norms, counts: ratedItemCounts) }
  }
}

/// Correlations of the lengths of items' vectors with the items' numbers of ratings.
public struct PopularityCorrelation: Sendable, Equatable {
  /// Of ranks (Spearman).
  public let ranked: Double
  /// Of lengths with logarithms of counts (Pearson).
  public let logarithmic: Double

  init(norms: [Double], counts: [Int32]) {
    ranked = Correlation.ranked(norms, counts.map { Double($0) })
    logarithmic = Correlation.linear(norms, counts.map { log(Double($0)) })
  }
}

/// Why there is nothing to compare.
public enum ComparisonError: OsusumeError, Equatable {
  /// There is no model.
  case nobody
  /// The test set is empty.
  case nothingToJudge
  /// A model could not be fitted, and why.
  case fit(String, reason: String)
  /// A saved model was trained on other rows than the others are, and on which.
  case otherRows(String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .nobody: "there is no model to compare: give `models` by name"
    case .nothingToJudge:
      "the split leaves no test rows to evaluate models on: give more ratings, or another `split`, such as random:0.5"
    case .fit(let model, let reason):
      "\(model): \(reason)"
    case .otherRows(let path, let reason):
      "\(path) was not trained on the rows that are trained on here: \(reason)"
    }
  }
}

/// Every pair of 0..<count, the smaller first.
func pairs(_ count: Int) -> [(Int, Int)] {
  (0..<count).flatMap { a in ((a + 1)..<max(a + 1, count)).map { (a, $0) } }
}

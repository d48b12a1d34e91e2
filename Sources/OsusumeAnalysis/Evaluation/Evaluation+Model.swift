// Evaluates models and baselines on the rows of a file that they were not trained on.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// What an evaluation is to find out.
public struct EvaluationOptions: Sendable {
  /// Ranks at which rankings are cut, each at least 1; none: errors only.
  public var cutoffs: [Int]
  /// The rating from which on a test row is relevant.
  public var relevantAt: Float
  /// How intervals are found.
  public var bootstrap: Bootstrap
  /// Threads to use; results do not depend on them.
  public var threads: Int

  /// Makes options.
  public init(cutoffs: [Int], relevantAt: Float, bootstrap: Bootstrap, threads: Int) {
    self.cutoffs = cutoffs
    self.relevantAt = relevantAt
    self.bootstrap = bootstrap
    self.threads = threads
  }
}

extension Evaluation {
  /// Evaluates a model on held-out rows; what users have seen without rating it is not ranked.
  ///
  /// Users and items it does not know are scored with the mean of
  /// those it does; relevant items it does not know count as missed.
  /// A test row is disliked from one standard deviation of the training ratings below the relevant ones down.
  public init(_ model: Model, on held: HeldOutRatings, _ options: EvaluationOptions) {
    let threads = options.threads
    let scoring = model.parameters.extended(users: held.users, items: held.items)
    let ranking = model.ranker.extended(users: held.users, items: model.parameters.itemCount)
    self.init(
      test: held.test,
      predictions: model.spec.predictsRatings
        ? scoring.prepared(threads: threads).scores(
          users: held.test.users, items: held.test.items, at: held.test.timestamps,
          model.learned.timeBiases, threads: threads) : nil,
      scale: model.scale, relevantAt: options.relevantAt,
      dislikedAt: options.relevantAt - Float(model.deviation),
      popularity: ItemPopularity(model), cutoffs: options.cutoffs, bootstrap: options.bootstrap,
      threads: threads,
      ranking: SearchRanking(
        search: ranking.search(candidates: nil, threads: threads),
        leftOut: model.seen.extended(users: held.users).union(held.leftOut, threads: threads),
        threads: threads))
  }

  /// Fits a baseline to the training rows of a model and evaluates it on the same rows as that model.
  public init(
    baseline spec: ModelSpec, beside model: Model, on held: HeldOutRatings,
    _ options: EvaluationOptions
  ) {
    var baseline = model
    baseline.spec = spec
    baseline.learned = .init()
    baseline.parameters = fitBaseline(
      spec, train: held.train, users: model.userIDs.count, items: model.itemIDs.count,
      hyperparameters: spec.defaults, threads: options.threads)
    self.init(baseline, on: held, options)
  }
}

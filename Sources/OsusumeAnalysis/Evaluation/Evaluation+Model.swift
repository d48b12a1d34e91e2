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
  /// Evaluates a model on held-out rows.
  ///
  /// Users and items it does not know are scored with the mean of
  /// those it does; relevant items it does not know count as missed.
  public init(_ model: Model, on held: HeldOutRatings, _ options: EvaluationOptions) {
    self.init(
      model.parameters, ranker: model.ranker, of: model.spec, timeBiases: model.learned.timeBiases,
      seen: model.seen,
      scale: model.scale, on: held, options)
  }

  /// Fits a baseline to the training rows of a model and evaluates it on the same rows as that model.
  public init(
    baseline spec: ModelSpec, beside model: Model, on held: HeldOutRatings,
    _ options: EvaluationOptions
  ) {
    let parameters = fitBaseline(
      spec, train: held.train, users: model.userIDs.count, items: model.itemIDs.count,
      hyperparameters: spec.defaults, threads: options.threads)
    self.init(
      parameters, of: spec, seen: model.seen, scale: model.scale, on: held, options)
  }

  private init(
    _ parameters: any Scorer, ranker: (any Scorer)? = nil, of spec: ModelSpec,
    timeBiases: TimeBiases? = nil, seen: SeenItems, scale: ClosedRange<Float>,
    on held: HeldOutRatings, _ options: EvaluationOptions
  ) {
    let threads = options.threads
    let scoring = parameters.extended(users: held.users, items: held.items)
    let ranking = (ranker ?? parameters).extended(users: held.users, items: parameters.itemCount)
    let seen = seen.extended(users: held.users)
    self.init(
      test: held.test,
      predictions: spec.predictsRatings
        ? scoring.prepared(threads: threads).scores(
          users: held.test.users, items: held.test.items, at: held.test.timestamps, timeBiases,
          threads: threads) : nil,
      scale: scale, relevantAt: options.relevantAt, items: parameters.itemCount,
      cutoffs: options.cutoffs, bootstrap: options.bootstrap, threads: threads
    ) { users, count in
      ranking.topItems(for: users, count: count, excluding: seen, threads: threads)
    }
  }
}

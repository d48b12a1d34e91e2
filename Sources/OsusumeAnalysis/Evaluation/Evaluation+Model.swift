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
  /// Whether evaluations keep what each user adds to them, to be joined with others.
  var keepsSums = false

  /// Makes options.
  public init(cutoffs: [Int], relevantAt: Float, bootstrap: Bootstrap, threads: Int) {
    self.cutoffs = cutoffs
    self.relevantAt = relevantAt
    self.bootstrap = bootstrap
    self.threads = threads
  }

  /// Fails where an option is out of range.
  ///
  /// Errors: `SettingError`.
  func check() throws {
    for cutoff in cutoffs { try SettingError.check("top", cutoff, in: 1...10_000) }
    guard Set(cutoffs).count == cutoffs.count else {
      let text = cutoffs.map(String.init).joined(separator: " ")
      throw SettingError.outOfRange(setting: "top", value: text, range: "each number once")
    }
    guard relevantAt.isFinite else {
      throw SettingError.outOfRange(
        setting: "relevant_at", value: "\(relevantAt)", range: "a rating")
    }
    try SettingError.check("resamples", bootstrap.resamples, in: 0...1_000_000)
    try SettingError.check("threads", threads, in: 1...1024)
  }
}

extension Evaluation {
  /// Evaluates a model on held-out rows; what users have seen without rating it is not ranked.
  ///
  /// Users and items it does not know are scored with the mean of
  /// those it does; relevant items it does not know count as missed. Users hidden from training are folded
  /// in first. A test row is disliked if it is rated a standard deviation of the training ratings or more
  /// below the relevant ones, or, where no rating lies that low, the lowest there is.
  ///
  /// Errors: those of `FoldedUsers`, where users are to be folded in; `SettingError` for an option out of range.
  public init(_ model: Model, on held: HeldOutRatings, _ options: EvaluationOptions) throws {
    try options.check()
    try self.init(
      model, on: held, options,
      folded: held.foldIn.count > 0
        ? FoldedUsers(held.foldIn, in: model, threads: options.threads) : nil)
  }

  /// Evaluates a model and, as folded in before, the users hidden from its training.
  init(
    _ model: Model, on held: HeldOutRatings, _ options: EvaluationOptions, folded: FoldedUsers?
  ) {
    let threads = options.threads
    let foldIn = SeenItems(rows: held.foldIn, users: held.users, threads: threads)
    let history = model.seen.extended(users: held.users).union(foldIn, threads: threads)
    let known = SearchRanking(
      search: model.listSearch(users: held.users, threads: threads),
      leftOut: history.union(held.leftOut, threads: threads), threads: threads)
    let genres = options.cutoffs.isEmpty ? nil : ListGenres(model, history: history)
    func evaluate(_ ranking: some ItemRanking) -> Evaluation {
      Evaluation(
        test: held.test,
        predictions: model.spec.predictsRatings
          ? Self.predictions(model, on: held, folded, threads: threads) : nil,
        scale: model.scale, relevantAt: options.relevantAt,
        dislikedAt: max(options.relevantAt - Float(model.deviation), model.scale.lowerBound),
        popularity: ItemPopularity(model), genres: genres, cutoffs: options.cutoffs,
        bootstrap: options.bootstrap, threads: threads, keepsSums: options.keepsSums,
        ranking: ranking)
    }
    self = folded.map { evaluate(FoldedRanking(known: known, folded: $0)) } ?? evaluate(known)
  }

  /// The raw predictions of a model for test rows, those of users hidden from training by what folds them in.
  static func predictions(
    _ model: Model, on held: HeldOutRatings, _ folded: FoldedUsers?, threads: Int
  ) -> [Float] {
    let scoring = model.parameters.extended(users: held.users, items: held.items)
      .prepared(threads: threads)
    let test = held.test
    let scores = scoring.scores(
      users: test.users, items: test.items, at: test.timestamps, model.learned.timeBiases,
      threads: threads)
    return folded?.scores(
      users: test.users, items: test.items, others: scores, threads: threads) ?? scores
  }

  /// Fits a baseline to the training rows of a model and evaluates it on the same rows as that model.
  ///
  /// Errors: as those of the model's own evaluation.
  public init(
    baseline spec: ModelSpec, beside model: Model, on held: HeldOutRatings,
    _ options: EvaluationOptions
  ) throws {
    try self.init(
      model.baseline(spec, trainedOn: held, threads: options.threads), on: held, options)
  }
}

extension Model {
  /// A baseline fitted to the training rows of this model.
  func baseline(_ spec: ModelSpec, trainedOn held: HeldOutRatings, threads: Int) -> Model {
    var baseline = self
    baseline.spec = spec
    baseline.hyperparameters = spec.defaults
    baseline.learned = .init()
    baseline.parameters = fitBaseline(
      spec, train: held.train, users: userIDs.count, items: itemIDs.count,
      hyperparameters: spec.defaults, threads: threads)
    return baseline
  }
}

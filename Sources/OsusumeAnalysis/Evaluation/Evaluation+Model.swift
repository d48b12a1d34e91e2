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
  public init(
    cutoffs: [Int] = [10], relevantAt: Float, bootstrap: Bootstrap = .init(),
    threads: Int = allCores
  ) {
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
  /// Errors: those of `FoldedUsers`, where users are to be folded in; `SettingError` for an option out of range;
  /// `RatingsFault.otherModel` for rows that were not made for this model.
  public init(_ model: Model, on held: HeldOutRatings, _ options: EvaluationOptions) throws {
    try options.check()
    try held.check(for: model)
    try self.init(
      model, on: held, options,
      folded: held.foldIn.count > 0
        ? FoldedUsers(held.foldIn, in: model, threads: options.threads) : nil)
  }

  /// Evaluates a model on those of some ratings that it was not trained on: of the ratings it was made of, the test
  /// rows of its split; of others, all but those it knows.
  ///
  /// ```swift
  /// let evaluation = try Evaluation(model, on: ratings)
  /// print(evaluation["ndcg@10"]?.value ?? 0, evaluation["rmse"]?.interval ?? 0...0)
  /// ```
  ///
  /// - Parameters:
  ///   - cutoffs: Ranks at which rankings are cut; none: errors only.
  ///   - relevantAt: The rating from which on a row is relevant; nil: the median training rating.
  ///   - bootstrap: How intervals are found.
  /// - Throws: `EvaluationError`, `SettingError`, `RatingsFault`, `TrainingError.needsRatings`, `FoldInError`.
  public init(
    _ model: Model, on ratings: Ratings, cutoffs: [Int] = [10], relevantAt: Float? = nil,
    bootstrap: Bootstrap = .init(), threads: Int = allCores
  ) throws {
    let options = EvaluationOptions(
      cutoffs: cutoffs,
      relevantAt: relevantAt
        ?? model.provenance.feedback.relevantFrom(median: model.medianRating),
      bootstrap: bootstrap, threads: threads)
    try options.check()
    try model.spec.checkFeedback(ratings.feedback)
    let isOwn = ratings.sha256 == model.provenance.dataSHA256
    var held = try HeldOutRatings(
      ratings.rows, of: ratings, for: model, keepUnknown: !isOwn, threads: threads)
    if isOwn, case .strong = model.hyperparameters.split {
      held = held.foldingIn(seed: model.provenance.seed, to: model, threads: threads)
    }
    guard held.test.rated.count > 0 else {
      throw EvaluationError.nothingToEvaluate(rows: ratings.rows.count)
    }
    try self.init(model, on: held.rated, options)
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

/// Why a model cannot be evaluated.
public enum EvaluationError: OsusumeError, Equatable {
  /// The model was trained on all rows there are, or knows none of their users and items.
  case nothingToEvaluate(rows: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .nothingToEvaluate(let rows):
      "none of the \(rows) ratings can be evaluated on: the model was trained on them; give ratings that it has "
        + "not seen, or train it on a part of them"
    }
  }
}

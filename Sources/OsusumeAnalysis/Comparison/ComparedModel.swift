// One model of a comparison: fitted, timed, evaluated on the same rows as the others.
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining

/// A contender, its fitted model and its results.
public struct ComparedModel: Sendable {
  /// A point of the error against time.
  public struct CurvePoint: Sendable, Equatable {
    /// Seconds of training up to here, a search for settings included, evaluation not.
    public var seconds: Double
    /// The error on the test rows: raw RMSE, or the log-loss of labels.
    public var error: Double
  }

  /// What was fitted.
  public let contender: Contender
  /// What the errors after its epochs say of the end of its fit; nil where there are none.
  public let convergence: Convergence?
  /// The number of epochs of the fit that had not converged, in whose place this one stands; nil where this is
  /// the first.
  public let epochsBefore: Int?
  /// The fitted model.
  public let model: Model
  /// Errors and ranking on the rated test rows.
  public let evaluation: Evaluation
  /// Metrics of labels on all test rows; nil for a model that predicts none.
  public let labels: Evaluation?
  /// The learning curve and notes of the fit.
  public let fit: FitResult
  /// Seconds of the fit, evaluation after each epoch included; nil for a model that was trained before.
  public let trainSeconds: Double?
  /// Seconds of the evaluation.
  public let evaluateSeconds: Double
  /// RMSE against time: a point an epoch of the final fit, or one point for a closed form; empty for a
  /// model that predicts no ratings.
  public let curve: [CurvePoint]
  /// Log-loss of labels against time; empty for a model that predicts none.
  public let labelCurve: [CurvePoint]
  /// RMSE in each segment of the comparison; nil for a model that predicts no ratings.
  public let segmentErrors: [Metric?]
  /// Metrics of the same model fitted with other seeds, without intervals; none for a closed form, a baseline and
  /// a saved model.
  public let repeats: [Repeat]
  /// Ten best unseen items of each user with test rows.
  let top: TopItems

  /// A fit with another seed.
  public struct Repeat: Sendable {
    /// Errors and ranking on the rated test rows.
    public let evaluation: Evaluation
    /// Metrics of labels; nil for a model that predicts none.
    public let labels: Evaluation?

    /// A metric of either.
    subscript(metric: String) -> Metric? { evaluation[metric] ?? labels?[metric] }
  }

  /// The name in tables.
  public var label: String { contender.label }
  /// Whether its fit came to its end, as far as can be told.
  ///
  /// Where held-out training rows chose the number of epochs, it did if they got worse after it.
  public var hasConverged: Bool {
    epochsBefore == nil
      ? (convergence?.finding ?? .converged) == .converged : fit.search.count > fit.epochs.count
  }
  /// The name with an asterisk where the fit had not converged, or was past its best.
  public var mark: String { label + (hasConverged ? "" : " *") }
  /// What there is to say of the end of its fit, a line; nil where it converged, or cannot be told.
  public var convergenceNote: String? {
    guard let epochsBefore else { return convergence?.sentence(label) }
    let epochs = contender.hyperparameters.epochs
    return hasConverged
      ? "\(label): \(epochs) epochs, after which held-out training rows got worse, in place of \(epochsBefore)"
      : "\(label) had not converged: held-out training rows got better up to epoch \(epochs), the last that was tried"
  }
  /// Raw RMSE on the test rows.
  public var rmse: Double? { evaluation["rmse"]?.value }

  /// A metric of ratings, lists or labels; nil where the model has none.
  public subscript(metric: String) -> Metric? { evaluation(of: metric)?[metric] }

  /// The evaluation that a metric is part of.
  func evaluation(of metric: String) -> Evaluation? {
    Evaluation.labelMetrics.contains(metric) ? labels : evaluation
  }

  /// Seconds of training until the error was first no higher than a bound; nil where it never was.
  public func seconds(toReach bound: Double) -> Double? {
    curve.first { $0.error <= bound }?.seconds
  }

  /// How far a metric moves from seed to seed: the standard deviation over all fits, with its degrees of
  /// freedom; nil where there is but one fit.
  public func seedDeviation(_ metric: String) -> (value: Double, freedom: Int)? {
    let values = ([self[metric]] + repeats.map { $0[metric] }).compactMap { $0?.value }
    guard values.count > 1 else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ((squares / Double(values.count - 1)).squareRoot(), values.count - 1)
  }

  /// Fits and evaluates a contender, and `repeats` times more with other seeds where seeds matter.
  init(
    _ asked: Contender, of data: ComparisonData, _ options: EvaluationOptions,
    repeats: Int = 0, untilConverged: Bool = false, progress: (EpochReport) -> Void
  ) throws {
    var start = ContinuousClock.now
    let part = data.part(for: asked.spec)
    var contender = asked
    var fit =
      try asked.saved.map { FitResult(parameters: $0.parameters, learned: $0.learned) }
      ?? Self.fit(
        asked, to: part, of: data, test: part.split.test, threads: options.threads, progress)
    if untilConverged, asked.canSearchEpochs,
      let judged = Convergence(fit.epochs), judged.finding != .converged
    {
      start = .now
      (contender.hyperparameters.epochs, fit) = try Self.untilConverged(
        asked, to: part, of: data, threads: options.threads, progress)
      epochsBefore = judged.lastEpoch
    } else {
      epochsBefore = nil
    }
    convergence = Convergence(fit.epochs)
    let trained = ContinuousClock.now
    var model =
      try contender.saved ?? Self.model(contender, fit, of: data, threads: options.threads)
    try model.evaluate(on: part.split, threads: options.threads)
    let folded =
      data.held.foldIn.count > 0
      ? try FoldedUsers(data.held.foldIn, in: model, threads: options.threads) : nil
    let evaluation = Evaluation(model, on: data.held, options, folded: folded)
    self.contender = contender
    self.model = model
    self.evaluation = evaluation
    labels = Evaluation(labelsOf: part.split.test, by: model, options)
    self.fit = fit.noting(
      contender.spec.unreadNote(given: contender.given, contender.hyperparameters))
    trainSeconds = contender.saved == nil ? (trained - start) / .seconds(1) : nil
    evaluateSeconds = trained.duration(to: .now) / .seconds(1)
    curve = Self.curve(fit, seconds: trainSeconds, final: evaluation["rmse"]?.value, \.validRMSE)
    labelCurve = Self.curve(
      fit, seconds: trainSeconds, final: labels?["log_loss"]?.value, \.labels?.logLoss)
    var errorsOnly = options
    errorsOnly.cutoffs = []
    segmentErrors = data.segments.map { segment in
      Evaluation(
        model, on: data.held.testing(onRows: segment.rows), errorsOnly, folded: folded)["rmse"]
    }
    top = Self.lists(model, of: data, folded, threads: options.threads)
    var pointsOnly = options
    pointsOnly.bootstrap.resamples = 0
    let hasSeed =
      ![.closedForm, .neighbours].contains(contender.spec.fit) && !contender.isBaseline
      && contender.saved == nil
    self.repeats = try (0..<(hasSeed ? repeats : 0)).map { number in
      var other = contender
      other.seed = Self.seed(number + 1, of: contender)
      let fit = try Self.fit(
        other, to: part, of: data, test: nil, threads: options.threads, progress)
      let model = try Self.model(other, fit, of: data, threads: options.threads)
      return Repeat(
        evaluation: try Evaluation(model, on: data.held, pointsOnly),
        labels: Evaluation(labelsOf: part.split.test, by: model, pointsOnly))
    }
  }

  /// The seed of a further fit: far from any that another contender may have been given.
  private static func seed(_ number: Int, of contender: Contender) -> UInt64 {
    contender.seed &+ UInt64(number) << 32
  }

  /// The seeds of all its fits.
  var seeds: [UInt64] { (0...repeats.count).map { Self.seed($0, of: contender) } }

  /// A fit for as many epochs as held-out training ratings ask for, and how many these are.
  ///
  /// The test rows have no part in that number: errors on them would be too low for it.
  private static func untilConverged(
    _ contender: Contender, to part: ComparisonData.Part, of data: ComparisonData, threads: Int,
    _ progress: (EpochReport) -> Void
  ) throws -> (Int, FitResult) {
    let searched = try fit(
      contender.searchingEpochs, to: part, of: data, test: nil, threads: threads, progress)
    var final = contender
    final.hyperparameters.epochs = searched.search.bestSearched ?? contender.hyperparameters.epochs
    var result = try fit(
      final, to: part, of: data, test: part.split.test, threads: threads, progress)
    result.search = searched.search
    return (final.hyperparameters.epochs, result)
  }

  /// The best unseen items of the users with test rows, which are among the candidates: lists are judged by
  /// them.
  private static func lists(
    _ model: Model, of data: ComparisonData, _ folded: FoldedUsers?, threads: Int
  ) -> TopItems {
    let known = SearchRanking(
      search: model.listSearch(threads: threads),
      leftOut: model.seen.union(data.held.leftOut, threads: threads).union(
        SeenItems(rows: data.held.foldIn, users: data.held.users, threads: threads),
        threads: threads), threads: threads)
    let (length, users) = (ComparisonData.listLength, data.evaluatedUsers)
    return folded.map { FoldedRanking(known: known, folded: $0).top(length, for: users) }
      ?? known.top(length, for: users)
  }

  /// Fits a contender; its errors on `test`, which change nothing, make its curve.
  private static func fit(
    _ contender: Contender, to part: ComparisonData.Part, of data: ComparisonData,
    test: IndexedRatings?, threads: Int, _ progress: (EpochReport) -> Void
  ) throws -> FitResult {
    do {
      return try trainer(contender, threads: threads).fit(
        part.split, of: part.ratings, catalog: data.catalog, test: test
      ) { report, _ in
        progress(report)
        return true
      }
    } catch let error as any OsusumeError {
      throw ComparisonError.fit(contender.label, reason: error.description)
    }
  }

  /// The model of a fit, if it is one that could be saved: its scores are finite numbers.
  private static func model(
    _ contender: Contender, _ fit: FitResult, of data: ComparisonData, threads: Int
  ) throws -> Model {
    let part = data.part(for: contender.spec)
    let model = try trainer(contender, threads: threads).model(
      fitted: fit, of: part.ratings, split: part.split, catalog: data.catalog)
    do {
      try model.check()
    } catch let fault as ModelFileFault {
      throw ComparisonError.fit(contender.label, reason: "\(fault): change the settings")
    }
    return model
  }

  private static func trainer(_ contender: Contender, threads: Int) -> Trainer {
    Trainer(contender.spec, contender.hyperparameters, seed: contender.seed, threads: threads)
  }

  private static func curve(
    _ fit: FitResult, seconds: Double?, final: Double?, _ error: (EpochReport) -> Double?
  ) -> [CurvePoint] {
    guard let final, let seconds else { return [] }
    var elapsed = fit.search.reduce(0) { $0 + $1.seconds }
    var points = fit.epochs.compactMap { report -> CurvePoint? in
      elapsed += report.seconds
      return error(report).map { CurvePoint(seconds: elapsed, error: $0) }
    }
    if points.isEmpty { points = [CurvePoint(seconds: seconds, error: final)] }
    // The returned parameters are evaluated: those of rows without ratings differ from the epochs'.
    points[points.count - 1].error = final
    return points
  }
}

extension FitResult {
  /// The same with one more note, if there is one.
  fileprivate func noting(_ note: String?) -> FitResult {
    var result = self
    result.notes += note.map { [$0] } ?? []
    return result
  }
}

/// What all contenders share.
struct ComparisonData {
  /// Length of the lists that are compared.
  static let listLength = 10

  /// What a model is fitted to.
  struct Part {
    let ratings: Ratings
    let split: Split
  }

  /// For models of ratings: the rows that have one.
  let rated: Part
  /// For models of labels: all rows.
  let whole: Part
  let catalog: ItemCatalog
  let held: HeldOutRatings
  let segments: [Segment]
  /// Users with rated test rows, ascending.
  let evaluatedUsers: [Int32]
  /// Number of training ratings of each item.
  let itemCounts: [Int32]
  /// Number of training ratings of each user.
  let userCounts: [Int32]

  init(ratings: Ratings, split: Split, catalog: ItemCatalog) throws {
    self.catalog = catalog
    let (users, items) = (ratings.userIDs.count, ratings.itemIDs.count)
    whole = Part(ratings: ratings, split: split)
    let rated = Part(ratings: ratings.rated(in: split), split: split.rated)
    self.rated = rated
    guard rated.split.test.count > 0 else { throw ComparisonError.nothingToJudge }
    held = try HeldOutRatings(
      rated.split, users: users, items: items, unrated: ratings.allUnrated)
    segments = Segment.thirds(of: held)
    evaluatedUsers = Set(rated.split.test.users).filter { Int($0) < users }.sorted()
    itemCounts = rated.split.train.items.reduce(into: [Int32](repeating: 0, count: items)) {
      $0[Int($1)] += 1
    }
    userCounts = rated.split.train.users.reduce(into: [Int32](repeating: 0, count: users)) {
      $0[Int($1)] += 1
    }
  }

  func part(for spec: ModelSpec) -> Part { spec.needsLabels ? whole : rated }

  /// Fails where a model was trained on other rows than those that are trained on here.
  ///
  /// Errors: `ComparisonError.otherRows`.
  func check(_ model: Model, path: String, threads: Int) throws {
    let part = part(for: model.spec)
    let (ratings, provenance) = (part.ratings, model.provenance)
    let own = "it was trained with `split \(provenance.split)` and `seed \(provenance.seed)`"
    let reason: String? =
      if provenance.dataSHA256 != ratings.sha256 {
        "its file of ratings has the SHA-256 \(provenance.dataSHA256.prefix(12))…, and this one "
          + "\(ratings.sha256.prefix(12))…; give the file it was trained on"
      } else if model.userIDs != ratings.userIDs || model.itemIDs != ratings.itemIDs {
        "it knows \(model.userIDs.count) users and \(model.itemIDs.count) items, and here are "
          + "\(ratings.userIDs.count) and \(ratings.itemIDs.count); give the options it was trained with, "
          + "such as `min_user_ratings \(model.hyperparameters.minUserRatings)`"
      } else if let judged = provenance.judged {
        "it was trained on all \(provenance.trainRows.grouped) rows after a fit to \(judged.trainRows.grouped) was "
          + "judged, so there are none left to judge it on; train it without `retrain_on_all`"
      } else if model.seen
        != SeenItems(rows: part.split.train, users: ratings.userIDs.count, threads: threads)
      {
        "\(own); give both, or train it on this split"
      } else {
        nil
      }
    if let reason { throw ComparisonError.otherRows(path, reason: reason) }
  }
}

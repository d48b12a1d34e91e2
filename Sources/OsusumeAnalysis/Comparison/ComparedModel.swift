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
    /// Raw RMSE on the test rows.
    public var rmse: Double
  }

  /// What was fitted.
  public let contender: Contender
  /// The fitted model.
  public let model: Model
  /// Errors and ranking on the test rows.
  public let evaluation: Evaluation
  /// The learning curve and notes of the fit.
  public let fit: FitResult
  /// Seconds of the fit, evaluation after each epoch included.
  public let trainSeconds: Double
  /// Seconds of the evaluation.
  public let evaluateSeconds: Double
  /// Error against time: a point an epoch of the final fit, or one point for a closed form; empty for a
  /// model that predicts no ratings.
  public let curve: [CurvePoint]
  /// RMSE in each segment of the comparison; nil for a model that predicts no ratings.
  public let segmentErrors: [Metric?]
  /// Metrics of the same model fitted with other seeds, without intervals; none for a closed form.
  public let repeats: [Evaluation]
  /// Ten best unseen items of each user with test rows.
  let top: TopItems

  /// The name in tables.
  public var label: String { contender.label }
  /// Raw RMSE on the test rows.
  public var rmse: Double? { evaluation["rmse"]?.value }

  /// Seconds of training until the error was first no higher than a bound; nil where it never was.
  public func seconds(toReach bound: Double) -> Double? {
    curve.first { $0.rmse <= bound }?.seconds
  }

  /// How far a metric moves from seed to seed: the standard deviation over all fits, with its degrees of
  /// freedom; nil where there is but one fit.
  public func seedDeviation(_ metric: String) -> (value: Double, freedom: Int)? {
    let values = ([evaluation] + repeats).compactMap { $0[metric]?.value }
    guard values.count > 1 else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ((squares / Double(values.count - 1)).squareRoot(), values.count - 1)
  }

  /// Fits and evaluates a contender, and `repeats` times more with other seeds where seeds matter.
  init(
    _ contender: Contender, of data: ComparisonData, _ options: EvaluationOptions,
    repeats: Int = 0, progress: (EpochReport) -> Void
  ) throws {
    let start = ContinuousClock.now
    let fit = try Self.fit(
      contender, to: data, test: data.split.test, threads: options.threads, progress)
    let trained = ContinuousClock.now
    var model = try Self.model(contender, fit, of: data, threads: options.threads)
    try model.evaluate(on: data.split, threads: options.threads)
    let folded =
      data.held.foldIn.count > 0
      ? try FoldedUsers(data.held.foldIn, in: model, threads: options.threads) : nil
    let evaluation = Evaluation(model, on: data.held, options, folded: folded)
    self.contender = contender
    self.model = model
    self.evaluation = evaluation
    self.fit = fit
    trainSeconds = (trained - start) / .seconds(1)
    evaluateSeconds = trained.duration(to: .now) / .seconds(1)
    curve = Self.curve(fit, seconds: trainSeconds, final: evaluation["rmse"]?.value)
    var errorsOnly = options
    errorsOnly.cutoffs = []
    segmentErrors = data.segments.map { segment in
      Evaluation(
        model, on: data.held.testing(onRows: segment.rows), errorsOnly, folded: folded)["rmse"]
    }
    top = Self.lists(model, of: data, folded, threads: options.threads)
    var pointsOnly = options
    pointsOnly.bootstrap.resamples = 0
    let hasSeed = ![.closedForm, .neighbours].contains(contender.spec.fit)
    self.repeats = try (0..<(hasSeed ? repeats : 0)).map { number in
      var other = contender
      // Far from any seed that another contender may have been given.
      other.seed = contender.seed &+ UInt64(number + 1) << 32
      let fit = try Self.fit(
        other, to: data, test: nil, threads: options.threads, progress)
      return try Evaluation(
        Self.model(other, fit, of: data, threads: options.threads), on: data.held, pointsOnly)
    }
  }

  /// The best unseen items of the users with test rows, which are among the candidates: lists are judged by
  /// them.
  private static func lists(
    _ model: Model, of data: ComparisonData, _ folded: FoldedUsers?, threads: Int
  ) -> TopItems {
    let known = SearchRanking(
      search: model.ranker.search(candidates: nil, threads: threads),
      leftOut: model.seen.union(data.held.leftOut, threads: threads).union(
        SeenItems(rows: data.split.foldIn, users: data.held.users, threads: threads),
        threads: threads), threads: threads)
    let (length, users) = (ComparisonData.listLength, data.evaluatedUsers)
    return folded.map { FoldedRanking(known: known, folded: $0).top(length, for: users) }
      ?? known.top(length, for: users)
  }

  /// Fits a contender; its errors on `test`, which change nothing, make its curve.
  private static func fit(
    _ contender: Contender, to data: ComparisonData, test: IndexedRatings?, threads: Int,
    _ progress: (EpochReport) -> Void
  ) throws -> FitResult {
    do {
      return try trainer(contender, threads: threads).fit(
        data.split, of: data.ratings, catalog: data.catalog, test: test
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
    let model = try trainer(contender, threads: threads).model(
      fitted: fit, of: data.ratings, split: data.split, catalog: data.catalog)
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

  private static func curve(_ fit: FitResult, seconds: Double, final: Double?) -> [CurvePoint] {
    guard let final else { return [] }
    var elapsed = fit.search.reduce(0) { $0 + $1.seconds }
    var points = fit.epochs.compactMap { report -> CurvePoint? in
      elapsed += report.seconds
      return report.validRMSE.map { CurvePoint(seconds: elapsed, rmse: $0) }
    }
    if points.isEmpty { points = [CurvePoint(seconds: seconds, rmse: final)] }
    // The returned parameters are evaluated: those of rows without ratings differ from the epochs'.
    points[points.count - 1].rmse = final
    return points
  }
}

/// What all contenders share.
struct ComparisonData {
  /// Length of the lists that are compared.
  static let listLength = 10

  let ratings: Ratings
  let split: Split
  let catalog: ItemCatalog
  let held: HeldOutRatings
  let segments: [Segment]
  /// Users with test rows, ascending.
  let evaluatedUsers: [Int32]
  /// Number of training ratings of each item.
  let itemCounts: [Int32]
  /// Number of training ratings of each user.
  let userCounts: [Int32]

  init(ratings: Ratings, split: Split, catalog: ItemCatalog) throws {
    self.ratings = ratings
    self.split = split
    self.catalog = catalog
    let (users, items) = (ratings.userIDs.count, ratings.itemIDs.count)
    held = try HeldOutRatings(split, users: users, items: items, unrated: ratings.allUnrated)
    segments = Segment.thirds(of: held)
    evaluatedUsers = Set(split.test.users).filter { Int($0) < users }.sorted()
    itemCounts = split.train.items.reduce(into: [Int32](repeating: 0, count: items)) {
      $0[Int($1)] += 1
    }
    userCounts = split.train.users.reduce(into: [Int32](repeating: 0, count: users)) {
      $0[Int($1)] += 1
    }
  }
}

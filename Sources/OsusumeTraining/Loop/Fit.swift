// What the training loop asks of a fit.
import OsusumeData
import OsusumeModels

/// A way to find a model's parameters, epoch by epoch or in one step.
///
/// `TrainingLoop` runs it: the loop counts epochs, reports their errors, stops early and fits anew, lowers
/// learning rates when training diverges, and writes and reads the state. A fit says how it starts, what an
/// epoch does, and which tables and numbers the next epoch depends on. docs/adding-a-fit.md has an example.
public protocol Fit: AnyObject {
  /// Whether the fit goes epoch by epoch; false: `runEpoch` is called once and there is nothing to resume.
  static var hasEpochs: Bool { get }
  /// Whether lower learning rates may help where training diverges.
  static var hasLearningRate: Bool { get }
  /// When a part of the training ratings is held out.
  static var holdsOut: HoldsOut { get }

  /// Prepares to learn from `task.train`: the parameters are those before the first epoch.
  init(_ task: FitTask) throws

  /// What is fitted to what.
  var task: FitTask { get }
  /// What has been learned so far; later epochs may write to its tables.
  var parameters: any Scorer { get }

  /// One pass over the training ratings, `number` 0 the first; returns their mean loss.
  func runEpoch(_ number: Int) throws -> Double
  /// The errors of what has been learned so far on `task.validation`; called once after each epoch.
  func evaluate() -> FitErrors
  /// The loss above which training has diverged.
  var divergedLoss: Double { get }

  /// Brings the tables up to date, if they are not, before the loop hands them to a checkpoint.
  func synchronise()
  /// The tables that the next epoch depends on, shared with the fit.
  var tables: [FloatMatrix] { get }
  /// Numbers in double precision that it depends on besides.
  var numbers: [[Double]] { get }
  /// Goes on after `epochs` epochs: `tables` are the fit's own, with the contents that a checkpoint kept.
  func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]])

  /// The outcome of the fit with these parameters: its own, or a copy after the best epoch.
  func result(_ parameters: any Scorer) throws -> FitResult
}

/// How well what has been learned does on held-out ratings; each is there only where the model has such a thing.
public struct FitErrors: Sendable {
  /// Errors of predicted ratings.
  public var ratings: ErrorMetrics?
  /// Metrics of labels.
  public var labels: LabelMetrics?
  /// NDCG at 10 of lists (`HeldOutLists`).
  public var ndcg: Double?

  /// Makes errors from those there are.
  public init(
    ratings: ErrorMetrics? = nil, labels: LabelMetrics? = nil, ndcg: Double? = nil
  ) {
    (self.ratings, self.labels, self.ndcg) = (ratings, labels, ndcg)
  }

  /// What early stopping goes by: the less the better.
  var error: Double { ratings?.rmse ?? labels?.logLoss ?? ndcg.map { 1 - $0 } ?? .infinity }
}

/// When the loop holds the `validation` fraction of the training ratings out of a fit.
public enum HoldsOut: Sendable {
  /// While it searches for the number of epochs.
  case whileSearching
  /// Always, as the tutorials do whose models these are; early stopping then is such a search.
  case always
  /// Never: the fit makes as many epochs as it is told to.
  case never
}

extension Fit {
  /// The fit goes epoch by epoch.
  public static var hasEpochs: Bool { true }
  /// There is no learning rate to lower.
  public static var hasLearningRate: Bool { false }
  /// Ratings are held out while the loop searches for the number of epochs.
  public static var holdsOut: HoldsOut { .whileSearching }
  /// Any finite loss will do.
  public var divergedLoss: Double { .greatestFiniteMagnitude }
  /// The tables of the parameters.
  public var tables: [FloatMatrix] { parameters.tables }
  /// None.
  public var numbers: [[Double]] { [] }
  /// The errors of the parameters.
  public func evaluate() -> FitErrors { errors(of: parameters, on: task.validation) }
  /// Tables are up to date.
  public func synchronise() {}
  /// Nothing is derived from the tables.
  public func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]]) {}

  /// The parameters, users and items without ratings at the mean of the others.
  public func result(_ parameters: any Scorer) -> FitResult {
    parameters.coverColdRows(task.ratings)
    return FitResult(parameters: parameters)
  }

  /// The errors of parameters on ratings.
  func errors(of parameters: any Scorer, on rows: IndexedRatings?) -> FitErrors {
    guard let rows else { return FitErrors() }
    return FitErrors(
      ratings: task.spec.predictsRatings
        ? parameters.errors(on: rows.rated, threads: task.threads) : nil,
      labels: parameters.labelMetrics(on: rows, threads: task.threads))
  }

  /// The state after the epochs of `progress`.
  func state(_ progress: FitProgress, best: (any Scorer)?) -> FitState {
    synchronise()
    return FitState(
      progress: progress, tables: tables, numbers: numbers, best: best?.tables ?? [])
  }

  /// Goes on from a state; returns the parameters after its best epoch, where it has kept them.
  ///
  /// Errors: `TrainingError.otherState` where the state's tables have other sizes.
  func restore(_ state: FitState) throws -> (any Scorer)? {
    guard numbers.map(\.count) == state.numbers.map(\.count) else { throw TrainingError.otherState }
    let tables = tables
    try tables.fill(from: state.tables)
    resume(after: state.progress.epoch, tables: tables, numbers: state.numbers)
    guard !state.best.isEmpty else { return nil }
    let best = parameters.copy()
    try best.tables.fill(from: state.best)
    return best
  }
}

extension [FloatMatrix] {
  /// Copies the contents of other tables.
  ///
  /// Errors: `TrainingError.otherState` where those are of other sizes.
  fileprivate func fill(from other: [FloatMatrix]) throws {
    guard map(\.rows) == other.map(\.rows), map(\.stride) == other.map(\.stride) else {
      throw TrainingError.otherState
    }
    for (table, other) in zip(self, other) {
      table.base.update(from: other.base, count: table.capacity)
    }
  }
}

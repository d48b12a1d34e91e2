// Fits any model of the catalog: picks the solver, runs its epochs, reports the curve.
import CKernels
import OsusumeData
import OsusumeModels

/// A fit: what to learn, with which settings.
public struct Trainer: Sendable {
  /// What is fitted.
  public let spec: ModelSpec
  /// With which settings.
  public let hyperparameters: Hyperparameters
  /// Seed of every random choice.
  public let seed: UInt64
  /// Threads to use; the result does not depend on it.
  public let threads: Int

  /// Makes a trainer; without settings, with the model's own.
  public init(
    _ spec: ModelSpec, _ hyperparameters: Hyperparameters? = nil, seed: UInt64 = 42,
    threads: Int = allCores
  ) {
    self.spec = spec
    self.hyperparameters = hyperparameters ?? spec.defaults
    self.seed = seed
    self.threads = threads
  }

  /// Fits the model to training rows.
  ///
  /// - Parameters:
  ///   - train: The rows to learn from; at least one.
  ///   - test: Rows for the learning curve, never learned from; nil: no curve.
  ///   - users: Number of users; those without a training row get the mean row of the others.
  ///   - items: Number of items, likewise.
  ///   - features: What a network reads of items; needed where `spec.needsItems`.
  ///   - side: What is known besides ratings, for models that use it.
  ///   - resuming: Where a fit of the same data, settings and seed stood; it ends in the same bytes as
  ///     one left alone.
  ///   - progress: Called after each epoch with its report and a way to get the state to resume from;
  ///     false stops there and keeps what was learned.
  /// - Throws: `TrainingError`, `TiledSGDError`, `ALSError`, `SVDError`, `PlanError`, and what
  ///   `progress` throws.
  public func fit(
    _ train: RatingRows, test: RatingRows? = nil, users: Int, items: Int,
    features: ItemFeatures? = nil, side: SideInformation = .init(), resuming: FitState? = nil,
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw TrainingError.noRatings }
    for rows in [train] + (test.map { [$0] } ?? []) {
      // Rows that are seen and not rated have labels instead.
      if let row = rows.values.firstThatIsNoRating(unrated: spec.needsLabels) {
        throw TrainingError.notARating(rows.values[row], row: row + 1)
      }
    }
    try spec.checkTimestamps(of: train)
    guard spec.fit != .minibatch || hyperparameters.loss.suits(spec.target) else {
      throw TrainingError.lossOfAnotherTarget(hyperparameters.loss, model: spec.name)
    }
    let test = test.flatMap { $0.count > 0 ? $0 : nil }
    var result: FitResult
    switch spec.fit {
    case .closedForm:
      result = FitResult(
        parameters: fitBaseline(
          spec, train: train, users: users, items: items, hyperparameters: hyperparameters,
          threads: threads))
    case .neighbours:
      result = FitResult(
        parameters: .neighbours(
          ItemKNN(hyperparameters: hyperparameters, threads: threads)
            .fit(train: train, users: users, items: items)))
    case .svd:
      result = try SVD(hyperparameters: hyperparameters, seed: seed, threads: threads).fit(
        train: train, users: users, items: items)
    case .tiledSGD, .als, .implicitALS:
      result = try fitInPhases(train, test, users, items, side, resuming, progress)
    case .gibbs:
      result = try BPMF(hyperparameters: hyperparameters, seed: seed, threads: threads).fit(
        train: train, users: users, items: items, test: test, side: side,
        resuming: resuming?.sampled
      ) { report, state in
        try progress(report) { .sampled(state) }
      }
    case .minibatch:
      result = try MinibatchFit(
        trainer: self, train: train, test: test, users: users, items: items, features: features
      ).run(resuming: resuming, progress)
    }
    // Baselines and what builds on them have their own answer for rows without ratings: no bias.
    // So have draws and variational rows: the mean of the distribution that rows come from.
    if ![.closedForm, .svd, .neighbours, .gibbs].contains(spec.fit),
      !hyperparameters.isVariational(spec)
    {
      result.parameters.coverColdRows(
        RatingCounts(train.users, users: users, train.items, items: items))
    }
    return result
  }

  private func fitInPhases(
    _ train: RatingRows, _ test: RatingRows?, _ users: Int, _ items: Int,
    _ side: SideInformation, _ resuming: FitState?,
    _ progress: (EpochReport, () -> FitState) throws -> Bool
  ) throws -> FitResult {
    var failure: (any Error)?
    func report(_ report: EpochReport, _ state: PhasedState) -> Bool {
      do {
        return try progress(report) { .phased(state) }
      } catch {
        failure = error
        return false
      }
    }
    let biased = spec.score.terms.contains(.bias(.user))
    let state = resuming.flatMap(\.phased)
    let result =
      switch spec.fit {
      case .als:
        try ALS(hyperparameters: hyperparameters, biased: biased, seed: seed, threads: threads)
          .fit(
            train: train, users: users, items: items, test: test, resuming: state,
            progress: report)
      case .implicitALS:
        try ImplicitALS(
          hyperparameters: hyperparameters, moving: spec.needsTimestamps, seed: seed,
          threads: threads
        ).fit(
          train: train, users: users, items: items, test: test, side: side, resuming: state,
          progress: report)
      default:
        try TiledSGD(hyperparameters: hyperparameters, biased: biased, seed: seed, threads: threads)
          .fit(
            train: train, users: users, items: items, test: test, resuming: state,
            progress: report)
      }
    if let failure { throw failure }
    return result
  }
}

extension ModelSpec {
  /// Fails where the model learns from times and rows have none.
  ///
  /// Errors: `TrainingError.noTimestamps`.
  public func checkTimestamps(of rows: RatingRows) throws {
    guard !needsTimestamps || !rows.timestamps.isEmpty else {
      throw TrainingError.noTimestamps(model: name)
    }
  }
}

/// What can go wrong in a fit.
public enum TrainingError: OsusumeError {
  /// There is nothing to learn from.
  case noRatings
  /// The loss is not a number any more.
  case diverged(epoch: Int, learningRate: Double)
  /// The loss is none of what the model predicts.
  case lossOfAnotherTarget(Loss, model: String)
  /// Rows have no labels to learn from.
  case noLabels
  /// A rating is none of the classes.
  case notAClass(Float, classes: Int)
  /// A rating is not a number, or its magnitude is beyond `RatingTable.largestRating`.
  case notARating(Float, row: Int)
  /// L2 penalties move all rows at every step, which only Adam does here.
  case penaltyNeedsAdam
  /// Rows do not say when ratings were given.
  case noTimestamps(model: String)
  /// The state to resume from is of another model.
  case otherState

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .diverged(let epoch, let rate):
      "training diverged in epoch \(epoch) at learning rate \(rate): lower --learning-rate"
    case .lossOfAnotherTarget(let loss, let model):
      "--loss \(loss.rawValue) does not fit what \(model) predicts: ratings take rmse, mse or mae, "
        + "interactions bce, classes cross-entropy; leave it out"
    case .noLabels:
      "the model learns from labels and the rows have none: label them first (InteractionLabels)"
    case .notAClass(let rating, let classes):
      "the model predicts whole ratings from 1 to \(classes), and there is a rating of \(rating): train a "
        + "model without classes, or give a file on that scale"
    case .notARating(let rating, let row):
      "row \(row) has the rating \(rating), and ratings are numbers of at most "
        + "\(RatingTable.largestRating) either way: correct it, or divide all ratings by one number"
    case .penaltyNeedsAdam:
      "--regularization of a minibatch model needs --optimizer adam or adamw"
    case .noTimestamps(let model):
      "\(model) learns from when ratings were given, and these have no timestamps: name their column, "
        + "--columns user,item,rating,timestamp, or train svdpp or mf"
    case .otherState:
      "the checkpoint's tables have other sizes than the model's: it is damaged; train anew"
    }
  }
}

// The epochs of one phase of a fit by tiled SGD: rate schedule, early stopping, divergence.
import CKernels
import OsusumeData
import OsusumeModels

/// The sizes and the scale of what is to be fitted.
struct Problem {
  let users: Int
  let items: Int
  let layout: RowLayout
  /// Mean of the training ratings.
  let mean: Double
  /// Their standard deviation; 1 where they are all equal: nothing to scale by.
  let deviation: Double

  /// The problem of fitting rows of `layout` to ratings `values` of `users` by `items`.
  init(users: Int, items: Int, layout: RowLayout, values: [Float]) {
    self.users = users
    self.items = items
    self.layout = layout
    var sum = 0.0
    var squares = 0.0
    values.withUnsafeBufferPointer { for value in $0 { sum += Double(value) } }
    let mean = sum / Double(values.count)
    values.withUnsafeBufferPointer {
      for value in $0 { squares += (Double(value) - mean) * (Double(value) - mean) }
    }
    let deviation = (squares / Double(values.count)).squareRoot()
    self.mean = mean
    self.deviation = deviation > 0 ? deviation : 1
  }
}

/// One phase of a fit: its tiles, its steps and the rows it is judged by.
struct Course {
  private let solver: TiledSGD
  private let problem: Problem
  private let judges: RatingRows?
  private let tiles: RatingTiles
  private let userSteps: SGDSteps
  private let itemSteps: SGDSteps

  /// Prepares a phase that learns from `rows`.
  init(_ solver: TiledSGD, _ problem: Problem, learningFrom rows: RatingRows, judges: RatingRows?) {
    self.solver = solver
    self.problem = problem
    self.judges = judges
    let layout = problem.layout
    tiles = RatingTiles(
      rows, users: problem.users, items: problem.items, mean: Float(problem.mean),
      rowBytes: (layout.lanes + 15) / 16 * 16 * MemoryLayout<Float>.stride,
      threads: solver.threads)
    userSteps = SGDSteps(
      counts: ratingCounts(rows.users, count: problem.users), layout: layout,
      biasLane: layout.userBiasLane)
    itemSteps = SGDSteps(
      counts: ratingCounts(rows.items, count: problem.items), layout: layout,
      biasLane: layout.itemBiasLane)
  }

  /// Runs the phase's remaining epochs; false when `progress` asked to stop.
  func run(
    _ state: inout TiledSGDState, _ progress: (EpochReport, TiledSGDState) -> Bool
  ) throws -> Bool {
    while state.epoch < state.planned && !hasTurned(state) {
      let report = epoch(&state)
      guard report.trainLoss <= divergedLoss else {
        try startAgain(&state)
        continue
      }
      note(report, in: &state)
      guard progress(report, state) else { return false }
    }
    return true
  }

  /// A mean squared error that only diverging parameters have: four times that of predicting μ.
  private var divergedLoss: Double { 4 * problem.deviation * problem.deviation }

  /// One pass over the tiles, and its report.
  private func epoch(_ state: inout TiledSGDState) -> EpochReport {
    let clock = ContinuousClock()
    let began = clock.now
    let settings = solver.hyperparameters
    let rateScale = state.rateScale * settings.rateSchedule.factor(state.epoch, of: settings.epochs)
    userSteps.set(settings, deviation: problem.deviation, rateScale: rateScale)
    itemSteps.set(settings, deviation: problem.deviation, rateScale: rateScale)
    let table = state.parameters
    let squared = tiles.walk(
      users: userSteps.side(of: table.users), items: itemSteps.side(of: table.items),
      layout: problem.layout, stride: table.users.stride,
      key: ck_random_bits(ck_random_key(solver.seed, RandomStream.sgd), UInt64(state.epoch)),
      threads: solver.threads)
    state.epoch += 1
    let seconds = (clock.now - began) / .seconds(1)
    let errors = judges.flatMap { table.errors(on: $0, threads: solver.threads) }
    return EpochReport(
      epoch: state.epoch, seconds: seconds, trainLoss: squared / Double(tiles.count),
      validRMSE: errors?.rmse, validMAE: errors?.mae, phase: state.phase)
  }

  /// Whether the error on the held-out rows has stopped falling.
  private func hasTurned(_ state: TiledSGDState) -> Bool {
    state.phase == .search
      && state.epoch - state.bestEpoch >= solver.hyperparameters.earlyStopping
  }

  /// Writes an epoch down.
  private func note(_ report: EpochReport, in state: inout TiledSGDState) {
    guard state.phase == .search else {
      state.epochs.append(report)
      return
    }
    state.search.append(report)
    if let rmse = report.validRMSE, rmse < state.bestRMSE {
      state.bestRMSE = rmse
      state.bestEpoch = report.epoch
      if !solver.hyperparameters.refit { state.best = state.parameters.copy() }
    }
  }

  /// Begins the phase again with half the rates, after the loss has grown without bound.
  private func startAgain(_ state: inout TiledSGDState) throws {
    state.rateScale /= 2
    guard state.rateScale > 1e-3 else {
      throw TiledSGDError.diverged(
        learningRate: solver.hyperparameters.learningRate * state.rateScale)
    }
    state.epoch = 0
    state.parameters = solver.start(problem)
    switch state.phase {
    case .search: (state.search, state.bestEpoch, state.bestRMSE) = ([], 0, .infinity)
    case .fit: state.epochs = []
    }
  }
}

extension RateSchedule {
  /// The share of the full rate that an epoch (0 the first) of `epochs` runs at.
  func factor(_ epoch: Int, of epochs: Int) -> Double {
    switch self {
    case .constant: 1
    case .linear: max(0, 1 - (Double(epoch) + 0.5) / Double(epochs))
    }
  }
}

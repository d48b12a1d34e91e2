// A fit in phases: a search for the number of epochs, then the fit; early stopping, divergence.
import OsusumeData
import OsusumeModels

/// The sizes and the scale of what is to be fitted.
package struct Problem {
  package let users: Int
  package let items: Int
  package let layout: FactorLayout
  /// Number of training ratings.
  package let ratings: Int
  /// Their mean.
  package var mean: Double
  /// Their standard deviation; 1 where they are all equal: nothing to scale by.
  package var deviation: Double

  /// The problem of fitting rows of `layout` to ratings `values` of `users` by `items`.
  package init(users: Int, items: Int, layout: FactorLayout, values: [Float]) {
    self.users = users
    self.items = items
    self.layout = layout
    ratings = values.count
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

/// A fit by sweeps over all ratings.
///
/// With `earlyStopping` and `validation` set, a search on the training rows less a random share finds the
/// number of epochs; with `refit`, the model is then fitted on all rows for that many.
struct PhasedFit {
  /// One pass over the ratings of a phase: moves the parameters of the state it is handed, and returns
  /// the sum of the squared errors met on the way.
  typealias Pass = (PhasedState) throws -> Double

  let settings: Hyperparameters
  let problem: Problem
  let seed: UInt64
  let threads: Int
  /// The parameters a phase starts from, in memory of their own.
  let start: () -> FactorParameters
  /// What a phase that learns from rows believes besides at its start; nil for fits that know rows alone.
  var startingPosterior: (IndexedRatings) -> VariationalPosterior? = { _ in nil }
  /// Prepares the passes of a phase that learns from rows.
  let pass: (IndexedRatings) -> Pass

  /// Runs the phases; `progress` is called after each epoch and stops the fit by returning false.
  func run(
    train: IndexedRatings, test: IndexedRatings?, resuming: PhasedState?,
    _ progress: (EpochReport, PhasedState) -> Bool
  ) throws -> FitResult {
    let searches = settings.earlyStopping > 0 && settings.validation > 0
    var state =
      resuming
      ?? PhasedState(
        phase: searches ? .search : .fit, planned: settings.epochs, parameters: start())
    if state.phase == .search {
      if let cut = try train.searchSplit(
        fraction: settings.validation, seed: seed, threads: threads)
      {
        let goesOn = try epochs(&state, of: cut.train, validation: cut.test, progress)
        guard goesOn else { return result(state) }
        guard settings.refit else {
          state.parameters = state.best ?? state.parameters
          return result(state)
        }
        state.planned = state.bestEpoch
        (state.parameters, state.posterior) = (start(), nil)
      }
      state.phase = .fit
      state.epoch = 0
    }
    _ = try epochs(&state, of: train, validation: test, progress)
    return result(state)
  }

  private func result(_ state: PhasedState) -> FitResult {
    let halved = "training diverged: all learning rates were multiplied by \(state.rateScale)"
    var result = FitResult(
      parameters: state.parameters, epochs: state.epochs, search: state.search,
      notes: state.rateScale < 1 ? [halved] : [])
    state.posterior?.complete(&result, state.parameters)
    return result
  }

  /// Runs a phase's remaining epochs; false when `progress` asked to stop.
  private func epochs(
    _ state: inout PhasedState, of rows: IndexedRatings, validation: IndexedRatings?,
    _ progress: (EpochReport, PhasedState) -> Bool
  ) throws -> Bool {
    let pass = pass(rows)
    try startPosterior(&state, rows)
    while state.epoch < state.planned && !hasStoppedImproving(state) {
      let report = try epoch(&state, pass, validation)
      guard report.trainLoss <= divergedLoss else {
        try startAgain(&state)
        try startPosterior(&state, rows)
        continue
      }
      note(report, in: &state)
      guard progress(report, state) else { return false }
    }
    return true
  }

  /// Starts believing, or goes on with what a checkpoint kept.
  private func startPosterior(_ state: inout PhasedState, _ rows: IndexedRatings) throws {
    guard state.posterior == nil else { return }
    state.posterior = startingPosterior(rows)
    guard !state.kept.isEmpty else { return }
    try state.posterior?.restore(state.kept)
    state.kept = []
  }

  /// A mean squared error that only diverging parameters have: four times that of predicting μ.
  private var divergedLoss: Double { 4 * problem.deviation * problem.deviation }

  /// One pass and its report.
  private func epoch(
    _ state: inout PhasedState, _ pass: Pass, _ validation: IndexedRatings?
  ) throws -> EpochReport {
    let clock = ContinuousClock()
    let began = clock.now
    let squared = try pass(state)
    state.epoch += 1
    let seconds = (clock.now - began) / .seconds(1)
    // Biases that move have their share in ratings; the tables explain what is left.
    let judged = validation.map { state.posterior?.biases?.residuals(of: $0) ?? $0 }
    let errors = judged.flatMap { state.parameters.errors(on: $0, threads: threads) }
    let learned =
      state.phase == .search ? problem.ratings - (validation?.count ?? 0) : problem.ratings
    return EpochReport(
      epoch: state.epoch, seconds: seconds, trainLoss: squared / Double(learned),
      validRMSE: errors?.rmse, validMAE: errors?.mae, phase: state.phase)
  }

  /// Whether the error on the held-out rows has stopped falling.
  private func hasStoppedImproving(_ state: PhasedState) -> Bool {
    state.phase == .search && state.epoch - state.bestEpoch >= settings.earlyStopping
  }

  /// Writes an epoch down.
  private func note(_ report: EpochReport, in state: inout PhasedState) {
    guard state.phase == .search else {
      state.epochs.append(report)
      return
    }
    state.search.append(report)
    if let rmse = report.validRMSE, rmse < state.bestRMSE {
      state.bestRMSE = rmse
      state.bestEpoch = report.epoch
      if !settings.refit { state.best = state.parameters.copy() }
    }
  }

  /// Begins the phase again with half the rates, after the loss has grown without bound.
  private func startAgain(_ state: inout PhasedState) throws {
    state.rateScale /= 2
    guard state.rateScale > 1e-3 else {
      throw TiledSGDError.diverged(learningRate: settings.learningRate * state.rateScale)
    }
    state.epoch = 0
    (state.parameters, state.posterior) = (start(), nil)
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

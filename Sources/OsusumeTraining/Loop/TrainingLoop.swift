// The one loop that runs every fit: epochs and their reports, early stopping, refit, divergence, states.
import OsusumeData
import OsusumeModels

/// A fit from start to end.
///
/// With `earlyStopping` set, a search on the training ratings less the held-out ones finds the number of
/// epochs; the model is then fitted anew to all of them for that many (`refit`), or is what the search had
/// learned after its best epoch. When training diverges, the phase begins again at half the learning rates.
public struct TrainingLoop<F: Fit> {
  /// Called after each epoch with its report and a way to get the state to resume from; false stops the fit
  /// and keeps what was learned.
  ///
  /// Of a fit without epochs, once, with seconds and loss alone.
  public typealias Progress = (EpochReport, () -> FitState) throws -> Bool

  private let task: FitTask
  private let make: (FitTask) throws -> F

  /// A loop over the fit that `make` makes for each phase.
  public init(_ task: FitTask, make: @escaping (FitTask) throws -> F = { try F($0) }) {
    self.task = task
    self.make = make
  }

  /// Runs the fit.
  ///
  /// - Parameter resuming: The state of a fit of the same task.
  /// - Throws: `TrainingError`, and what the fit and `progress` throw.
  public func run(
    resuming: FitState? = nil, _ progress: Progress = { _, _ in true }
  ) throws -> FitResult {
    guard F.hasEpochs else {
      guard resuming == nil else { throw TrainingError.nothingToResume(model: task.spec.name) }
      let fit = try make(task)
      let clock = ContinuousClock()
      let start = clock.now
      let loss = try fit.runEpoch(0)
      let report = EpochReport(
        epoch: 1, seconds: (clock.now - start) / .seconds(1), trainLoss: loss, validRMSE: nil,
        validMAE: nil)
      // There is nothing left to stop, and no state between epochs.
      _ = try progress(report) { fit.state(FitProgress(phase: .fit), best: nil) }
      return try fit.result(fit.parameters)
    }
    let heldOut = try heldOut()
    let searches = heldOut != nil && task.settings.earlyStopping > 0
    var course = resuming?.progress ?? FitProgress(phase: searches ? .search : .fit)
    guard course.fault(task.settings) == nil, searches || course.phase == .fit else {
      throw TrainingError.otherState
    }
    var state = resuming
    if course.phase == .search, let heldOut {
      let part = task.learning(from: heldOut.train, validation: heldOut.test)
      let search = try run(part, &course, from: state, progress)
      guard search.isComplete, task.settings.refit else { return try result(search, course) }
      (course.phase, state) = (.fit, nil)
    }
    let train = F.holdsOut == .always ? heldOut?.train ?? task.train : task.train
    var all = task.learning(from: train, validation: task.validation)
    if !searches { all.heldOut = heldOut?.test }
    return try result(try run(all, &course, from: state, progress), course)
  }

  /// Holds out the ratings that early stopping goes by; nil where there are none.
  private func heldOut() throws -> Split? {
    let settings = task.settings
    let isWanted =
      switch F.holdsOut {
      case .whileSearching: settings.earlyStopping > 0
      case .always: settings.earlyStopping > 0 || settings.validation > 0
      case .never: false
      }
    guard isWanted else { return nil }
    // A tenth unless told another fraction.
    return try task.train.searchSplit(
      fraction: settings.validation > 0 ? settings.validation : 0.1, seed: task.seed,
      threads: task.threads)
  }

  /// A fit after the epochs of a phase.
  private struct Phase {
    var fit: F
    /// The parameters after the best epoch, where they are needed.
    var best: (any Scorer)?
    /// Whether all epochs were run.
    var isComplete = true
  }

  /// Runs a phase's remaining epochs.
  private func run(
    _ task: FitTask, _ course: inout FitProgress, from state: FitState?, _ progress: Progress
  ) throws -> Phase {
    var phase = Phase(fit: try make(task.withRates(times: course.rateScale)))
    if let state { phase.best = try phase.fit.restore(state) }
    let planned = min(course.planned(task.settings), task.lastEpoch ?? .max)
    while course.epoch < planned, !course.hasStoppedImproving(task.settings) {
      let (report, error) = try epoch(of: phase.fit, course)
      guard report.trainLoss <= phase.fit.divergedLoss else {
        phase = Phase(fit: try startAgain(task, &course))
        continue
      }
      let isBest = course.add(report, error: error)
      if isBest, !task.settings.refit { phase.best = phase.fit.parameters.copy() }
      let (fit, best, now) = (phase.fit, phase.best, course)
      guard try progress(report, { fit.state(now, best: best) }) else {
        phase.isComplete = false
        break
      }
    }
    return phase
  }

  /// One epoch: its report, and the error that early stopping goes by.
  private func epoch(
    of fit: F, _ course: FitProgress
  ) throws -> (report: EpochReport, error: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let loss = try fit.runEpoch(course.epoch)
    let seconds = (clock.now - start) / .seconds(1)
    let errors = fit.evaluate()
    // A phase is named where there may be two.
    let isNamed = course.phase == .search || task.settings.refit
    var report = EpochReport(
      epoch: course.epoch + 1, seconds: seconds, trainLoss: loss, validRMSE: errors.ratings?.rmse,
      validMAE: errors.ratings?.mae, phase: isNamed ? course.phase : nil)
    (report.labels, report.validNDCG) = (errors.labels, errors.ndcg)
    let heldOut = fit.errors(of: fit.parameters, on: fit.task.heldOut)
    (report.heldOutRMSE, report.heldOutMAE) = (heldOut.ratings?.rmse, heldOut.ratings?.mae)
    report.heldOutLogLoss = heldOut.labels?.logLoss
    return (report, errors.error)
  }

  /// A new fit for the phase, at half the learning rates, after the loss has grown without bound.
  private func startAgain(_ task: FitTask, _ course: inout FitProgress) throws -> F {
    let (epoch, scale) = (course.epoch + 1, course.rateScale)
    guard F.hasLearningRate else {
      throw TrainingError.diverged(epoch: epoch, learningRate: nil)
    }
    guard course.halveRates() else {
      throw TrainingError.diverged(epoch: epoch, learningRate: scale * task.settings.learningRate)
    }
    return try make(task.withRates(times: course.rateScale))
  }

  private func result(_ phase: Phase, _ course: FitProgress) throws -> FitResult {
    var result = try phase.fit.result(phase.best ?? phase.fit.parameters)
    (result.epochs, result.search) = (course.epochs, course.search)
    result.isComplete = phase.isComplete
    if course.rateScale < 1 {
      result.notes.insert(
        "training diverged: all learning rates were multiplied by \(course.rateScale)", at: 0)
    }
    return result
  }
}

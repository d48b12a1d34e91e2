// The epochs of a minibatch fit: curve, early stopping, divergence, resuming.
import OsusumeData
import OsusumeModels

/// A fit by minibatches from start to end.
struct MinibatchFit {
  private let hyperparameters: Hyperparameters
  private let threads: Int
  private let isFactorModel: Bool
  private let predictsRatings: Bool
  private let test: IndexedRatings?
  private let heldOut: IndexedRatings?
  private let counts: RatingCounts
  private let run: any EpochRunner

  init(
    trainer: Trainer, train: IndexedRatings, test: IndexedRatings?, users: Int, items: Int,
    features: ItemFeatures?
  ) throws {
    hyperparameters = trainer.hyperparameters
    threads = trainer.threads
    isFactorModel = trainer.spec.isFactorModel
    predictsRatings = trainer.spec.predictsRatings
    self.test = test
    // Early stopping judges by a tenth of the training rows unless told another share.
    let fraction =
      hyperparameters.validation > 0
      ? hyperparameters.validation : hyperparameters.earlyStopping > 0 ? 0.1 : 0
    let cut =
      fraction > 0
      ? try train.searchSplit(fraction: fraction, seed: trainer.seed, threads: trainer.threads)
      : nil
    let learned = cut?.train ?? train
    heldOut = cut?.test
    counts = RatingCounts(learned.users, users: users, learned.items, items: items)
    // Packed rows know no penalty: where there is one, p·q is trained as a network too.
    guard trainer.spec.isFactorModel, !hyperparameters.hasPenalty else {
      run = try NetworkTrainer(
        trainer, train: learned, users: users, items: items,
        features: features ?? .none(items: items),
        scale: RatingSummary(rows: train.rated, items: items).scale)
      return
    }
    let mean = learned.values.reduce(0.0) { $0 + Double($1) } / Double(max(1, learned.count))
    run = FactorTrainer(
      trainer.spec, hyperparameters, train: learned,
      parameters: .initial(
        for: trainer.spec, hyperparameters, users: users, items: items, mean: Float(mean),
        seed: trainer.seed, threads: trainer.threads),
      seed: trainer.seed, threads: trainer.threads)
  }

  func run(
    resuming: FitState?, _ progress: (EpochReport, () -> FitState) throws -> Bool
  ) throws -> FitResult {
    var state = MinibatchState(
      epochs: [], heldOut: [], records: run.records, best: nil)
    if let resumed = resuming?.minibatch {
      guard resumed.records.map(\.capacity) == run.records.map(\.capacity),
        resumed.best.map({ $0.map(\.capacity) == run.learned.tables.map(\.capacity) }) ?? true
      else { throw TrainingError.otherState }
      run.resume(resumed)
      state.epochs = resumed.epochs
      state.heldOut = resumed.heldOut
      state.best = resumed.best
    }
    while run.epoch < hyperparameters.epochs, !shouldStop(state) {
      let report = try epoch()
      state.epochs.append(report)
      if let heldOut {
        let error = error(on: heldOut)
        if hyperparameters.earlyStopping > 0, error < state.heldOut.min() ?? .infinity {
          state.best = run.learned.tables.map { $0.copy() }
        }
        state.heldOut.append(error)
      }
      let more = try progress(report) {
        run.synchronise()
        return .minibatch(state)
      }
      if !more { break }
    }
    if let best = state.best { run.learned.restore(best) }
    let packed = isFactorModel ? run.learned.network?.packed : nil
    return FitResult(parameters: packed ?? run.learned, epochs: state.epochs)
  }

  private func epoch() throws -> EpochReport {
    let clock = ContinuousClock()
    let start = clock.now
    let loss = run.runEpoch()
    let seconds = (clock.now - start) / .seconds(1)
    guard loss.isFinite else {
      throw TrainingError.diverged(epoch: run.epoch, learningRate: hyperparameters.learningRate)
    }
    guard let test else {
      return EpochReport(
        epoch: run.epoch, seconds: seconds, trainLoss: loss, validRMSE: nil, validMAE: nil)
    }
    let errors = predictsRatings ? self.errors(on: test.rated) : nil
    var report = EpochReport(
      epoch: run.epoch, seconds: seconds, trainLoss: loss, validRMSE: errors?.rmse,
      validMAE: errors?.mae)
    report.labels = run.learned.labelMetrics(on: test, threads: threads)
    return report
  }

  /// What early stopping goes by: the error of ratings, or the log-loss of labels.
  private func error(on rows: IndexedRatings) -> Double {
    if predictsRatings { return errors(on: rows.rated)?.rmse ?? .infinity }
    run.learned.coverColdRows(counts)
    return run.learned.labelMetrics(on: rows, threads: threads)?.logLoss ?? .infinity
  }

  private func errors(on rows: IndexedRatings) -> ErrorMetrics? {
    run.learned.coverColdRows(counts)
    return run.learned.errors(on: rows, threads: threads)
  }

  /// Whether the held-out error has not improved for `earlyStopping` epochs.
  private func shouldStop(_ state: MinibatchState) -> Bool {
    guard hyperparameters.earlyStopping > 0, let best = state.heldOut.min(),
      let at = state.heldOut.firstIndex(of: best)
    else { return false }
    return state.heldOut.count - 1 - at >= hyperparameters.earlyStopping
  }
}

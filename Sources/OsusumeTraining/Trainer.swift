// Fits any model of the catalog: picks the solver, runs its epochs, reports the curve.
import CKernels
import Foundation
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

  /// Makes a trainer.
  public init(
    _ spec: ModelSpec, _ hyperparameters: Hyperparameters? = nil, seed: UInt64 = 42, threads: Int
  ) {
    self.spec = spec
    self.hyperparameters = hyperparameters ?? spec.defaults
    self.seed = seed
    self.threads = threads
  }

  /// Fits the model to training rows.
  ///
  /// - Parameters:
  ///   - test: rows for the learning curve; nil: no curve.
  ///   - progress: called after each epoch; false stops there and keeps what was learned.
  public func fit(
    _ train: RatingRows, test: RatingRows?, users: Int, items: Int,
    progress: (EpochReport) throws -> Bool = { _ in true }
  ) throws -> FitResult {
    try fitMinibatch(train, test: test, users: users, items: items, progress: progress)
  }

  private func fitMinibatch(
    _ train: RatingRows, test: RatingRows?, users: Int, items: Int,
    progress: (EpochReport) throws -> Bool
  ) throws -> FitResult {
    let mean = train.values.reduce(0.0) { $0 + Double($1) } / Double(max(1, train.count))
    let parameters = FactorParameters.initial(
      for: spec, hyperparameters, users: users, items: items, mean: Float(mean), seed: seed,
      threads: threads)
    let run = MinibatchTrainer(
      spec, hyperparameters, train: train, parameters: parameters, seed: seed, threads: threads)
    var result = FitResult(parameters: parameters)
    for epoch in 1...max(1, hyperparameters.epochs) {
      let start = ContinuousClock.now
      let loss = run.runEpoch()
      let seconds = start.duration(to: .now) / .seconds(1)
      let report = EpochReport(
        epoch: epoch, seconds: seconds, trainLoss: loss, validRMSE: nil, validMAE: nil)
      result.epochs.append(report)
      if try !progress(report) { break }
    }
    return result
  }
}

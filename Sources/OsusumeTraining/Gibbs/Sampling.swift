// The sweeps of a fit by Gibbs sampling: which are kept, what they come to, and where it stands.
import OsusumeData
import OsusumeModels

/// Which sweeps burn in and which are kept.
struct SamplingPlan {
  let burnIn: Int
  let samples: Int
  let sweeps: Int

  init(_ settings: Hyperparameters) {
    sweeps = settings.epochs
    burnIn = settings.burnIn < sweeps ? settings.burnIn : sweeps / 3
    samples = max(1, min(settings.samples, sweeps - burnIn))
  }

  /// Whether a sweep, 1 the first, is one of those kept: evenly spread, the last among them.
  func keeps(_ sweep: Int) -> Bool { kept(sweep) > kept(sweep - 1) }

  /// How many of the sweeps up to one, 1 the first, are kept.
  func kept(_ sweep: Int) -> Int {
    sweep > burnIn ? (sweep - burnIn) * samples / (sweeps - burnIn) : 0
  }
}

/// A chain, the mean of its draws and their errors, sweep by sweep.
struct Sampling {
  private var chain: GibbsChain
  private var mean: PosteriorMean
  private var judge: RunningErrors?
  private let plan: SamplingPlan
  private let ratings: Int
  /// Reports of the sweeps done.
  private(set) var epochs: [EpochReport] = []

  /// Sweeps of alternating least squares before the first draw: what takes the error down to that of ALS.
  private static let warmUpSweeps = 8

  /// Before the first sweep over so many ratings; errors are those on `test`.
  init(
    _ chain: GibbsChain, _ plan: SamplingPlan, ratings: Int, judgedBy test: IndexedRatings?,
    threads: Int
  ) {
    self.chain = chain
    self.plan = plan
    self.ratings = ratings
    mean = PosteriorMean(of: chain.state.parameters, draws: plan.samples, threads: threads)
    judge = test.map { RunningErrors($0, threads: threads) }
  }

  /// Warms the chain up, where there will be sweeps at all.
  mutating func warmUp() throws {
    if plan.sweeps > 0 { try chain.warmUp(sweeps: Self.warmUpSweeps) }
  }

  /// The next sweep: draws everything once and keeps what the plan says.
  mutating func sweep() throws -> EpochReport {
    let sweep = epochs.count + 1
    let clock = ContinuousClock()
    let began = clock.now
    let keeps = plan.keeps(sweep)
    let squared = try chain.sweep(sweep, computingMean: keeps)
    if keeps { mean.add(chain.conditionalMean(), spread: chain.spread, userNoise: chain.userNoise) }
    let seconds = (clock.now - began) / .seconds(1)
    let errors = judge?.errors(of: chain.state.parameters, draw: sweep - plan.burnIn)
    let report = EpochReport(
      epoch: sweep, seconds: seconds, trainLoss: squared / Double(ratings),
      validRMSE: errors?.rmse, validMAE: errors?.mae)
    epochs.append(report)
    return report
  }

  /// The mean of the draws kept.
  mutating func result() -> FitResult {
    // Stopped before any draw counted: the last one is all there is.
    if mean.count == 0 {
      mean.add(chain.state.parameters, spread: 0, userNoise: chain.userNoise)
    }
    let (parameters, draws) = mean.finished()
    var result = FitResult(parameters: parameters, epochs: epochs)
    result.draws = draws
    return result
  }

  /// Where the fit stands.
  var state: SampledState {
    SampledState(
      epochs: epochs, tables: chain.state.tables + mean.tables + (judge.map { [$0.sums] } ?? []),
      numbers: chain.state.numbers + mean.numbers)
  }

  /// Goes on from a state of the same fit.
  ///
  /// Errors: `TrainingError.otherState` where it is of other sizes.
  mutating func restore(_ kept: SampledState) throws {
    let mine = state
    guard mine.numbers.map(\.count) == kept.numbers.map(\.count), kept.epochs.count <= plan.sweeps
    else { throw TrainingError.otherState }
    try mine.tables.fill(from: kept.tables)
    let ofMean = mean.numbers.count
    chain.restore(kept.numbers.dropLast(ofMean))
    mean.restore(kept.numbers.suffix(ofMean), count: plan.kept(kept.epochs.count))
    epochs = kept.epochs
  }
}

/// Errors of the mean of all predictions so far on test rows.
private struct RunningErrors {
  private let rows: IndexedRatings
  private let threads: Int
  /// Of the predictions of all draws since burning in.
  let sums: FloatMatrix

  init(_ rows: IndexedRatings, threads: Int) {
    self.rows = rows
    self.threads = threads
    sums = FloatMatrix(rows: 1, columns: rows.count)
  }

  /// The errors of the mean of so many draws, this one the last; of this one alone while burning in.
  func errors(of parameters: FactorParameters, draw: Int) -> ErrorMetrics {
    var predictions = parameters.scores(users: rows.users, items: rows.items, threads: threads)
    if draw > 0 {
      let sums = sums[0]
      for row in 0..<predictions.count {
        sums[row] += predictions[row]
        predictions[row] = sums[row] / Float(draw)
      }
    }
    return ErrorMetrics(
      predictions: predictions, truths: rows.values, scale: -.infinity ... .infinity,
      threads: threads)
  }
}

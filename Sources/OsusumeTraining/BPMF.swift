// Bayesian matrix factorisation: draws of all rows and of what they come from, by Gibbs sampling.
import CKernels
import OsusumeData
import OsusumeModels

/// What can go wrong in a fit by Gibbs sampling.
public enum BPMFError: OsusumeError, Equatable {
  /// There is nothing to learn from.
  case noRatings
  /// A distribution of rows has no finite density.
  case degenerate
  /// The draws are wider than a model may be.
  case tooWide(samples: Int, factors: Int)

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .degenerate:
      "the rows' distribution became singular: check the ratings (`data validate`), or give fewer "
        + "--factors"
    case .tooWide(let samples, let factors):
      "\(samples) draws of \(factors) factors are \(samples * factors) lanes and a model has at most "
        + "2046: give fewer --samples or --factors"
    }
  }
}

/// Bayesian probabilistic matrix factorisation (Salakhutdinov and Mnih 2008) with biases.
///
/// r = μ + b_u + b_i + p_u·q_i + noise; rows [p_u, b_u] and [q_i, b_i] are normal around what side
/// information says of them, a linear function of what a user has seen, of who has seen an item, and of its
/// genres and type (Agarwal and Chen 2009; Simm et al. 2017; Rendle, Zhang, Koren 2019). Means and precisions
/// have Normal–Wishart priors. Each user's noise has a precision of its own, with a Gamma prior that is
/// learned: some use the scale with more care than others. A sweep draws users' rows, their precisions,
/// items' rows, both distributions and weights, each given all others. After `burnIn` sweeps, `samples` of
/// those left, evenly spread, are kept; the model is their mean. Deterministic: the same bytes for any
/// number of threads.
public struct BPMF: Sendable {
  /// The settings; see `ModelSpec.bpmf`.
  public var hyperparameters: Hyperparameters
  /// Seed of all draws.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Sweeps of alternating least squares before the first draw: what takes the error down to that of ALS.
  private static let warmUpSweeps = 8

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.bpmf.defaults, seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.seed = seed
    self.threads = threads
  }

  /// Fits a model to `train`, reporting the error on `test` as it goes: of the draw while burning in, of
  /// the mean of all draws since thereafter.
  ///
  /// - Parameters:
  ///   - side: What is known besides ratings; of it, what the settings ask for is used.
  ///   - progress: Called after each sweep; stops the fit by returning false: the result is then the mean of
  ///     the draws kept so far.
  /// - Throws: `BPMFError`, and what `progress` throws.
  public func fit(
    train: RatingRows, users: Int, items: Int, test: RatingRows? = nil,
    side: SideInformation = .init(), progress: (EpochReport) throws -> Bool = { _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw BPMFError.noRatings }
    let problem = Problem(
      users: users, items: items, layout: RowLayout(factors: hyperparameters.factors, biased: true),
      values: train.values)
    let plan = SamplingPlan(hyperparameters)
    guard plan.samples * problem.layout.factors + 2 <= TopItemSearch.mostLanes else {
      throw BPMFError.tooWide(samples: plan.samples, factors: problem.layout.factors)
    }
    func features(_ entity: Entity) -> [RowFeatures] {
      side.features(
        of: entity, hyperparameters.sideInformation, train: train, users: users, items: items,
        threads: threads)
    }
    var chain = GibbsChain(
      train, problem, userFeatures: features(.user), itemFeatures: features(.item), seed: seed,
      threads: threads)
    if hyperparameters.epochs > 0 { try chain.warmUp(sweeps: Self.warmUpSweeps) }
    var mean = PosteriorMean(of: chain.state.parameters, draws: plan.samples, threads: threads)
    var judge = test.map { RunningErrors($0, threads: threads) }
    var reports: [EpochReport] = []
    let clock = ContinuousClock()
    for sweep in 1...max(1, hyperparameters.epochs) where sweep <= hyperparameters.epochs {
      let began = clock.now
      let keeps = plan.keeps(sweep)
      let squared = try chain.sweep(sweep, settling: keeps)
      if keeps { mean.add(chain.settled(), spread: chain.spread, userNoise: chain.userNoise) }
      let seconds = (clock.now - began) / .seconds(1)
      let errors = judge?.errors(of: chain.state.parameters, alone: sweep <= plan.burnIn)
      reports.append(
        EpochReport(
          epoch: sweep, seconds: seconds, trainLoss: squared / Double(train.count),
          validRMSE: errors?.rmse, validMAE: errors?.mae))
      guard try progress(reports[sweep - 1]) else { break }
    }
    // Stopped before any draw counted: the last one is all there is.
    if mean.count == 0 {
      mean.add(chain.state.parameters, spread: 0, userNoise: chain.userNoise)
    }
    return result(mean, reports)
  }

  private func result(_ mean: PosteriorMean, _ reports: [EpochReport]) -> FitResult {
    let (parameters, draws) = mean.finished()
    var result = FitResult(parameters: parameters, epochs: reports)
    result.draws = draws
    return result
  }
}

/// Which sweeps burn in and which are kept.
struct SamplingPlan {
  let burnIn: Int
  let samples: Int
  private let sweeps: Int

  init(_ settings: Hyperparameters) {
    sweeps = settings.epochs
    burnIn = settings.burnIn < sweeps ? settings.burnIn : sweeps / 3
    samples = max(1, min(settings.samples, sweeps - burnIn))
  }

  /// Whether a sweep, 1 the first, is one of those kept: evenly spread, the last among them.
  func keeps(_ sweep: Int) -> Bool {
    let after = sweep - burnIn
    let counted = sweeps - burnIn
    return after > 0 && after * samples / counted > (after - 1) * samples / counted
  }
}

/// Errors of the mean of all predictions so far on test rows.
private struct RunningErrors {
  private let rows: RatingRows
  private let threads: Int
  private var sums: [Float]
  private var count: Float = 0

  init(_ rows: RatingRows, threads: Int) {
    self.rows = rows
    self.threads = threads
    sums = .init(repeating: 0, count: rows.count)
  }

  /// The errors of a draw alone, or of the mean of it and all before that were not alone.
  mutating func errors(of draw: FactorParameters, alone: Bool) -> ErrorMetrics {
    var predictions = draw.scores(users: rows.users, items: rows.items, threads: threads)
    if !alone {
      count += 1
      for row in 0..<predictions.count {
        sums[row] += predictions[row]
        predictions[row] = sums[row] / count
      }
    }
    return ErrorMetrics(
      predictions: predictions, truths: rows.values, scale: -.infinity ... .infinity,
      threads: threads)
  }
}

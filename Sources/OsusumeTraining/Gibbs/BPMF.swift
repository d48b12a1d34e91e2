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
  ///   - resuming: Where a fit of the same data, settings and seed stood; it ends in the same bytes as one
  ///     left alone.
  ///   - progress: Called after each sweep with its report and the state to resume from; stops
  ///     the fit by returning false: the result is then the mean of the draws kept so far.
  /// - Throws: `BPMFError`, `TrainingError.otherState`, and what `progress` throws.
  public func fit(
    train: IndexedRatings, users: Int, items: Int, test: IndexedRatings? = nil,
    side: SideInformation = .init(), resuming: SampledState? = nil,
    progress: (EpochReport, SampledState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw BPMFError.noRatings }
    let problem = Problem(
      users: users, items: items,
      layout: FactorLayout(factors: hyperparameters.factors, biased: true),
      values: train.values)
    let plan = SamplingPlan(hyperparameters)
    guard plan.samples * problem.layout.factors + 2 <= FactorSearch.mostLanes else {
      throw BPMFError.tooWide(samples: plan.samples, factors: problem.layout.factors)
    }
    func features(_ entity: Entity) -> [SideFeatures] {
      side.features(
        of: entity, hyperparameters.sideInformation, train: train, users: users, items: items,
        threads: threads)
    }
    let chain = GibbsChain(
      train, problem, userFeatures: features(.user), itemFeatures: features(.item), seed: seed,
      threads: threads)
    var sampling = Sampling(
      chain, plan, ratings: train.count, judgedBy: test, threads: threads)
    if let resuming { try sampling.restore(resuming) } else { try sampling.warmUp() }
    while sampling.epochs.count < plan.sweeps {
      let report = try sampling.sweep()
      guard try progress(report, sampling.state) else { break }
    }
    return sampling.result()
  }
}

// Bayesian matrix factorisation: draws of all vectors and of their distributions, by Gibbs sampling.
import OsusumeData
import OsusumeModels

/// Bayesian probabilistic matrix factorisation (Salakhutdinov and Mnih 2008) with biases.
///
/// r = μ + b_u + b_i + p_u·q_i + noise; [p_u, b_u] and [q_i, b_i] are normal around what side
/// information says of them, a linear function of what a user has seen, of who has seen an item, and of its
/// genres and type (Agarwal and Chen 2009; Simm et al. 2017; Rendle, Zhang, Koren 2019). Means and precisions
/// have Normal–Wishart priors. Each user's noise has a precision of its own, with a Gamma prior that is
/// learned: some use the scale with more care than others. A sweep draws users' vectors, their precisions,
/// items' vectors, both distributions and weights, each given all others. After `burnIn` sweeps, `samples` of
/// the others, evenly spaced, are kept; the model is their mean. Deterministic: the same bytes for any
/// number of threads.
package final class BPMF: Fit {
  package static let holdsOut = HoldsOut.never

  package let task: FitTask
  private var chain: GibbsChain
  private var mean: PosteriorMean
  private let running: RunningErrors?
  private let plan: SamplingPlan
  /// Sweeps done.
  private var sweeps = 0

  /// Sweeps of alternating least squares before the first draw: what takes the error down to that of ALS.
  private static let warmUpSweeps = 8

  package init(_ task: FitTask) throws {
    self.task = task
    plan = SamplingPlan(task.settings)
    let factors = task.problem.layout.factors
    guard plan.samples * factors + 2 <= FactorSearch.mostLanes else {
      throw TrainingError.tooWide(samples: plan.samples, factors: factors)
    }
    func features(_ entity: Entity) -> [SideFeatures] {
      task.side.features(
        of: entity, task.settings.sideInformation, train: task.train, users: task.users,
        items: task.items, threads: task.threads)
    }
    chain = GibbsChain(
      task.train, task.problem, userFeatures: features(.user), itemFeatures: features(.item),
      seed: task.seed, threads: task.threads)
    chain.parts = task.parts
    mean = PosteriorMean(
      of: chain.state.parameters, draws: plan.samples, threads: task.threads)
    running = task.validation.map { RunningErrors($0, threads: task.threads) }
  }

  package var parameters: any Scorer { chain.state.parameters }

  /// Draws everything once and keeps what the plan says.
  package func runEpoch(_ number: Int) throws -> Double {
    if number == 0 {
      try task.parts.measure(.warmUp) { try chain.warmUp(sweeps: Self.warmUpSweeps) }
    }
    sweeps = number + 1
    let keeps = plan.keeps(sweeps)
    let squared = try chain.sweep(sweeps, computingMean: keeps)
    if keeps {
      task.parts.measure(.mean) {
        mean.add(
          chain.conditionalMean(), variance: chain.scoreVariance, userNoise: chain.userNoise)
      }
    }
    return squared / Double(task.train.count)
  }

  /// The errors of the draw while burning in, of the mean of all draws since thereafter.
  package func evaluate() -> FitErrors {
    FitErrors(ratings: running?.errors(of: chain.state.parameters, draw: sweeps - plan.burnIn))
  }

  package var tables: [FloatMatrix] {
    chain.state.tables + mean.tables + (running.map { [$0.sums] } ?? [])
  }

  package var numbers: [[Double]] { chain.state.numbers + mean.numbers }

  package func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]]) {
    sweeps = epochs
    let ofMean = mean.numbers.count
    chain.restore(numbers.dropLast(ofMean))
    mean.restore(numbers.suffix(ofMean), count: plan.kept(epochs))
  }

  /// The mean of the draws kept.
  package func result(_ parameters: any Scorer) -> FitResult {
    var mean = mean
    // Stopped before any draw counted: the last one is all there is.
    if mean.count == 0 {
      mean.add(chain.state.parameters, variance: 0, userNoise: chain.userNoise)
    }
    let (parameters, draws) = mean.finished()
    var result = FitResult(parameters: parameters)
    result.learned.draws = draws
    return result
  }
}

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

  /// Whether a sweep, 1 the first, is one of those kept: evenly spaced, the last among them.
  func keeps(_ sweep: Int) -> Bool { kept(sweep) > kept(sweep - 1) }

  /// How many of the sweeps up to one, 1 the first, are kept.
  func kept(_ sweep: Int) -> Int {
    sweep > burnIn ? (sweep - burnIn) * samples / (sweeps - burnIn) : 0
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

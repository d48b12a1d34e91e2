// Fits factor models by stochastic gradient descent, one update a rating, tile by tile.
import CKernels
import OsusumeData
import OsusumeModels

/// What can go wrong in a fit by tiled SGD.
public enum TiledSGDError: OsusumeError {
  /// There is nothing to learn from.
  case noRatings
  /// The loss grew without bound at every rate tried.
  case diverged(learningRate: Double)

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .diverged(let rate):
      "training diverged, also at learning rate \(rate): lower --learning-rate or the regularization"
    }
  }
}

/// Biased, regularised matrix factorisation by per-rating stochastic gradient descent.
///
/// Minimises Σ (r − μ − b_u − b_i − p_u·q_i)² + Σ over rows of (λ·n + λ₀)·|row|² (and λ_b·n·b²), n the
/// number of a row's ratings. With `earlyStopping` and `validation` set, a search on the training rows
/// less a random share finds the number of epochs; with `refit`, the model is then fitted on all rows
/// for that many. Deterministic: the same bytes for any number of threads.
public struct TiledSGD: Sendable {
  /// The settings; see `ModelSpec.mf`.
  public var hyperparameters: Hyperparameters
  /// Whether rows carry biases.
  public var biased: Bool
  /// Seed of start, order and held-out rows.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.mf.defaults, biased: Bool = true,
    seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.biased = biased
    self.seed = seed
    self.threads = threads
  }

  /// Fits a model to `train`, reporting the error on `test` as it goes.
  ///
  /// `resuming` goes on from a state handed to `progress` before. `progress` is called after each epoch
  /// and stops the fit by returning false: the result is then what was learned so far.
  public func fit(
    train: IndexedRatings, users: Int, items: Int, test: IndexedRatings? = nil,
    resuming: PhasedState? = nil,
    progress: (EpochReport, PhasedState) -> Bool = { _, _ in true }
  ) throws -> FitResult {
    try fit(
      train: train, users: users, items: items, test: test, resuming: resuming,
      walking: { tiledWalk(of: $0, $1) }, progress: progress)
  }

  /// The updates of an epoch, by the steps that both tables take: moves the tables and returns the sum of
  /// the squared errors met on the way.
  package typealias Walk = (
    _ epoch: Int, _ tables: FactorParameters, _ users: ck_sgd_side, _ items: ck_sgd_side
  ) -> Double

  /// Fits by the updates that `walking` makes of training rows, in whatever order.
  package func fit(
    train: IndexedRatings, users: Int, items: Int, test: IndexedRatings?,
    resuming: PhasedState? = nil,
    walking: @escaping (IndexedRatings, Problem) -> Walk,
    progress: (EpochReport, PhasedState) -> Bool
  ) throws -> FitResult {
    guard train.count > 0 else { throw TiledSGDError.noRatings }
    let problem = Problem(
      users: users, items: items,
      layout: FactorLayout(factors: hyperparameters.factors, biased: biased), values: train.values)
    return try PhasedFit(
      settings: hyperparameters, problem: problem, seed: seed, threads: threads,
      start: { start(problem) }, pass: { pass(over: $0, problem, walking($0, problem)) }
    ).run(train: train, test: test, resuming: resuming, progress)
  }

  /// Sets the steps of an epoch and walks.
  private func pass(
    over rows: IndexedRatings, _ problem: Problem, _ walk: @escaping Walk
  ) -> PhasedFit.Pass {
    var userSteps = SGDSteps(counts: ratingCounts(rows.users, count: problem.users))
    var itemSteps = SGDSteps(counts: ratingCounts(rows.items, count: problem.items))
    return { state in
      let schedule = hyperparameters.rateSchedule
      let rateScale = state.rateScale * schedule.factor(state.epoch, of: hyperparameters.epochs)
      userSteps.set(hyperparameters, deviation: problem.deviation, rateScale: rateScale)
      itemSteps.set(hyperparameters, deviation: problem.deviation, rateScale: rateScale)
      let tables = state.parameters
      return walk(
        state.epoch, tables, userSteps.side(of: tables.users), itemSteps.side(of: tables.items))
    }
  }

  /// Cuts rows into the tiles of a grid, the best one unless given; the walk goes through them once.
  package func tiledWalk(
    of rows: IndexedRatings, _ problem: Problem, grid: TileGrid? = nil
  ) -> Walk {
    let layout = problem.layout
    let tiles = RatingTiles(
      rows, users: problem.users, items: problem.items, mean: Float(problem.mean),
      grid: grid ?? TileGrid(ratings: rows.count, items: problem.items, layout: layout),
      threads: threads)
    let key = ck_random_key(seed, RandomStream.sgd)
    return { epoch, tables, users, items in
      tiles.walk(
        users: users, items: items, layout: layout, stride: tables.users.stride,
        key: hyperparameters.shuffle.permutation(epoch: epoch).map { ck_random_bits(key, $0) },
        threads: threads)
    }
  }
}

extension TiledSGD {
  /// The tables a phase starts from.
  func start(_ problem: Problem) -> FactorParameters {
    let parameters = FactorParameters(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    let spread =
      hyperparameters.factorInit.deviation(factors: problem.layout.factors)
      * problem.deviation.squareRoot()
    for (table, stream) in [
      (parameters.users, RandomStream.initialUsers), (parameters.items, RandomStream.initialItems),
    ] {
      table.fillNormal(
        lanes: 0..<problem.layout.factors, deviation: spread, key: ck_random_key(seed, stream),
        threads: threads)
    }
    return parameters
  }
}

extension Initializer {
  /// The standard deviation of the start of a table of vectors.
  func deviation(factors: Int) -> Double {
    switch start(fanIn: factors, fanOut: factors) {
    case .normal(let deviation), .truncated(let deviation): deviation
    case .uniform(let bound): bound / 3.0.squareRoot()
    }
  }
}

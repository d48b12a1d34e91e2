// Fits factor models by alternating least squares: each side's rows in closed form, given the other's.
import CKernels
import OsusumeData
import OsusumeModels

/// What can go wrong in a fit by alternating least squares.
public enum ALSError: OsusumeError, Equatable {
  /// There is nothing to learn from.
  case noRatings
  /// A row's ratings do not determine it.
  case undetermined(Entity, ratings: Int, factors: Int, regularization: Double)

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .undetermined(let entity, let ratings, let factors, let regularization):
      "λ = \(regularization) leaves \(factors) factors undetermined by the \(ratings) ratings of one "
        + "\(entity.rawValue): give a larger --regularization"
    }
  }
}

/// Biased matrix factorisation by alternating least squares.
///
/// Minimises Σ (r − μ − b_u − b_i − p_u·q_i)² + Σ over rows of (λ·n + λ₀)·|row|² + λ_b·b², n the number
/// of a row's ratings: λ₀ = 0 is ALS-WR (Zhou, Wilkinson, Schreiber, Pan 2008), λ = 0 the plain penalty.
/// A row's bias is solved for with its factors, as the partner of a constant 1. Epochs, each a sweep
/// over users and items, are counted as `PhasedFit` does. Deterministic: the same bytes for any number
/// of threads.
public struct ALS: Sendable {
  /// The settings; see `ModelSpec.als`.
  public var hyperparameters: Hyperparameters
  /// Whether rows carry biases.
  public var biased: Bool
  /// Seed of start and held-out rows.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.als.defaults, biased: Bool = true,
    seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.biased = biased
    self.seed = seed
    self.threads = threads
  }

  /// Fits a model to `train`, reporting the error on `test` as it goes.
  ///
  /// - Parameters:
  ///   - warmStart: Item rows to start from, of the solver's layout and `items` rows; nil: random ones.
  ///   - resuming: A state handed to `progress` before, to go on from.
  ///   - progress: Called after each sweep; stops the fit by returning false: the result is then what
  ///     was learned so far.
  /// - Throws: `ALSError`.
  public func fit(
    train: IndexedRatings, users: Int, items: Int, test: IndexedRatings? = nil,
    warmStart: FloatMatrix? = nil, resuming: PhasedState? = nil,
    progress: (EpochReport, PhasedState) -> Bool = { _, _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw ALSError.noRatings }
    let problem = Problem(
      users: users, items: items,
      layout: FactorLayout(factors: hyperparameters.factors, biased: biased), values: train.values)
    if hyperparameters.rowSolver == .variational, biased {
      return try VariationalALS(
        problem: problem, noise: hyperparameters.noise, threads: threads
      ).fit(hyperparameters, seed: seed, train: train, test: test, resuming: resuming, progress) {
        start(problem, warmStart)
      }
    }
    return try PhasedFit(
      settings: hyperparameters, problem: problem, seed: seed, threads: threads,
      start: { start(problem, warmStart) }, pass: { pass(over: $0, problem) }
    ).run(train: train, test: test, resuming: resuming, progress)
  }

  /// The item rows that the first sweep solves users for; user rows are zeros.
  private func start(_ problem: Problem, _ warmStart: FloatMatrix?) -> FactorParameters {
    let parameters = FactorParameters(
      atRandom: problem, hyperparameters, seed: seed, threads: threads)
    if let warmStart { parameters.items.copyRows(of: warmStart) }
    return parameters
  }

  /// Groups rows both ways; the pass is one sweep.
  private func pass(over rows: IndexedRatings, _ problem: Problem) -> PhasedFit.Pass {
    let solver = LeastSquaresSolver(problem.layout, hyperparameters, deviation: problem.deviation)
    let rowCost = problem.layout.lanes / 2  // a solve against a rating's share of a matrix
    let byUser = GroupedRatings(
      keys: rows.users, columns: rows.items, values: rows.values, mean: Float(problem.mean),
      count: problem.users, rowCost: rowCost, threads: threads)
    let byItem = GroupedRatings(
      keys: rows.items, columns: rows.users, values: rows.values, mean: Float(problem.mean),
      count: problem.items, rowCost: rowCost, threads: threads)
    return { state in
      let table = state.parameters
      _ = try solver.solve(
        .user, table.users, given: table.items, from: byUser, threads: threads)
      return try solver.solve(
        .item, table.items, given: table.users, from: byItem, threads: threads)
    }
  }
}

extension FactorParameters {
  /// Items at random and users zeros, which a first sweep solves for.
  init(atRandom problem: Problem, _ settings: Hyperparameters, seed: UInt64, threads: Int) {
    self.init(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    let spread =
      settings.factorInit.deviation(factors: problem.layout.factors)
      * problem.deviation.squareRoot()
    items.fillNormal(
      lanes: 0..<problem.layout.factors, deviation: spread,
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
  }
}

extension FloatMatrix {
  /// Overwrites the rows with another matrix's of the same shape.
  fileprivate func copyRows(of other: FloatMatrix) {
    precondition(other.rows == rows && other.stride == stride)
    base.update(from: other.base, count: capacity)
  }
}

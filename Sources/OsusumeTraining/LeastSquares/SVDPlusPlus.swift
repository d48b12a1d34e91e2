// Fits SVD++: rows are expected to be what implicit feedback says, and ratings say how far they are off.
import CKernels
import OsusumeData
import OsusumeModels

/// Biased matrix factorisation whose rows are expected from who rated or saw what.
///
/// p_u = |N(u)|^-½ Σ over j in N(u) of y_j + what u's ratings add, N(u) the items that u rated or saw, and
/// q_i likewise over those who rated or saw i (Koren 2008 has the first). What ratings add has the
/// distribution that they suggest, as in `VariationalALS`; y_j, a ridge regression of rows by coordinate
/// descent, has the ridge λ·(1 + features/rows): with many more raters than items, what they say of items
/// would fit anything. Deterministic: the same bytes for any number of threads.
public struct SVDPlusPlus: Sendable {
  /// The settings; see `ModelSpec.svdpp`.
  public var hyperparameters: Hyperparameters
  /// Whether biases move with time; rows must have timestamps.
  public var drifts: Bool
  /// Seed of the start.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.svdpp.defaults, drifts: Bool = false,
    seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.drifts = drifts
    self.seed = seed
    self.threads = threads
  }

  /// Fits a model to `train`, reporting the error on `test` as it goes.
  ///
  /// - Parameters:
  ///   - side: May name pairs seen without being rated.
  ///   - resuming: A state handed to `progress` before, to go on from.
  ///   - progress: Called after each sweep; stops the fit by returning false: the result is then what
  ///     was learned so far.
  /// - Throws: `ALSError`.
  public func fit(
    train: IndexedRatings, users: Int, items: Int, test: IndexedRatings? = nil,
    side: SideInformation = .init(), resuming: PhasedState? = nil,
    progress: (EpochReport, PhasedState) -> Bool = { _, _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw ALSError.noRatings }
    let problem = Problem(
      users: users, items: items,
      layout: FactorLayout(factors: hyperparameters.factors, biased: true),
      values: train.values)
    func features(_ entity: Entity, _ rows: IndexedRatings) -> [SideFeatures] {
      side.features(
        of: entity, hyperparameters.sideInformation, train: rows, users: users, items: items,
        threads: threads)
    }
    return try VariationalALS(
      problem: problem, noise: hyperparameters.noise, threads: threads,
      features: { (features(.user, $0), features(.item, $0)) }, drifts: drifts
    ).fit(
      hyperparameters, seed: seed, train: drifts ? train.inOrderOfTime : train, test: test,
      resuming: resuming, progress
    ) {
      FactorParameters(atRandom: problem, hyperparameters, seed: seed, threads: threads)
    }
  }
}

// Variational least squares: vectors known by mean and variance, and their distribution learned with them.
import OsusumeData
import OsusumeModels

/// The model of `BPMF`, by alternating over means and variances instead of draws
/// (Lim and Teh 2007; Raiko, Ilin and Karhunen 2007): `als`, and with features `svdpp`, with drift `time-mf`.
///
/// The normal matrix of a vector has the other table's variances on its diagonal, so that vectors that are
/// not well known are relied on less. Means and precisions of users' and items' vectors, biases included, are
/// the expectations of Normal–Wishart posteriors, and a user's precision that of a Gamma posterior: nothing
/// but the noise is set beforehand, and the ridge of the features.
///
/// With features, vectors are expected from who rated or saw what: p_u = |N(u)|^-½ Σ over j in N(u) of y_j +
/// what u's ratings add, N(u) the items that u rated or saw, and q_i likewise over those who rated or saw i
/// (Koren 2008 has the first). y_j, a ridge regression of vectors by coordinate descent, has the ridge
/// λ·(1 + features/vectors): with many more raters than items, what they say of items would fit anything.
///
/// An epoch is a function of tables and posterior alone, so that a checkpoint needs no more.
/// Deterministic: the same bytes for any number of threads.
package final class VariationalALS: Fit {
  package let task: FitTask
  private let factors: FactorParameters
  private var posterior: VariationalPosterior
  private var users: FactorSolver
  private var items: FactorSolver
  /// Whether the ratings that are solved from are less the biases that drift.
  private var hasResiduals = false

  /// Sweeps in which vectors take shape before anything is learned from them.
  private static let bareSweeps = 3
  /// Sweeps between two fits of how biases drift, which change little: before the first they are fitted to
  /// the residuals of damped biases.
  private static let epochsOfBiases = 5

  package convenience init(_ task: FitTask) { self.init(task, drifts: task.spec.needsTimestamps) }

  /// Makes a fit whose biases drift or do not; where they do, ratings must have timestamps.
  private init(_ task: FitTask, drifts: Bool) {
    var task = task
    if drifts { task.train = task.train.inOrderOfTime }
    self.task = task
    factors = FactorParameters(atRandom: task, tables: [.item])
    // `als` has the model alone.
    let kinds = task.spec.fit == .svdPlusPlus ? task.settings.sideInformation : []
    func features(_ entity: Entity) -> [SideFeatures] {
      task.side.features(
        of: entity, kinds, train: task.train, users: task.users, items: task.items,
        threads: task.threads)
    }
    posterior = VariationalPosterior(
      task.problem, features: (features(.user), features(.item)),
      ridge: task.settings.sideRegularization,
      biases: drifts
        ? DriftingBiases(
          task.train, users: task.users, items: task.items, threads: task.threads) : nil,
      threads: task.threads)
    users = FactorSolver(.user, of: task)
    items = FactorSolver(.item, of: task)
  }

  package var parameters: any Scorer { factors }

  /// Biases that drift are evaluated apart: the tables explain their residuals.
  package func evaluate() -> FitErrors {
    errors(
      of: parameters,
      on: task.validation.map { posterior.biases?.residuals(of: $0) ?? $0 })
  }

  package func runEpoch(_ number: Int) throws -> Double {
    if let biases = posterior.biases {
      let isDue = number > 0 && number % Self.epochsOfBiases == 0
      task.parts.measure(.biases) {
        if isDue { biases.fit(beside: factors) }
        if isDue || !hasResiduals {
          users.replaceRatings(biases.residuals, by: biases, task.problem)
          items.replaceRatings(biases.residuals, by: biases, task.problem)
        }
      }
      hasResiduals = true
    }
    return try sweep(learns: number >= Self.bareSweeps) / Double(task.train.count)
  }

  package var tables: [FloatMatrix] { parameters.tables + posterior.tables }

  package func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]]) {
    posterior.restore(Array(tables.dropFirst(parameters.tables.count)))
  }

  package func result(_ parameters: any Scorer) -> FitResult {
    var result = FitResult(parameters: parameters)
    // Vectors without ratings are what the posterior expects of them.
    if let factors = parameters.factors { posterior.complete(&result, factors) }
    return result
  }

  /// The precision of a rating around its score.
  ///
  /// It is a setting, for learned like the rest it goes wrong: a mean-field posterior misses correlations between
  /// unknowns, takes what they explain for noise, and more noise shrinks the factors further (in a prototype
  /// on anime-2016: RMSE 1.141 after 18 sweeps, where it was below 1.130).
  private var precision: Double {
    1 / (task.settings.noise * task.problem.deviation * task.problem.deviation)
  }

  /// Users, their precisions, items; returns the sum of the expected squared errors, each times its
  /// user's precision.
  private func sweep(learns: Bool) throws -> Double {
    let (expectedUsers, expectedItems) = (posterior.expectedUsers, posterior.expectedItems)
    let ofUsers = try task.parts.measure(.distributions) {
      try distribution(of: factors.users, posterior.users, users, expectedUsers, learns: learns)
    }
    let errors = try task.parts.measure(.users, users.work) {
      try users.draw(
        factors.users, given: factors.items, prior: ofUsers, precision: precision,
        centers: expectedUsers.centers, roots: roots,
        variances: (posterior.items, posterior.users), key: nil)
    }
    let ofItems = try task.parts.measure(.distributions) {
      if learns {
        learnPrecisions(errors)
        expectedUsers.fit(to: factors.users, mean: ofUsers.mean)
      }
      return try distribution(
        of: factors.items, posterior.items, items, expectedItems, learns: learns)
    }
    let squared = try task.parts.measure(.items, items.work) {
      try items.draw(
        factors.items, given: factors.users, prior: ofItems, precision: precision,
        centers: expectedItems.centers, roots: roots,
        variances: (posterior.users, posterior.items), key: nil)
    }
    if learns {
      task.parts.measure(.distributions) {
        expectedItems.fit(to: factors.items, mean: ofItems.mean)
      }
    }
    return squared.reduce(0, +)
  }

  /// The distribution of the vectors: expected given those of the last sweep, or before any were seen.
  private func distribution(
    of table: FloatMatrix, _ variances: FloatMatrix, _ solver: FactorSolver,
    _ expected: FeatureRegression, learns: Bool
  ) throws -> FactorDistribution {
    let prior = GibbsPrior(task.problem).rows
    guard learns else { return try prior.expectation() }
    // Weights have no variance: counted, they would make the precision too high.
    let weights = expected.scaledMoments().map { moments in
      FactorMoments(count: 0, sum: moments.sum, products: moments.products)
    }
    let residuals = expected.residuals(of: table)
    return try prior.given(solver.moments(of: residuals, variances: variances), centered: weights)
      .expectation()
  }

  /// Roots of the users' precisions.
  private var roots: [Float] {
    let precisions = posterior.userPrecisions[0]
    return (0..<task.users).map { precisions[$0].squareRoot() }
  }

  /// Sets users' precisions given the sums of their squared errors, which the precisions so far weight.
  private func learnPrecisions(_ errors: [Double]) {
    let precisions = posterior.userPrecisions[0]
    let mean = errors.reduce(0, +) / Double(users.ratings.values.count)
    guard mean > 0, let known = GibbsPrior(task.problem).userNoiseCount else { return }
    for user in errors.indices {
      let squared = errors[user] / Double(precisions[user]) / mean
      precisions[user] = Float((known + Double(users.ratings.count(user))) / (known + squared))
    }
  }
}

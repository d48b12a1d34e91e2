// Variational least squares: rows known by mean and variance, what they come from learned with them.
import CKernels
import OsusumeData
import OsusumeModels

/// How sure a fit is of its rows: what a checkpoint keeps beside their means.
public struct RowBeliefs: Sendable {
  /// Variances of the unknowns of users' and items' rows, laid out as they are.
  let users: FloatMatrix
  let items: FloatMatrix
  /// The precision of each user's ratings over that of all, [1, users].
  let userPrecisions: FloatMatrix

  /// No variance, and users all alike.
  init(of parameters: FactorParameters) {
    users = FloatMatrix(rows: parameters.users.rows, columns: parameters.layout.lanes)
    items = FloatMatrix(rows: parameters.items.rows, columns: parameters.layout.lanes)
    userPrecisions = FloatMatrix(rows: 1, columns: parameters.users.rows)
    for user in 0..<parameters.users.rows { userPrecisions[0][user] = 1 }
  }

  var tables: [FloatMatrix] { [users, items, userPrecisions] }
}

/// The model of `BPMF` without side information, by alternating over means and variances instead of draws
/// (Lim and Teh 2007; Raiko, Ilin and Karhunen 2007).
///
/// A row's normal matrix has the other side's variances on its diagonal, so that rows that are not well
/// known are relied on less. Means and precisions of users' and items' rows, biases included, are the
/// expectations of Normal–Wishart posteriors, and a user's precision that of a Gamma posterior: nothing but
/// the noise is set beforehand. A function of tables and beliefs alone, so that a checkpoint needs no more.
struct VariationalALS {
  let problem: Problem
  /// The variance of ratings around their scores, as a share of their variance.
  ///
  /// Learned like the rest it would take over: distributions with independent unknowns make little of
  /// what rows say together, what they leave is taken for noise, and noise holds factors back further
  /// (in a prototype on anime-2016: RMSE 1.141 after 18 sweeps, where it was below 1.130).
  let noise: Double
  let threads: Int

  /// Sweeps in which rows find their form before anything is learned from them.
  private static let bareSweeps = 3

  /// Fits by sweeps from tables that `start` makes.
  func fit(
    _ settings: Hyperparameters, seed: UInt64, train: RatingRows, test: RatingRows?,
    resuming: PhasedState?, _ progress: (EpochReport, PhasedState) -> Bool,
    start: @escaping () -> FactorParameters
  ) throws -> FitResult {
    try PhasedFit(
      settings: settings, problem: problem, seed: seed, threads: threads, start: start,
      startingBeliefs: { RowBeliefs(of: start()) }, pass: { pass(over: $0) }
    ).run(train: train, test: test, resuming: resuming, progress)
  }

  /// Groups rows both ways; the pass is one sweep.
  private func pass(over rows: RatingRows) -> PhasedFit.Pass {
    let users = GibbsRows(.user, of: rows, problem, threads: threads)
    let items = GibbsRows(.item, of: rows, problem, threads: threads)
    return { state in
      guard let beliefs = state.beliefs else { throw TrainingError.otherState }
      return try sweep(
        state.parameters, beliefs, users, items, learns: state.epoch >= Self.bareSweeps)
    }
  }

  /// Users, their precisions, items; returns the sum of the expected squared errors, each times its
  /// user's precision.
  private func sweep(
    _ tables: FactorParameters, _ beliefs: RowBeliefs, _ users: GibbsRows, _ items: GibbsRows,
    learns: Bool
  ) throws -> Double {
    let precision = 1 / (noise * problem.deviation * problem.deviation)
    let left = try users.draw(
      tables.users, given: tables.items,
      prior: distribution(of: tables.users, beliefs.users, users, learns: learns),
      precision: precision, roots: roots(beliefs), spread: (beliefs.items, beliefs.users), key: nil)
    if learns { learnPrecisions(beliefs, left, users) }
    return try items.draw(
      tables.items, given: tables.users,
      prior: distribution(of: tables.items, beliefs.items, items, learns: learns),
      precision: precision, roots: roots(beliefs), spread: (beliefs.users, beliefs.items), key: nil
    ).reduce(0, +)
  }

  /// What rows come from: expected after those of the last sweep, or before any were seen.
  private func distribution(
    of table: FloatMatrix, _ variances: FloatMatrix, _ rows: GibbsRows, learns: Bool
  ) throws -> RowDistribution {
    let prior = GibbsPrior(problem).rows
    return try (learns ? prior.given(rows.moments(of: table, variances: variances)) : prior)
      .expectation()
  }

  private func roots(_ beliefs: RowBeliefs) -> [Float] {
    let precisions = beliefs.userPrecisions[0]
    return (0..<problem.users).map { precisions[$0].squareRoot() }
  }

  /// Sets users' precisions given their errors, which come weighted by those so far.
  private func learnPrecisions(_ beliefs: RowBeliefs, _ left: [Double], _ users: GibbsRows) {
    let precisions = beliefs.userPrecisions[0]
    let mean = left.reduce(0, +) / Double(left.indices.reduce(0) { $0 + users.count($1) })
    guard mean > 0, let known = GibbsPrior(problem).userNoiseCount else { return }
    for user in left.indices {
      let squared = left[user] / Double(precisions[user]) / mean
      precisions[user] = Float((known + Double(users.count(user))) / (known + squared))
    }
  }
}

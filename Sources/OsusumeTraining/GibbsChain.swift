// The Markov chain of Bayesian matrix factorisation: its state, and one sweep over it.
import CKernels
import OsusumeData
import OsusumeModels

/// What is believed before any rating is seen.
package struct GibbsPrior {
  /// Of the distribution that users' rows come from, and of that of items' rows.
  package var rows: NormalWishart
  /// How many ratings the prior of the noise counts for.
  package var noiseCount: Double
  /// What those ratings are thought to vary by.
  package var noiseVariance: Double

  /// Makes a prior from its parts.
  package init(rows: NormalWishart, noiseCount: Double, noiseVariance: Double) {
    self.rows = rows
    self.noiseCount = noiseCount
    self.noiseVariance = noiseVariance
  }

  /// A weak prior on the scale of the ratings, so that the fit does not depend on it.
  ///
  /// Of the ratings' variance users' biases, items' biases and all factors together are each given a
  /// sixth. It counts for as many rows as there are unknowns, and one rating: the data outvote it.
  package init(_ problem: Problem) {
    let variance = problem.deviation * problem.deviation
    let factors = problem.layout.factors
    let each = (variance / 6 / Double(max(1, factors))).squareRoot()
    rows = NormalWishart(
      variances: .init(repeating: each, count: factors) + [variance / 6],
      degrees: Double(factors + 1))
    (noiseCount, noiseVariance) = (1, variance)
  }
}

/// Everything that a sweep draws anew.
package struct GibbsState {
  /// The rows; written to in place.
  package var parameters: FactorParameters
  /// The distribution of users' rows and of items' rows.
  package var users: RowDistribution
  package var items: RowDistribution
  /// The precision of a rating, α.
  package var precision: Double

  /// Makes a state from its parts.
  package init(
    parameters: FactorParameters, users: RowDistribution, items: RowDistribution, precision: Double
  ) {
    self.parameters = parameters
    self.users = users
    self.items = items
    self.precision = precision
  }

  /// The state a chain starts from: items at random, users nowhere.
  init(_ problem: Problem, _ prior: GibbsPrior, seed: UInt64, threads: Int) {
    let width = prior.rows.center.count
    let variances = (0..<width).map { prior.rows.scatter[$0 * (width + 1)] / prior.rows.degrees }
    users = RowDistribution(variances: variances)
    items = users
    precision = 1 / prior.noiseVariance
    parameters = FactorParameters(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    parameters.items.fillNormal(
      lanes: 0..<problem.layout.factors, deviation: (variances.first ?? 0).squareRoot(),
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
  }
}

/// Rows, their distributions and the noise's precision, drawn in turn.
package struct GibbsChain {
  /// What was last drawn.
  package private(set) var state: GibbsState
  private let userRows: GibbsRows
  private let itemRows: GibbsRows
  private let prior: GibbsPrior
  private let problem: Problem
  private let seed: UInt64
  /// The distribution of items and the precision that `state`'s items were drawn with, and the squared
  /// errors that they left.
  private var last: (items: RowDistribution, precision: Double, squared: Double)
  /// Mean variance of the scores around those of settled items.
  private var spread = 0.0

  /// A chain of a state, by default the one to start from.
  package init(
    _ train: RatingRows, _ problem: Problem, prior: GibbsPrior? = nil, state: GibbsState? = nil,
    seed: UInt64, threads: Int
  ) {
    let prior = prior ?? GibbsPrior(problem)
    self.problem = problem
    self.prior = prior
    self.seed = seed
    userRows = GibbsRows(.user, of: train, problem, threads: threads)
    itemRows = GibbsRows(.item, of: train, problem, threads: threads)
    let state = state ?? GibbsState(problem, prior, seed: seed, threads: threads)
    self.state = state
    last = (state.items, state.precision, 0)
  }

  /// Sets rows to their means a few times, distributions left as they are: alternating least squares.
  ///
  /// From rows at random, draws would take tens of sweeps to find out what factors are about.
  package mutating func warmUp(sweeps: Int) throws {
    let (users, items) = (state.parameters.users, state.parameters.items)
    for _ in 0..<sweeps {
      _ = try userRows.draw(
        users, given: items, prior: state.users, precision: state.precision, key: nil)
      _ = try itemRows.draw(
        items, given: users, prior: state.items, precision: state.precision, key: nil)
    }
  }

  /// Draws everything once, a function of state, seed and the sweep's number; returns the sum of the
  /// squared errors that are left.
  ///
  /// Errors: `BPMFError.degenerate`.
  @discardableResult
  package mutating func sweep(_ number: Int) throws -> Double {
    let key = ck_random_key(seed, RandomStream.gibbs + UInt64(number) << 32)
    var random = RandomSequence(key: ck_random_bits(key, 2))
    let (users, items) = (state.parameters.users, state.parameters.items)
    _ = try userRows.draw(
      users, given: items, prior: state.users, precision: state.precision,
      key: ck_random_bits(key, 0))
    state.users = try prior.rows.given(userRows.moments(of: users)).draw(&random)
    let squared = try itemRows.draw(
      items, given: users, prior: state.items, precision: state.precision,
      key: ck_random_bits(key, 1))
    last = (state.items, state.precision, squared)
    state.items = try prior.rows.given(itemRows.moments(of: items)).draw(&random)
    // Gamma, of which the prior is worth `noiseCount` ratings.
    let errors = prior.noiseCount * prior.noiseVariance + squared
    state.precision =
      random.gamma(shape: (prior.noiseCount + Double(problem.ratings)) / 2) / (errors / 2)
    return squared
  }

  /// The last draw with items' rows at the means that they were drawn around.
  ///
  /// Scores have the same expectation as those of the draw and vary less (Rao and Blackwell): fewer draws do
  /// for a mean. What they lost in variance `noise` makes up for.
  mutating func settled() throws -> FactorParameters {
    let items = FactorParameters(
      layout: problem.layout, users: 0, items: problem.items, mean: 0
    ).items
    let squared = try itemRows.draw(
      items, given: state.parameters.users, prior: last.items, precision: last.precision, key: nil)
    spread = max(0, last.squared - squared) / Double(problem.ratings)
    return FactorParameters(
      mean: state.parameters.mean, layout: problem.layout, users: state.parameters.users,
      items: items)
  }

  /// The variance of a rating around its score by `settled()`, as last called.
  var noise: Double { 1 / state.precision + spread }
}

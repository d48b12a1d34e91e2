// The Markov chain of Bayesian matrix factorisation: its state, and one sweep over it.
import CKernels
import OsusumeData
import OsusumeModels

/// The prior: of the distributions of vectors and of the noise.
package struct GibbsPrior {
  /// Of the distribution of users' vectors, and of that of items' vectors.
  package var rows: NormalWishart
  /// How many ratings the prior of the noise counts for.
  package var noiseCount: Double
  /// The variance of those ratings around their scores.
  package var noiseVariance: Double
  /// How many ratings of a user the noise of all users counts for; nil: all users have the same noise.
  package var userNoiseCount: Double?

  /// Makes a prior from its parts.
  package init(
    rows: NormalWishart, noiseCount: Double, noiseVariance: Double, userNoiseCount: Double? = nil
  ) {
    self.rows = rows
    self.noiseCount = noiseCount
    self.noiseVariance = noiseVariance
    self.userNoiseCount = userNoiseCount
  }

  /// A weak prior on the scale of the ratings, so that the fit does not depend on it.
  ///
  /// Users' biases, items' biases and all factors together each have a sixth of the ratings' variance. It
  /// counts for as many vectors as there are unknowns, and one rating: the data outweigh it.
  package init(_ problem: Problem) {
    let variance = problem.deviation * problem.deviation
    let factors = problem.layout.factors
    let each = (variance / 6 / Double(max(1, factors))).squareRoot()
    rows = NormalWishart(
      variances: .init(repeating: each, count: factors) + [variance / 6],
      degrees: Double(factors + 1))
    (noiseCount, noiseVariance) = (1, variance)
    // Drawn as one more unknown, it comes out between 4 and 6 on anime-2016 and MovieLens alike.
    userNoiseCount = 5
  }
}

/// Everything that a sweep draws anew.
package struct GibbsState {
  /// The rows; written to in place.
  package var parameters: FactorParameters
  /// The distribution of users' rows and of items' rows.
  package var users: FactorDistribution
  package var items: FactorDistribution
  /// The precision of a rating, α; where users have their own, theirs are multiples of it.
  package var precision: Double
  /// The precision of each user's ratings, over α: 1 where all have the same.
  package var userPrecisions: [Double]
  /// What features say of users' and of items' vectors.
  package var expectedUsers: FeatureRegression
  package var expectedItems: FeatureRegression

  /// Makes a state from its parts.
  package init(
    parameters: FactorParameters, users: FactorDistribution, items: FactorDistribution,
    precision: Double,
    userPrecisions: [Double]? = nil, expectedUsers: FeatureRegression? = nil,
    expectedItems: FeatureRegression? = nil
  ) {
    self.parameters = parameters
    self.users = users
    self.items = items
    self.precision = precision
    let (users, items) = (parameters.users.rows, parameters.items.rows)
    self.userPrecisions = userPrecisions ?? .init(repeating: 1, count: users)
    func constant(_ entity: Entity, _ rows: Int) -> FeatureRegression {
      FeatureRegression(
        entity, features: [], rows: rows, layout: parameters.layout, ridge: 1, threads: 1)
    }
    self.expectedUsers = expectedUsers ?? constant(.user, users)
    self.expectedItems = expectedItems ?? constant(.item, items)
  }

  /// Roots of the users' precisions over α.
  fileprivate var roots: [Float] { userPrecisions.map { Float($0.squareRoot()) } }

  /// The tables among it.
  var tables: [FloatMatrix] {
    [parameters.users, parameters.items]
      + (expectedUsers.regressions + expectedItems.regressions).map(\.weights)
  }

  /// The numbers among it that the tables do not hold.
  var numbers: [[Double]] {
    [
      users.mean, users.precision, items.mean, items.precision, [precision], userPrecisions,
      expectedUsers.regressions.map(\.ridge), expectedItems.regressions.map(\.ridge),
    ]
  }

  /// Takes over `numbers` of the same sizes; the tables have been written to.
  mutating func restore(_ numbers: ArraySlice<[Double]>) {
    let numbers = Array(numbers)
    users = FactorDistribution(mean: numbers[0], precision: numbers[1])
    items = FactorDistribution(mean: numbers[2], precision: numbers[3])
    (precision, userPrecisions) = (numbers[4][0], numbers[5])
    expectedUsers.set(ridges: numbers[6])
    expectedItems.set(ridges: numbers[7])
  }

  /// The state a chain starts from: items at random, users zeros.
  init(
    _ problem: Problem, _ prior: GibbsPrior, userFeatures: [SideFeatures],
    itemFeatures: [SideFeatures], seed: UInt64, threads: Int
  ) {
    let width = prior.rows.center.count
    let variances = (0..<width).map { prior.rows.scatter[$0 * (width + 1)] / prior.rows.degrees }
    let distribution = FactorDistribution(variances: variances)
    let parameters = FactorParameters(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    parameters.items.fillNormal(
      lanes: 0..<problem.layout.factors, deviation: (variances.first ?? 0).squareRoot(),
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
    func expected(_ entity: Entity, _ features: [SideFeatures], _ rows: Int) -> FeatureRegression {
      FeatureRegression(
        entity, features: features, rows: rows, layout: problem.layout, ridge: 1, threads: threads)
    }
    self.init(
      parameters: parameters, users: distribution, items: distribution,
      precision: 1 / prior.noiseVariance,
      expectedUsers: expected(.user, userFeatures, problem.users),
      expectedItems: expected(.item, itemFeatures, problem.items))
  }
}

/// Vectors, their expectations and the precision of the noise, drawn in turn.
package struct GibbsChain {
  /// What was last drawn.
  package private(set) var state: GibbsState
  private let userRows: FactorSolver
  private let itemRows: FactorSolver
  private let prior: GibbsPrior
  private let problem: Problem
  private let seed: UInt64
  /// The items of the last sweep that computed means, at the means that they were drawn around.
  private var meanItems: FloatMatrix
  /// Where the parts of a sweep tell their time.
  var parts: EpochParts?
  /// Mean variance of the scores around those of `conditionalMean`.
  private(set) var scoreVariance = 0.0

  /// A chain of a state, by default the one to start from.
  package init(
    _ train: IndexedRatings, _ problem: Problem, prior: GibbsPrior? = nil, state: GibbsState? = nil,
    userFeatures: [SideFeatures] = [], itemFeatures: [SideFeatures] = [], seed: UInt64, threads: Int
  ) {
    let prior = prior ?? GibbsPrior(problem)
    self.problem = problem
    self.prior = prior
    self.seed = seed
    userRows = FactorSolver(.user, of: train, problem, threads: threads)
    itemRows = FactorSolver(.item, of: train, problem, threads: threads)
    let state =
      state
      ?? GibbsState(
        problem, prior, userFeatures: userFeatures, itemFeatures: itemFeatures, seed: seed,
        threads: threads)
    self.state = state
    meanItems =
      FactorParameters(
        layout: problem.layout, users: 0, items: problem.items, mean: 0
      ).items
  }

  /// Goes on from numbers of another chain's state; its tables have been written to.
  mutating func restore(_ numbers: ArraySlice<[Double]>) { state.restore(numbers) }

  /// Sets rows to their means a few times, at fixed distributions: alternating least squares.
  ///
  /// From vectors at random, draws would take tens of sweeps to find the factors. What features say of vectors
  /// is fitted in the second half.
  package mutating func warmUp(sweeps: Int) throws {
    let (users, items) = (state.parameters.users, state.parameters.items)
    for sweep in 0..<sweeps {
      _ = try drawUsers(key: nil)
      if 2 * sweep >= sweeps { state.expectedUsers.fit(to: users) }
      _ = try drawItems(items, key: nil)
      if 2 * sweep >= sweeps { state.expectedItems.fit(to: items) }
    }
  }

  /// Draws users' rows, or without a key sets them to their means.
  private func drawUsers(key: UInt64?) throws -> [Double] {
    try userRows.draw(
      state.parameters.users, given: state.parameters.items, prior: state.users,
      precision: state.precision, centers: state.expectedUsers.centers, roots: roots, key: key)
  }

  /// Draws items' rows into a table, or without a key sets them to their means.
  private func drawItems(_ table: FloatMatrix, key: UInt64?) throws -> [Double] {
    try itemRows.draw(
      table, given: state.parameters.users, prior: state.items, precision: state.precision,
      centers: state.expectedItems.centers, roots: roots, key: key)
  }

  private var roots: [Float]? { prior.userNoiseCount == nil ? nil : state.roots }

  /// Draws everything once, a function of state, seed and the sweep's number; returns the sum of the
  /// squared errors, each over its user's fraction of the noise.
  ///
  /// `computingMean`: also computes the means that items are drawn around, for `conditionalMean`. Errors:
  /// `TrainingError.degenerate`.
  @discardableResult
  package mutating func sweep(_ number: Int, computingMean: Bool = false) throws -> Double {
    let key = ck_random_key(seed, RandomStream.gibbs + UInt64(number) << 32)
    var random = RandomSequence(key: ck_random_bits(key, 2))
    let parts = parts
    let errors = try parts.measure(.users, userRows.work) {
      try drawUsers(key: ck_random_bits(key, 0))
    }
    try parts.measure(.distributions) {
      drawUserPrecisions(errors, &random)
      let expectedUsers = state.expectedUsers.residuals(of: state.parameters.users)
      state.users = try prior.rows.given(
        userRows.moments(of: expectedUsers), centered: state.expectedUsers.scaledMoments()
      ).draw(&random)
      try state.expectedUsers.draw(
        given: state.parameters.users, of: state.users, key: ck_random_bits(key, 3), &random)
    }
    let squared = try parts.measure(.items, (computingMean ? 2 : 1) * itemRows.work) {
      let squared = try drawItems(state.parameters.items, key: ck_random_bits(key, 1))
        .reduce(0, +)
      if computingMean {
        let least = try drawItems(meanItems, key: nil).reduce(0, +)
        scoreVariance = max(0, squared - least) / Double(problem.ratings)
      }
      return squared
    }
    try parts.measure(.distributions) {
      let expectedItems = state.expectedItems.residuals(of: state.parameters.items)
      state.items = try prior.rows.given(
        itemRows.moments(of: expectedItems), centered: state.expectedItems.scaledMoments()
      ).draw(&random)
      try state.expectedItems.draw(
        given: state.parameters.items, of: state.items, key: ck_random_bits(key, 4), &random)
      drawPrecision(squared, &random)
    }
    return squared
  }

  /// Draws each user's precision from its errors and what is known of all users.
  private mutating func drawUserPrecisions(_ errors: [Double], _ random: inout RandomSequence) {
    guard let count = prior.userNoiseCount else { return }
    for user in errors.indices {
      // Errors come weighted; over α, a precision is Gamma(count/2, count/2) before any is seen.
      let squared = errors[user] / state.userPrecisions[user] * state.precision
      let ratings = Double(userRows.ratings.count(user))
      state.userPrecisions[user] =
        random.gamma(shape: (count + ratings) / 2) / ((count + squared) / 2)
    }
  }

  /// Draws α, of which the prior is worth `noiseCount` ratings.
  private mutating func drawPrecision(_ squared: Double, _ random: inout RandomSequence) {
    let sum = prior.noiseCount * prior.noiseVariance + squared
    state.precision =
      random.gamma(shape: (prior.noiseCount + Double(problem.ratings)) / 2) / (sum / 2)
  }

  /// The last draw with items' rows at the means that they were drawn around.
  ///
  /// Scores have the same expectation as those of the draw and vary less (Rao and Blackwell): fewer draws do
  /// for a mean. `scoreVariance` is the variance that they lack.
  func conditionalMean() -> FactorParameters {
    FactorParameters(
      mean: state.parameters.mean, layout: problem.layout, users: state.parameters.users,
      items: meanItems)
  }

  /// The variance of each user's ratings around their scores.
  var userNoise: [Double] { state.userPrecisions.map { 1 / ($0 * state.precision) } }
}

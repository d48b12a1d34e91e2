// The Markov chain of Bayesian matrix factorisation: its state, and one sweep over it.
import CKernels
import OsusumeData
import OsusumeModels

/// Rows, their distributions and the noise's precision, drawn in turn.
struct GibbsChain {
  /// The rows as last drawn; written to in place.
  let parameters: FactorParameters
  /// The precision of a rating, α.
  private(set) var precision: Double
  private var users: RowDistribution
  private var items: RowDistribution
  private let userRows: GibbsRows
  private let itemRows: GibbsRows
  private let prior: NormalWishart
  private let problem: Problem
  private let seed: UInt64

  /// A chain at its start: items at random, users nowhere.
  init(_ train: RatingRows, _ problem: Problem, seed: UInt64, threads: Int) {
    self.problem = problem
    self.seed = seed
    userRows = GibbsRows(.user, of: train, problem, threads: threads)
    itemRows = GibbsRows(.item, of: train, problem, threads: threads)
    parameters = FactorParameters(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    let variances = Self.expectedVariances(problem)
    prior = NormalWishart(variances: variances)
    users = RowDistribution(variances: variances)
    items = users
    precision = 1 / (0.7 * problem.deviation * problem.deviation)
    parameters.items.fillNormal(
      lanes: 0..<problem.layout.factors, deviation: (variances.first ?? 0).squareRoot(),
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
  }

  /// What rows' unknowns may vary by, before anything is known of them.
  ///
  /// Of the variance of ratings users and items are each given a sixth, and so is what all factors add
  /// together. The prior counts for as many rows as there are unknowns: the rows there are outvote it.
  private static func expectedVariances(_ problem: Problem) -> [Double] {
    let share = problem.deviation * problem.deviation / 6
    let factors = problem.layout.factors
    return .init(repeating: (share / Double(max(1, factors))).squareRoot(), count: factors)
      + [share]
  }

  /// Draws everything once, a function of state, seed and the sweep's number; returns the sum of the
  /// squared errors that are left.
  mutating func sweep(_ number: Int) throws -> Double {
    let key = ck_random_key(seed, RandomStream.gibbs + UInt64(number) << 32)
    var random = RandomSequence(key: ck_random_bits(key, 2))
    _ = try userRows.draw(
      parameters.users, given: parameters.items, prior: users, noise: precision,
      key: ck_random_bits(key, 0))
    users = try prior.given(userRows.moments(of: parameters.users)).draw(&random)
    let squared = try itemRows.draw(
      parameters.items, given: parameters.users, prior: items, noise: precision,
      key: ck_random_bits(key, 1))
    items = try prior.given(itemRows.moments(of: parameters.items)).draw(&random)
    precision = drawPrecision(squared, &random)
    return squared
  }

  /// α given the errors: Gamma, whose prior counts for one rating with the variance of them all.
  private func drawPrecision(_ squared: Double, _ random: inout RandomSequence) -> Double {
    let variance = problem.deviation * problem.deviation
    return random.gamma(shape: (1 + Double(problem.ratings)) / 2) / ((variance + squared) / 2)
  }
}

extension NormalWishart {
  /// A weak prior around independent unknowns with these variances.
  init(variances: [Double]) {
    let width = variances.count
    self.init(
      center: .init(repeating: 0, count: width), meanCount: 1, degrees: Double(width),
      scatter: .init(repeating: 0, count: width * width))
    for (place, variance) in variances.enumerated() {
      scatter[place * (width + 1)] = Double(width) * variance
    }
  }
}

extension RowDistribution {
  /// Independent unknowns of mean 0 with these variances.
  init(variances: [Double]) {
    let width = variances.count
    self.init(
      mean: .init(repeating: 0, count: width), precision: .init(repeating: 0, count: width * width))
    for (place, variance) in variances.enumerated() {
      precision[place * (width + 1)] = 1 / variance
    }
  }
}

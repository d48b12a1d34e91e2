// Geweke's joint distribution test of whole sweeps: with one noise for all, and with all there is.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

/// Geweke (2004): parameters drawn from the prior, and parameters of a chain whose ratings are drawn anew
/// after each sweep, have the same distribution, if and only if a sweep leaves the posterior as it is.
struct GewekeTests {
  private static let pairs: [(Int32, Int32)] = [
    (0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 2), (0, 2),
  ]
  private static let layout = FactorLayout(factors: 1, biased: true)

  /// What is believed, and what is known besides ratings.
  private struct World {
    var prior = GibbsPrior(
      rows: NormalWishart(variances: [1, 0.5], degrees: 8, meanCount: 2), noiseCount: 12,
      noiseVariance: 0.5)
    var userFeatures: [SideFeatures] = []
    var itemFeatures: [SideFeatures] = []

    /// One noise for all users, no features.
    static let plain = World()

    /// Users with noise of their own, two features of users, and two kinds of features of items.
    static let full: World = {
      var world = World()
      world.prior.userNoiseCount = 8
      func features(_ pairs: [(Int32, Int32)], _ count: Int) -> SideFeatures {
        SideFeatures(
          .history, rows: pairs.map(\.0), features: pairs.map(\.1), count: count,
          isRated: [true, true, true], threads: 1)
      }
      world.userFeatures = [features([(0, 0), (0, 1), (1, 1), (2, 0)], 2)]
      world.itemFeatures = [
        features([(0, 1), (1, 0), (1, 1)], 2), features([(0, 0), (2, 0)], 1),
      ]
      return world
    }()

    func expected(_ entity: Entity) -> FeatureRegression {
      FeatureRegression(
        entity, features: entity == .user ? userFeatures : itemFeatures, rows: 3,
        layout: GewekeTests.layout, ridge: 1, threads: 1)
    }
  }

  /// What is compared: first and second moments of everything drawn, and what ties rows together.
  private func statistics(_ state: GibbsState) -> [Double] {
    let p = state.parameters
    func user(_ row: Int, _ lane: Int) -> Double { Double(p.users[row][lane]) }
    func item(_ row: Int, _ lane: Int) -> Double { Double(p.items[row][lane]) }
    let score = Double(p.score(user: 0, item: 0))
    var statistics = [
      state.precision, log(state.precision), state.users.mean[0], state.users.mean[1],
      state.users.mean[1] * state.users.mean[1], state.users.precision[0], state.users.precision[1],
      log(state.users.precision[3]), state.items.mean[1], state.items.precision[0],
      log(state.items.precision[3]), user(0, 0), user(0, 0) * user(0, 0), user(1, 1) * user(2, 1),
      item(0, 0) * item(0, 0), item(2, 2) * item(2, 2), user(0, 1) * item(0, 2),
      tanh(score), log(abs(score)), log(state.userPrecisions[0]), state.userPrecisions[1],
    ]
    for expected in [state.expectedUsers, state.expectedItems] {
      for regression in expected.regressions {
        let weight = Double(regression.weights[0][0])
        // Squares of weights have tails too long to compare.
        statistics += [log(regression.ridge), log(abs(weight)), tanh(weight * user(0, 0))]
      }
    }
    return statistics
  }

  /// Adds a draw from a distribution to the unknowns of a row, `scale` times as wide and with no mean.
  private func add(
    _ from: FactorDistribution, scale: Double = 1, centered: Bool = false, bias: Int,
    to row: UnsafeMutableBufferPointer<Float>, _ random: inout RandomSequence
  ) {
    // Λ = LLᵀ, x = m + L⁻ᵀz.
    let l0 = from.precision[0].squareRoot()
    let l1 = from.precision[1] / l0
    let l2 = (from.precision[3] - l1 * l1).squareRoot()
    let x1 = random.normal() / l2
    let x0 = (random.normal() - l1 * x1) / l0
    row[0] += Float(scale * x0 + (centered ? 0 : from.mean[0]))
    row[bias] += Float(scale * x1 + (centered ? 0 : from.mean[1]))
  }

  private func fromPrior(_ world: World, _ random: inout RandomSequence) throws -> GibbsState {
    let prior = world.prior
    let alpha =
      random.gamma(shape: prior.noiseCount / 2) / (prior.noiseCount * prior.noiseVariance / 2)
    var state = GibbsState(
      parameters: FactorParameters(layout: Self.layout, users: 3, items: 3),
      users: try prior.rows.draw(&random), items: try prior.rows.draw(&random),
      precision: alpha,
      expectedUsers: world.expected(.user), expectedItems: world.expected(.item))
    if let count = prior.userNoiseCount {
      state.userPrecisions = (0..<3).map { _ in random.gamma(shape: count / 2) / (count / 2) }
    }
    try draw(&state.expectedUsers, state.users, state.parameters.users, bias: 1, &random)
    try draw(&state.expectedItems, state.items, state.parameters.items, bias: 2, &random)
    return state
  }

  /// Draws ridges, weights, and rows around what they expect.
  private func draw(
    _ expected: inout FeatureRegression, _ from: FactorDistribution, _ rows: FloatMatrix, bias: Int,
    _ random: inout RandomSequence
  ) throws {
    let ridges = expected.regressions.map { _ in random.gamma(shape: 2) / 2 }
    for (regression, ridge) in zip(expected.regressions, ridges) {
      for feature in 0..<regression.features.count {
        add(
          from, scale: 1 / ridge.squareRoot(), centered: true, bias: bias,
          to: regression.weights[feature], &random)
      }
    }
    expected.set(ridges: ridges)
    for row in 0..<3 {
      add(from, bias: bias, to: rows[row], &random)
      for lane in [0, bias] { rows[row][lane] += expected.centers?[row][lane] ?? 0 }
    }
  }

  private func ratings(
    _ state: GibbsState, noiseScale: Double, _ random: inout RandomSequence
  ) -> IndexedRatings {
    IndexedRatings(
      users: Self.pairs.map(\.0), items: Self.pairs.map(\.1),
      values: Self.pairs.map { user, item in
        let precision = state.precision * state.userPrecisions[Int(user)]
        return state.parameters.score(user: Int(user), item: Int(item))
          + Float(noiseScale * random.normal() / precision.squareRoot())
      })
  }

  /// How many standard errors the two means of each statistic lie apart.
  private func distances(
    _ world: World, noiseScale: Double, length: Int = 800
  ) throws -> [Double] {
    let batches = 50
    var random = RandomSequence(key: ck_random_key(21, 1))
    var state = try fromPrior(world, &random)
    var problem = Problem(
      users: 3, items: 3, layout: Self.layout, values: Self.pairs.map { _ in 0 })
    problem.mean = 0
    var (marginal, successive) = ([[Double]](), [[Double]]())
    let width = statistics(state).count
    for batch in 0..<batches {
      var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: 2)
      for step in 0..<length {
        let rows = ratings(state, noiseScale: noiseScale, &random)
        var chain = GibbsChain(
          rows, problem, prior: world.prior, state: state, seed: 5, threads: 1)
        try chain.sweep(1 + batch * length + step)
        state = chain.state
        let both = [statistics(try fromPrior(world, &random)), statistics(state)]
        for kind in 0..<2 {
          for n in 0..<width { sums[kind][n] += both[kind][n] / Double(length) }
        }
      }
      marginal.append(sums[0])
      successive.append(sums[1])
    }
    func moments(_ means: [[Double]], _ n: Int) -> (mean: Double, error: Double) {
      let mean = means.reduce(0.0) { $0 + $1[n] } / Double(batches)
      let squares = means.reduce(0.0) { $0 + ($1[n] - mean) * ($1[n] - mean) }
      return (mean, squares / Double(batches * (batches - 1)))
    }
    return (0..<width).map { n in
      let (a, b) = (moments(marginal, n), moments(successive, n))
      return abs(a.mean - b.mean) / max(1e-12, a.error + b.error).squareRoot()
    }
  }

  /// Some twenty statistics: by chance one in 800 runs would have one beyond 4 standard errors.
  @Test func aSweepLeavesThePosteriorAsItIs() throws {
    let distances = try distances(.plain, noiseScale: 1)
    #expect(distances.allSatisfy { $0 < 4 }, "\(distances)")
  }

  @Test func soDoesOneWithFeaturesAndNoiseOfUsers() throws {
    let distances = try distances(.full, noiseScale: 1, length: 400)
    #expect(distances.allSatisfy { $0 < 4 }, "\(distances)")
  }

  /// Ratings a fifth noisier than the sampler believes: the test can tell.
  @Test func anotherModelIsNoticed() throws {
    let distances = try distances(.plain, noiseScale: 1.2)
    #expect(distances.contains { $0 > 6 }, "\(distances)")
  }
}

// Fits SVD++: least squares around what implicit feedback says, alternating over users, items and feedback.
import CKernels
import OsusumeData
import OsusumeModels

/// Biased matrix factorisation whose rows are expected from who rated or saw what.
///
/// p_u = |N(u)|^-½ Σ over j in N(u) of y_j + what u's ratings add, N(u) the items that u rated or saw, and
/// q_i likewise over those who rated or saw i (Koren 2008 has the first). An epoch minimises, as `ALS` does,
/// over users' rows, with the penalty on what they differ by from their expectations; goes once over all
/// y_j, a ridge regression of users' rows by coordinate descent; and does the same for items. Deterministic:
/// the same bytes for any number of threads.
public struct ImplicitALS: Sendable {
  /// The settings; see `ModelSpec.svdpp`.
  public var hyperparameters: Hyperparameters
  /// Whether biases move with time; rows must have timestamps.
  public var moving: Bool
  /// Seed of the start.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.svdpp.defaults, moving: Bool = false,
    seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.moving = moving
    self.seed = seed
    self.threads = threads
  }

  /// Fits a model to `train`, reporting the error on `test` as it goes.
  ///
  /// `side` may name pairs seen without being rated. `progress` is called after each epoch and stops the
  /// fit by returning false: the result is then what was learned so far. Errors: `ALSError`, and what
  /// `progress` throws.
  public func fit(
    train: RatingRows, users: Int, items: Int, test: RatingRows? = nil,
    side: SideInformation = .init(), progress: (EpochReport) throws -> Bool = { _ in true }
  ) throws -> FitResult {
    guard train.count > 0 else { throw ALSError.noRatings }
    let problem = Problem(
      users: users, items: items, layout: RowLayout(factors: hyperparameters.factors, biased: true),
      values: train.values)
    let parameters = start(problem)
    var biases = moving ? MovingBiases(train, users: users, items: items, threads: threads) : nil
    var sides = [Entity.user, .item].map { Side($0, biases?.rows ?? train, side, problem, self) }
    var judged = test
    let solver = ALSRows(problem.layout, hyperparameters, deviation: problem.deviation)
    let clock = ContinuousClock()
    var reports: [EpochReport] = []
    for epoch in 1...max(1, hyperparameters.epochs) where epoch <= hyperparameters.epochs {
      let began = clock.now
      if var moved = biases, epoch % Self.epochsOfBiases == 1 {
        if epoch > 1 { moved.fit(beside: parameters) }
        for side in sides { side.take(moved, mean: problem.mean, threads: threads) }
        judged = test.map(moved.left)
        biases = moved
      }
      var squared = 0.0
      for place in sides.indices {
        squared = try sides[place].sweep(
          parameters, solver, fitsExpectations: epoch > Self.bareEpochs, threads: threads)
      }
      let seconds = (clock.now - began) / .seconds(1)
      let errors = judged.flatMap { parameters.errors(on: $0, threads: threads) }
      reports.append(
        EpochReport(
          epoch: epoch, seconds: seconds, trainLoss: squared / Double(train.count),
          validRMSE: errors?.rmse, validMAE: errors?.mae))
      guard try progress(reports[epoch - 1]) else { break }
    }
    var result = FitResult(
      parameters: parameters, epochs: reports, notes: biases.map { [$0.note] } ?? [])
    result.expectations = Expectations(
      layout: problem.layout, history: sides[0].weights, audience: sides[1].weights)
    result.timeBiases = biases?.result
    result.timeBiases?.settle(parameters)
    return result
  }

  /// Epochs between two fits of how biases move, which are found before the first from what damped biases
  /// leave: they hardly change.
  private static let epochsOfBiases = 5
  /// Epochs before expectations are fitted: rows must have found a form first.
  private static let bareEpochs = 2

  /// Items at random, users zeros: the first sweep solves for them.
  private func start(_ problem: Problem) -> FactorParameters {
    let parameters = FactorParameters(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    let spread =
      hyperparameters.factorInit.deviation(factors: problem.layout.factors)
      * problem.deviation.squareRoot()
    parameters.items.fillNormal(
      lanes: 0..<problem.layout.factors, deviation: spread,
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
    return parameters
  }
}

/// The users or the items of a fit: their ratings and what is expected of them.
private struct Side {
  private let entity: Entity
  private let ratings: RatingsByRow
  private var expected: ExpectedRows

  init(
    _ entity: Entity, _ train: RatingRows, _ side: SideInformation, _ problem: Problem,
    _ solver: ImplicitALS
  ) {
    self.entity = entity
    let isUser = entity == .user
    let settings = solver.hyperparameters
    let rows = isUser ? problem.users : problem.items
    ratings = RatingsByRow(
      keys: isUser ? train.users : train.items, columns: isUser ? train.items : train.users,
      values: train.values, mean: Float(problem.mean), count: rows,
      rowCost: problem.layout.lanes / 2, threads: solver.threads)
    expected = ExpectedRows(
      entity,
      features: side.features(
        of: entity, settings.sideInformation, train: train,
        users: problem.users, items: problem.items, threads: solver.threads),
      rows: rows, layout: problem.layout, ridge: settings.sideRegularization,
      threads: solver.threads)
  }

  /// Weights of who or what was seen; nil where they are not used.
  var weights: FloatMatrix? {
    expected.regressions.first { $0.features.kind != .metadata }?.weights
  }

  /// Takes ratings less what moving biases say of them.
  func take(_ biases: MovingBiases, mean: Double, threads: Int) {
    let values = zip(biases.rows.values, biases.shares).map { $0 - $1 }
    ratings.replace(
      values, mean: Float(mean), by: biases.grouping(of: entity), threads: threads)
  }

  /// Solves for the rows, then for what is expected of them; returns the squared error that is left.
  mutating func sweep(
    _ parameters: FactorParameters, _ solver: ALSRows, fitsExpectations: Bool, threads: Int
  ) throws -> Double {
    let (mine, others) =
      entity == .user
      ? (parameters.users, parameters.items) : (parameters.items, parameters.users)
    let squared = try solver.solve(
      entity, mine, given: others, from: ratings, centers: expected.centers, threads: threads)
    if fitsExpectations { expected.fit(to: mine) }
    return squared
  }
}

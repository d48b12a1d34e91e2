// Fits factor models by stochastic gradient descent, one update a rating, tile by tile.
import CKernels
import OsusumeData
import OsusumeModels

/// Biased, regularised matrix factorisation by per-rating stochastic gradient descent.
///
/// Minimises Σ (r − μ − b_u − b_i − p_u·q_i)² + Σ over vectors of (λ·n + λ₀)·|vector|² (and λ_b·n·b²), n the
/// number of ratings of the user or item. Deterministic: the same bytes for any number of threads.
package final class TiledSGD: Fit {
  /// The updates of an epoch, by the steps that both tables take: moves the tables and returns the sum of
  /// the squared errors before each update.
  package typealias Walk = (
    _ epoch: Int, _ tables: FactorParameters, _ users: ck_sgd_side, _ items: ck_sgd_side
  ) -> Double

  package static let hasLearningRate = true

  package let task: FitTask
  private let factors: FactorParameters
  private let walk: Walk
  private var userSteps: SGDSteps
  private var itemSteps: SGDSteps

  package convenience init(_ task: FitTask) { self.init(task, walk: Self.tiledWalk(task)) }

  /// Makes a fit that goes through the ratings in an order of its own.
  package init(_ task: FitTask, walk: @escaping Walk) {
    self.task = task
    self.walk = walk
    factors = FactorParameters(atRandom: task, tables: [.user, .item])
    userSteps = SGDSteps(counts: Grouping.counts(task.train.users, keys: task.users))
    itemSteps = SGDSteps(counts: Grouping.counts(task.train.items, keys: task.items))
  }

  package var parameters: any Scorer { factors }

  /// A mean squared error that only diverging parameters have: four times that of predicting μ.
  package var divergedLoss: Double { 4 * task.problem.deviation * task.problem.deviation }

  package func runEpoch(_ number: Int) -> Double {
    let settings = task.settings
    let rateScale = settings.rateSchedule.factor(number, of: settings.epochs)
    userSteps.set(settings, deviation: task.problem.deviation, rateScale: rateScale)
    itemSteps.set(settings, deviation: task.problem.deviation, rateScale: rateScale)
    let squared = task.parts.measure(.walk, walking) {
      walk(number, factors, userSteps.side(of: factors.users), itemSteps.side(of: factors.items))
    }
    return squared / Double(task.train.count)
  }

  /// A rating reads two rows from a near cache, and leaves them there.
  private var walking: EpochWork {
    let lanes = Double(task.problem.layout.lanes)
    return task.train.count * EpochWork(bytes: 8 * lanes + 6, flops: 8 * lanes)
  }

  /// Cuts the ratings into the tiles of a grid, the best one unless given; the walk goes through them once.
  package static func tiledWalk(_ task: FitTask, grid: TileGrid? = nil) -> Walk {
    let layout = task.problem.layout
    let tiles = RatingTiles(
      task.train, users: task.users, items: task.items, mean: Float(task.problem.mean),
      grid: grid ?? TileGrid(ratings: task.train.count, items: task.items, layout: layout),
      threads: task.threads)
    let key = ck_random_key(task.seed, RandomStream.sgd)
    let shuffle = task.settings.shuffle
    return { [threads = task.threads] epoch, tables, users, items in
      tiles.walk(
        users: users, items: items, layout: layout, stride: tables.users.stride,
        key: shuffle.permutation(epoch: epoch).map { ck_random_bits(key, $0) }, threads: threads)
    }
  }
}

extension FactorParameters {
  /// The mean rating, vectors of some tables at random, and zeros.
  init(atRandom task: FitTask, tables: Set<Entity>) {
    let problem = task.problem
    self.init(
      layout: problem.layout, users: problem.users, items: problem.items,
      mean: Float(problem.mean))
    let deviation =
      task.settings.factorInit.deviation(factors: problem.layout.factors)
      * problem.deviation.squareRoot()
    for (entity, table, stream) in [
      (Entity.user, users, RandomStream.initialUsers), (.item, items, RandomStream.initialItems),
    ] where tables.contains(entity) {
      table.fillNormal(
        lanes: 0..<problem.layout.factors, deviation: deviation,
        key: ck_random_key(task.seed, stream), threads: task.threads)
    }
  }
}

extension Initializer {
  /// The standard deviation of the start of a table of vectors.
  fileprivate func deviation(factors: Int) -> Double {
    switch start(fanIn: factors, fanOut: factors) {
    case .normal(let deviation), .truncated(let deviation): deviation
    case .uniform(let bound): bound / 3.0.squareRoot()
    }
  }
}

// Solves for the vectors of one table given the other's: half a sweep of least squares or Gibbs sampling.
import CKernels
import OsusumeData
import OsusumeModels

/// The ratings of users or of items, and what they say of each one's vector: its minimiser under penalties, its
/// posterior mean and variance, or a draw from its posterior.
package struct FactorSolver: Sendable {
  /// The ratings by row of the table.
  package private(set) var ratings: GroupedRatings
  private let entity: Entity
  private let layout: FactorLayout
  private let threads: Int

  /// Makes a solver of users' or items' vectors.
  package init(
    _ entity: Entity, _ layout: FactorLayout, ratings: GroupedRatings, threads: Int
  ) {
    self.entity = entity
    self.layout = layout
    self.ratings = ratings
    self.threads = threads
  }

  /// Makes a solver from the ratings of one side.
  package init(_ entity: Entity, of rows: IndexedRatings, _ problem: Problem, threads: Int) {
    self.init(
      entity, problem.layout, ratings: GroupedRatings(entity, of: rows, problem, threads: threads),
      threads: threads)
  }

  /// Makes a solver from the training ratings of a task.
  init(_ entity: Entity, of task: FitTask) {
    self.init(entity, of: task.train, task.problem, threads: task.threads)
  }

  /// Takes other ratings, in order of time, of the same users and items.
  mutating func replaceRatings(_ values: [Float], by biases: DriftingBiases, _ problem: Problem) {
    ratings.replace(
      values, mean: Float(problem.mean), by: biases.grouping(of: entity), threads: threads)
  }

  /// What a solve of all rows takes: half a normal matrix a rating, its row read; and a Cholesky factor a row.
  var work: EpochWork {
    let lanes = Double(layout.factors + 2)
    return ratings.values.count * EpochWork(bytes: 4 * lanes, flops: lanes * lanes)
      + ratings.count * EpochWork(bytes: 4 * lanes, flops: lanes * lanes * lanes / 3)
  }

  private var ownBias: Int { entity == .user ? layout.userBiasLane : layout.itemBiasLane }
  private var otherBias: Int { entity == .user ? layout.itemBiasLane : layout.userBiasLane }

  /// A solve of a range of rows: the first row that has no solution, or the end of the range.
  private typealias RangeSolver = (
    UnsafePointer<ck_als_side>, Range<Int>, UnsafeMutablePointer<Double>?, UnsafeMutableRawPointer?
  ) -> Int

  /// Solves all rows, `side` with what does not come from the ratings; the sum of squared errors of each, and
  /// the first row without a solution.
  private func solve(
    _ table: FloatMatrix, given fixed: FloatMatrix, scratchBytes: Int,
    _ prepare: (inout ck_als_side) -> Void = { _ in }, _ solve: RangeSolver
  ) -> (squared: [Double], failed: Int?) {
    precondition(table.rows == ratings.count && table.stride == fixed.stride)
    var squared = [Double](repeating: 0, count: table.rows)
    let failed: [Int?] = ratings.withPointers { offsets, columns, values in
      squared.withUnsafeMutableBufferPointer { squared in
        nonisolated(unsafe) let squared = squared
        var side = ck_als_side()
        (side.offsets, side.columns, side.values) = (offsets, columns, values)
        (side.fixed, side.stride) = (UnsafePointer(fixed.base), table.stride)
        (side.factors, side.biased) = (layout.factors, layout.biased)
        (side.own_bias, side.other_bias) = (ownBias, otherBias)
        prepare(&side)
        nonisolated(unsafe) let prepared = side
        return mapChunks(ratings.ranges.count, threads: threads) { part in
          let range = ratings.ranges[part]
          let solved = withUnsafeTemporaryAllocation(byteCount: scratchBytes, alignment: 64) {
            scratch in
            withUnsafePointer(to: prepared) {
              solve($0, range, squared.baseAddress, scratch.baseAddress)
            }
          }
          return solved < range.upperBound ? solved : nil
        }
      }
    }
    return (squared, failed.lazy.compactMap { $0 }.first)
  }
}

// MARK: Point estimates

/// The penalties of point estimates, and how these are solved for.
///
/// Settings are for ratings of standard deviation 1: the penalty of factors grows with the deviation s of
/// the ratings, since factors grow with √s and squared errors with s²; that of biases, which grow with
/// s, does not.
package struct FactorPenalties: Sendable {
  fileprivate let factors: ck_als_penalty
  fileprivate let biases: ck_als_penalty
  fileprivate let regularization: Double
  /// Steps of conjugate gradients; nil: exact solves.
  fileprivate let steps: Int?

  /// The penalties of some settings for ratings of a standard deviation.
  package init(_ settings: Hyperparameters, deviation: Double) {
    factors = ck_als_penalty(
      per_rating: Float(settings.regularization * deviation),
      per_row: Float(settings.rowRegularization * deviation))
    biases = ck_als_penalty(per_rating: 0, per_row: Float(settings.biasRegularization))
    regularization = settings.regularization
    steps = settings.rowSolver == .conjugateGradients ? settings.solverSteps : nil
  }
}

extension FactorSolver {
  /// Sets all vectors to their minimisers; returns the sum of the squared errors.
  ///
  /// Errors: `TrainingError.undetermined`.
  package func minimise(
    _ table: FloatMatrix, given fixed: FloatMatrix, _ penalties: FactorPenalties
  ) throws -> Double {
    let bytes =
      penalties.steps == nil
      ? ck_als_scratch_bytes(layout.factors, layout.biased)
      : ck_als_iterate_bytes(layout.factors, layout.biased)
    let (squared, failed) = solve(table, given: fixed, scratchBytes: bytes) {
      ($0.factor_penalty, $0.bias_penalty) = (penalties.factors, penalties.biases)
    } _: { side, range, squared, scratch in
      guard let steps = penalties.steps else {
        return ck_als_solve(
          side, range.lowerBound, range.upperBound, table.base, squared, scratch)
      }
      ck_als_iterate(
        side, range.lowerBound, range.upperBound, steps, table.base, squared, scratch)
      return range.upperBound
    }
    if let failed {
      throw TrainingError.undetermined(
        entity, ratings: ratings.count(failed), factors: layout.factors,
        regularization: penalties.regularization)
    }
    return squared.reduce(0, +)
  }
}

// MARK: Posteriors

extension FactorSolver {
  /// Draws all vectors from their posterior, or with no key sets them to its mean; returns the sum of the squared
  /// errors of each row, weighted.
  ///
  /// - Parameters:
  ///   - prior: The distribution of the table's vectors; vectors without ratings are set to its mean, and say
  ///     nothing of the others.
  ///   - precision: That of a rating around its score.
  ///   - centers: What is expected of each vector, on top of the prior's mean.
  ///   - roots: Of each user, the root of the precision of its ratings over `precision`.
  ///   - variances: Without a key: those of the fixed vectors' unknowns, and room for those of the table's;
  ///     means and squared errors are then those of a mean-field posterior.
  ///
  /// Where ratings follow a rule to the last digit, their precision grows until single precision holds nothing of the
  /// prior beside them; they then count as noisier, by powers of sixteen, until it does.
  ///
  /// - Throws: `TrainingError.degenerate`.
  package func draw(
    _ table: FloatMatrix, given fixed: FloatMatrix, prior: FactorDistribution,
    precision: Double, centers: FloatMatrix? = nil, roots: [Float]? = nil,
    variances: (fixed: FloatMatrix, own: FloatMatrix)? = nil, key: UInt64?
  ) throws -> [Double] {
    precondition(
      variances.map { $0.fixed.capacity == fixed.capacity && $0.own.capacity == table.capacity }
        ?? true)
    precondition(centers.map { $0.rows == table.rows && $0.stride == table.stride } ?? true)
    precondition(roots.map { $0.count == (entity == .user ? table : fixed).rows } ?? true)
    let scales = roots.map { roots in
      let scales = FloatMatrix(rows: 1, columns: roots.count)
      for (user, root) in roots.enumerated() { scales[0][user] = root }
      return scales
    }
    for power in 0...10 {
      let squared = draw(
        table, given: fixed, prior, precision: precision / Double(1 << (4 * power)), centers,
        scales: scales,
        variances, key: key)
      if let squared { return squared }
    }
    throw TrainingError.degenerate
  }

  /// Returns nil where a row's matrix is not positive definite in single precision.
  private func draw(
    _ table: FloatMatrix, given fixed: FloatMatrix, _ prior: FactorDistribution, precision: Double,
    _ centers: FloatMatrix?, scales: FloatMatrix?,
    _ variances: (fixed: FloatMatrix, own: FloatMatrix)?,
    key: UInt64?
  ) -> [Double]? {
    let scaled = prior.precision.map { $0 / precision }
    let width = prior.unknowns
    let weightedMean = (0..<width).map { i in
      (0..<width).reduce(0.0) { $0 + scaled[i * width + $1] * prior.mean[$1] }
    }
    return scaled.withUnsafeBufferPointer { scaled in
      weightedMean.withUnsafeBufferPointer { weightedMean in
        let prior = ck_als_prior(
          precision: scaled.baseAddress, weighted_mean: weightedMean.baseAddress,
          deviation: (1 / precision).squareRoot())
        // Kernels read the scales through a pointer, which keeps nothing alive.
        return withExtendedLifetime(scales) {
          draw(table, given: fixed, prior, centers, scales: scales, variances, key: key)
        }
      }
    }
  }

  private func draw(
    _ table: FloatMatrix, given fixed: FloatMatrix, _ prior: ck_als_prior, _ centers: FloatMatrix?,
    scales: FloatMatrix?, _ variances: (fixed: FloatMatrix, own: FloatMatrix)?, key: UInt64?
  ) -> [Double]? {
    nonisolated(unsafe) let prior = prior
    let bytes = ck_als_scratch_bytes(layout.factors, layout.biased)
    let (squared, failed) = solve(table, given: fixed, scratchBytes: bytes) { side in
      side.centers = centers.map { UnsafePointer($0.base) }
      let roots = scales.map { UnsafePointer($0.base) }
      (side.row_roots, side.column_roots) = entity == .user ? (roots, nil) : (nil, roots)
    } _: { side, range, squared, scratch in
      fillNoise(table, range, key: key)
      let (first, end) = (range.lowerBound, range.upperBound)
      return withUnsafePointer(to: prior) { prior in
        guard let variances else {
          return ck_als_sample(side, prior, first, end, table.base, squared, scratch)
        }
        var own = ck_als_spread(fixed: variances.fixed.base, rows: variances.own.base)
        return ck_als_expect(side, prior, &own, first, end, table.base, squared, scratch)
      }
    }
    return failed == nil ? squared : nil
  }

  /// Puts standard normal numbers into rows that have ratings, each a function of key, row and lane, and
  /// zeros into the others, and into all without a key.
  private func fillNoise(_ table: FloatMatrix, _ rows: Range<Int>, key: UInt64?) {
    if let key {
      ck_init_normal(
        table.base, rows.lowerBound, rows.upperBound, layout.factors, table.stride, 1,
        ck_random_bits(key, 0))
      if layout.biased {
        ck_init_normal(
          table.base + ownBias, rows.lowerBound, rows.upperBound, 1, table.stride, 1,
          ck_random_bits(key, 1))
      }
    }
    for row in rows where key == nil || ratings.count(row) == 0 {
      let row = table[row]
      for lane in 0..<layout.factors { row[lane] = 0 }
      if layout.biased { row[ownBias] = 0 }
    }
  }

  /// Number, sum and products of the vectors that have ratings; of their expectations, where they have
  /// variances.
  package func moments(of table: FloatMatrix, variances: FloatMatrix) -> FactorMoments {
    var moments = moments(of: table)
    let lanes = Array(0..<layout.factors) + [ownBias]
    let parts = mapChunks(ratings.ranges.count, threads: threads) { part in
      var sums = [Double](repeating: 0, count: lanes.count)
      for row in ratings.ranges[part] where ratings.count(row) > 0 {
        let values = variances[row]
        for (place, lane) in lanes.enumerated() { sums[place] += Double(values[lane]) }
      }
      return sums
    }
    for sums in parts {
      for (place, sum) in sums.enumerated() {
        moments.products[place * (lanes.count + 1)] += sum
      }
    }
    return moments
  }

  /// Number, sum and products of the vectors that have ratings.
  package func moments(of table: FloatMatrix) -> FactorMoments {
    // The constant lane's products are sums, and its own the number of vectors.
    let lanes = layout.lanes
    let parts = mapChunks(ratings.ranges.count, threads: threads) { part in
      var products = [Double](repeating: 0, count: lanes * lanes)
      ck_als_moments(
        ratings.rows.offsets, ratings.ranges[part].lowerBound, ratings.ranges[part].upperBound,
        table.base, table.stride, lanes, &products)
      return products
    }
    var total = [Double](repeating: 0, count: lanes * lanes)
    for part in parts { for place in 0..<total.count { total[place] += part[place] } }
    func product(_ i: Int, _ j: Int) -> Double { total[max(i, j) * lanes + min(i, j)] }
    let unknowns = Array(0..<layout.factors) + [ownBias]
    return FactorMoments(
      count: product(otherBias, otherBias), sum: unknowns.map { product($0, otherBias) },
      products: unknowns.flatMap { i in unknowns.map { product(i, $0) } })
  }
}

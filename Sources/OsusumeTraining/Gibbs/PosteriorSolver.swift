// Draws the rows of one table given the other's: half a sweep of Gibbs sampling.
import CKernels
import OsusumeData
import OsusumeModels

/// One side of the ratings, and draws of its rows.
package struct PosteriorSolver {
  private let entity: Entity
  private let layout: FactorLayout
  private let ratings: GroupedRatings
  private let threads: Int

  /// Groups the ratings of a side.
  package init(_ entity: Entity, of rows: IndexedRatings, _ problem: Problem, threads: Int) {
    self.entity = entity
    self.threads = threads
    layout = problem.layout
    let isUser = entity == .user
    ratings = GroupedRatings(
      keys: isUser ? rows.users : rows.items, columns: isUser ? rows.items : rows.users,
      values: rows.values, mean: Float(problem.mean),
      count: isUser ? problem.users : problem.items, rowCost: layout.lanes / 2, threads: threads)
  }

  /// Groups the training ratings of a task.
  init(_ entity: Entity, of task: FitTask) {
    self.init(entity, of: task.train, task.problem, threads: task.threads)
  }

  /// Takes other ratings, less their mean and in order of time, of the same users and items.
  func replaceRatings(_ values: [Float], by biases: DriftingBiases, _ problem: Problem) {
    ratings.replace(
      values, mean: Float(problem.mean), by: biases.grouping(of: entity), threads: threads)
  }

  private var ownBias: Int { entity == .user ? layout.userBiasLane : layout.itemBiasLane }
  private var otherBias: Int { entity == .user ? layout.itemBiasLane : layout.userBiasLane }

  /// Draws all rows of a table, or with no key sets them to the means they are drawn around; returns of
  /// each row the sum of the squared errors that are left, weighted.
  ///
  /// Rows without ratings tell nothing of the others and are set to the prior's mean. `centers`: what is
  /// expected of each row, on top of the prior's mean; `roots`: of each user, the root of what its ratings'
  /// precision is to `alpha`. `spread`, without a key: variances of the fixed rows' unknowns, and room for
  /// those of the table's own; means and squared errors are then those of a mean-field posterior. Errors:
  /// `TrainingError.degenerate`.
  package func draw(
    _ table: FloatMatrix, given fixed: FloatMatrix, prior: FactorDistribution,
    precision alpha: Double,
    centers: FloatMatrix? = nil, roots: [Float]? = nil,
    spread: (fixed: FloatMatrix, rows: FloatMatrix)? = nil, key: UInt64?
  ) throws -> [Double] {
    precondition(
      spread.map { $0.fixed.capacity == fixed.capacity && $0.rows.capacity == table.capacity }
        ?? true)
    precondition(table.rows == ratings.count && table.stride == fixed.stride)
    precondition(centers.map { $0.rows == table.rows && $0.stride == table.stride } ?? true)
    precondition(roots.map { $0.count == (entity == .user ? table : fixed).rows } ?? true)
    let precision = prior.precision.map { $0 / alpha }
    let width = prior.unknowns
    let weightedMean = (0..<width).map { i in
      (0..<width).reduce(0.0) { $0 + precision[i * width + $1] * prior.mean[$1] }
    }
    let scales = FloatMatrix(rows: 1, columns: roots?.count ?? 0)
    for (user, root) in (roots ?? []).enumerated() { scales[0][user] = root }
    var squared = [Double](repeating: 0, count: table.rows)
    let failed = ratings.offsets.withUnsafeBufferPointer { offsets in
      precision.withUnsafeBufferPointer { precision in
        weightedMean.withUnsafeBufferPointer { weightedMean in
          squared.withUnsafeMutableBufferPointer { squared in
            nonisolated(unsafe) let squared = squared
            let side = ck_als_side(
              offsets: offsets.baseAddress, columns: ratings.columns.base,
              values: ratings.values.base, fixed: fixed.base, factors: layout.factors,
              stride: table.stride, biased: layout.biased, own_bias: ownBias,
              other_bias: otherBias, factor_penalty: .init(), bias_penalty: .init(),
              centers: centers?.base,
              row_roots: roots != nil && entity == .user ? scales.base : nil,
              column_roots: roots != nil && entity == .item ? scales.base : nil)
            let expected = ck_als_prior(
              precision: precision.baseAddress, weighted_mean: weightedMean.baseAddress,
              deviation: (1 / alpha).squareRoot())
            return mapChunks(ratings.ranges.count, threads: threads) { part in
              fillNoise(table, ratings.ranges[part], key: key)
              return draw(
                table, ratings.ranges[part], side, expected,
                spread.map { ck_als_spread(fixed: $0.fixed.base, rows: $0.rows.base) },
                squared.baseAddress)
            }
          }
        }
      }
    }
    guard failed.allSatisfy({ !$0 }) else { throw TrainingError.degenerate }
    return squared
  }

  /// Draws a range of rows; true where that fails.
  private func draw(
    _ table: FloatMatrix, _ range: Range<Int>, _ side: ck_als_side, _ prior: ck_als_prior,
    _ spread: ck_als_spread?, _ squared: UnsafeMutablePointer<Double>?
  ) -> Bool {
    withUnsafeTemporaryAllocation(
      byteCount: ck_als_scratch_bytes(layout.factors, layout.biased), alignment: 64
    ) { scratch in
      withUnsafePointer(to: side) { side in
        withUnsafePointer(to: prior) { prior in
          guard var spread else {
            return ck_als_sample(
              side, prior, range.lowerBound, range.upperBound, table.base, squared,
              scratch.baseAddress) < range.upperBound
          }
          return ck_als_expect(
            side, prior, &spread, range.lowerBound, range.upperBound, table.base, squared,
            scratch.baseAddress) < range.upperBound
        }
      }
    }
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
    for row in rows where key == nil || ratings.offsets[row] == ratings.offsets[row + 1] {
      let row = table[row]
      for lane in 0..<layout.factors { row[lane] = 0 }
      if layout.biased { row[ownBias] = 0 }
    }
  }

  /// Number of ratings of a row.
  func count(_ row: Int) -> Int { Int(ratings.offsets[row + 1] - ratings.offsets[row]) }

  /// Number, sum and products of the rows that have ratings; of their expectations, where they have
  /// variances.
  package func moments(of table: FloatMatrix, variances: FloatMatrix) -> FactorMoments {
    var moments = moments(of: table)
    let lanes = Array(0..<layout.factors) + [ownBias]
    let parts = mapChunks(ratings.ranges.count, threads: threads) { part in
      var sums = [Double](repeating: 0, count: lanes.count)
      for row in ratings.ranges[part] where count(row) > 0 {
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

  /// Number, sum and products of the rows that have ratings.
  package func moments(of table: FloatMatrix) -> FactorMoments {
    // The constant lane's products are sums, and its own the number of rows.
    let lanes = layout.lanes
    let parts = ratings.offsets.withUnsafeBufferPointer { offsets in
      nonisolated(unsafe) let offsets = offsets
      return mapChunks(ratings.ranges.count, threads: threads) { part in
        var products = [Double](repeating: 0, count: lanes * lanes)
        ck_als_moments(
          offsets.baseAddress, ratings.ranges[part].lowerBound, ratings.ranges[part].upperBound,
          table.base, table.stride, lanes, &products)
        return products
      }
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

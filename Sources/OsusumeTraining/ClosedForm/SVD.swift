// Fits factors as the truncated singular value decomposition of ratings centred by damped biases.
import CKernels
import OsusumeData
import OsusumeModels

/// μ + b_u + b_i as in `DampedBiases`, and p·q from the largest singular values of the residuals.
///
/// The matrix decomposed holds r − μ − b_u − b_i where there is a rating and 0 elsewhere: a missing rating
/// counts as one that is as expected, which draws predictions towards the biases. By randomized block power
/// iteration (Halko, Martinsson, Tropp 2011, algorithm 4.4), `epochs` iterations over a block of 10 columns
/// more than factors. p and q each have the root of a singular value. Deterministic: the same bytes for any number
/// of threads.
package final class SVD: Fit {
  package static let hasEpochs = false
  package static let holdsOut = HoldsOut.never

  package let task: FitTask
  private var factors: FactorParameters
  private var singularValues: [Float] = []

  package init(_ task: FitTask) {
    self.task = task
    factors = FactorParameters(
      layout: task.problem.layout, users: task.users, items: task.items)
  }

  /// Columns of the block beyond the factors: enough for the last ones to converge with the first.
  private static let oversampling = 10

  package var parameters: any Scorer { factors }

  /// The whole fit: power iteration, and the decomposition in the basis that it finds.
  package func runEpoch(_ number: Int) throws -> Double {
    let (users, items, threads) = (task.users, task.items, task.threads)
    let biases = DampedBiases(
      rows: task.train, users: users, items: items, damping: task.settings.biasRegularization,
      threads: threads)
    let matrix = CentredRatings(task.train, biases, threads: threads)
    let width = min(factors.layout.factors + Self.oversampling, users, items)

    let right = FloatMatrix(rows: items, columns: width)
    right.fillNormal(
      lanes: 0..<width, deviation: 1, key: ck_random_key(task.seed, RandomStream.initialItems),
      threads: threads)
    let left = FloatMatrix(rows: users, columns: width)
    matrix.multiply(right, into: left)
    _ = try left.orthonormaliseColumns()
    for _ in 0..<task.settings.epochs {
      matrix.multiplyTransposed(left, into: right)
      _ = try right.orthonormaliseColumns()
      matrix.multiply(right, into: left)
      _ = try left.orthonormaliseColumns()
    }
    matrix.multiplyTransposed(left, into: right)
    // The matrix is now about left · (right's triangle) · rightᵀ: a small one to decompose.
    let triangle = try right.orthonormaliseColumns()
    let small = try SmallSVD(triangle, width: width)

    let kept = min(factors.layout.factors, width)
    left.multiply(small.left, columns: kept, scale: small.values, into: factors.users)
    right.multiply(small.right, columns: kept, scale: small.values, into: factors.items)
    factors.set(biases)
    singularValues = Array(small.values.prefix(kept))
    return 0
  }

  /// Vectors without ratings are 0 as they are: the score of the biases.
  package func result(_ parameters: any Scorer) -> FitResult {
    var result = FitResult(parameters: parameters)
    result.learned.singularValues = singularValues
    return result
  }
}

/// The residuals of damped biases as a sparse matrix, by user and by item.
private struct CentredRatings {
  private let byUser: GroupedRatings
  private let byItem: GroupedRatings
  private let threads: Int

  init(_ rows: IndexedRatings, _ biases: DampedBiases, threads: Int) {
    let mean = Float(biases.mean)
    let residuals = zip(zip(rows.users, rows.items), rows.values).map { pair, value in
      value - mean - (biases.users[Int(pair.0)] + biases.items[Int(pair.1)])
    }
    byUser = GroupedRatings(
      keys: rows.users, columns: rows.items, values: residuals, mean: 0, count: biases.users.count,
      rowCost: 4, threads: threads)
    byItem = GroupedRatings(
      keys: rows.items, columns: rows.users, values: residuals, mean: 0, count: biases.items.count,
      rowCost: 4, threads: threads)
    self.threads = threads
  }

  /// The matrix times a block with a row for each item.
  func multiply(_ block: FloatMatrix, into out: FloatMatrix) { multiply(byUser, block, out) }

  /// The transposed matrix times a block with a row for each user.
  func multiplyTransposed(_ block: FloatMatrix, into out: FloatMatrix) {
    multiply(byItem, block, out)
  }

  private func multiply(_ ratings: GroupedRatings, _ block: FloatMatrix, _ out: FloatMatrix) {
    precondition(block.stride == out.stride && out.rows == ratings.count)
    ratings.withKernel { sparse in
      forEachChunk(ratings.ranges.count, threads: threads) { part in
        ck_sparse_multiply(
          sparse, ratings.ranges[part].lowerBound, ratings.ranges[part].upperBound, block.base,
          block.stride, out.base)
      }
    }
  }
}

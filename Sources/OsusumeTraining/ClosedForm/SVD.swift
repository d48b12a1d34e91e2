// Fits factors as the truncated singular value decomposition of ratings centred by damped biases.
import CKernels
import COpenBLAS
import OsusumeData
import OsusumeModels

/// What can go wrong in a fit by singular value decomposition.
public enum SVDError: OsusumeError, Equatable {
  /// There is nothing to learn from.
  case noRatings
  /// LAPACK found no decomposition.
  case noConvergence(routine: String, code: Int)

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .noConvergence(let routine, let code):
      "the singular value decomposition did not converge (\(routine): \(code)): "
        + "check the ratings, or give fewer --factors"
    }
  }
}

/// μ + b_u + b_i as in `DampedBiases`, and p·q from the largest singular values of what they leave.
///
/// The matrix decomposed holds r − μ − b_u − b_i where there is a rating and 0 elsewhere: a missing rating
/// counts as one that is as expected, which holds predictions back. By randomized block power iteration
/// (Halko, Martinsson, Tropp 2011, algorithm 4.4), `epochs` iterations over a block of 10 columns more
/// than factors. p and q share a singular value evenly. Deterministic: the same bytes for any number
/// of threads.
public struct SVD: Sendable {
  /// The settings; see `ModelSpec.svd`.
  public var hyperparameters: Hyperparameters
  /// Seed of the block that the iteration starts from.
  public var seed: UInt64
  /// Threads at most.
  public var threads: Int

  /// Makes a solver.
  public init(
    hyperparameters: Hyperparameters = ModelSpec.svd.defaults, seed: UInt64 = 42, threads: Int = 1
  ) {
    self.hyperparameters = hyperparameters
    self.seed = seed
    self.threads = threads
  }

  /// Columns of the block beyond the factors: enough for the last ones to converge with the first.
  private static let oversampling = 10

  /// Fits a model to `train`.
  ///
  /// - Throws: `SVDError`.
  public func fit(train: IndexedRatings, users: Int, items: Int) throws -> FitResult {
    guard train.count > 0 else { throw SVDError.noRatings }
    let biases = DampedBiases(
      rows: train, users: users, items: items, damping: hyperparameters.biasRegularization,
      threads: threads)
    let matrix = CentredRatings(train, biases, threads: threads)
    let factors = hyperparameters.factors
    let width = min(factors + Self.oversampling, users, items)

    let right = FloatMatrix(rows: items, columns: width)
    right.fillNormal(
      lanes: 0..<width, deviation: 1, key: ck_random_key(seed, RandomStream.initialItems),
      threads: threads)
    let left = FloatMatrix(rows: users, columns: width)
    matrix.multiply(right, into: left)
    _ = try left.orthonormaliseColumns()
    for _ in 0..<hyperparameters.epochs {
      matrix.multiplyTransposed(left, into: right)
      _ = try right.orthonormaliseColumns()
      matrix.multiply(right, into: left)
      _ = try left.orthonormaliseColumns()
    }
    matrix.multiplyTransposed(left, into: right)
    // The matrix is now about left · (right's triangle) · rightᵀ: a small one to decompose.
    let triangle = try right.orthonormaliseColumns()
    let small = try SmallSVD(triangle, width: width)

    let parameters = FactorParameters(
      layout: FactorLayout(factors: factors, biased: true), users: users, items: items,
      mean: Float(biases.mean))
    let kept = min(factors, width)
    left.multiply(small.left, columns: kept, scale: small.values, into: parameters.users)
    right.multiply(small.right, columns: kept, scale: small.values, into: parameters.items)
    let layout = parameters.layout
    for user in 0..<users { parameters.users[user][layout.userBiasLane] = biases.users[user] }
    for item in 0..<items { parameters.items[item][layout.itemBiasLane] = biases.items[item] }
    return FitResult(
      parameters: parameters, singularValues: Array(small.values.prefix(kept)))
  }
}

/// What damped biases leave of the ratings, as a sparse matrix, by user and by item.
private struct CentredRatings {
  private let byUser: GroupedRatings
  private let byItem: GroupedRatings
  private let threads: Int

  init(_ rows: IndexedRatings, _ biases: DampedBiases, threads: Int) {
    let mean = Float(biases.mean)
    let left = zip(zip(rows.users, rows.items), rows.values).map { pair, value in
      value - mean - (biases.users[Int(pair.0)] + biases.items[Int(pair.1)])
    }
    byUser = GroupedRatings(
      keys: rows.users, columns: rows.items, values: left, mean: 0, count: biases.users.count,
      rowCost: 4, threads: threads)
    byItem = GroupedRatings(
      keys: rows.items, columns: rows.users, values: left, mean: 0, count: biases.items.count,
      rowCost: 4, threads: threads)
    self.threads = threads
  }

  /// The matrix times a block with a row for each item.
  func multiply(_ block: FloatMatrix, into out: FloatMatrix) { multiply(byUser, block, out) }

  /// The transposed matrix times a block with a row for each user.
  func multiplyTransposed(_ block: FloatMatrix, into out: FloatMatrix) {
    multiply(byItem, block, out)
  }

  private func multiply(_ rows: GroupedRatings, _ block: FloatMatrix, _ out: FloatMatrix) {
    precondition(block.stride == out.stride && out.rows == rows.count)
    rows.offsets.withUnsafeBufferPointer { offsets in
      nonisolated(unsafe) let offsets = offsets
      forEachChunk(rows.ranges.count, threads: threads) { part in
        ck_sparse_multiply(
          offsets.baseAddress, rows.columns.base, rows.values.base, rows.ranges[part].lowerBound,
          rows.ranges[part].upperBound, block.base, block.stride, out.base)
      }
    }
  }
}

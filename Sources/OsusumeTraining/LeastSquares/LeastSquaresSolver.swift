// Solves the rows of one table given the other's: half a sweep of alternating least squares.
import CKernels
import OsusumeData
import OsusumeModels

/// Row solves with the penalties of some settings.
///
/// Settings are for ratings of standard deviation 1: the penalty of factors grows with the deviation s of
/// the ratings, since factors grow with √s and squared errors with s²; that of biases, which grow with
/// s, does not.
package struct LeastSquaresSolver {
  private let layout: FactorLayout
  private let factorPenalty: ck_als_penalty
  private let biasPenalty: ck_als_penalty
  private let regularization: Double
  /// Steps of conjugate gradients; nil: exact solves.
  private let steps: Int?

  package init(_ layout: FactorLayout, _ settings: Hyperparameters, deviation: Double) {
    self.layout = layout
    factorPenalty = ck_als_penalty(
      per_rating: Float(settings.regularization * deviation),
      per_row: Float(settings.rowRegularization * deviation))
    biasPenalty = ck_als_penalty(per_rating: 0, per_row: Float(settings.biasRegularization))
    regularization = settings.regularization
    steps = settings.rowSolver == .conjugateGradients ? settings.solverSteps : nil
  }

  /// Sets all rows of a table to their minimisers; returns the sum of the squared errors that are left.
  ///
  /// Errors: `TrainingError.undetermined`.
  package func solve(
    _ entity: Entity, _ table: FloatMatrix, given fixed: FloatMatrix, from ratings: GroupedRatings,
    threads: Int
  ) throws -> Double {
    precondition(table.rows == ratings.count && table.stride == fixed.stride)
    let isUser = entity == .user
    var squared = [Double](repeating: 0, count: table.rows)
    let failed: [Int?] = ratings.offsets.withUnsafeBufferPointer { offsets in
      squared.withUnsafeMutableBufferPointer { squared in
        nonisolated(unsafe) let squared = squared
        let side = ck_als_side(
          offsets: offsets.baseAddress, columns: ratings.columns.base, values: ratings.values.base,
          fixed: fixed.base, factors: layout.factors, stride: table.stride, biased: layout.biased,
          own_bias: isUser ? layout.userBiasLane : layout.itemBiasLane,
          other_bias: isUser ? layout.itemBiasLane : layout.userBiasLane,
          factor_penalty: factorPenalty, bias_penalty: biasPenalty, centers: nil,
          row_roots: nil, column_roots: nil)
        return mapChunks(ratings.ranges.count, threads: threads) { part in
          withUnsafePointer(to: side) {
            solve($0, ratings.ranges[part], table, squared.baseAddress)
          }
        }
      }
    }
    if let row = failed.compactMap({ $0 }).first {
      throw TrainingError.undetermined(
        entity, ratings: Int(ratings.offsets[row + 1] - ratings.offsets[row]),
        factors: layout.factors, regularization: regularization)
    }
    return squared.reduce(0, +)
  }

  /// Solves for a range of rows; the first that its ratings do not determine, or nil.
  private func solve(
    _ side: UnsafePointer<ck_als_side>, _ range: Range<Int>, _ table: FloatMatrix,
    _ squared: UnsafeMutablePointer<Double>?
  ) -> Int? {
    let bytes =
      steps == nil
      ? ck_als_scratch_bytes(layout.factors, layout.biased)
      : ck_als_iterate_bytes(layout.factors, layout.biased)
    return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { scratch in
      if let steps {
        ck_als_iterate(
          side, range.lowerBound, range.upperBound, steps, table.base, squared,
          scratch.baseAddress)
        return nil
      }
      let solved = ck_als_solve(
        side, range.lowerBound, range.upperBound, table.base, squared, scratch.baseAddress)
      return solved < range.upperBound ? solved : nil
    }
  }
}

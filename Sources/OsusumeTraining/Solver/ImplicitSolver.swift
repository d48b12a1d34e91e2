// Half a sweep of implicit-feedback least squares: the vectors of one table given the other's.
import CKernels
import OsusumeData
import OsusumeModels

/// Who met what by row of one table, and what each row is penalised by.
struct ImplicitSolver {
  /// Weights of pairs by row.
  private let met: GroupedRatings
  /// λ(n + α₀·N) of each row, N the rows of the other table.
  private let penalties: [Float]
  private let unobserved: Double
  private let steps: Int
  private let lanes: Int
  private let threads: Int

  /// Makes the solver of users or items from ratings whose values are weights.
  init(_ entity: Entity, _ weighted: IndexedRatings, _ task: FitTask) {
    let isUser = entity == .user
    let (rows, columns) = isUser ? (task.users, task.items) : (task.items, task.users)
    let (settings, threads) = (task.settings, task.threads)
    let met = GroupedRatings(
      keys: isUser ? weighted.users : weighted.items,
      columns: isUser ? weighted.items : weighted.users, values: weighted.values, mean: 0,
      count: rows, rowCost: 16, threads: threads)
    penalties = (0..<rows).map {
      Float(
        settings.regularization
          * (Double(met.count($0)) + settings.unobservedWeight * Double(columns)))
    }
    self.met = met
    (unobserved, steps) = (settings.unobservedWeight, settings.solverSteps)
    lanes = settings.factors
    self.threads = threads
  }

  /// What a move of all rows takes: a pair's row read and four operations a number of it, for the gradient that it
  /// starts from and at every step (ck_ials.h).
  var work: EpochWork {
    (steps + 1) * (met.values.count * EpochWork(bytes: Double(4 * lanes), flops: Double(4 * lanes)))
  }

  /// Moves all rows of `table` towards their minimisers; returns the objective without the penalty on `fixed`.
  ///
  /// Both tables are rotated to the principal axes of `fixed`.
  ///
  /// Errors: `TrainingError.noConvergence`.
  func improve(_ table: FloatMatrix, given fixed: FloatMatrix) throws -> Double {
    let lanes = table.columns
    let axes = try PrincipalAxes(
      gram: fixed.gram(lanes: lanes, threads: threads), width: lanes)
    fixed.turn(into: axes, threads: threads)
    table.turn(into: axes, threads: threads)
    let spectrum = FloatMatrix(rows: 1, columns: lanes)
    for (lane, value) in axes.values.enumerated() {
      spectrum[0][lane] = Float(unobserved * max(0, value))
    }
    var left = [Double](repeating: 0, count: table.rows)
    left.withUnsafeMutableBufferPointer { left in
      penalties.withUnsafeBufferPointer { penalties in
        met.withPointers { offsets, columns, weights in
          let side = ck_ials_side(
            offsets: offsets, columns: columns, weights: weights, fixed: fixed.base, lanes: lanes,
            stride: fixed.stride, spectrum: spectrum.base, penalties: penalties.baseAddress)
          iterate(side, table, left.baseAddress)
        }
      }
    }
    withExtendedLifetime(spectrum) {}
    return left.reduce(0, +)
  }

  private func iterate(
    _ side: ck_ials_side, _ table: FloatMatrix, _ left: UnsafeMutablePointer<Double>?
  ) {
    nonisolated(unsafe) let (side, left) = (side, left)
    forEachChunk(met.ranges.count, threads: threads) { part in
      let range = met.ranges[part]
      var side = side
      withUnsafeTemporaryAllocation(
        byteCount: ck_ials_scratch_bytes(table.stride), alignment: 64
      ) {
        ck_ials_iterate(
          &side, range.lowerBound, range.upperBound, steps, table.base, left, $0.baseAddress)
      }
    }
  }

  /// Σ λ(n + α₀·N)·|row|² over all rows.
  func penalty(on table: FloatMatrix) -> Double {
    mapChunks(met.ranges.count, threads: threads) { part in
      met.ranges[part].reduce(0.0) { sum, row in
        let values = table.base + row * table.stride
        let squares = (0..<table.columns).reduce(0.0) {
          $0 + Double(values[$1]) * Double(values[$1])
        }
        return sum + Double(penalties[row]) * squares
      }
    }.reduce(0, +)
  }
}

// One table of a factor model while it is trained: rows, optimizer state, and which lanes move.
import CKernels
import OsusumeData
import OsusumeModels

/// A table of rows with what its optimizer remembers of them.
final class TrainedTable: @unchecked Sendable {
  let rows: FloatMatrix
  /// Adam: mean gradient. Empty for other optimizers.
  let mean: FloatMatrix
  /// Adam: root of the mean squared gradient. AdaGrad: sum of squared gradients.
  let spread: FloatMatrix
  /// Adam: the step at which each row's state stands.
  let last: Column<UInt32>
  /// 1 in trained lanes, 0 in constant and padding lanes.
  let mask: FloatMatrix

  init(_ rows: FloatMatrix, trainedLanes: [Int], optimizer: Optimizer) {
    let remembered = optimizer == .sgd ? 0 : rows.rows
    self.rows = rows
    mean = FloatMatrix(rows: optimizer == .adagrad ? 0 : remembered, columns: rows.columns)
    spread = FloatMatrix(rows: remembered, columns: rows.columns)
    last = Column(repeating: 0, count: rows.rows)
    mask = FloatMatrix(rows: 1, columns: rows.columns)
    for lane in trainedLanes { mask[0][lane] = 1 }
  }

  /// Lanes a kernel must treat.
  var lanes: Int { rows.columns }

  /// Brings rows to the step before the clock's; into `out` when given, else in place.
  func catchUp(
    _ ids: UnsafePointer<Int32>, count: Int, clock: UnsafePointer<ck_adam_clock>,
    out: UnsafeMutablePointer<Float>?
  ) {
    ck_adam_catch_up(
      clock, ids, count, rows.stride, lanes, mask.base, rows.base, mean.base, spread.base,
      last.base, out)
  }

  /// Brings every row and its state to the step before the clock's.
  func flush(clock: UnsafePointer<ck_adam_clock>, threads: Int) {
    let chunk = 1024
    forEachChunk((rows.rows + chunk - 1) / chunk, threads: threads) { part in
      let first = part * chunk
      ck_adam_flush(
        clock, first, min(chunk, rows.rows - first), rows.stride, lanes, mask.base, rows.base,
        mean.base, spread.base, last.base)
    }
  }

  /// Makes one optimizer step on rows whose gradients are scale · G; `current` holds the rows as the
  /// gradient saw them (nil: they are in the table).
  func step(
    _ ids: UnsafePointer<Int32>, count: Int, current: UnsafePointer<Float>?,
    gradients: UnsafePointer<Float>, scale: Float, hyperparameters: Hyperparameters,
    clock: UnsafePointer<ck_adam_clock>
  ) {
    let rate = Float(hyperparameters.learningRate)
    switch hyperparameters.optimizer {
    case .adam, .adamw:
      ck_adam_update(
        clock, ids, count, rows.stride, lanes, mask.base, current, gradients, scale, rows.base,
        mean.base, spread.base, last.base)
    case .sgd:
      ck_rows_descend(
        ids, current, gradients, mask.base, count, rows.stride, lanes, scale, rate, rows.base)
    case .adagrad:
      ck_rows_adagrad(
        ids, current, gradients, mask.base, count, rows.stride, lanes, scale, rate,
        Float(hyperparameters.epsilon), rows.base, spread.base)
    }
  }
}

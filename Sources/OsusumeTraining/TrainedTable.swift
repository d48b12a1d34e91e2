// One table of a factor model while it is trained: rows, optimizer state, and which lanes move.
import CKernels
import OsusumeData
import OsusumeModels

/// A table of rows with what its optimizer remembers of them.
final class TrainedTable: @unchecked Sendable {
  let rows: FloatMatrix
  /// Adam's mean gradient; empty for other optimizers.
  let mean: FloatMatrix
  /// Adam's root of the mean squared gradient, or AdaGrad's sum of squared gradients.
  let spread: FloatMatrix
  /// For Adam, the step at which each row's state stands.
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

  /// Brings the state of every row to the clock's step.
  func settle(_ clock: AdamClock, threads: Int) {
    forEachBlock(threads: threads) { first, count in
      ck_adam_settle(
        clock.now, first, count, rows.stride, lanes, mean.base, spread.base, last.base)
    }
  }

  /// Moves every settled row to where its first reader needs it: `ahead` steps, by row.
  func coast(_ clock: AdamClock, ahead: Column<Int32>, threads: Int) {
    forEachBlock(threads: threads) { first, count in
      ck_adam_coast(
        clock.now, ahead.base, first, count, rows.stride, lanes, mask.base, rows.base, mean.base,
        spread.base)
    }
  }

  private func forEachBlock(threads: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    let block = 1024
    forEachChunk((rows.rows + block - 1) / block, threads: threads) { part in
      body(part * block, min(block, rows.rows - part * block))
    }
  }

  /// Makes one optimizer step on rows whose gradients are scale · G; `ahead` says for how many steps
  /// after it each will be left alone.
  func step(
    _ ids: UnsafePointer<Int32>, ahead: UnsafePointer<Int32>, count: Int,
    gradients: UnsafePointer<Float>, scale: Float, hyperparameters: Hyperparameters,
    clock: AdamClock
  ) {
    let rate = Float(hyperparameters.learningRate)
    switch hyperparameters.optimizer {
    case .adam, .adamw:
      ck_adam_update(
        clock.now, ids, ahead, count, rows.stride, lanes, mask.base, gradients, scale, rows.base,
        mean.base, spread.base, last.base)
    case .sgd:
      ck_rows_descend(
        ids, gradients, mask.base, count, rows.stride, lanes, scale, rate, rows.base)
    case .adagrad:
      ck_rows_adagrad(
        ids, gradients, mask.base, count, rows.stride, lanes, scale, rate,
        Float(hyperparameters.epsilon), rows.base, spread.base)
    }
  }
}

// One table of parameters while it is trained: rows, optimizer state, and which lanes are learned.
import CKernels
import OsusumeData
import OsusumeModels

/// A table of parameters with the optimizer's state, as one record a row.
///
/// A record holds the row's parameters and, each as wide, Adam's mean gradient and the root of its mean
/// squared gradient (AdaGrad: only the sum of squared gradients). Rows are read at random and all of a
/// row is needed at once: one run of cache lines costs a fifth less than three.
final class TrainedTable: @unchecked Sendable {
  /// The table that others read; brought up to date by `publish`.
  let published: FloatMatrix
  /// rows × (slots · width) floats.
  let records: FloatMatrix
  /// Floats from one part of a record to the next.
  let width: Int
  /// Lanes a kernel must treat.
  let lanes: Int
  private let optimizer: Optimizer
  /// For Adam, the step that each row's state is of.
  private let last: Column<UInt32>
  /// 2λ in each lane where an L2 penalty pulls on all rows at every step, which only Adam does here.
  private let penalty: FloatMatrix?
  /// 1 in trained lanes, 0 in constant and padding lanes.
  private let mask: FloatMatrix

  /// Takes in a table's starting values.
  init(
    _ table: FloatMatrix, trainedLanes: [Int], optimizer: Optimizer, penalty: FloatMatrix? = nil
  ) {
    published = table
    self.optimizer = optimizer
    self.penalty = penalty
    width = table.stride
    lanes = table.columns
    records = FloatMatrix(rows: table.rows, columns: optimizer.slots * width)
    last = Column(repeating: 0, count: table.rows)
    mask = FloatMatrix(rows: 1, columns: table.columns)
    for lane in trainedLanes { mask[0][lane] = 1 }
    for row in 0..<table.rows {
      (records.base + row * records.stride).update(from: table.base + row * width, count: width)
    }
  }

  /// The rows as the kernels of all optimizers move them.
  private var rows: ck_rows_table {
    ck_rows_table(rows: records.base, mask: mask.base, stride: records.stride, lanes: lanes)
  }

  /// The parts of records that are Adam's; other optimizers' records have none.
  private var adam: ck_adam_state {
    ck_adam_state(
      M: records.base + width, R: records.base + 2 * width, last: last.base,
      penalty: penalty?.base)
  }

  /// Copies the parameters to where others read them.
  func publish(threads: Int) {
    forEachBlock(threads: threads) { first, count in publish(first..<(first + count)) }
  }

  /// Copies the parameters of some rows to where others read them.
  func publish(_ rows: Range<Int>) {
    for row in rows {
      (published.base + row * width).update(
        from: records.base + row * records.stride, count: width)
    }
  }

  /// Goes on with records that were written to, all of them synchronised at a step.
  func resume(step: Int, threads: Int) {
    last.base.update(repeating: UInt32(step), count: last.count)
    publish(threads: threads)
  }

  /// Brings the state of every row to the clock's step; under a penalty it always is there.
  func synchronise(_ clock: AdamClock, threads: Int) {
    guard penalty == nil else { return }
    forEachBlock(threads: threads) { first, count in
      var (rows, adam) = (rows, adam)
      ck_adam_settle(clock.now, first, count, &rows, &adam)
    }
  }

  /// Moves every synchronised row to where its first reader needs it: `ahead` steps, by row.
  func coast(_ clock: AdamClock, ahead: Column<Int32>, threads: Int) {
    forEachBlock(threads: threads) { first, count in
      var (rows, adam) = (rows, adam)
      if penalty != nil {
        ck_adam_pull_on(clock.now, ahead.base, first, count, &rows, &adam)
      } else {
        ck_adam_coast(clock.now, ahead.base, first, count, &rows, &adam)
      }
    }
  }

  private func forEachBlock(threads: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    let block = 1024
    forEachChunk((records.rows + block - 1) / block, threads: threads) { part in
      body(part * block, min(block, records.rows - part * block))
    }
  }

  /// Makes one optimizer step on rows whose gradients are scale · G, G's rows `gradientStride` apart
  /// (nil: `width`).
  ///
  /// `ahead` says for how many steps after it each row will have no gradient.
  func step(
    _ ids: UnsafePointer<Int32>, ahead: UnsafePointer<Int32>, count: Int,
    gradients: UnsafePointer<Float>, gradientStride: Int? = nil, scale: Float,
    settings: Hyperparameters, clock: AdamClock
  ) {
    var rows = rows
    var gradients = ck_rows_gradients(
      count: count, id: ids, G: gradients, width: gradientStride ?? width, scale: scale)
    let rate = Float(settings.learningRate)
    switch optimizer {
    case .adam, .adamw:
      var adam = adam
      if penalty != nil {
        ck_adam_pull(clock.now, &gradients, ahead, &rows, &adam)
      } else {
        ck_adam_update(clock.now, &gradients, ahead, &rows, &adam)
      }
    case .sgd:
      ck_rows_descend(&gradients, rate, &rows)
    case .adagrad:
      ck_rows_adagrad(
        &gradients, rate, Float(settings.epsilon), &rows, records.base + width)
    }
  }
}

extension Optimizer {
  /// How many times as wide as a row its record is.
  var slots: Int {
    switch self {
    case .adam, .adamw: 3
    case .adagrad: 2
    case .sgd: 1
    }
  }
}

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

  private var mean: UnsafeMutablePointer<Float> { records.base + width }
  private var root: UnsafeMutablePointer<Float> { records.base + 2 * width }

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
      ck_adam_settle(clock.now, first, count, records.stride, lanes, mean, root, last.base)
    }
  }

  /// Moves every synchronised row to where its first reader needs it: `ahead` steps, by row.
  func coast(_ clock: AdamClock, ahead: Column<Int32>, threads: Int) {
    forEachBlock(threads: threads) { first, count in
      if let penalty {
        ck_adam_pull_on(
          clock.now, ahead.base, first, count, records.stride, lanes, penalty.base, records.base,
          mean, root)
      } else {
        ck_adam_coast(
          clock.now, ahead.base, first, count, records.stride, lanes, mask.base, records.base, mean,
          root)
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
    let width = gradientStride ?? self.width
    let rate = Float(settings.learningRate)
    let stride = records.stride
    switch optimizer {
    case .adam, .adamw:
      if let penalty {
        ck_adam_pull(
          clock.now, ids, ahead, count, stride, width, lanes, penalty.base, gradients, scale,
          records.base, mean, root)
        return
      }
      ck_adam_update(
        clock.now, ids, ahead, count, stride, width, lanes, mask.base, gradients, scale,
        records.base, mean, root, last.base)
    case .sgd:
      ck_rows_descend(
        ids, gradients, mask.base, count, stride, width, lanes, scale, rate, records.base)
    case .adagrad:
      ck_rows_adagrad(
        ids, gradients, mask.base, count, stride, width, lanes, scale, rate,
        Float(settings.epsilon), records.base, mean)
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

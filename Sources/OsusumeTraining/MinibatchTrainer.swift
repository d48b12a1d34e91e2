// Trains a factor model by minibatches: forward, scatter and update, batch by batch.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// A training run of a factor model under a minibatch optimizer, one epoch at a time.
///
/// A batch goes in three phases (algorithms.md, section 2): its items are caught up; users are caught
/// up, errors and users' gradients found; items' gradients are summed and both tables updated. Chunks
/// are cut by ratings, 512 at a time, never by threads.
final class MinibatchTrainer {
  let hyperparameters: Hyperparameters
  let parameters: FactorParameters
  let users: TrainedTable
  let items: TrainedTable
  /// Optimizer steps made so far.
  private(set) var steps = 0
  /// Epochs done so far.
  private(set) var epoch = 0

  private let train: RatingRows
  private let byUser: [Int32]?
  private let seed: UInt64
  private let threads: Int
  private let plan: BatchPlan
  private let clock: AdamClock
  private let scratch: BatchScratch

  init(
    _ spec: ModelSpec, _ hyperparameters: Hyperparameters, train: RatingRows,
    parameters: FactorParameters, seed: UInt64, threads: Int
  ) {
    self.hyperparameters = hyperparameters
    self.parameters = parameters
    self.train = train
    self.seed = seed
    self.threads = threads
    let layout = parameters.layout
    let terms = spec.score.terms
    let factors = Array(0..<layout.factors)
    users = TrainedTable(
      parameters.users,
      trainedLanes: factors + (terms.contains(.bias(.user)) ? [layout.userBiasLane] : []),
      optimizer: hyperparameters.optimizer)
    items = TrainedTable(
      parameters.items,
      trainedLanes: factors + (terms.contains(.bias(.item)) ? [layout.itemBiasLane] : []),
      optimizer: hyperparameters.optimizer)
    byUser = train.liesByUser ? nil : Grouping(keys: train.users, count: users.rows.rows).order
    plan = BatchPlan(rows: train.count, batchSize: hyperparameters.batchSize)
    clock = AdamClock(hyperparameters, span: plan.batches)
    scratch = BatchScratch(plan, stride: parameters.users.stride, threads: threads)
    if hyperparameters.shuffle != .eachEpoch { deal() }
  }

  /// Makes the orders of the epoch about to be run.
  private func deal() {
    let stream =
      switch hyperparameters.shuffle {
      case .none: UInt64?.none
      case .once: RandomStream.shuffle
      case .eachEpoch: RandomStream.shuffle + UInt64(epoch) << 32
      }
    plan.deal(
      train, byUser: byUser, items: items.rows.rows,
      shuffleKey: stream.map { ck_random_key(seed, $0) }, threads: threads)
  }

  /// Runs one epoch and returns the mean loss of its batches. Afterwards every row is up to date.
  func runEpoch() -> Double {
    if hyperparameters.shuffle == .eachEpoch { deal() }
    if usesAdam { clock.start(flushed: steps) }
    let losses = Column<Double>(count: plan.batches)
    PhaseTeam(
      phases: 3 * plan.batches,
      chunks: { phase in
        let chunks = self.scratch.chunks(self.plan.count(phase / 3))
        return phase % 3 == 2 ? 2 * chunks + 1 : chunks
      },
      body: { worker, phase, chunk in
        let batch = Batch(trainer: self, number: phase / 3, worker: worker)
        switch phase % 3 {
        case 0: batch.catchUpItems(chunk)
        case 1: batch.forward(chunk)
        default: batch.update(chunk, losses: losses)
        }
      }
    ).run(threads: threads)
    steps += plan.batches
    epoch += 1
    if usesAdam {
      users.flush(clock: clock.at(steps + 1), threads: threads)
      items.flush(clock: clock.at(steps + 1), threads: threads)
    }
    return losses.array().reduce(0, +) / Double(max(1, plan.batches))
  }

  private var usesAdam: Bool {
    hyperparameters.optimizer == .adam || hyperparameters.optimizer == .adamw
  }

  /// Continues after a checkpoint whose tables have been filled in.
  func resume(epoch: Int) {
    self.epoch = epoch
    steps = epoch * plan.batches
    for table in [users, items] {
      table.last.base.update(repeating: UInt32(steps), count: table.last.count)
    }
  }

  /// One batch as one worker sees it.
  private struct Batch {
    let trainer: MinibatchTrainer
    let number: Int
    let worker: Int

    var plan: BatchPlan { trainer.plan }
    var scratch: BatchScratch { trainer.scratch }
    var stride: Int { trainer.parameters.users.stride }
    var step: Int { trainer.steps + number + 1 }
    var clock: UnsafePointer<ck_adam_clock> { trainer.clock.at(step) }
    var loss: ck_loss { trainer.hyperparameters.loss.kernel }
    var count: Int { plan.count(number) }
    var userIDs: UnsafeMutablePointer<Int32> { plan.userID.base + plan.first(number) }
    var itemIDs: UnsafeMutablePointer<Int32> { plan.itemID.base + plan.first(number) }
    var userStart: UnsafeMutablePointer<Int32> { plan.userStart.base + plan.firstStart(number) }
    var itemStart: UnsafeMutablePointer<Int32> { plan.itemStart.base + plan.firstStart(number) }
    var userRuns: Int { Int(plan.userRuns[number]) }
    var itemRuns: Int { Int(plan.itemRuns[number]) }

    func catchUpItems(_ chunk: Int) {
      guard trainer.usesAdam else { return }
      let runs = scratch.runs(itemStart, itemRuns, chunk)
      trainer.items.catchUp(itemIDs + runs.lowerBound, count: runs.count, clock: clock, out: nil)
    }

    func forward(_ chunk: Int) {
      let runs = scratch.runs(userStart, userRuns, chunk)
      let rows = scratch.userRows.base + runs.lowerBound * stride
      let ids = userIDs + runs.lowerBound
      if trainer.usesAdam {
        trainer.users.catchUp(ids, count: runs.count, clock: clock, out: rows)
      } else {
        ck_rows_gather(trainer.parameters.users.base, ids, runs.count, stride, rows)
      }
      scratch.sums[chunk] = ck_pair_forward(
        rows, trainer.parameters.items.base, userStart + runs.lowerBound,
        plan.items.base + plan.first(number), plan.ratings.base + plan.first(number), runs.count,
        stride, trainer.parameters.layout.lanes, trainer.parameters.mean, loss,
        scratch.weights.base, scratch.userGradients.base + runs.lowerBound * stride)
    }

    /// Chunk 0 closes the batch's books; then come the items' chunks and the users'.
    func update(_ chunk: Int, losses: Column<Double>) {
      let chunks = scratch.chunks(count)
      let sums = ck_loss_total(scratch.sums.base, chunks)
      guard chunk > 0 else {
        losses[number] = ck_loss_value(loss, sums, count)
        if trainer.usesAdam { trainer.clock.prepare(after: step) }
        return
      }
      let scale = ck_loss_scale(loss, sums, count)
      if chunk <= chunks {
        updateItems(scratch.runs(itemStart, itemRuns, chunk - 1), scale)
      } else {
        updateUsers(scratch.runs(userStart, userRuns, chunk - 1 - chunks), scale)
      }
    }

    private func updateItems(_ runs: Range<Int>, _ scale: Float) {
      let gradients = scratch.itemGradients[worker].base
      ck_rows_sum(
        scratch.userRows.base, itemStart + runs.lowerBound, plan.source.base + plan.first(number),
        plan.row.base + plan.first(number), scratch.weights.base, runs.count, stride,
        trainer.parameters.layout.lanes, gradients)
      trainer.items.step(
        itemIDs + runs.lowerBound, count: runs.count, current: nil, gradients: gradients,
        scale: scale, hyperparameters: trainer.hyperparameters, clock: clock)
    }

    private func updateUsers(_ runs: Range<Int>, _ scale: Float) {
      trainer.users.step(
        userIDs + runs.lowerBound, count: runs.count,
        current: scratch.userRows.base + runs.lowerBound * stride,
        gradients: scratch.userGradients.base + runs.lowerBound * stride, scale: scale,
        hyperparameters: trainer.hyperparameters, clock: clock)
    }
  }
}

extension Loss {
  /// The kernels' number for it.
  var kernel: ck_loss {
    switch self {
    case .rmse: CK_LOSS_RMSE
    case .mse: CK_LOSS_MSE
    case .mae: CK_LOSS_MAE
    }
  }
}

extension RatingRows {
  /// Whether rows are grouped by user, users ascending.
  var liesByUser: Bool {
    users.withUnsafeBufferPointer { users in
      for row in 1..<max(1, users.count) where users[row] < users[row - 1] { return false }
      return true
    }
  }
}

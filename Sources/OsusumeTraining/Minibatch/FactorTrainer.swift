// Fits a factor model by minibatches: forward, gradients and update, batch by batch.
import CKernels
import OsusumeData
import OsusumeModels

/// The minibatch fit of a factor model.
///
/// A batch goes in two phases. By user: errors and users' gradients are found, each user's row loaded
/// once. By item: items' gradients are summed and applied, and users' gradients applied. Every row is
/// written by one thread in one order, so that no atomics are needed; chunks are cut by ratings, 512 at
/// a time, never by threads.
final class FactorTrainer: MinibatchFit {
  let task: FitTask
  let factors: FactorParameters
  var parameters: any Scorer { factors }
  let users: TrainedTable
  let items: TrainedTable
  var sides: [TrainedTable] { [users, items] }
  var steps = 0

  let byUser: [Int32]?
  let batches: BatchPlan
  let clock: AdamClock
  private let scratch: BatchScratch

  init(_ task: FitTask) {
    self.task = task
    let (hyperparameters, train) = (task.settings, task.train)
    factors = .initial(task)
    let layout = factors.layout
    let terms = task.spec.score.terms
    let lanes = Array(0..<layout.factors)
    users = TrainedTable(
      factors.users,
      trainedLanes: lanes + (terms.contains(.bias(.user)) ? [layout.userBiasLane] : []),
      optimizer: hyperparameters.optimizer)
    items = TrainedTable(
      factors.items,
      trainedLanes: lanes + (terms.contains(.bias(.item)) ? [layout.itemBiasLane] : []),
      optimizer: hyperparameters.optimizer)
    byUser = train.liesByUser ? nil : Grouping(keys: train.users, count: users.records.rows).order
    batches = BatchPlan(
      rows: train.count, batchSize: hyperparameters.batchSize, users: users.records.rows,
      items: items.records.rows)
    clock = AdamClock(hyperparameters, span: batches.batches)
    scratch = BatchScratch(batches, stride: factors.users.stride, threads: task.threads)
    if hyperparameters.shuffle != .eachEpoch { deal(epoch: 0) }
  }

  func runEpoch(_ number: Int) -> Double {
    startEpoch(number)
    let losses = Column<Double>(count: batches.batches)
    PhaseTeam(
      phases: 2 * batches.batches,
      chunks: { phase in
        let chunks = self.scratch.chunks(self.batches.count(phase / 2))
        return phase % 2 == 0 ? 1 + chunks : 2 * chunks
      },
      body: { [task, batches, scratch] worker, phase, chunk in
        var laps = EpochLaps(task.parts, worker: worker)
        let batch = Batch(trainer: self, number: phase / 2, worker: worker)
        if phase % 2 == 0 {
          batch.forward(chunk)
          laps.end(.forward)
        } else {
          batch.update(chunk, losses: losses)
          laps.end(chunk < scratch.chunks(batches.count(phase / 2)) ? .itemUpdate : .userUpdate)
        }
      }
    ).run(threads: task.threads)
    task.parts.note(work)
    return endEpoch(losses: losses)
  }

  /// The rows being trained, as the kernels read them.
  private var kernel: ck_factors {
    ck_factors(
      P: users.records.base, Q: items.records.base, stride: users.records.stride,
      lanes: factors.layout.lanes, mean: factors.mean)
  }

  /// One batch as one worker sees it.
  private struct Batch {
    let trainer: FactorTrainer
    let number: Int
    let worker: Int

    var plan: BatchPlan { trainer.batches }
    var scratch: BatchScratch { trainer.scratch }
    var stride: Int { trainer.users.width }
    var loss: ck_loss { trainer.task.settings.loss.kernel }
    var count: Int { plan.count(number) }
    var userIDs: UnsafeMutablePointer<Int32> { plan.userID.base + plan.first(number) }
    var itemIDs: UnsafeMutablePointer<Int32> { plan.itemID.base + plan.first(number) }
    var userStart: UnsafeMutablePointer<Int32> { plan.userStart.base + plan.firstStart(number) }
    var itemStart: UnsafeMutablePointer<Int32> { plan.itemStart.base + plan.firstStart(number) }
    var userRuns: Int { Int(plan.userRuns[number]) }
    var itemRuns: Int { Int(plan.itemRuns[number]) }

    /// Chunk 0 moves the clock on; then come the users' chunks.
    func forward(_ chunk: Int) {
      guard chunk > 0 else {
        if trainer.task.settings.optimizer.isAdam { trainer.clock.advance() }
        return
      }
      let runs = scratch.runs(userStart, userRuns, chunk - 1)
      var factors = trainer.kernel
      var ratings = ck_pair_batch(
        id: userIDs, start: userStart, item: plan.items.base + plan.first(number),
        rating: plan.ratings.base + plan.first(number))
      var gradients = scratch.gradients
      scratch.sums[chunk - 1] = ck_pair_forward(
        &factors, &ratings, runs.lowerBound, runs.upperBound, loss, &gradients)
    }

    /// The items' chunks come first, then the users'.
    func update(_ chunk: Int, losses: Column<Double>) {
      let chunks = scratch.chunks(count)
      let sums = ck_loss_total(scratch.sums.base, chunks)
      let scale = ck_loss_scale(loss, sums, count)
      if chunk == 0 { losses[number] = ck_loss_value(loss, sums, count) }
      if chunk < chunks {
        updateItems(scratch.runs(itemStart, itemRuns, chunk), scale)
      } else {
        updateUsers(scratch.runs(userStart, userRuns, chunk - chunks), scale)
      }
    }

    private func updateItems(_ runs: Range<Int>, _ scale: Float) {
      let gradients = scratch.itemGradients[worker].base
      ck_rows_sum(
        scratch.userRows.base, itemStart + runs.lowerBound, plan.source.base + plan.first(number),
        plan.row.base + plan.first(number), scratch.weights.base, runs.count, stride,
        trainer.factors.layout.lanes, gradients)
      trainer.items.step(
        itemIDs + runs.lowerBound,
        ahead: plan.itemAhead.base + plan.first(number) + runs.lowerBound,
        count: runs.count, gradients: gradients, scale: scale,
        settings: trainer.task.settings, clock: trainer.clock)
    }

    private func updateUsers(_ runs: Range<Int>, _ scale: Float) {
      trainer.users.step(
        userIDs + runs.lowerBound,
        ahead: plan.userAhead.base + plan.first(number) + runs.lowerBound,
        count: runs.count, gradients: scratch.userGradients.base + runs.lowerBound * stride,
        scale: scale, settings: trainer.task.settings, clock: trainer.clock)
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
    case .binaryCrossEntropy, .crossEntropy:
      preconditionFailure("\(rawValue) is a loss of labels, not of ratings")
    }
  }
}

extension IndexedRatings {
  /// Whether rows are grouped by user, users ascending.
  var liesByUser: Bool {
    users.withUnsafeBufferPointer { users in
      for row in 1..<max(1, users.count) where users[row] < users[row - 1] { return false }
      return true
    }
  }
}

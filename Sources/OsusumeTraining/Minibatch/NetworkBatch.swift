// One minibatch of a network: items, pairs, updates, layers, chunk by chunk.
import CKernels
import OsusumeData
import OsusumeModels

/// One batch as one worker sees it.
struct NetworkBatch {
  let trainer: NetworkTrainer
  let number: Int
  let worker: Int
  let dropoutKey: UInt64

  private var plan: Plan { trainer.plan }
  private var batches: BatchPlan { trainer.batches }
  private var scratch: NetworkScratch { trainer.scratch }
  private var first: Int { batches.first(number) }
  private var count: Int { batches.count(number) }

  /// The runs of a batch's users or items: each a row of a table and the pairs that read it.
  private struct Runs {
    let ids: UnsafeMutablePointer<Int32>
    let start: UnsafeMutablePointer<Int32>
    let ahead: UnsafeMutablePointer<Int32>
    let count: Int
  }

  private var users: Runs {
    Runs(
      ids: batches.userID.base + first, start: batches.userStart.base + batches.firstStart(number),
      ahead: batches.userAhead.base + first, count: Int(batches.userRuns[number]))
  }

  private var items: Runs {
    Runs(
      ids: batches.itemID.base + first, start: batches.itemStart.base + batches.firstStart(number),
      ahead: batches.itemAhead.base + first, count: Int(batches.itemRuns[number]))
  }

  /// The pair behind each entry of the items' runs.
  private var itemPairs: UnsafeMutablePointer<Int32> { batches.source.base + first }

  private func run(
    _ domain: Plan.Domain, _ own: PlanRun.Rows, _ count: Int, chunk: Int
  ) -> PlanRun {
    var run = PlanRun(
      plan: plan, domain: domain, layers: trainer.network.layers.base,
      features: trainer.network.features, own: own, count: count)
    let parts = scratch.layerParts[domain.rawValue]
    run.layerGradients = parts.base + (parts.rows == 0 ? 0 : chunk * parts.stride)
    return run
  }

  /// Copies rows of a table to where a run works on them.
  private func gather(_ table: TrainedTable, _ ids: UnsafePointer<Int32>, for run: PlanRun) {
    ck_layer_gather(
      table.records.base, table.records.stride, ids, run.count, table.lanes, run.own.values,
      run.own.stride)
  }

  // MARK: Items, before the pairs

  private func itemRun(_ rows: Range<Int>, chunk: Int) -> PlanRun {
    let place = rows.lowerBound * scratch.itemValues.stride
    var run = run(
      .item,
      .init(
        values: scratch.itemValues.base + place, gradients: scratch.itemGradients.base + place,
        stride: scratch.itemValues.stride), rows.count, chunk: chunk)
    run.itemIDs = UnsafePointer(items.ids + rows.lowerBound)
    return run
  }

  /// Chunk 0 moves the clock on; then come items: gather, forward.
  func prepareItems(_ chunk: Int) {
    guard chunk > 0 else {
      if trainer.task.settings.optimizer.isAdam { trainer.clock.advance() }
      return
    }
    let items = items
    let rows = scratch.rows(chunk - 1, of: items.count)
    let run = itemRun(rows, chunk: chunk - 1)
    gather(trainer.sides[1], items.ids + rows.lowerBound, for: run)
    run.forward()
    // Which run each pair belongs to.
    for number in rows {
      for entry in Int(items.start[number])..<Int(items.start[number + 1]) {
        scratch.itemRuns.base[Int(itemPairs[entry])] = Int32(number)
      }
    }
  }

  // MARK: Users and pairs

  /// The users whose pairs begin within a chunk of the batch.
  private func userRows(_ chunk: Int) -> Range<Int> {
    let users = users
    return UnsafePointer(users.start).runs(
      users.count, beginningIn: scratch.rows(chunk, of: count))
  }

  /// Forward, losses and backward of some users' pairs, down to the gradients of the users' rows.
  func pairs(_ chunk: Int, _ laps: inout EpochLaps) {
    let users = users
    let rows = userRows(chunk)
    let own = scratch.work[worker]
    let userRun = run(
      .user,
      .init(
        values: own.userValues.base, gradients: own.userGradients.base,
        stride: own.userValues.stride), rows.count, chunk: chunk)
    gather(trainer.sides[0], users.ids + rows.lowerBound, for: userRun)
    userRun.forward()

    let pairs = Int(users.start[rows.lowerBound])..<Int(users.start[rows.upperBound])
    for number in rows {
      for pair in Int(users.start[number])..<Int(users.start[number + 1]) {
        own.userRow[pair - pairs.lowerBound] = Int32(number - rows.lowerBound)
      }
    }
    let gradients = scratch.pairGradients.base + pairs.lowerBound * scratch.pairGradients.stride
    var run = run(
      .pair,
      .init(values: own.pairValues.base, gradients: gradients, stride: own.pairValues.stride),
      pairs.count, chunk: chunk)
    run.users = .init(
      values: userRun.own.values, stride: userRun.own.stride, row: own.userRow.base)
    run.items = .init(
      values: scratch.itemValues.base, stride: scratch.itemValues.stride,
      row: scratch.itemRuns.base + pairs.lowerBound)
    (run.dropoutKey, run.firstRow) = (dropoutKey, first + pairs.lowerBound)
    run.forward()
    for (head, output) in plan.outputs.enumerated() {
      scratch.sums(chunk: chunk, head: head).pointee = cost(
        output, trainer.losses[head], run.own, gradients + output.value.lane, pairs)
    }
    laps.end(.pairForward)
    run.backward()
    collect(userRun, start: users.start + rows.lowerBound, pairs: nil)
    userRun.backward()
    scratch.keepUserGradients(own.userGradients, rows)
    laps.end(.pairBackward)
  }

  /// Sums the gradients of the pairs that read values of users or items.
  private func collect(
    _ run: PlanRun, start: UnsafePointer<Int32>, pairs: UnsafePointer<Int32>?
  ) {
    guard let gradients = run.own.gradients else { return }
    for boundary in plan.boundaries where boundary.value.domain == run.domain {
      ck_layer_collect(
        scratch.pairGradients.base + boundary.lane, scratch.pairGradients.stride, start, pairs,
        run.count, boundary.value.width, boundary.adds ? 1 : 0, gradients + boundary.value.lane,
        run.own.stride)
    }
  }

  /// What a head costs on some pairs; its gradients go to `d`.
  private func cost(
    _ output: Plan.Output, _ loss: Loss, _ own: PlanRun.Rows, _ d: UnsafeMutablePointer<Float>,
    _ rows: Range<Int>
  ) -> ck_loss_sums {
    let y = own.values + output.value.lane
    let ratings = batches.ratings.base + first + rows.lowerBound
    let labels = (batches.labels ?? batches.ratings).base + first + rows.lowerBound
    switch loss {
    case .rmse, .mse, .mae:
      return ck_head_rating(
        y, own.stride, ratings, rows.count, loss.kernel, output.weight, d)
    case .binaryCrossEntropy:
      let sum = ck_head_binary(y, own.stride, labels, rows.count, output.weight, d)
      return ck_loss_sums(squared: sum, absolute: 0)
    case .crossEntropy:
      let sum = ck_head_classes(
        y, own.stride, ratings, rows.count, output.value.width, 1, output.weight, d)
      return ck_loss_sums(squared: sum, absolute: 0)
    }
  }

  /// The batch's loss, and the factor that its gradients are still to be multiplied by.
  private func loss() -> (value: Double, scale: Float) {
    var value = 0.0
    var scale = 1 / Float(count)
    for (head, loss) in trainer.losses.enumerated() {
      let sums = ck_loss_total(scratch.sums(chunk: 0, head: head), scratch.chunks(count))
      let weight = Double(plan.outputs[head].weight)
      switch loss {
      case .rmse, .mse, .mae: value += weight * ck_loss_value(loss.kernel, sums, count)
      case .binaryCrossEntropy, .crossEntropy: value += weight * sums.squared / Double(count)
      }
      if loss == .rmse { scale = ck_loss_scale(CK_LOSS_RMSE, sums, count) }
    }
    return (value, scale)
  }

  // MARK: Updates

  /// Chunk 0 notes the loss; then come items: gradients of their pairs, backward, update; then users:
  /// update.
  func update(_ chunk: Int, losses: Column<Double>) {
    let loss = loss()
    let itemChunks = scratch.chunks(items.count)
    switch chunk {
    case 0: losses[number] = loss.value
    case 1...itemChunks: updateItems(chunk - 1, loss.scale)
    default:
      let rows = userRows(chunk - 1 - itemChunks)
      step(0, users, rows, scratch.userGradients, loss.scale)
    }
  }

  private func updateItems(_ chunk: Int, _ scale: Float) {
    let items = items
    let rows = scratch.rows(chunk, of: items.count)
    let run = itemRun(rows, chunk: chunk)
    collect(run, start: items.start + rows.lowerBound, pairs: itemPairs)
    run.backward()
    step(1, items, rows, scratch.itemGradients, scale)
  }

  private func step(
    _ side: Int, _ runs: Runs, _ rows: Range<Int>, _ gradients: FloatMatrix, _ scale: Float
  ) {
    trainer.sides[side].step(
      runs.ids + rows.lowerBound, ahead: runs.ahead + rows.lowerBound, count: rows.count,
      gradients: gradients.base + rows.lowerBound * gradients.stride,
      gradientStride: gradients.stride, scale: scale, settings: trainer.task.settings,
      clock: trainer.clock)
  }

  /// Sums the chunks' gradients of some layers and updates them.
  func updateLayers(_ chunk: Int) {
    let rows = trainer.layerRows(chunk)
    guard !rows.isEmpty else { return }
    let lanes = NetworkParameters.layerLanes
    let block = rows.lowerBound * lanes..<rows.upperBound * lanes
    let pairChunks = scratch.chunks(count)
    let chunkCounts = [pairChunks, scratch.chunks(items.count), pairChunks]
    for (domain, ranges) in trainer.learnedIn.enumerated() {
      let parts = scratch.layerParts[domain]
      for range in ranges {
        let part = range.clamped(to: block)
        guard !part.isEmpty else { continue }
        ck_layer_total(
          parts.base + part.lowerBound, chunkCounts[domain], parts.stride, part.count,
          scratch.layerGradients.base + part.lowerBound)
      }
    }
    trainer.layers.step(
      trainer.layerRows.base + rows.lowerBound, ahead: trainer.noGap.base, count: rows.count,
      gradients: scratch.layerGradients.base + block.lowerBound, scale: loss().scale,
      settings: trainer.task.settings, clock: trainer.clock)
    trainer.layers.publish(rows)
  }
}

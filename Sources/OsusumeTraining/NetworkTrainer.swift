// Trains a network by minibatches: forward, backward and update, batch by batch.
import CKernels
import OsusumeData
import OsusumeModels

/// A training run of a network, one epoch at a time.
///
/// A batch goes in four phases. Distinct users and items: their rows are gathered and what depends on
/// them alone is computed. Pairs: forward, losses, backward. Distinct users and items again: gradients
/// of their pairs are summed in a fixed order, taken back to the rows, and the rows updated. Layers:
/// gradients of all chunks are summed in their order, and layers updated. Chunks are cut by rows, never
/// by threads, and matrix products are as large as a chunk: the result does not depend on threads.
final class NetworkTrainer: EpochRunner {
  let hyperparameters: Hyperparameters
  let parameters: NetworkParameters
  private(set) var epoch = 0
  private var steps = 0

  fileprivate let plan: Plan
  fileprivate let batches: BatchPlan
  fileprivate let tables: [TrainedTable]
  fileprivate let layers: TrainedTable
  fileprivate let layerRows: Column<Int32>
  fileprivate let noGap: Column<Int32>
  fileprivate let clock: AdamClock
  fileprivate let scratch: NetworkScratch
  fileprivate let learnedIn: [[Range<Int>]]
  fileprivate let losses: [Loss]
  /// 2λ in each lane of each table where there is an L2 penalty: all rows then move at every step.
  fileprivate let penalties: [FloatMatrix]?
  private let train: RatingRows
  private let byUser: [Int32]?
  private let seed: UInt64
  private let threads: Int

  var learned: Parameters { .network(parameters) }
  var records: [FloatMatrix] { (tables + [layers]).map(\.records) }

  /// Rows of layers that one chunk of a phase updates.
  private static let layerBlock = 32
  /// Rows of a table that one chunk of a phase sweeps.
  fileprivate static let sweepBlock = 512

  init(
    _ trainer: Trainer, train: RatingRows, users: Int, items: Int, features: ItemFeatures,
    scale: ClosedRange<Float>
  ) throws {
    let settings = trainer.hyperparameters
    hyperparameters = settings
    (seed, threads) = (trainer.seed, trainer.threads)
    self.train = train
    let sizes = PlanSizes(
      users: users, items: items, genres: features.genres.count, factors: settings.factors,
      scale: scale)
    plan = try Plan(trainer.spec, sizes, training: true)
    parameters = NetworkParameters(
      try Plan(trainer.spec, sizes, training: false), features: features)
    parameters.start(settings, seed: seed, threads: threads)
    losses = plan.outputs.map { $0.loss ?? settings.loss }
    tables = [parameters.users, parameters.items].map {
      TrainedTable($0, trainedLanes: Array(0..<$0.columns), optimizer: settings.optimizer)
    }
    layers = TrainedTable(
      parameters.layers, trainedLanes: Array(0..<parameters.layers.columns),
      optimizer: settings.optimizer)
    layerRows = Column(count: parameters.layers.rows)
    for row in 0..<layerRows.count { layerRows[row] = Int32(row) }
    noGap = Column(repeating: 0, count: max(parameters.layers.rows, 1))
    penalties = settings.hasPenalty ? plan.slots.map { settings.penalties(of: $0) } : nil
    guard penalties == nil || settings.optimizer.isAdam else {
      throw TrainingError.penaltyNeedsAdam
    }
    try Self.checkTargets(plan, train)
    byUser = train.liesByUser ? nil : Grouping(keys: train.users, count: users).order
    batches = BatchPlan(
      rows: train.count, batchSize: settings.batchSize, users: users, items: items,
      labelled: trainer.spec.needsLabels)
    clock = AdamClock(settings, span: batches.batches)
    scratch = NetworkScratch(plan, batchSize: batches.batchSize, threads: threads)
    learnedIn = Plan.Domain.allCases.map { [plan] in plan.learned(in: $0) }
    if settings.shuffle != .eachEpoch { deal() }
  }

  /// Throws where the rows lack what the heads are to predict.
  private static func checkTargets(_ plan: Plan, _ train: RatingRows) throws {
    for output in plan.outputs {
      switch output.target {
      case .rating: break
      case .interaction:
        guard train.labels.count == train.count else { throw TrainingError.noLabels }
      case .ratingClass:
        let classes = 1...Float(output.value.width)
        let odd = train.values.first { !classes.contains($0) || $0 != $0.rounded() }
        if let odd { throw TrainingError.notAClass(odd, classes: output.value.width) }
      }
    }
  }

  /// Makes the orders of the epoch about to be run.
  private func deal() {
    let key = hyperparameters.shuffle.stream(epoch: epoch).map { ck_random_key(seed, $0) }
    batches.deal(train, byUser: byUser, shuffleKey: key, threads: threads)
  }

  func runEpoch() -> Double {
    if hyperparameters.shuffle == .eachEpoch { deal() }
    if hyperparameters.optimizer.isAdam { settle() }
    if hyperparameters.optimizer.isAdam, penalties == nil {
      tables[0].coast(clock, ahead: batches.userFirst, threads: threads)
      tables[1].coast(clock, ahead: batches.itemFirst, threads: threads)
    }
    let losses = Column<Double>(count: batches.batches)
    let dropoutKey = ck_random_bits(ck_random_key(seed, RandomStream.dropout), UInt64(epoch))
    PhaseTeam(
      phases: 4 * batches.batches,
      chunks: { self.chunks(ofPhase: $0) },
      body: { worker, phase, chunk in
        let batch = NetworkBatch(
          trainer: self, number: phase / 4, worker: worker, dropoutKey: dropoutKey)
        switch phase % 4 {
        case 0: batch.prepare(chunk)
        case 1: batch.pairs(chunk)
        case 2: batch.update(chunk, losses: losses)
        default: batch.updateLayers(chunk)
        }
      }
    ).run(threads: threads)
    steps += batches.batches
    epoch += 1
    for table in tables { table.publish(threads: threads) }
    return losses.array().reduce(0, +) / Double(max(1, batches.batches))
  }

  private func chunks(ofPhase phase: Int) -> Int {
    let batch = phase / 4
    switch phase % 4 {
    case 0, 2:
      return 1 + scratch.chunks(Int(batches.userRuns[batch]))
        + scratch.chunks(Int(batches.itemRuns[batch]))
    case 1: return scratch.chunks(batches.count(batch))
    default: return layerChunks + (penalties == nil ? 0 : sweepChunks[0] + sweepChunks[1])
    }
  }

  fileprivate var layerChunks: Int {
    max(1, (layers.records.rows + Self.layerBlock - 1) / Self.layerBlock)
  }

  /// Chunks of a sweep over each table.
  fileprivate var sweepChunks: [Int] {
    tables.map { ($0.records.rows + Self.sweepBlock - 1) / Self.sweepBlock }
  }

  func settle() {
    guard hyperparameters.optimizer.isAdam else { return }
    clock.start(settled: steps)
    for table in (penalties == nil ? tables : []) + [layers] {
      table.settle(clock, threads: threads)
    }
  }

  func resume(_ state: MinibatchState) {
    epoch = state.epochs.count
    steps = epoch * batches.batches
    for (table, records) in zip(tables + [layers], state.records) {
      table.resume(records, step: steps, threads: threads)
    }
  }

  /// The rows of layers of a chunk of the last phase.
  fileprivate func layerRows(_ chunk: Int) -> Range<Int> {
    chunk * Self.layerBlock..<min(layers.records.rows, (chunk + 1) * Self.layerBlock)
  }
}

/// One batch as one worker sees it.
private struct NetworkBatch {
  let trainer: NetworkTrainer
  let number: Int
  let worker: Int
  let dropoutKey: UInt64

  var plan: Plan { trainer.plan }
  var batches: BatchPlan { trainer.batches }
  var scratch: NetworkScratch { trainer.scratch }
  var first: Int { batches.first(number) }
  var count: Int { batches.count(number) }

  /// The runs of the batch's users (0) or items (1).
  private struct Runs {
    let ids: UnsafeMutablePointer<Int32>
    let start: UnsafeMutablePointer<Int32>
    let ahead: UnsafeMutablePointer<Int32>
    let source: UnsafeMutablePointer<Int32>?
    let count: Int
  }

  private func runs(_ side: Int) -> Runs {
    let start = batches.firstStart(number)
    return side == 0
      ? Runs(
        ids: batches.userID.base + first, start: batches.userStart.base + start,
        ahead: batches.userAhead.base + first, source: nil, count: Int(batches.userRuns[number]))
      : Runs(
        ids: batches.itemID.base + first, start: batches.itemStart.base + start,
        ahead: batches.itemAhead.base + first, source: batches.source.base + first,
        count: Int(batches.itemRuns[number]))
  }

  /// Which side, and which of its runs, a chunk behind the first one treats.
  private func place(_ chunk: Int) -> (side: Int, rows: Range<Int>) {
    let users = runs(0).count
    let userChunks = scratch.chunks(users)
    return chunk - 1 < userChunks
      ? (0, scratch.rows(chunk - 1, of: users))
      : (1, scratch.rows(chunk - 1 - userChunks, of: runs(1).count))
  }

  private func run(_ side: Int, _ rows: Range<Int>) -> PlanRun {
    let values = scratch.values[side]
    let place = rows.lowerBound * values.stride
    var run = PlanRun(
      plan: plan, domain: side == 0 ? .user : .item, layers: trainer.parameters.layers.base,
      features: trainer.parameters.features,
      own: .init(
        values: values.base + place, gradients: scratch.gradients[side].base + place,
        stride: values.stride), count: rows.count)
    run.itemIDs = side == 1 ? UnsafePointer(runs(1).ids + rows.lowerBound) : nil
    return run
  }

  /// Chunk 0 moves the clock on; then come users and items: gather, forward.
  func prepare(_ chunk: Int) {
    guard chunk > 0 else {
      if trainer.hyperparameters.optimizer.isAdam { trainer.clock.advance() }
      return
    }
    let (side, rows) = place(chunk)
    let runs = runs(side)
    let table = trainer.tables[side]
    let run = run(side, rows)
    ck_layer_gather(
      table.records.base, table.records.stride, runs.ids + rows.lowerBound, rows.count, table.lanes,
      run.own.values, run.own.stride)
    run.forward()
    // Which run each pair belongs to.
    let pairRuns = scratch.pairRuns[side].base
    for number in rows {
      for entry in Int(runs.start[number])..<Int(runs.start[number + 1]) {
        pairRuns[runs.source.map { Int($0[entry]) } ?? entry] = Int32(number)
      }
    }
  }

  /// Forward, losses and backward of some pairs.
  func pairs(_ chunk: Int) {
    let rows = scratch.rows(chunk, of: count)
    let values = scratch.pairValues[worker]
    let gradients = scratch.pairGradients.base + rows.lowerBound * scratch.pairGradients.stride
    var run = PlanRun(
      plan: plan, domain: .pair, layers: trainer.parameters.layers.base,
      features: trainer.parameters.features,
      own: .init(values: values.base, gradients: gradients, stride: values.stride),
      count: rows.count)
    run.users = source(0, rows)
    run.items = source(1, rows)
    (run.dropoutKey, run.firstRow) = (dropoutKey, first + rows.lowerBound)
    run.layerGradients = layerPart(.pair, chunk)
    run.forward()
    for (head, output) in plan.outputs.enumerated() {
      scratch.sums(chunk: chunk, head: head).pointee = cost(
        output, trainer.losses[head], run.own, gradients + output.value.lane, rows)
    }
    run.backward()
  }

  private func source(_ side: Int, _ rows: Range<Int>) -> PlanRun.Source {
    .init(
      values: scratch.values[side].base, stride: scratch.values[side].stride,
      row: scratch.pairRuns[side].base + rows.lowerBound)
  }

  private func layerPart(_ domain: Plan.Domain, _ chunk: Int) -> UnsafeMutablePointer<Float> {
    let parts = scratch.layerParts[domain.rawValue]
    return parts.base + (parts.rows == 0 ? 0 : chunk * parts.stride)
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

  /// The batch's loss, and the factor that its gradients lack.
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

  /// Chunk 0 notes the loss; then come users and items: gradients of their pairs, backward, update.
  func update(_ chunk: Int, losses: Column<Double>) {
    let loss = loss()
    guard chunk > 0 else {
      losses[number] = loss.value
      return
    }
    let (side, rows) = place(chunk)
    let runs = runs(side)
    var run = run(side, rows)
    guard let gradients = run.own.gradients else { return }
    for boundary in plan.boundaries where boundary.value.domain == run.domain {
      ck_layer_collect(
        scratch.pairGradients.base + boundary.lane, scratch.pairGradients.stride,
        runs.start + rows.lowerBound, runs.source, rows.count, boundary.value.width,
        boundary.adds ? 1 : 0, gradients + boundary.value.lane, run.own.stride)
    }
    run.layerGradients = layerPart(run.domain, rows.lowerBound / scratch.chunk)
    run.backward()
    if trainer.penalties != nil {
      trainer.tables[side].note(
        runs.ids + rows.lowerBound, from: rows.lowerBound, count: rows.count)
      return
    }
    trainer.tables[side].step(
      runs.ids + rows.lowerBound, ahead: runs.ahead + rows.lowerBound, count: rows.count,
      gradients: gradients, gradientStride: run.own.stride, scale: loss.scale,
      hyperparameters: trainer.hyperparameters, clock: trainer.clock)
  }

  /// Moves some rows of a table, where penalties pull on all of them.
  private func sweep(_ chunk: Int) {
    guard let penalties = trainer.penalties else { return }
    let users = trainer.sweepChunks[0]
    let (side, block) = chunk < users ? (0, chunk) : (1, chunk - users)
    let size = NetworkTrainer.sweepBlock
    let table = trainer.tables[side]
    table.sweep(
      block * size..<min(table.records.rows, (block + 1) * size), penalties: penalties[side],
      gradients: scratch.gradients[side], scale: loss().scale, clock: trainer.clock)
  }

  /// Sums the chunks' gradients of some layers and updates them; then come the sweeps.
  func updateLayers(_ chunk: Int) {
    if chunk >= trainer.layerChunks { return sweep(chunk - trainer.layerChunks) }
    let rows = trainer.layerRows(chunk)
    guard !rows.isEmpty else { return }
    let lanes = NetworkParameters.layerLanes
    let block = rows.lowerBound * lanes..<rows.upperBound * lanes
    let chunkCounts = [runs(0).count, runs(1).count, count].map { scratch.chunks($0) }
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
      hyperparameters: trainer.hyperparameters, clock: trainer.clock)
    trainer.layers.publish(rows)
  }
}

extension Hyperparameters {
  /// Whether vectors or biases are penalised in the loss.
  var hasPenalty: Bool { regularization > 0 || biasRegularization > 0 }

  /// 2λ in each lane of a table.
  fileprivate func penalties(of slots: [PlanTensor]) -> FloatMatrix {
    let lanes = FloatMatrix(rows: 1, columns: slots.last.map { $0.place + $0.columns } ?? 0)
    for slot in slots {
      let penalty = 2 * (slot.kind == .bias ? biasRegularization : regularization)
      for lane in slot.place..<(slot.place + slot.columns) { lanes[0][lane] = Float(penalty) }
    }
    return lanes
  }
}

extension Shuffle {
  /// The stream of the permutation of an epoch; nil where rows stay in order.
  func stream(epoch: Int) -> UInt64? {
    switch self {
    case .none: nil
    case .once: RandomStream.shuffle
    case .eachEpoch: RandomStream.shuffle + UInt64(epoch) << 32
    }
  }
}

extension Optimizer {
  /// Whether it moves rows without a gradient too.
  var isAdam: Bool { self == .adam || self == .adamw }
}

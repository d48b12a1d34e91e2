// Fits a network by minibatches: forward, backward and update, batch by batch.
import CKernels
import OsusumeData
import OsusumeModels

/// The minibatch fit of a network.
///
/// A batch goes in four phases (`NetworkBatch`). Distinct items: their rows are gathered and what depends
/// on them alone is computed. Users and their pairs, some 256 pairs at a time: forward, losses, backward
/// down to the gradients of the users' rows, all of it in the second-level cache. Items again, and
/// users: gradients of the items' pairs are summed in a fixed order, taken back to their rows, and all
/// rows updated; the loss's scale is known only now. Layers: gradients of all chunks are summed in
/// their order, and layers updated. Chunks are cut by rows, never by threads: the result does not
/// depend on threads.
final class NetworkTrainer: MinibatchFit {
  let task: FitTask
  let network: NetworkParameters
  var steps = 0

  let plan: Plan
  let batches: BatchPlan
  /// Of users and of items.
  let sides: [TrainedTable]
  let layers: TrainedTable
  let layerRows: Column<Int32>
  let noGap: Column<Int32>
  let clock: AdamClock
  let scratch: NetworkScratch
  let learnedIn: [[Range<Int>]]
  let losses: [Loss]
  let byUser: [Int32]?

  var parameters: any Scorer { network }
  var trained: [TrainedTable] { sides + [layers] }

  /// Rows of layers that one chunk of a phase updates.
  private static let layerBlock = 32

  init(_ task: FitTask) throws {
    self.task = task
    let (settings, train, users, items) = (task.settings, task.train, task.users, task.items)
    let features = task.features ?? .none(items: items)
    let sizes = PlanSizes(
      users: users, items: items, genres: features.genres.count, factors: settings.factors,
      scale: RatingSummary(rows: task.ratings.rated, items: items).scale)
    plan = try Plan(task.spec, sizes, training: true)
    network = NetworkParameters(
      try Plan(task.spec, sizes, training: false), features: features)
    network.start(settings, seed: task.seed, threads: task.threads)
    losses = plan.outputs.map { $0.loss ?? settings.loss }
    guard !settings.hasPenalty || settings.optimizer.isAdam else {
      throw TrainingError.penaltyNeedsAdam
    }
    sides = zip([network.users, network.items], plan.slots).map { table, slots in
      TrainedTable(
        table, trainedLanes: Array(0..<table.columns), optimizer: settings.optimizer,
        penalty: settings.hasPenalty ? settings.penalty(of: slots) : nil)
    }
    layers = TrainedTable(
      network.layers, trainedLanes: Array(0..<network.layers.columns),
      optimizer: settings.optimizer)
    layerRows = Column(count: network.layers.rows)
    for row in 0..<layerRows.count { layerRows[row] = Int32(row) }
    noGap = Column(repeating: 0, count: max(network.layers.rows, 1))
    try Self.checkTargets(plan, train)
    byUser = train.liesByUser ? nil : Grouping(keys: train.users, count: users).order
    batches = BatchPlan(
      rows: train.count, batchSize: settings.batchSize, users: users, items: items,
      labelled: task.spec.needsLabels)
    clock = AdamClock(settings, span: batches.batches)
    scratch = NetworkScratch(plan, batchSize: batches.batchSize, threads: task.threads)
    learnedIn = Plan.Domain.allCases.map { [plan] in plan.learned(in: $0) }
    if settings.shuffle != .eachEpoch { deal(epoch: 0) }
  }

  /// Throws where the rows lack what the heads are to predict.
  private static func checkTargets(_ plan: Plan, _ train: IndexedRatings) throws {
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

  func runEpoch(_ number: Int) -> Double {
    startEpoch(number)
    let losses = Column<Double>(count: batches.batches)
    let dropoutKey = ck_random_bits(ck_random_key(task.seed, RandomStream.dropout), UInt64(number))
    PhaseTeam(
      phases: 4 * batches.batches,
      chunks: { self.chunks(ofPhase: $0) },
      body: { [task, batches, scratch] worker, phase, chunk in
        let batch = NetworkBatch(
          trainer: self, number: phase / 4, worker: worker, dropoutKey: dropoutKey)
        var laps = EpochLaps(task.parts, worker: worker)
        switch phase % 4 {
        case 0:
          batch.prepareItems(chunk)
          laps.end(.itemForward)
        case 1:
          batch.pairs(chunk, &laps)
        case 2:
          batch.update(chunk, losses: losses)
          laps.end(
            chunk <= scratch.chunks(Int(batches.itemRuns[phase / 4])) ? .itemUpdate : .userUpdate)
        default:
          batch.updateLayers(chunk)
          laps.end(.layerUpdate)
        }
      }
    ).run(threads: task.threads)
    task.parts.note(work)
    return endEpoch(losses: losses)
  }

  private func chunks(ofPhase phase: Int) -> Int {
    let batch = phase / 4
    let pairs = scratch.chunks(batches.count(batch))
    let items = scratch.chunks(Int(batches.itemRuns[batch]))
    switch phase % 4 {
    case 0: return 1 + items
    case 1: return pairs
    case 2: return 1 + items + pairs
    default: return layerChunks
    }
  }

  var layerChunks: Int {
    max(1, (layers.records.rows + Self.layerBlock - 1) / Self.layerBlock)
  }

  /// The rows of layers of a chunk of the last phase.
  func layerRows(_ chunk: Int) -> Range<Int> {
    chunk * Self.layerBlock..<min(layers.records.rows, (chunk + 1) * Self.layerBlock)
  }
}

extension Hyperparameters {
  /// 2λ in each lane of a table.
  fileprivate func penalty(of slots: [PlanTensor]) -> FloatMatrix {
    let lanes = FloatMatrix(rows: 1, columns: slots.last.map { $0.place + $0.columns } ?? 0)
    for slot in slots {
      let penalty = 2 * (slot.kind == .bias ? biasRegularization : regularization)
      for lane in slot.place..<(slot.place + slot.columns) { lanes[0][lane] = Float(penalty) }
    }
    return lanes
  }
}

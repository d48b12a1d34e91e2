// What the parts of an epoch by minibatches must move and compute, by the contracts of their kernels.
import OsusumeModels

extension MinibatchFit {
  /// By the headers of `ck_order_*`: a batch number written and read twice, three columns read and written, users and
  /// items read again by batch (items three times), source and row written.
  var dealing: EpochWork { batches.rows * EpochWork(bytes: 60) }

  /// Twice parameters and mean gradients of every row read and written.
  var settling: EpochWork {
    trained.reduce(EpochWork()) {
      $0 + $1.records.rows * EpochWork(bytes: Double(32 * $1.lanes), flops: Double(4 * $1.lanes))
    }
  }

  /// Every row read and written.
  var publishing: EpochWork {
    sides.reduce(EpochWork()) { $0 + $1.records.rows * EpochWork(bytes: Double(8 * $1.lanes)) }
  }

  /// The runs of all batches: rows of users and rows of items that are updated in an epoch.
  var runs: (users: Int, items: Int) {
    func sum(_ runs: [Int32]) -> Int { runs.reduce(0) { $0 + Int($1) } }
    return (sum(batches.userRuns.array()), sum(batches.itemRuns.array()))
  }

  /// An optimizer's step on a row: its record read and written, its gradient read.
  func step(_ table: TrainedTable) -> EpochWork {
    let optimizer = task.settings.optimizer
    return EpochWork(
      bytes: Double(4 * table.lanes * (2 * optimizer.slots + 1) + (optimizer.isAdam ? 16 : 4)),
      flops: Double((optimizer.isAdam ? 22 : 2) * table.lanes))
  }
}

extension FactorTrainer {
  /// Of the phases of all batches.
  var work: [EpochPart: EpochWork] {
    let (lanes, rows) = (Double(factors.layout.lanes), batches.rows)
    let runs = runs
    let each = rows * EpochWork(bytes: 4 * lanes + 12, flops: 4 * lanes)
    let sums = rows * EpochWork(bytes: 4 * lanes + 12, flops: 2 * lanes)
    return [
      // A rating reads its item's row, a user's row is read, copied, and has its gradient written.
      .forward: each + runs.users * EpochWork(bytes: 12 * lanes),
      .itemUpdate: sums + runs.items * EpochWork(bytes: 4 * lanes) + runs.items * step(items),
      .userUpdate: runs.users * step(users),
    ]
  }
}

extension NetworkTrainer {
  /// Of the phases of all batches: a product of layers is two operations a weight and row forward, and four
  /// backward, two of them for the weights; other operations are few.
  var work: [EpochPart: EpochWork] {
    let rows = [runs.users, runs.items, batches.rows]
    func products(_ domain: Plan.Domain, _ operations: Double) -> EpochWork {
      let weights = plan.steps[domain.rawValue].reduce(0) { sum, step in
        if case .linear = step.action {
          sum + step.inputs[0].value.width * step.output.width
        } else {
          sum
        }
      }
      return rows[domain.rawValue] * EpochWork(flops: operations * Double(weights))
    }
    return [
      .itemForward: products(.item, 2),
      .pairForward: products(.pair, 2) + products(.user, 2),
      .pairBackward: products(.pair, 4) + products(.user, 4),
      .itemUpdate: products(.item, 4) + runs.items * step(sides[1]),
      .userUpdate: runs.users * step(sides[0]),
      .layerUpdate: batches.batches * (layers.records.rows * step(layers)),
    ]
  }
}

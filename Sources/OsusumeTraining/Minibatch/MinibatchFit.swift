// What the fits by minibatches, of factor models and of networks, have in common.
import CKernels
import OsusumeData
import OsusumeModels

/// A fit by minibatches.
protocol MinibatchFit: Fit {
  /// The batches of an epoch.
  var batches: BatchPlan { get }
  /// Row numbers of the ratings by user; nil where they lie by user.
  var byUser: [Int32]? { get }
  /// What Adam's kernels read of the current step.
  var clock: AdamClock { get }
  /// The tables of users and of items.
  var sides: [TrainedTable] { get }
  /// All tables that are trained.
  var trained: [TrainedTable] { get }
  /// Optimizer steps made so far.
  var steps: Int { get set }
}

extension MinibatchFit {
  static var hasLearningRate: Bool { true }
  static var holdsOut: HoldsOut { .always }

  var trained: [TrainedTable] { sides }
  var tables: [FloatMatrix] { trained.map(\.records) }

  /// Deals the ratings of an epoch into batches.
  func deal(epoch: Int) {
    batches.deal(
      task.train, byUser: byUser, shuffleKey: task.shuffleKey(epoch: epoch), threads: task.threads)
  }

  /// Deals an epoch's batches, where each epoch has its own, and moves every row to where it is first read.
  func startEpoch(_ number: Int) {
    if task.settings.shuffle == .eachEpoch {
      task.parts.measure(.deal, dealing) { deal(epoch: number) }
    }
    guard task.settings.optimizer.isAdam else { return }
    task.parts.measure(.settle, settling) {
      synchronise()
      sides[0].coast(clock, ahead: batches.userFirst, threads: task.threads)
      sides[1].coast(clock, ahead: batches.itemFirst, threads: task.threads)
    }
  }

  /// Counts an epoch's steps and publishes the vectors; returns the mean of the batches' losses.
  func endEpoch(losses: Column<Double>) -> Double {
    steps += batches.batches
    task.parts.measure(.publish, publishing) {
      for table in sides { table.publish(threads: task.threads) }
    }
    return losses.array().reduce(0, +) / Double(max(1, batches.batches))
  }

  /// Brings Adam's state of every row to the last step made.
  func synchronise() {
    guard task.settings.optimizer.isAdam else { return }
    clock.start(step: steps)
    for table in trained { table.synchronise(clock, threads: task.threads) }
  }

  func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]]) {
    steps = epochs * batches.batches
    for table in trained { table.resume(step: steps, threads: task.threads) }
  }

  func evaluate() -> FitErrors {
    parameters.coverColdRows(task.train)
    return errors(of: parameters, on: task.validation)
  }

  /// A network of p·q and biases alone becomes packed rows.
  func result(_ parameters: any Scorer) -> FitResult {
    // First users and items whose only ratings were held out, then those without any.
    parameters.coverColdRows(task.train)
    let packed = task.spec.isFactorModel ? parameters.network?.packed : nil
    let parameters: any Scorer = packed ?? parameters
    parameters.coverColdRows(task.ratings)
    return FitResult(parameters: parameters)
  }
}

extension FitTask {
  /// The key of an epoch's permutation of the ratings; nil where they stay in order.
  func shuffleKey(epoch: Int) -> UInt64? {
    settings.shuffle.permutation(epoch: epoch)
      .map { ck_random_key(seed, RandomStream.shuffle + $0 << 32) }
  }
}

extension Hyperparameters {
  /// Whether vectors or biases are penalised in the loss.
  var hasPenalty: Bool { regularization > 0 || biasRegularization > 0 }
}

extension Shuffle {
  /// The permutation of an epoch, by the first epoch that has it; nil where rows stay in order.
  func permutation(epoch: Int) -> UInt64? {
    switch self {
    case .none: nil
    case .once: 0
    case .eachEpoch: UInt64(epoch)
    }
  }
}

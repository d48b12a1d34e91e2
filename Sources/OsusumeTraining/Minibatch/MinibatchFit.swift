// What the fits by minibatches, of factor models and of networks, have in common.
import CKernels
import OsusumeData
import OsusumeModels

/// A fit by minibatches.
protocol MinibatchFit: Fit {}

extension MinibatchFit {
  static var hasLearningRate: Bool { true }
  static var holdsOut: HoldsOut { .always }

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

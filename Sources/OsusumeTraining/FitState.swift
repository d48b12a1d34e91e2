// Where a fit stands between two epochs: all it takes to go on from there.
import OsusumeData
import OsusumeModels

/// The state of a fit, by solver.
public enum FitState: Sendable {
  /// A fit by minibatches.
  case minibatch(MinibatchState)
  /// A fit by sweeps over all ratings: tiled SGD, alternating least squares, with implicit feedback or without.
  case phased(PhasedState)
  /// A fit by Gibbs sampling.
  case sampled(SampledState)

  var phased: PhasedState? {
    if case .phased(let state) = self { state } else { nil }
  }

  var sampled: SampledState? {
    if case .sampled(let state) = self { state } else { nil }
  }

  var minibatch: MinibatchState? {
    if case .minibatch(let state) = self { state } else { nil }
  }
}

/// The state of a fit by minibatches after an epoch.
///
/// Tables are shared with the fit, which goes on writing to them: write them down before it does.
public struct MinibatchState: Sendable {
  /// Reports of the epochs done.
  public var epochs: [EpochReport]
  /// Held-out errors of the epochs done, where training stops early.
  public var heldOut: [Double]
  /// Parameters and what the optimizer remembers, a record a row: of users, of items and, in a network,
  /// of its layers.
  public var records: [FloatMatrix]
  /// The tables at the best held-out error, where training stops early.
  public var best: [FloatMatrix]?
}

/// The state of a fit by Gibbs sampling after a sweep.
///
/// Its tables are shared with the fit like those of `MinibatchState`.
public struct SampledState: Sendable {
  /// Reports of the sweeps done.
  public var epochs: [EpochReport]
  /// The chain's rows and weights, the draws kept, and the sums of their predictions on test rows.
  public var tables: [FloatMatrix]
  /// What a chain draws in double precision, and the noise of the draws kept.
  public var numbers: [[Double]]
}

extension [FloatMatrix] {
  /// Fills tables with what a checkpoint has of them.
  ///
  /// Errors: `TrainingError.otherState` where those are of other sizes.
  func fill(from kept: [FloatMatrix]) throws {
    guard count == kept.count,
      zip(self, kept).allSatisfy({ $0.rows == $1.rows && $0.stride == $1.stride })
    else { throw TrainingError.otherState }
    for (table, kept) in zip(self, kept) {
      table.base.update(from: kept.base, count: table.capacity)
    }
  }
}

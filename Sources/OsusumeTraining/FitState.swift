// Where a fit stands between two epochs: all it takes to go on from there.
import OsusumeData
import OsusumeModels

/// The state of a fit, by solver.
public enum FitState: Sendable {
  /// A fit by minibatches.
  case minibatch(MinibatchState)
  /// A fit by sweeps over all ratings: tiled SGD, alternating least squares, with implicit feedback or without.
  case phased(PhasedState)
  /// A fit whose state is not kept: by Gibbs sampling.
  case notKept

  var phased: PhasedState? {
    if case .phased(let state) = self { state } else { nil }
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

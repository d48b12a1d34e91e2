// Where a fit in phases stands between two epochs: all it takes to go on from there.
import OsusumeData
import OsusumeModels

/// The state of a fit by `TiledSGD`, `ALS` or `SVDPlusPlus` between two epochs.
///
/// With the same data, settings and seed, a fit
/// resumed from it ends in the same bytes as one left alone.
public struct PhasedState: Sendable {
  /// What the epochs now run are for.
  public var phase: FitPhase
  /// Epochs done in this phase.
  public var epoch = 0
  /// Epochs to run in this phase.
  public var planned: Int
  /// Epoch of the search with the lowest error on the held-out rows, and that error; 0 before any.
  public var bestEpoch = 0
  /// The lowest error of the search.
  public var bestRMSE = Double.infinity
  /// Factor on all step sizes: halved each time they prove too long.
  public var rateScale = 1.0
  /// Reports of the search so far.
  public var search: [EpochReport] = []
  /// Reports of the fit so far.
  public var epochs: [EpochReport] = []
  /// The tables, as the last epoch left them.
  ///
  /// Shared with the fit, which goes on writing to them:
  /// `copy()` what is to outlast the call that was handed the state.
  public var parameters: FactorParameters
  /// What else a fit by variational least squares has learned; shared like the tables.
  public var posterior: VariationalPosterior?
  /// The tables of `posterior` as a checkpoint has them, until the fit takes them over.
  var kept: [FloatMatrix] = []
  /// A copy of the tables after `bestEpoch`, where there is no refit to find them again.
  public var best: FactorParameters?

  /// Makes the state a phase starts from.
  public init(phase: FitPhase, planned: Int, parameters: FactorParameters) {
    self.phase = phase
    self.planned = planned
    self.parameters = parameters
  }
}

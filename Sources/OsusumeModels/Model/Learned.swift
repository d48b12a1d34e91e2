// What a fit learns beside its parameters, as one value for fit, model and file.

/// The by-products of a fit; each is there only where the fit has such a thing.
public struct Learned: Sendable {
  /// The singular values behind the factors, largest first; empty where the fit found none.
  public var singularValues: [Float] = []
  /// The draws of a sampled model.
  public var draws: PosteriorDraws?
  /// Factors of implicit feedback.
  public var implicitFactors: ImplicitFactors?
  /// How biases change with time.
  public var timeBiases: TimeBiases?
  /// A scorer that makes the lists, where the parameters predict ratings only.
  package var lists: (any Scorer)?
  /// How likely an item is by its score in a list.
  public var likelihood: LikelihoodCurve?
  /// How far ratings lie from what is expected.
  public var intervals: RatingIntervals?

  /// Nothing learned beside parameters.
  package init() {}
}

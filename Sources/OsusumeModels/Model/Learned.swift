// What a fit learns beside its parameters: one value on its way through fit, model and file.

/// The by-products of a fit; each is there only where the fit has such a thing.
public struct Learned: Sendable {
  /// The singular values behind the factors, largest first; empty where the fit found none.
  public var singularValues: [Float] = []
  /// What is kept of the draws of a sampled model.
  public var draws: PosteriorDraws?
  /// Factors of items and users by which vectors are expected from who saw what.
  public var implicitFactors: ImplicitFactors?
  /// How biases change with time.
  public var timeBiases: TimeBiases?

  /// Nothing learned beside parameters.
  public init() {}
}

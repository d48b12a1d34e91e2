// The prior of a vector before its ratings are known: the penalties of a fold-in.
import CKernels
import OsusumeData

/// The prior of a user's or an item's vector.
///
/// Models fitted by alternating least squares for point estimates, and by tiled SGD, have mean 0 and their
/// own penalties. For the others, whose fits have none or another kind, it is the mean and covariance of
/// the vectors they know, with the model's squared error on ratings it was not trained on as the noise.
package struct FactorPrior: Sendable {
  /// Mean of each factor, then of the bias.
  var mean: [Float]
  /// The distribution of whole vectors, where it was estimated; penalties are then on its z.
  let normal: WhiteningTransform?
  /// Penalty on factors.
  let factorPenalty: ck_als_penalty
  /// Penalty on the bias.
  let biasPenalty: ck_als_penalty

  /// The prior that the settings of als state.
  package init(_ settings: Hyperparameters, factors: Int, deviation: Double) {
    self.init(
      factors: factors,
      factorPenalty: ck_als_penalty(
        per_rating: Float(settings.regularization * deviation),
        per_row: Float(settings.rowRegularization * deviation)),
      biasPenalty: ck_als_penalty(per_rating: 0, per_row: Float(settings.biasRegularization)))
  }

  /// Penalties that pull to 0.
  private init(
    factors: Int, normal: WhiteningTransform? = nil, factorPenalty: ck_als_penalty,
    biasPenalty: ck_als_penalty
  ) {
    mean = .init(repeating: 0, count: factors + 1)
    self.normal = normal
    self.factorPenalty = factorPenalty
    self.biasPenalty = biasPenalty
  }

  /// The prior of the users or of the items of a model.
  init(_ entity: Entity, of model: Model, _ parameters: FactorParameters) {
    let settings = model.hyperparameters
    let factors = parameters.layout.factors
    let stated = FactorPrior(settings, factors: factors, deviation: model.deviation)
    switch model.spec.fit {
    case .als where !settings.isVariational(model.spec): self = stated
    case .tiledSGD:
      // Its penalty on a bias counts once a rating.
      self.init(
        factors: factors, factorPenalty: stated.factorPenalty,
        biasPenalty: ck_als_penalty(
          per_rating: Float(settings.biasRegularization), per_row: 0))
    case .neighbours,
      .closedForm where model.spec.score.terms.contains(.bias(.user)):
      self.init(
        factors: factors, factorPenalty: ck_als_penalty(), biasPenalty: stated.biasPenalty)
    default:
      let error = model.metrics["valid_rmse"].flatMap { $0.isFinite ? $0 : nil } ?? model.deviation
      let noise =
        settings.isVariational(model.spec)
        ? settings.noise * model.deviation * model.deviation : error * error
      let penalty = ck_als_penalty(per_rating: 0, per_row: Float(noise))
      let table = entity == .user ? parameters.users : parameters.items
      let hasRatings = { (row: Int) in
        entity == .user ? !model.seen[row].isEmpty : model.itemCounts[row] > 0
      }
      let normal =
        if let implicitFactors = model.learned.implicitFactors {
          WhiteningTransform(
            implicitFactors.deviations(
              entity, table, (0..<table.rows).filter(hasRatings), seen: model.seen)
          ) { _ in true }
        } else {
          WhiteningTransform(table, where: hasRatings)
        }
      self.init(
        factors: factors, normal: normal, factorPenalty: penalty, biasPenalty: penalty)
    }
  }
}

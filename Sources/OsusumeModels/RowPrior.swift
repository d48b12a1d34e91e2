// What a model expects of a row before its ratings are known: the penalties of a fold-in.
import CKernels
import OsusumeData

/// A normal prior of each lane of a user's or an item's row, and the noise of a rating.
///
/// Models fitted by alternating least squares for points and by tiled SGD state theirs: mean 0, and their own
/// penalties. Of the others, whose fits have none or another kind, the rows they know are the sample:
/// their mean and variance, lane by lane, against the squared error of the model on ratings it had not
/// seen.
package struct RowPrior: Sendable {
  /// Mean of each factor, then of the bias.
  var mean: [Float]
  /// What each factor is measured in: its standard deviation where the prior was sampled, else 1.
  let unit: [Float]
  /// Penalty on factors in those units.
  let factorPenalty: ck_als_penalty
  /// Penalty on the bias.
  let biasPenalty: ck_als_penalty

  /// The prior that als states by its settings.
  package init(_ settings: Hyperparameters, factors: Int, deviation: Double) {
    self.init(
      factors: factors,
      factorPenalty: ck_als_penalty(
        per_rating: Float(settings.regularization * deviation),
        per_row: Float(settings.rowRegularization * deviation)),
      biasPenalty: ck_als_penalty(per_rating: 0, per_row: Float(settings.biasRegularization)))
  }

  /// Penalties, and where they pull to: 0 unless means are given, in units of 1 unless others are.
  private init(
    factors: Int, mean: [Float]? = nil, unit: [Float]? = nil, factorPenalty: ck_als_penalty,
    biasPenalty: ck_als_penalty
  ) {
    self.mean = mean ?? .init(repeating: 0, count: factors + 1)
    self.unit = unit ?? .init(repeating: 1, count: factors)
    self.factorPenalty = factorPenalty
    self.biasPenalty = biasPenalty
  }

  /// The prior of the users or of the items of a model.
  init(_ entity: Entity, of model: Model, _ parameters: FactorParameters) {
    let settings = model.hyperparameters
    let factors = parameters.layout.factors
    let stated = RowPrior(settings, factors: factors, deviation: model.deviation)
    switch model.spec.fit {
    case .als where !settings.isVariational(model.spec): self = stated
    case .implicitALS: self = stated
    case .tiledSGD:
      // Its penalty on a bias is met at each rating.
      self.init(
        factors: factors, factorPenalty: stated.factorPenalty,
        biasPenalty: ck_als_penalty(
          per_rating: Float(settings.biasRegularization), per_row: 0))
    case .neighbours,
      .closedForm where model.spec.score.terms.contains(.bias(.user)):
      self.init(
        factors: factors, factorPenalty: ck_als_penalty(), biasPenalty: stated.biasPenalty)
    default:
      let layout = parameters.layout
      let bias = entity == .user ? layout.userBiasLane : layout.itemBiasLane
      let moments = LaneMoments(
        entity == .user ? parameters.users : parameters.items,
        lanes: Array(0..<factors) + (layout.biased ? [bias] : []),
        where: { entity == .user ? !model.seen[$0].isEmpty : model.itemCounts[$0] > 0 })
      let error = model.metrics["valid_rmse"] ?? model.deviation
      let noise =
        settings.isVariational(model.spec)
        ? settings.noise * model.deviation * model.deviation : error * error
      // A bias that never varied stays where it is.
      let biasDeviation = layout.biased ? Double(moments.deviations[factors]) : 0
      let biasVariance = max(biasDeviation * biasDeviation, 1e-20)
      self.init(
        factors: factors, mean: moments.means + (layout.biased ? [] : [0]),
        unit: Array(moments.deviations.prefix(factors)),
        factorPenalty: ck_als_penalty(per_rating: 0, per_row: Float(noise)),
        biasPenalty: ck_als_penalty(per_rating: 0, per_row: Float(noise / biasVariance)))
    }
  }
}

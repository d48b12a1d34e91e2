// What a model expects of a row before its ratings are known: the penalties of a fold-in.
import CKernels
import OsusumeData

/// A normal prior of each lane of a user's or an item's row, and the noise of a rating.
///
/// Models fitted by alternating least squares and by tiled SGD state theirs: mean 0, and their own
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
    case .als, .implicitALS: self = stated
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
      let moments = Moments(entity, of: model, parameters)
      let error = model.metrics["valid_rmse"] ?? model.deviation
      let noise = error * error
      // A bias that never varied stays where it is.
      let biasVariance = max(moments.variances[factors], 1e-20)
      self.init(
        factors: factors, mean: moments.means.map { Float($0) },
        unit: moments.variances.prefix(factors).map { Float($0.squareRoot()) },
        factorPenalty: ck_als_penalty(per_rating: 0, per_row: Float(noise)),
        biasPenalty: ck_als_penalty(per_rating: 0, per_row: Float(noise / biasVariance)))
    }
  }
}

/// Mean and variance of each factor, and last of the bias, over the rows that have training ratings.
private struct Moments {
  var means: [Double]
  var variances: [Double]

  init(_ entity: Entity, of model: Model, _ p: FactorParameters) {
    let isUser = entity == .user
    let table = isUser ? p.users : p.items
    let ownBias = isUser ? p.layout.userBiasLane : p.layout.itemBiasLane
    let lanes = Array(0..<p.layout.factors) + (p.layout.biased ? [ownBias] : [])
    var sums = [Double](repeating: 0, count: p.layout.factors + 1)
    var squares = sums
    var rows = 0.0
    for row in 0..<table.rows
    where isUser ? !model.seen[row].isEmpty : model.itemCounts[row] > 0 {
      let values = table[row]
      rows += 1
      for (place, lane) in lanes.enumerated() {
        sums[place] += Double(values[lane])
        squares[place] += Double(values[lane]) * Double(values[lane])
      }
    }
    let count = max(1, rows)
    means = sums.map { $0 / count }
    variances = zip(squares, means).map { max(0, $0 / count - $1 * $1) }
  }
}

// What a model expects of a row before its ratings are known: the penalties of a fold-in.
import CKernels
import OsusumeData

/// A normal prior of each lane of a user's or an item's row, and the noise of a rating.
///
/// Models fitted by alternating least squares and by tiled SGD state theirs: mean 0, and their own
/// penalties. Of the others, whose fits have none or another kind, the rows they know are the sample:
/// their mean and variance, lane by lane, against the squared error of the model on ratings it had not
/// seen.
struct RowPrior: Sendable {
  /// Mean of each factor, then of the bias.
  let mean: [Float]
  /// What each factor is measured in: its standard deviation where the prior was sampled, else 1.
  let unit: [Float]
  /// Penalty on factors in those units.
  let factorPenalty: ck_als_penalty
  /// Penalty on the bias.
  let biasPenalty: ck_als_penalty

  /// The prior of the users or of the items of a model.
  init(_ entity: Entity, of model: Model, _ parameters: FactorParameters) {
    let settings = model.hyperparameters
    let factors = parameters.layout.factors
    let deviation = model.deviation
    switch model.spec.fit {
    case .als, .tiledSGD:
      let isTiled = model.spec.fit == .tiledSGD
      let bias = Float(settings.biasRegularization)
      (mean, unit) = (.init(repeating: 0, count: factors + 1), .init(repeating: 1, count: factors))
      factorPenalty = ck_als_penalty(
        per_rating: Float(settings.regularization * deviation),
        per_row: Float(settings.rowRegularization * deviation))
      biasPenalty = ck_als_penalty(per_rating: isTiled ? bias : 0, per_row: isTiled ? 0 : bias)
    case .closedForm where model.spec.score.terms.contains(.bias(.user)):
      (mean, unit) = (.init(repeating: 0, count: factors + 1), .init(repeating: 1, count: factors))
      factorPenalty = ck_als_penalty()
      biasPenalty = ck_als_penalty(per_rating: 0, per_row: Float(settings.biasRegularization))
    default:
      let moments = Moments(entity, of: model, parameters)
      let noise = model.metrics["valid_rmse"].map { $0 * $0 } ?? deviation * deviation
      mean = moments.means.map { Float($0) }
      unit = moments.variances.prefix(factors).map { Float($0.squareRoot()) }
      factorPenalty = ck_als_penalty(per_rating: 0, per_row: Float(noise))
      // A bias that never varied stays where it is.
      biasPenalty = ck_als_penalty(
        per_rating: 0, per_row: Float(noise / max(moments.variances[factors], 1e-20)))
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

// The step sizes and penalties of both tables in one epoch, and the weight of each row.
import CKernels
import OsusumeData
import OsusumeModels

/// The step sizes and penalties of one table, as `ck_sgd_side` wants them.
package struct SGDSteps {
  /// 1 / (number of ratings), row by row, in row 0.
  private let weights: FloatMatrix
  private var rate: Float = 0
  private var decay: Float = 0
  private var prior: Float = 0
  private var biasRate: Float = 0
  private var biasDecay: Float = 0

  /// Steps for a table whose rows have `counts` ratings.
  package init(counts: [Int32]) {
    weights = FloatMatrix(rows: 1, columns: counts.count)
    let row = weights[0]
    for (index, count) in counts.enumerated() { row[index] = 1 / Float(max(1, count)) }
  }

  /// Sets the steps of an epoch.
  ///
  /// Settings are for ratings of standard deviation 1: an error grows with
  /// the deviation s of the ratings and a factor with √s, so that factors take rate / s and s · λ,
  /// while biases, which grow with s, take rate and λ as they are.
  package mutating func set(_ settings: Hyperparameters, deviation: Double, rateScale: Double) {
    let rate = settings.learningRate * rateScale / deviation
    self.rate = Float(rate)
    decay = Float(rate * settings.regularization * deviation)
    prior = Float(rate * settings.rowRegularization * deviation)
    let biasRate = settings.biasLearningRate * rateScale
    self.biasRate = Float(biasRate)
    biasDecay = Float(biasRate * settings.biasRegularization)
  }

  /// The kernel's view of a table; valid while self and the table live.
  package func side(of table: FloatMatrix) -> ck_sgd_side {
    ck_sgd_side(
      rows: table.base, weight: weights.base, rate: rate, decay: decay, prior: prior,
      bias_rate: biasRate, bias_decay: biasDecay)
  }
}

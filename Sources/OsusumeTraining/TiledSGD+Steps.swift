// How the rows of both tables move in one epoch: rates, decays and priors by lane, and weights by row.
import CKernels
import OsusumeData
import OsusumeModels

/// The step sizes and penalties of one table, as `ck_sgd_side` wants them.
package struct SGDSteps {
  /// Rows of lanes: rate, decay, prior.
  private let lanes: FloatMatrix
  /// 1 / (number of ratings), row by row, in row 0.
  private let weights: FloatMatrix
  private let layout: RowLayout
  private let biasLane: Int

  /// Steps for a table whose rows have `counts` ratings and keep their bias in `biasLane`.
  package init(counts: [Int], layout: RowLayout, biasLane: Int) {
    self.layout = layout
    self.biasLane = biasLane
    lanes = FloatMatrix(rows: 3, columns: layout.lanes)
    weights = FloatMatrix(rows: 1, columns: counts.count)
    let row = weights[0]
    for (index, count) in counts.enumerated() { row[index] = 1 / Float(max(1, count)) }
  }

  /// Sets the steps of an epoch.
  ///
  /// Settings are for ratings of standard deviation 1: an error grows with
  /// the deviation s of the ratings and a factor with √s, so that factors take rate / s and s · λ,
  /// while biases, which grow with s, take rate and λ as they are.
  package func set(_ settings: Hyperparameters, deviation: Double, rateScale: Double) {
    let rate = settings.learningRate * rateScale / deviation
    for lane in 0..<layout.factors {
      lanes[0][lane] = Float(rate)
      lanes[1][lane] = Float(rate * settings.regularization * deviation)
      lanes[2][lane] = Float(rate * settings.rowRegularization * deviation)
    }
    guard layout.biased else { return }
    let biasRate = settings.biasLearningRate * rateScale
    lanes[0][biasLane] = Float(biasRate)
    lanes[1][biasLane] = Float(biasRate * settings.biasRegularization)
  }

  /// The kernel's view of a table; valid while self and the table live.
  package func side(of table: FloatMatrix) -> ck_sgd_side {
    ck_sgd_side(
      rows: table.base, weight: weights.base, rate: lanes.base,
      decay: lanes.base + lanes.stride, prior: lanes.base + 2 * lanes.stride)
  }
}

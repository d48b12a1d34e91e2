// The draws of a sampled model besides their mean, and the standard deviations that follow.
import Foundation
import OsusumeData

/// The biases of each draw, and the variance of ratings around its scores.
///
/// The model's vectors are those of all draws end to end, so that a draw's score follows from its part of
/// them: p_s·q_s is the inner product of part s times the number of draws.
public struct PosteriorDraws: Sendable {
  /// Variance of a rating around the score of each draw, to which that of its user is added.
  public var noise: [Float]
  /// Variance of each user's ratings, the mean over draws.
  public var userNoise: [Float]
  /// Users' biases, [users, draws].
  public var userBiases: FloatMatrix
  /// Items' biases, [items, draws].
  public var itemBiases: FloatMatrix

  /// Makes draws from their parts.
  package init(
    noise: [Float], userNoise: [Float], userBiases: FloatMatrix, itemBiases: FloatMatrix
  ) {
    self.noise = noise
    self.userNoise = userNoise
    self.userBiases = userBiases
    self.itemBiases = itemBiases
  }

  /// The same draws with further users and items, whose biases and variances are the means of the others'.
  package func extended(users: Int, items: Int) -> PosteriorDraws {
    let mean = userNoise.reduce(0, +) / Float(max(1, userNoise.count))
    let further = [Float](repeating: mean, count: max(0, users - userNoise.count))
    return PosteriorDraws(
      noise: noise, userNoise: userNoise + further, userBiases: userBiases.extended(rows: users),
      itemBiases: itemBiases.extended(rows: items))
  }

  /// Number of draws.
  public var count: Int { noise.count }

  /// The standard deviation of a predicted rating: its noise, and the variance between draws.
  package func deviation(user: Int, item: Int, in parameters: FactorParameters) -> Float {
    let width = parameters.layout.factors / count
    let (p, q) = (parameters.users[user], parameters.items[item])
    let (userBias, itemBias) = (userBiases[user], itemBiases[item])
    var sum: Float = 0
    var squares: Float = 0
    var noise: Float = 0
    for draw in 0..<count {
      var score: Float = 0
      for lane in draw * width..<(draw + 1) * width { score += p[lane] * q[lane] }
      score = score * Float(count) + userBias[draw] + itemBias[draw]
      sum += score
      squares += score * score
      noise += self.noise[draw]
    }
    let draws = Float(count)
    let between = max(0, squares - sum * sum / draws) / max(1, draws - 1)
    return (userNoise[user] + noise / draws + between).squareRoot()
  }
}

/// The number of standard deviations on either side of the mean that hold a fraction of a normal
/// distribution.
package func normalQuantile(holding fraction: Double) -> Double {
  var (low, high) = (0.0, 40.0)
  for _ in 0..<80 {
    let middle = (low + high) / 2
    if erf(middle / 2.0.squareRoot()) < fraction { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

// The mean over draws of factor models, as one factor model as wide as all of them.
import OsusumeData
import OsusumeModels

/// Draws gathered so that scores are the mean of theirs.
///
/// The mean over s of μ + b_u + b_i + p·q is again of that form: biases are means, and vectors are those of
/// all draws one behind the other, over √draws. What scores, ranks and compares models needs no new kind.
struct PosteriorMean {
  /// The draws' vectors; biases summed.
  private let sums: FactorParameters
  private let draw: RowLayout
  private let threads: Int
  private var noise: [Float] = []
  private var userNoise: [Double]
  private let userBiases: FloatMatrix
  private let itemBiases: FloatMatrix

  /// Room for some draws of a model.
  init(of model: FactorParameters, draws: Int, threads: Int) {
    draw = model.layout
    self.threads = threads
    sums = FactorParameters(
      layout: RowLayout(factors: draws * draw.factors, biased: true),
      users: model.users.rows, items: model.items.rows, mean: model.mean)
    userNoise = .init(repeating: 0, count: model.users.rows)
    userBiases = FloatMatrix(rows: model.users.rows, columns: draws)
    itemBiases = FloatMatrix(rows: model.items.rows, columns: draws)
  }

  /// Draws taken in so far.
  var count: Int { noise.count }

  /// Takes in a draw, the variance of what its scores leave out, and that of each user's ratings.
  mutating func add(_ model: FactorParameters, spread: Double, userNoise variances: [Double]) {
    precondition(count < userBiases.columns)
    add(model.users, draw.userBiasLane, to: sums.users, sums.layout.userBiasLane, userBiases)
    add(model.items, draw.itemBiasLane, to: sums.items, sums.layout.itemBiasLane, itemBiases)
    noise.append(Float(spread))
    for (user, variance) in variances.enumerated() { userNoise[user] += variance }
  }

  private func add(
    _ source: FloatMatrix, _ bias: Int, to sum: FloatMatrix, _ biasSum: Int, _ biases: FloatMatrix
  ) {
    let (width, place) = (draw.factors, count)
    forEachRow(sum) { row in
      let from = source.base + row * source.stride
      let to = sum.base + row * sum.stride
      (to + place * width).update(from: from, count: width)
      to[biasSum] += from[bias]
      biases.base[row * biases.stride + place] = from[bias]
    }
  }

  /// The mean of the draws so far, at least one, and what is kept of each; nothing may be added after.
  func finished() -> (mean: FactorParameters, draws: PosteriorDraws) {
    let scale = 1 / Float(count)
    for (table, bias) in [
      (sums.users, sums.layout.userBiasLane), (sums.items, sums.layout.itemBiasLane),
    ] {
      forEachRow(table) { row in
        let values = table.base + row * table.stride
        for lane in 0..<sums.layout.factors { values[lane] *= scale.squareRoot() }
        values[bias] *= scale
      }
    }
    let draws = PosteriorDraws(
      noise: noise, userNoise: userNoise.map { Float($0 / Double(count)) },
      userBiases: userBiases.narrowed(to: count),
      itemBiases: itemBiases.narrowed(to: count))
    return (sums.narrowed(to: count * draw.factors), draws)
  }

  private func forEachRow(_ table: FloatMatrix, _ body: (Int) -> Void) {
    let chunks = (table.rows + 1023) / 1024
    forEachChunk(chunks, threads: threads) { chunk in
      for row in evenRange(chunk, of: chunks, count: table.rows) { body(row) }
    }
  }
}

extension FloatMatrix {
  /// The first lanes of all rows, where there are more.
  fileprivate func narrowed(to columns: Int) -> FloatMatrix {
    guard columns < self.columns else { return self }
    let narrow = FloatMatrix(rows: rows, columns: columns)
    for row in 0..<rows {
      (narrow.base + row * narrow.stride).update(from: base + row * stride, count: columns)
    }
    return narrow
  }
}

extension FactorParameters {
  /// The same biases and the first lanes of the vectors, where there are more.
  fileprivate func narrowed(to factors: Int) -> FactorParameters {
    guard factors < layout.factors else { return self }
    let narrow = FactorParameters(
      layout: RowLayout(factors: factors, biased: true), users: users.rows, items: items.rows,
      mean: mean)
    for (from, to, bias, narrowBias) in [
      (users, narrow.users, layout.userBiasLane, narrow.layout.userBiasLane),
      (items, narrow.items, layout.itemBiasLane, narrow.layout.itemBiasLane),
    ] {
      for row in 0..<from.rows {
        let values = from.base + row * from.stride
        (to.base + row * to.stride).update(from: values, count: factors)
        to.base[row * to.stride + narrowBias] = values[bias]
      }
    }
    return narrow
  }
}

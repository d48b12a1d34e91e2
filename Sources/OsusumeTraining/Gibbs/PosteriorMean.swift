// The mean of draws of a factor model, as one factor model as wide as all of them together.
import OsusumeData
import OsusumeModels

/// Draws gathered so that scores are the mean of theirs.
///
/// The mean over s of μ + b_u + b_i + p·q is again of that form: biases are means, and vectors are those of
/// all draws one behind the other, over √draws. What scores, ranks and compares models needs no new kind.
struct PosteriorMean {
  /// The draws' vectors, over the root of how many there are to be.
  private let parts: FactorParameters
  private let draw: FactorLayout
  private let threads: Int
  /// The variance of each draw's scores; 0 of draws to come.
  private var noise: [Double]
  /// The variance of each user's ratings, summed over draws.
  private var userNoise: [Double]
  private let userBiases: FloatMatrix
  private let itemBiases: FloatMatrix
  /// Draws added so far.
  private(set) var count = 0

  /// Room for some draws of a model.
  init(of model: FactorParameters, draws: Int, threads: Int) {
    draw = model.layout
    self.threads = threads
    parts = FactorParameters(
      layout: FactorLayout(factors: draws * draw.factors, biased: true),
      users: model.users.rows, items: model.items.rows, mean: model.mean)
    noise = .init(repeating: 0, count: draws)
    userNoise = .init(repeating: 0, count: model.users.rows)
    userBiases = FloatMatrix(rows: model.users.rows, columns: draws)
    itemBiases = FloatMatrix(rows: model.items.rows, columns: draws)
  }

  /// Adds a draw, the variance of its scores around these, and that of each user's ratings.
  mutating func add(_ model: FactorParameters, variance: Double, userNoise variances: [Double]) {
    precondition(count < noise.count)
    add(model.users, draw.userBiasLane, to: parts.users, userBiases)
    add(model.items, draw.itemBiasLane, to: parts.items, itemBiases)
    noise[count] = variance
    for (user, variance) in variances.enumerated() { userNoise[user] += variance }
    count += 1
  }

  private func add(
    _ source: FloatMatrix, _ bias: Int, to parts: FloatMatrix, _ biases: FloatMatrix
  ) {
    let (width, place) = (draw.factors, count)
    let scale = (1 / Float(noise.count)).squareRoot()
    forEachRow(parts) { row in
      let from = source.base + row * source.stride
      let to = parts.base + row * parts.stride + place * width
      for lane in 0..<width { to[lane] = from[lane] * scale }
      biases.base[row * biases.stride + place] = from[bias]
    }
  }

  /// The mean of the draws so far, at least one, and what is kept of each.
  ///
  /// Nothing that `tables` are read for later is changed: a state of the fit may be written yet.
  func finished() -> (mean: FactorParameters, draws: PosteriorDraws) {
    let mean = parts.narrowed(to: count * draw.factors)
    finish(mean.users, mean.layout.userBiasLane, userBiases)
    finish(mean.items, mean.layout.itemBiasLane, itemBiases)
    let draws = PosteriorDraws(
      noise: noise.prefix(count).map { Float($0) },
      userNoise: userNoise.map { Float($0 / Double(count)) },
      userBiases: userBiases.narrowed(to: count),
      itemBiases: itemBiases.narrowed(to: count))
    return (mean, draws)
  }

  /// Sets the biases of a table to the means of the draws', and scales vectors for the number of draws where
  /// not all were made.
  private func finish(_ table: FloatMatrix, _ biasLane: Int, _ biases: FloatMatrix) {
    let scale = (Float(noise.count) / Float(count)).squareRoot()
    forEachRow(table) { row in
      let values = table.base + row * table.stride
      if count < noise.count { for lane in 0..<count * draw.factors { values[lane] *= scale } }
      var sum: Float = 0
      for place in 0..<count { sum += biases.base[row * biases.stride + place] }
      values[biasLane] = sum * (1 / Float(count))
    }
  }

  /// The tables among it.
  var tables: [FloatMatrix] { [parts.users, parts.items, userBiases, itemBiases] }
  /// All else but how many draws there are.
  var numbers: [[Double]] { [noise, userNoise] }

  /// Takes over `numbers` of the same sizes; the tables have been written to.
  mutating func restore(_ numbers: ArraySlice<[Double]>, count: Int) {
    let numbers = Array(numbers)
    (noise, userNoise, self.count) = (numbers[0], numbers[1], count)
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
  /// The first lanes of the vectors, where there are more; biases are then 0.
  fileprivate func narrowed(to factors: Int) -> FactorParameters {
    guard factors < layout.factors else { return self }
    let narrow = FactorParameters(
      layout: FactorLayout(factors: factors, biased: true), users: users.rows, items: items.rows,
      mean: mean)
    for (from, to) in [(users, narrow.users), (items, narrow.items)] {
      for row in 0..<from.rows {
        (to.base + row * to.stride).update(from: from.base + row * from.stride, count: factors)
      }
    }
    return narrow
  }
}

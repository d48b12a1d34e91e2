// The mean over draws of factor models, as one factor model as wide as all of them.
import OsusumeData
import OsusumeModels

/// Draws gathered so that scores are the mean of theirs.
///
/// The mean over s of μ + b_u + b_i + p·q is again of that form: biases are means, and vectors are those of
/// all draws one behind the other, over √draws. What scores, ranks and compares models needs no new kind.
struct PosteriorMean {
  /// Vectors and biases summed so far.
  private let sums: FactorParameters
  private let draw: RowLayout
  private let threads: Int
  /// Draws taken in so far.
  private(set) var count = 0

  /// Room for some draws of a model.
  init(of model: FactorParameters, draws: Int, threads: Int) {
    draw = model.layout
    self.threads = threads
    sums = FactorParameters(
      layout: RowLayout(factors: draws * draw.factors, biased: draw.biased),
      users: model.users.rows, items: model.items.rows, mean: model.mean)
  }

  /// Whether all draws that there is room for are in.
  var isFull: Bool { count * draw.factors >= sums.layout.factors }

  /// Takes in a draw.
  mutating func add(_ model: FactorParameters) {
    precondition(!isFull || draw.factors == 0)
    let place = count * draw.factors
    for (sums, from, own, own2) in [
      (sums.users, model.users, draw.userBiasLane, self.sums.layout.userBiasLane),
      (sums.items, model.items, draw.itemBiasLane, self.sums.layout.itemBiasLane),
    ] {
      forEachRow(sums) { row in
        let source = from.base + row * from.stride
        let target = sums.base + row * sums.stride
        (target + place).update(from: source, count: draw.factors)
        if draw.biased { target[own2] += source[own] }
      }
    }
    count += 1
  }

  /// The mean of the draws so far, at least one; nothing may be added after.
  func finished() -> FactorParameters {
    let scale = 1 / Float(count)
    let root = scale.squareRoot()
    for (table, bias) in [
      (sums.users, sums.layout.userBiasLane), (sums.items, sums.layout.itemBiasLane),
    ] {
      forEachRow(table) { row in
        let values = table.base + row * table.stride
        for lane in 0..<sums.layout.factors { values[lane] *= root }
        if draw.biased { values[bias] *= scale }
      }
    }
    return sums
  }

  private func forEachRow(_ table: FloatMatrix, _ body: (Int) -> Void) {
    let chunks = (table.rows + 1023) / 1024
    forEachChunk(chunks, threads: threads) { chunk in
      for row in evenRange(chunk, of: chunks, count: table.rows) { body(row) }
    }
  }
}

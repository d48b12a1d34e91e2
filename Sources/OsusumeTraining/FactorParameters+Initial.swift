// How the parameters of a factor model start.
import CKernels
import OsusumeData
import OsusumeModels

extension FactorParameters {
  /// Random parameters for a specification: each number a function of (seed, table, row, lane).
  static func initial(
    for spec: ModelSpec, _ hyperparameters: Hyperparameters, users: Int, items: Int, mean: Float,
    seed: UInt64, threads: Int
  ) -> FactorParameters {
    let terms = spec.score.terms
    let layout = RowLayout(
      factors: terms.contains(.dot) ? hyperparameters.factors : 0,
      biased: terms.contains(.bias(.user)) || terms.contains(.bias(.item)))
    let parameters = FactorParameters(
      layout: layout, users: users, items: items, mean: terms.contains(.globalMean) ? mean : 0)
    fill(
      parameters.users, hyperparameters, layout,
      biasLane: terms.contains(.bias(.user)) ? layout.userBiasLane : nil,
      key: ck_random_key(seed, RandomStream.initialUsers), threads: threads)
    fill(
      parameters.items, hyperparameters, layout,
      biasLane: terms.contains(.bias(.item)) ? layout.itemBiasLane : nil,
      key: ck_random_key(seed, RandomStream.initialItems), threads: threads)
    return parameters
  }

  private static func fill(
    _ table: FloatMatrix, _ hyperparameters: Hyperparameters, _ layout: RowLayout, biasLane: Int?,
    key: UInt64, threads: Int
  ) {
    let factors = layout.factors
    let spread = hyperparameters.factorInit.deviation(factors: factors)
    let biasSpread = hyperparameters.biasInit.deviation(factors: factors)
    let chunk = 4096
    // A row's numbers lie at row · width, the width even so that pairs do not straddle rows.
    let width = UInt64((factors + 2) / 2 * 2)
    forEachChunk((table.rows + chunk - 1) / chunk, threads: threads) { part in
      for row in (part * chunk)..<min(table.rows, (part + 1) * chunk) {
        let start = table.base + row * table.stride
        ck_random_fill_normal(key, UInt64(row) * width, factors, spread, start)
        if let biasLane {
          ck_random_fill_normal(
            key, UInt64(row) * width + UInt64(factors), 1, biasSpread, start + biasLane)
        }
      }
    }
  }
}

extension Initializer {
  /// Standard deviation for a vector of this width.
  func deviation(factors: Int) -> Double {
    switch self {
    case .normal(let deviation): deviation
    case .normalOverFactors: factors > 0 ? 1 / Double(factors).squareRoot() : 0
    case .zero: 0
    }
  }
}

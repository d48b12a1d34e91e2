// Rows of factor models for users and items that a model does not know: one row solve each.
import CKernels
import OsusumeData

/// A factor model's way to take in newcomers.
package struct FactorFoldIn: Sendable {
  let parameters: FactorParameters
  private let users: RowPrior
  private let items: RowPrior
  private let expectations: Expectations?

  /// Takes in users of some tables by a prior.
  package init(_ parameters: FactorParameters, users: RowPrior) {
    self.parameters = parameters
    self.users = users
    items = users
    expectations = nil
  }

  /// Prepares a model whose rows these are.
  init(_ model: Model, _ parameters: FactorParameters) {
    self.parameters = parameters
    users = RowPrior(.user, of: model, parameters)
    items = RowPrior(.item, of: model, parameters)
    expectations = model.expectations
  }

  /// The minimiser of the squared errors and the penalties that the model was fitted with, or that its
  /// rows suggest (`RowPrior`).
  package func row(of entity: Entity, ratings: [(index: Int32, value: Float)]) -> FloatMatrix {
    let isUser = entity == .user
    let layout = parameters.layout
    var prior = isUser ? users : items
    if let mean = expectations?.mean(of: entity, seen: ratings.map(\.index)) { prior.mean = mean }
    let fixed = isUser ? parameters.items : parameters.users
    let (own, other) =
      isUser
      ? (layout.userBiasLane, layout.itemBiasLane) : (layout.itemBiasLane, layout.userBiasLane)
    let row = FloatMatrix(rows: 1, columns: layout.lanes)
    var values: [Float] = []
    let partners = FloatMatrix(rows: ratings.count, columns: layout.lanes)
    for (place, rating) in ratings.enumerated() {
      let (from, to) = (fixed[Int(rating.index)], partners[place])
      var expected = parameters.mean + (layout.biased ? prior.mean[layout.factors] : 0)
      for lane in 0..<layout.factors {
        expected += prior.mean[lane] * from[lane]
        to[lane] = prior.unit[lane] * from[lane]
      }
      if layout.biased { to[other] = from[other] }
      values.append(rating.value - expected)
    }
    if !ratings.isEmpty { solve(row, partners, values, prior, own: own, other: other) }
    for lane in 0..<layout.factors {
      row[0][lane] = prior.mean[lane] + prior.unit[lane] * row[0][lane]
    }
    if layout.biased {
      row[0][own] += prior.mean[layout.factors]
      row[0][other] = 1
    }
    return row
  }

  /// Solves for what the ratings add to the prior's mean, in the prior's units.
  private func solve(
    _ row: FloatMatrix, _ partners: FloatMatrix, _ values: [Float], _ prior: RowPrior, own: Int,
    other: Int
  ) {
    let layout = parameters.layout
    guard layout.lanes > 0 else { return }
    let offsets = [0, Int32(values.count)]
    let columns = (0..<Int32(values.count)).map { $0 }
    let solved = withUnsafeTemporaryAllocation(
      byteCount: ck_als_scratch_bytes(layout.factors, layout.biased), alignment: 64
    ) { scratch in
      offsets.withUnsafeBufferPointer { offsets in
        columns.withUnsafeBufferPointer { columns in
          values.withUnsafeBufferPointer { values in
            var side = ck_als_side(
              offsets: offsets.baseAddress, columns: columns.baseAddress,
              values: values.baseAddress, fixed: partners.base, factors: layout.factors,
              stride: partners.stride, biased: layout.biased, own_bias: own, other_bias: other,
              factor_penalty: prior.factorPenalty, bias_penalty: prior.biasPenalty, centers: nil,
              row_roots: nil, column_roots: nil)
            var squared = 0.0
            return ck_als_solve(&side, 0, 1, row.base, &squared, scratch.baseAddress)
          }
        }
      }
    }
    // Without penalties, few ratings determine nothing: the newcomer stays what was expected.
    guard solved == 0 else { return }
    for lane in 0..<row.stride { row[0][lane] = 0 }
  }
}

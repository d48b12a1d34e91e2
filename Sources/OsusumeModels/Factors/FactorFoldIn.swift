// Vectors of factor models for users and items that a model does not know: one least-squares solve each.
import CKernels
import OsusumeData

/// A factor model's way to take in newcomers.
package struct FactorFoldIn: FoldInMethod {
  private let parameters: FactorParameters
  private let users: FactorPrior
  private let items: FactorPrior
  private let implicitFactors: ImplicitFactors?

  /// Takes in users and items under one prior.
  package init(_ parameters: FactorParameters, users: FactorPrior) {
    self.parameters = parameters
    self.users = users
    items = users
    implicitFactors = nil
  }

  /// Prepares a model for its vectors, or for its biases alone.
  init(_ model: Model, _ parameters: FactorParameters) {
    self.parameters = parameters
    users = FactorPrior(.user, of: model, parameters)
    items = FactorPrior(.item, of: model, parameters)
    implicitFactors = model.learned.implicitFactors
  }

  /// The newcomer's vector in place of all users', or all items'.
  package func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    parameters.with(entity, vector(of: entity, ratings: ratings))
  }

  /// The minimiser of the squared errors and the penalties that the model was fitted with, or that
  /// follow from the vectors it knows (`FactorPrior`).
  package func vector(of entity: Entity, ratings: [(index: Int32, value: Float)]) -> FloatMatrix {
    let isUser = entity == .user
    let layout = parameters.layout
    var prior = isUser ? users : items
    let fixed = isUser ? parameters.items : parameters.users
    let (own, other) =
      isUser
      ? (layout.userBiasLane, layout.itemBiasLane) : (layout.itemBiasLane, layout.userBiasLane)
    let row = FloatMatrix(rows: 1, columns: layout.lanes)
    defer { if layout.biased { row[0][other] = 1 } }
    if let mean = implicitFactors?.mean(of: entity, seen: ratings.map(\.index)) {
      prior.mean = mean
    }
    if let normal = prior.normal {
      if layout.biased {
        row[0][own] = prior.mean[layout.factors]
      }
      for lane in 0..<layout.factors { row[0][lane] = prior.mean[lane] }
      fill(row, from: ratings, given: fixed, around: normal, prior.factorPenalty)
      return row
    }
    var values: [Float] = []
    let partners = FloatMatrix(rows: ratings.count, columns: layout.lanes)
    for (place, rating) in ratings.enumerated() {
      let (from, to) = (fixed[Int(rating.index)], partners[place])
      var expected = parameters.mean + (layout.biased ? prior.mean[layout.factors] : 0)
      for lane in 0..<layout.factors {
        expected += prior.mean[lane] * from[lane]
        to[lane] = from[lane]
      }
      if layout.biased { to[other] = from[other] }
      values.append(rating.value - expected)
    }
    solve(row, partners, values) { side in
      (side.factors, side.biased) = (layout.factors, layout.biased)
      (side.own_bias, side.other_bias) = (own, other)
      (side.factor_penalty, side.bias_penalty) = (prior.factorPenalty, prior.biasPenalty)
    }
    for lane in 0..<layout.factors { row[0][lane] += prior.mean[lane] }
    if layout.biased { row[0][own] += prior.mean[layout.factors] }
    return row
  }

  /// Adds to the row, its expectation, the m + L·z whose z has the least squared error under a penalty;
  /// biases are lanes like others.
  private func fill(
    _ row: FloatMatrix, from ratings: [(index: Int32, value: Float)], given fixed: FloatMatrix,
    around normal: WhiteningTransform, _ penalty: ck_als_penalty
  ) {
    let z = FloatMatrix(rows: 1, columns: normal.lanes)
    let partners = FloatMatrix(rows: ratings.count, columns: normal.lanes)
    var values: [Float] = []
    for (place, rating) in ratings.enumerated() {
      let from = fixed.base + Int(rating.index) * fixed.stride
      (partners.base + place * partners.stride).update(from: from, count: normal.lanes)
      values.append(
        rating.value - parameters.mean
          - (0..<normal.lanes).reduce(0) { $0 + (row[0][$1] + normal.mean[$1]) * from[$1] })
    }
    normal.whiten(partners)
    solve(z, partners, values) { side in
      (side.factors, side.factor_penalty) = (normal.lanes, penalty)
    }
    normal.add(Array(z[0].prefix(normal.lanes)), to: row)
  }

  /// Solves for the difference between the row and its expectation; zero without ratings.
  private func solve(
    _ row: FloatMatrix, _ partners: FloatMatrix, _ values: [Float],
    _ settings: (inout ck_als_side) -> Void
  ) {
    guard row.columns > 0, !values.isEmpty else { return }
    let offsets = [0, Int32(values.count)]
    let columns = (0..<Int32(values.count)).map { $0 }
    var side = ck_als_side()
    settings(&side)
    (side.fixed, side.stride) = (UnsafePointer(partners.base), partners.stride)
    let solved = withUnsafeTemporaryAllocation(
      byteCount: ck_als_scratch_bytes(side.factors, side.biased), alignment: 64
    ) { scratch in
      offsets.withUnsafeBufferPointer { offsets in
        columns.withUnsafeBufferPointer { columns in
          values.withUnsafeBufferPointer { values in
            side.offsets = offsets.baseAddress
            side.columns = columns.baseAddress
            side.values = values.baseAddress
            var squared = 0.0
            return ck_als_solve(&side, 0, 1, row.base, &squared, scratch.baseAddress)
          }
        }
      }
    }
    // Without penalties, few ratings determine nothing: the newcomer stays at the expectation.
    guard solved == 0 else { return }
    for lane in 0..<row.stride { row[0][lane] = 0 }
  }
}

extension FactorParameters {
  /// The same with a newcomer's vector in place of all users', or all items'.
  func with(_ entity: Entity, _ vector: FloatMatrix) -> FoldedIn {
    FoldedIn(
      entity, vector: vector,
      scorer: FactorParameters(
        mean: mean, layout: layout, users: entity == .user ? vector : users,
        items: entity == .user ? items : vector))
  }
}

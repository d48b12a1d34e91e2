// Between packed rows and the dense tensors of a model file: whole rows are copied, never single lanes
// but for the biases.
import OsusumeData

extension FactorParameters {
  /// p of all users, [users, factors], row-major.
  var userFactors: [Float] { Self.dense(users, columns: layout.factors) }
  /// q of all items, [items, factors], row-major.
  var itemFactors: [Float] { Self.dense(items, columns: layout.factors) }
  /// b_u of all users.
  var userBiases: [Float] { Self.column(layout.userBiasLane, of: users) }
  /// b_i of all items.
  var itemBiases: [Float] { Self.column(layout.itemBiasLane, of: items) }

  /// Fills the vectors from dense tensors [users, factors] and [items, factors].
  package func setFactors(users userFactors: [Float], items itemFactors: [Float]) {
    Self.pack(userFactors, into: users, columns: layout.factors)
    Self.pack(itemFactors, into: items, columns: layout.factors)
  }

  /// Fills the bias lanes.
  package func setBiases(users userBiases: [Float], items itemBiases: [Float]) {
    precondition(userBiases.count == users.rows && itemBiases.count == items.rows)
    for (row, bias) in userBiases.enumerated() { users[row][layout.userBiasLane] = bias }
    for (row, bias) in itemBiases.enumerated() { items[row][layout.itemBiasLane] = bias }
  }

  static func dense(_ matrix: FloatMatrix, columns: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: matrix.rows * columns) { buffer, filled in
      filled = matrix.rows * columns
      guard let base = buffer.baseAddress, columns > 0 else { return }
      for row in 0..<matrix.rows {
        (base + row * columns).initialize(from: matrix.base + row * matrix.stride, count: columns)
      }
    }
  }

  static func pack(_ elements: [Float], into matrix: FloatMatrix, columns: Int) {
    precondition(elements.count == matrix.rows * columns)
    elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, columns > 0 else { return }
      for row in 0..<matrix.rows {
        (matrix.base + row * matrix.stride).update(from: base + row * columns, count: columns)
      }
    }
  }

  private static func column(_ lane: Int, of matrix: FloatMatrix) -> [Float] {
    (0..<matrix.rows).map { matrix.base[$0 * matrix.stride + lane] }
  }
}

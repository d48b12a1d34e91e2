// Implicit factors in a model file: tensors, and what must hold of them.
import OsusumeData

extension ImplicitFactors {
  /// Reads the factors that go with packed vectors of this layout; nil where the file has none.
  ///
  /// Errors: `ModelFileFault`.
  init?(
    from reader: inout TensorReader, users: Int, items: Int, layout: FactorLayout
  ) throws {
    guard reader.has("history_factors") || reader.has("audience_factors") else { return nil }
    guard layout.biased else { throw ModelFileFault.tensorMissing("user_bias") }
    func table(_ kind: String, rows: Int, biasLane: Int) throws -> FloatMatrix? {
      guard reader.has("\(kind)_factors") else { return nil }
      let elements = try reader.tensor(
        "\(kind)_factors", shape: [rows, layout.factors], as: Float.self)
      let table = FloatMatrix(rows: rows, columns: layout.lanes)
      FactorParameters.pack(elements, into: table, columns: layout.factors)
      let biases = try reader.vector("\(kind)_bias", count: rows, as: Float.self)
      for (row, bias) in biases.enumerated() { table[row][biasLane] = bias }
      return table
    }
    self.init(
      layout: layout,
      history: try table("history", rows: items, biasLane: layout.userBiasLane),
      audience: try table("audience", rows: users, biasLane: layout.itemBiasLane))
  }

  /// Factors and biases of either side, where it has any.
  var tensors: [Tensor] {
    let tables = [
      ("history", history, layout.userBiasLane), ("audience", audience, layout.itemBiasLane),
    ]
    return tables.flatMap { kind, table, bias -> [Tensor] in
      guard let table else { return [] }
      return [
        Tensor(
          "\(kind)_factors", FactorParameters.dense(table, columns: layout.factors),
          shape: [table.rows, layout.factors]),
        Tensor("\(kind)_bias", (0..<table.rows).map { table[$0][bias] }),
      ]
    }
  }

  /// Checks that all numbers are finite.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws {
    for (name, table) in [("history_factors", history), ("audience_factors", audience)] {
      try checkRange(table, name)
    }
  }
}

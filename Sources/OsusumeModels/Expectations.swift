// What a model expects of a row from whom it has to do with: implicit feedback, kept for newcomers.
import OsusumeData

/// A user's row is expected at |N|^-½ Σ of the rows of `history` over the items N seen, an item's at the same
/// of `audience` over those who saw it (Koren 2008: y_j).
public struct Expectations: Sendable {
  /// Where biases lie in the rows.
  public let layout: RowLayout
  /// What each item seen says of the user, [items, stride], laid out as users' rows; nil: nothing.
  public let history: FloatMatrix?
  /// What each user who saw it says of an item, [users, stride], laid out as items' rows; nil: nothing.
  public let audience: FloatMatrix?

  /// Makes expectations from their parts.
  public init(layout: RowLayout, history: FloatMatrix?, audience: FloatMatrix?) {
    self.layout = layout
    self.history = history
    self.audience = audience
  }

  /// What is expected of a row that has to do with some rows of the other table: factors, then the bias.
  func mean(of entity: Entity, seen: [Int32]) -> [Float]? {
    guard let weights = entity == .user ? history : audience, !seen.isEmpty else { return nil }
    let bias = entity == .user ? layout.userBiasLane : layout.itemBiasLane
    let lanes = Array(0..<layout.factors) + [bias]
    let scale = 1 / Float(seen.count).squareRoot()
    return lanes.map { lane in
      scale * seen.reduce(0) { $0 + weights[Int($1)][lane] }
    }
  }

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
}

// What a model expects of a row from whom it has to do with: implicit feedback, kept for newcomers.
import OsusumeData

/// A user's row is expected at |N|^-½ Σ of the rows of `history` over the items N seen, an item's at the same
/// of `audience` over those who saw it (Koren 2008: y_j).
public struct ImplicitFactors: Sendable {
  /// Where biases lie in the rows.
  public let layout: FactorLayout
  /// What each item seen says of the user, [items, stride], laid out as users' rows; nil: nothing.
  public let history: FloatMatrix?
  /// What each user who saw it says of an item, [users, stride], laid out as items' rows; nil: nothing.
  public let audience: FloatMatrix?

  /// Makes factors from their parts.
  public init(layout: FactorLayout, history: FloatMatrix?, audience: FloatMatrix?) {
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

  /// What rows of a table differ by from their expectations by what was rated: a sample of `rated` rows.
  func deviations(
    _ entity: Entity, _ table: FloatMatrix, _ rated: [Int], seen: SeenItems
  ) -> FloatMatrix {
    let step = max(1, rated.count / Self.sampleSize)
    let sample = stride(from: 0, to: rated.count, by: step).map { rated[$0] }
    let bias = entity == .user ? layout.userBiasLane : layout.itemBiasLane
    let deviations = FloatMatrix(rows: sample.count, columns: table.columns)
    let lists =
      entity == .user ? sample.map { Array(seen[$0]) } : seen.users(of: sample, items: table.rows)
    for (place, row) in sample.enumerated() {
      deviations[place].baseAddress?.update(
        from: table.base + row * table.stride, count: table.columns)
      guard let mean = mean(of: entity, seen: lists[place]) else { continue }
      for lane in 0..<layout.factors { deviations[place][lane] -= mean[lane] }
      deviations[place][bias] -= mean[layout.factors]
    }
    return deviations
  }

  /// Rows enough to tell a covariance by.
  private static let sampleSize = 1000

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

extension SeenItems {
  /// Who rated each of some items, of so many in all.
  fileprivate func users(of chosen: [Int], items: Int) -> [[Int32]] {
    var places = [Int](repeating: -1, count: items)
    for (place, item) in chosen.enumerated() { places[item] = place }
    var users = [[Int32]](repeating: [], count: chosen.count)
    for user in 0..<offsets.count - 1 {
      for item in self[user] where places[Int(item)] >= 0 {
        users[places[Int(item)]].append(Int32(user))
      }
    }
    return users
  }
}

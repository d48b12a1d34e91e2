// Factors of implicit feedback, from which the vectors of users and items are expected.
import OsusumeData

/// The expectation of a user's vector is |N|^-½ Σ y_j over the items N that the user has seen, y_j rows of
/// `history`; that of an item's is the same over the users who have seen it, by `audience` (Koren 2008).
public struct ImplicitFactors: Sendable {
  /// Where vectors and biases lie in the rows.
  public let layout: FactorLayout
  /// y of each item, [items, stride], laid out as users' rows; nil: users have no such expectation.
  public let history: FloatMatrix?
  /// The same of each user, [users, stride], laid out as items' rows; nil: items have no such expectation.
  public let audience: FloatMatrix?

  /// Makes factors from their parts.
  package init(layout: FactorLayout, history: FloatMatrix?, audience: FloatMatrix?) {
    self.layout = layout
    self.history = history
    self.audience = audience
  }

  /// The expectation of a vector whose user, or item, has seen, or was seen by, some others: factors, then
  /// the bias; nil where there is none.
  func mean(of entity: Entity, seen: [Int32]) -> [Float]? {
    guard let weights = entity == .user ? history : audience, !seen.isEmpty else { return nil }
    let bias = entity == .user ? layout.userBiasLane : layout.itemBiasLane
    let lanes = Array(0..<layout.factors) + [bias]
    let scale = 1 / Float(seen.count).squareRoot()
    return lanes.map { lane in
      scale * seen.reduce(0) { $0 + weights[Int($1)][lane] }
    }
  }

  /// The deviations of a table's rows from their expectations, of a sample of the `rated` rows.
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

  /// Enough rows to estimate a covariance.
  private static let sampleSize = 1000
}

extension SeenItems {
  /// The users who rated each of some items, of so many in all.
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

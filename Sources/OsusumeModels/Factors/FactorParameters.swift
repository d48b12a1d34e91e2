// The parameters of a factor model: two tables of packed rows and a mean.
import OsusumeData

/// score(u, i) = mean + users[u]·items[i] over `layout.lanes` lanes.
public struct FactorParameters: Sendable {
  /// μ, added to every score.
  public var mean: Float
  /// Where vectors and biases lie in the rows.
  public let layout: FactorLayout
  /// [users, stride]: [p, b_u, 1, 0…] (without biases: [p, 0…]).
  public let users: FloatMatrix
  /// [items, stride]: [q, 1, b_i, 0…] (without biases: [q, 0…]).
  public let items: FloatMatrix

  /// Makes parameters that are zero but for the constant lanes.
  package init(layout: FactorLayout, users: Int, items: Int, mean: Float = 0) {
    self.mean = mean
    self.layout = layout
    self.users = FloatMatrix(rows: users, columns: layout.lanes)
    self.items = FloatMatrix(rows: items, columns: layout.lanes)
    guard layout.biased else { return }
    for user in 0..<users { self.users[user][layout.itemBiasLane] = 1 }
    for item in 0..<items { self.items[item][layout.userBiasLane] = 1 }
  }

  /// One raw (unclipped) score: the slow path that every fast path is checked against.
  public func score(user: Int, item: Int) -> Float {
    let p = users[user]
    let q = items[item]
    var sum = mean
    for lane in 0..<layout.lanes { sum += p[lane] * q[lane] }
    return sum
  }

  /// A copy in memory of its own.
  public func copy() -> FactorParameters {
    FactorParameters(
      mean: mean, layout: layout, users: users.copy(), items: items.copy())
  }

  package init(mean: Float, layout: FactorLayout, users: FloatMatrix, items: FloatMatrix) {
    self.mean = mean
    self.layout = layout
    self.users = users
    self.items = items
  }
}

// The parameters of a network: two tables of packed rows, layers, and what it reads of items.
import OsusumeData

/// A network's learned numbers, and all it takes to score with them.
public struct NetworkParameters: Sendable {
  /// What is computed of them, dropout left out.
  public let plan: Plan
  /// [users, stride] and [items, stride]: embeddings and biases side by side, as in `Plan.slots`.
  public let users: FloatMatrix, items: FloatMatrix
  /// Layers and genres, end to end as in `Plan.layers`, in rows of `layerLanes`.
  public let layers: FloatMatrix
  /// What is read of items.
  public let features: ItemFeatures

  /// Floats in a row of `layers`: a row is what the optimizer handles at a time.
  package static let layerLanes = 64

  /// Makes parameters that are zero.
  package init(_ plan: Plan, features: ItemFeatures) {
    self.init(
      plan, features: features,
      users: FloatMatrix(rows: plan.sizes.users, columns: plan.lanes(.user)),
      items: FloatMatrix(rows: plan.sizes.items, columns: plan.lanes(.item)),
      layers: FloatMatrix(
        rows: (plan.layerCount + Self.layerLanes - 1) / Self.layerLanes, columns: Self.layerLanes))
  }

  init(
    _ plan: Plan, features: ItemFeatures, users: FloatMatrix, items: FloatMatrix,
    layers: FloatMatrix
  ) {
    self.plan = plan
    self.features = features
    self.users = users
    self.items = items
    self.layers = layers
  }

  /// A copy in memory of its own.
  public func copy() -> NetworkParameters {
    NetworkParameters(
      plan, features: features, users: users.copy(), items: items.copy(), layers: layers.copy())
  }
}

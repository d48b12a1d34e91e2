// Packed vectors in a model file: dense tensors, and what must hold of them.
import OsusumeData

extension FactorParameters {
  /// Whether scores are sums of a mean, biases and inner products.
  public static func reads(_ spec: ModelSpec) -> Bool { spec.isFactorModel }

  /// Reads factors, biases where the file has them, and the mean.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let (users, items) = (context.userCount, context.itemCount)
    // There is at least one user, so a width beyond the file's length cannot fit its tensor.
    let width = try reader.shape(of: "user_factors").last ?? 0
    let userFactors = try reader.tensor("user_factors", shape: [users, width], as: Float.self)
    let itemFactors = try reader.tensor("item_factors", shape: [items, width], as: Float.self)
    let mean = try reader.tensor("mean", shape: [], as: Float.self)[0]
    let biased = reader.has("user_bias")
    self.init(
      layout: FactorLayout(factors: width, biased: biased), users: users, items: items, mean: mean)
    setFactors(users: userFactors, items: itemFactors)
    guard biased else { return }
    setBiases(
      users: try reader.vector("user_bias", count: users),
      items: try reader.vector("item_bias", count: items))
  }

  /// Factors without padding, bias and constant lanes; biases as vectors.
  public var tensors: [Tensor] {
    let factors = [
      Tensor("user_factors", userFactors, shape: [users.rows, layout.factors]),
      Tensor("item_factors", itemFactors, shape: [items.rows, layout.factors]),
      Tensor("mean", [mean], shape: []),
    ]
    return layout.biased
      ? factors + [Tensor("user_bias", userBiases), Tensor("item_bias", itemBiases)] : factors
  }

  /// Checks that numbers are finite and vectors no wider than a search can hold.
  public func check() throws {
    try checkRange(users, "user_factors")
    try checkRange(items, "item_factors")
    guard layout.lanes <= FactorSearch.mostLanes else {
      throw ModelFileFault.tooWide(lanes: layout.lanes, limit: FactorSearch.mostLanes)
    }
    try checkRange([mean], "mean")
  }
}

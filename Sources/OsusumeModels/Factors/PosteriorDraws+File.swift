// The draws of a sampled model in a model file: tensors, and what must hold of them.
import OsusumeData

extension PosteriorDraws {
  /// Reads draws; nil where the file has none.
  ///
  /// Errors: `ModelFileFault`.
  init?(from reader: inout TensorReader, users: Int, items: Int) throws {
    guard reader.has("draw_noise") else { return nil }
    let noise = try reader.vector("draw_noise", as: Float.self)
    let userNoise = try reader.vector("user_noise", count: users, as: Float.self)
    let biases = try [("draw_user_bias", users), ("draw_item_bias", items)].map { name, rows in
      let elements = try reader.tensor(name, shape: [rows, noise.count], as: Float.self)
      let table = FloatMatrix(rows: rows, columns: noise.count)
      FactorParameters.pack(elements, into: table, columns: noise.count)
      return table
    }
    self.init(noise: noise, userNoise: userNoise, userBiases: biases[0], itemBiases: biases[1])
  }

  /// Variances, and each draw's biases.
  var tensors: [Tensor] {
    [
      Tensor("draw_noise", noise),
      Tensor("user_noise", userNoise),
      Tensor(
        "draw_user_bias", FactorParameters.dense(userBiases, columns: count),
        shape: [userBiases.rows, count]),
      Tensor(
        "draw_item_bias", FactorParameters.dense(itemBiases, columns: count),
        shape: [itemBiases.rows, count]),
    ]
  }

  /// Checks that variances and biases are finite and that packed vectors of this layout, end to end by
  /// draw, divide evenly.
  ///
  /// Errors: `ModelFileFault`.
  func check(users: Int, layout: FactorLayout?) throws {
    guard let width = layout?.factors, count > 0, width % count == 0 else {
      throw ModelFileFault.tensorShape(
        "draw_noise", [count], expected: [max(1, layout?.factors ?? 0)])
    }
    guard userNoise.count == users else {
      throw ModelFileFault.tensorShape("user_noise", [userNoise.count], expected: [users])
    }
    for (name, variances) in [("draw_noise", noise), ("user_noise", userNoise)] {
      try checkRange(variances, name, 0...NumberLimit.variance)
    }
    try checkRange(userBiases, "draw_user_bias")
    try checkRange(itemBiases, "draw_item_bias")
  }
}

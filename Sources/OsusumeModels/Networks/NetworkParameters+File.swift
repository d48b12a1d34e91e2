// A network in a model file: dense tensors for packed rows and layers, and what must hold of them.
import OsusumeData

extension NetworkParameters {
  /// Whether the specification needs a network.
  public static func reads(_ spec: ModelSpec) -> Bool { !spec.isFactorModel }

  /// Reads a network as its specification has it, every tensor of the shape that follows from it.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let spec = context.spec
    let features =
      spec.needsItems
      ? ItemFeatures(
        itemIDs: context.itemIDs, catalog: context.catalog, counts: context.itemCounts)
      : .none(items: context.itemCount)
    let sizes = PlanSizes(
      users: context.userCount, items: context.itemCount, genres: features.genres.count,
      factors: context.hyperparameters.factors, scale: context.scale)
    // Tensors must fit the file before memory is asked for what they would fill.
    let floats = reader.fileBytes / MemoryLayout<Float>.size
    guard let plan = try? Plan(spec, sizes, training: false),
      (plan.slots.joined() + plan.layers).allSatisfy({ $0.count <= floats })
    else { throw ModelFileFault.metadata("specification") }
    self.init(plan, features: features)
    try fill(from: &reader)
  }

  /// Every learned tensor by its name, dense and row-major.
  public var tensors: [Tensor] {
    let tables = zip(plan.slots, [users, items]).flatMap { slots, table in
      slots.map { Tensor($0.name, elements(of: $0, in: table), shape: $0.shape) }
    }
    return tables + plan.layers.map { Tensor($0.name, elements(ofLayer: $0), shape: $0.shape) }
  }

  /// Checks that numbers are finite: all shapes follow from the plan.
  public func check() throws {
    for (name, table) in zip(["user_factors", "item_factors", "layers"], tables) {
      try checkRange(table, name)
    }
  }

  private func fill(from reader: inout TensorReader) throws {
    for (slots, table) in zip(plan.slots, [users, items]) {
      for slot in slots {
        let elements = try reader.tensor(slot.name, shape: slot.shape, as: Float.self)
        elements.withUnsafeBufferPointer { source in
          guard let base = source.baseAddress else { return }
          for row in 0..<table.rows {
            (table.base + row * table.stride + slot.place).update(
              from: base + row * slot.columns, count: slot.columns)
          }
        }
      }
    }
    for tensor in plan.layers {
      let elements = try reader.tensor(tensor.name, shape: tensor.shape, as: Float.self)
      elements.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        (layers.base + tensor.place).update(from: base, count: tensor.count)
      }
    }
  }

  func elements(of slot: PlanTensor, in table: FloatMatrix) -> [Float] {
    [Float](unsafeUninitializedCapacity: slot.count) { buffer, filled in
      filled = slot.count
      guard let base = buffer.baseAddress else { return }
      for row in 0..<table.rows {
        (base + row * slot.columns).initialize(
          from: table.base + row * table.stride + slot.place, count: slot.columns)
      }
    }
  }

  private func elements(ofLayer tensor: PlanTensor) -> [Float] {
    Array(UnsafeBufferPointer(start: layers.base + tensor.place, count: tensor.count))
  }
}

extension PlanTensor {
  /// Its extents in a file: biases are vectors, the model's own a scalar.
  var shape: [Int] {
    switch kind {
    case .bias where columns == 1: name == "bias" ? [] : [rows]
    case .layerBias: [columns]
    default: [rows, columns]
    }
  }
}

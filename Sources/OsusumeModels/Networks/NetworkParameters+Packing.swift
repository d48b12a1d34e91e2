// Between a network's packed rows and layers and the dense tensors of a model file.
import OsusumeData

extension NetworkParameters {
  /// Every learned tensor by its name, dense and row-major.
  var tensors: [Tensor] {
    let tables = zip(plan.slots, [users, items]).flatMap { slots, table in
      slots.map { Tensor($0.name, elements(of: $0, in: table), shape: $0.shape) }
    }
    return tables + plan.layers.map { Tensor($0.name, elements(ofLayer: $0), shape: $0.shape) }
  }

  /// Fills all tensors; `read` hands out the elements of one, as many as it has.
  func fill(_ read: (_ name: String, _ shape: [Int]) throws -> [Float]) throws {
    for (slots, table) in zip(plan.slots, [users, items]) {
      for slot in slots {
        let elements = try read(slot.name, slot.shape)
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
      let elements = try read(tensor.name, tensor.shape)
      elements.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        (layers.base + tensor.place).update(from: base, count: tensor.count)
      }
    }
  }

  private func elements(of slot: PlanTensor, in table: FloatMatrix) -> [Float] {
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

extension NetworkParameters {
  /// The same parameters as packed rows, for scores that are inner products and biases.
  package var packed: FactorParameters {
    let slots = plan.slots.map { side in
      (side.first { $0.kind == .factors }, side.first { $0.kind == .bias })
    }
    let layout = FactorLayout(
      factors: slots[0].0?.columns ?? 0, biased: slots[0].1 != nil || slots[1].1 != nil)
    let packed = FactorParameters(layout: layout, users: users.rows, items: items.rows)
    packed.setFactors(
      users: slots[0].0.map { elements(of: $0, in: users) } ?? [],
      items: slots[1].0.map { elements(of: $0, in: items) } ?? [])
    if layout.biased {
      packed.setBiases(
        users: slots[0].1.map { elements(of: $0, in: users) }
          ?? [Float](repeating: 0, count: users.rows),
        items: slots[1].1.map { elements(of: $0, in: items) }
          ?? [Float](repeating: 0, count: items.rows))
    }
    return packed
  }
}

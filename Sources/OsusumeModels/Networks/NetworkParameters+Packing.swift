// A network of inner products and biases as a factor model.
import OsusumeData

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

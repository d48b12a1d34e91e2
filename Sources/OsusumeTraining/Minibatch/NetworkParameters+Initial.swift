// How the parameters of a network start.
import CKernels
import OsusumeData
import OsusumeModels

extension NetworkParameters {
  /// Random parameters: each number a function of (seed, tensor, row, lane).
  func start(_ hyperparameters: Hyperparameters, seed: UInt64, threads: Int) {
    let tables = [(users, RandomStream.initialUsers), (items, RandomStream.initialItems)]
    for (slots, (table, stream)) in zip(plan.slots, tables) {
      let key = ck_random_key(seed, stream)
      for (number, slot) in slots.enumerated() {
        table.fill(
          lanes: slot.place..<(slot.place + slot.columns), hyperparameters.initializer(of: slot),
          fanIn: slot.fanIn, key: number == 0 ? key : ck_random_bits(key, UInt64(number)),
          threads: threads)
      }
    }
    let key = ck_random_key(seed, RandomStream.initialLayers)
    for (number, tensor) in plan.layers.enumerated() {
      hyperparameters.initializer(of: tensor)
        .start(fanIn: tensor.fanIn, fanOut: tensor.columns)
        .fill(
          layers.base + tensor.place, rows: 0..<tensor.rows, lanes: tensor.columns,
          stride: tensor.columns, key: ck_random_bits(key, UInt64(number)))
    }
  }
}

extension Hyperparameters {
  /// How a tensor starts.
  fileprivate func initializer(of tensor: PlanTensor) -> Initializer {
    switch tensor.kind {
    case .factors: factorInit
    case .bias: biasInit
    case .weights: layerInit
    case .layerBias: layerInit.ofLayerBiases
    }
  }
}

// Runs the steps of a plan on some rows of one domain, forwards and backwards.
import CKernels
import OsusumeData

/// Some rows of one domain while a plan runs on them.
package struct PlanRun {
  /// Rows of workspaces: values and, in training, gradients, `stride` floats a row.
  package struct Rows {
    package var values: UnsafeMutablePointer<Float>
    package var gradients: UnsafeMutablePointer<Float>?
    package var stride: Int

    package init(
      values: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>? = nil,
      stride: Int
    ) {
      self.values = values
      self.gradients = gradients
      self.stride = stride
    }
  }

  /// Values of users or items that pairs read, and which row each pair reads.
  package struct Source {
    package var values: UnsafePointer<Float>
    package var stride: Int
    package var row: UnsafePointer<Int32>

    package init(values: UnsafePointer<Float>, stride: Int, row: UnsafePointer<Int32>) {
      self.values = values
      self.stride = stride
      self.row = row
    }
  }

  package let plan: Plan
  package let domain: Plan.Domain
  /// The layers, as `Plan.layers` places them.
  package let layers: UnsafePointer<Float>
  package let features: ItemFeatures
  /// The workspace rows worked on, from the first one on.
  package let own: Rows
  package let count: Int
  /// What pairs read of users and items.
  package var users: Source?
  package var items: Source?
  /// Items of the rows, where the domain is that of items.
  package var itemIDs: UnsafePointer<Int32>?
  /// Draws of dropout: a key, and the number of the first row.
  package var dropoutKey: UInt64 = 0
  package var firstRow = 0
  /// Where gradients of layers go, as `Plan.layers` places them; nil: the layers are fixed.
  package var layerGradients: UnsafeMutablePointer<Float>?

  package init(
    plan: Plan, domain: Plan.Domain, layers: UnsafePointer<Float>, features: ItemFeatures,
    own: Rows, count: Int
  ) {
    BLAS.prepare
    self.plan = plan
    self.domain = domain
    self.layers = layers
    self.features = features
    self.own = own
    self.count = count
  }

  /// A value as kernels read it.
  private func view(_ value: Plan.Value) -> ck_layer_view {
    let source = value.domain == domain ? nil : value.domain == .user ? users : items
    guard let source else {
      return ck_layer_view(
        base: own.values + value.lane, stride: own.stride, row: nil, width: value.width)
    }
    return ck_layer_view(
      base: source.values + value.lane, stride: source.stride, row: source.row, width: value.width)
  }

  // MARK: Forwards

  /// Computes all values of the domain.
  package func forward() {
    for step in plan.steps[domain.rawValue] { forward(step) }
  }

  private func forward(_ step: Plan.Step) {
    let out = own.values + step.output.lane
    let width = step.output.width
    switch step.action {
    case .genres(let table):
      ck_layer_members(
        layers + table, width, features.offsets, features.members, itemIDs, count, out, own.stride)
    case .metadata:
      guard let itemIDs else { return }
      features.metadata.withUnsafeBufferPointer { metadata in
        guard let base = metadata.baseAddress else { return }
        ck_layer_gather(
          base, ItemFeatures.metadataWidth, itemIDs, count, width, out, own.stride)
      }
    case .linear(let weights, let adds):
      let input = step.inputs[0].value
      LayerProducts(rows: count, inner: input.width, columns: width, stride: own.stride).output(
        own.values + input.lane, layers + weights, adds: adds, into: out)
    case .join(let bias, let adds, let activation, let low, let high):
      let inputs = step.inputs.map { view($0.value) }
      ck_layer_join(
        inputs, inputs.count, bias.map { layers + $0 }, adds ? 1 : 0,
        activation.shape(low: low, high: high), count, width, out, own.stride)
    case .product:
      ck_layer_product(
        view(step.inputs[0].value), view(step.inputs[1].value), 0, count, out, own.stride)
    case .inner:
      ck_layer_inner(
        view(step.inputs[0].value), view(step.inputs[1].value), 0, count, out, own.stride)
    case .dropout(let rate, let salt):
      ck_layer_dropout(
        view(step.inputs[0].value), ck_random_bits(dropoutKey, UInt64(salt)), UInt64(firstRow),
        rate, 0, count, out, own.stride)
    }
  }

  // MARK: Backwards

  /// Computes the gradients of the domain's inputs and layers from those of its results.
  package func backward() {
    guard let gradients = own.gradients else { return }
    for step in plan.steps[domain.rawValue].reversed() { backward(step, gradients) }
  }

  private func backward(_ step: Plan.Step, _ gradients: UnsafeMutablePointer<Float>) {
    let stride = own.stride
    let d = gradients + step.output.lane
    let width = step.output.width
    switch step.action {
    case .metadata: break
    case .genres(let table):
      guard let gradient = layerGradients.map({ $0 + table }) else { return }
      gradient.update(repeating: 0, count: plan.sizes.genres * width)
      ck_layer_members_back(
        d, stride, width, features.offsets, features.members, itemIDs, count, gradient)
    case .linear(let weights, _):
      let input = step.inputs[0]
      LayerProducts(rows: count, inner: input.value.width, columns: width, stride: stride)
        .gradients(
          own.values + input.value.lane, layers + weights, of: d,
          weights: layerGradients.map { $0 + weights }, adds: input.adds,
          input: input.value.isConstant ? nil : gradients + input.lane)
    case .join(let bias, _, let activation, let low, let high):
      let biasGradient = bias.flatMap { bias in layerGradients.map { $0 + bias } }
      biasGradient?.update(repeating: 0, count: width)
      if activation != .linear || biasGradient != nil {
        ck_layer_join_back(
          own.values + step.output.lane, stride, activation.shape(low: low, high: high), count,
          width, d, stride, biasGradient)
      }
      for input in step.inputs where !input.value.isConstant && input.lane != step.output.lane {
        ck_layer_pass(
          d, stride, count, width, input.adds ? 1 : 0, gradients + input.lane, stride,
          input.value.width)
      }
    case .product, .inner:
      let slope = ck_layer_view(base: d, stride: stride, row: nil, width: width)
      for (input, other) in zip(step.inputs, step.inputs.reversed()) where !input.value.isConstant {
        ck_layer_product(
          view(other.value), slope, input.adds ? 1 : 0, count, gradients + input.lane, stride)
      }
    case .dropout(let rate, let salt):
      let input = step.inputs[0]
      guard !input.value.isConstant else { return }
      let slope = ck_layer_view(base: d, stride: stride, row: nil, width: width)
      ck_layer_dropout(
        slope, ck_random_bits(dropoutKey, UInt64(salt)), UInt64(firstRow), rate,
        input.adds ? 1 : 0, count, gradients + input.lane, stride)
    }
  }
}

extension Activation {
  /// As the kernels have it.
  fileprivate func shape(low: Float, high: Float) -> ck_layer_shape {
    let activation =
      switch self {
      case .linear: CK_LAYER_LINEAR
      case .relu: CK_LAYER_RELU
      case .sigmoid: CK_LAYER_SIGMOID
      }
    return ck_layer_shape(activation: activation, low: low, high: high)
  }
}

// A model back from its file: what the tensors and the metadata mean, checked before it is believed.
import OsusumeData

extension Model {
  /// Reads a model file: checksum, structure and the range of everything in it are checked.
  ///
  /// Errors: `ModelFileError`.
  public static func read(_ path: String) throws -> Model {
    try ModelFile(path).model(path: path)
  }
}

extension ModelFile {
  /// The model in the file, whose path is for errors.
  ///
  /// Errors: `ModelFileError`.
  public func model(path: String) throws -> Model {
    do {
      return try model()
    } catch let fault as ModelFileFault {
      throw ModelFileError.invalid(path: path, fault)
    }
  }

  /// The model in the file.
  ///
  /// Errors: `ModelFileFault`.
  package func model() throws -> Model {
    let text = try ModelMetadata(contents.metadata)
    var reader = TensorReader(contents)
    let userIDs = try reader.ids("user")
    let itemIDs = try reader.ids("item")
    let itemCounts: [Int32] = try reader.vector("item_counts", count: itemIDs.count)
    let catalog = ItemCatalog(text.items)
    let scale = text.ratings.lowest...text.ratings.highest
    var parameters: Parameters
    if text.specification.isFactorModel {
      parameters = .factors(try reader.factors(users: userIDs.count, items: itemIDs.count))
    } else {
      parameters = .network(
        try reader.network(
          text, users: userIDs.count,
          features: text.specification.needsItems
            ? ItemFeatures(itemIDs: itemIDs, catalog: catalog, counts: itemCounts)
            : .none(items: itemIDs.count), scale: scale))
    }
    let seen = SeenItems(
      offsets: try reader.vector("seen_offsets", count: userIDs.count + 1),
      items: try reader.vector("seen_items"))
    if text.specification.fit == .neighbours, let biases = parameters.factors {
      parameters = .neighbours(try reader.neighbours(biases: biases, seen: seen))
    }
    var model = Model(
      spec: text.specification, hyperparameters: text.hyperparameters, parameters: parameters,
      userIDs: userIDs, itemIDs: itemIDs,
      seen: seen,
      itemCounts: itemCounts, scale: scale, medianRating: text.ratings.median,
      deviation: text.ratings.deviation, catalog: catalog,
      provenance: text.provenance, metrics: text.metrics,
      singularValues: try reader.has("singular_values") ? reader.vector("singular_values") : [])
    model.draws = try reader.draws(users: userIDs.count, items: itemIDs.count)
    model.implicitFactors = try reader.implicitFactors(model)
    model.timeBiases = try reader.timeBiases(model)
    try reader.refuseUnread()
    try model.check()
    return model
  }
}

/// Hands out tensors by name and remembers which were asked for.
private struct TensorReader {
  private let contents: Safetensors
  private var unread: Set<String>

  init(_ contents: Safetensors) {
    self.contents = contents
    unread = Set(contents.tensors.map(\.name))
  }

  /// A tensor of the given shape.
  mutating func tensor<Element: TensorElement>(
    _ name: String, shape: [Int], as: Element.Type = Element.self
  ) throws -> [Element] {
    let found = try self.shape(of: name)
    guard found == shape else { throw ModelFileFault.tensorShape(name, found, expected: shape) }
    guard let elements = try contents.elements(name, as: Element.self) else {
      throw ModelFileFault.tensorMissing(name)
    }
    unread.remove(name)
    return elements
  }

  /// A tensor of one dimension, of the given length or of any.
  mutating func vector<Element: TensorElement>(
    _ name: String, count: Int? = nil, as: Element.Type = Element.self
  ) throws -> [Element] {
    try tensor(name, shape: [count ?? self.shape(of: name).first ?? 0])
  }

  /// Lists of neighbours beside biases.
  mutating func neighbours(
    biases: FactorParameters, seen: SeenItems
  ) throws -> NeighbourParameters {
    let (users, items) = (biases.users.rows, biases.items.rows)
    guard biases.layout.biased, biases.layout.factors == 0 else {
      throw ModelFileFault.tensorShape(
        "user_factors", [users, biases.layout.factors], expected: [users, 0])
    }
    return NeighbourParameters(
      biases: biases,
      reverseNeighbours: .init(
        offsets: try vector("neighbour_offsets", count: items + 1),
        items: try vector("neighbour_items"), values: try vector("neighbour_similarities")),
      ratings: .init(
        offsets: seen.offsets, items: seen.items,
        values: try vector("seen_residuals", count: seen.items.count)),
      damping: try tensor("neighbour_damping", shape: [], as: Float.self)[0])
  }

  /// Whether the file has a tensor that no part of the model has asked for yet.
  func has(_ name: String) -> Bool { unread.contains(name) }

  /// A tensor that no part of the model asked for is an error: nothing is ignored silently.
  func refuseUnread() throws {
    if let name = unread.min() { throw ModelFileFault.tensorUnknown(name) }
  }

  /// Original ids: integers, or UTF-8 bytes with offsets.
  mutating func ids(_ entity: String) throws -> IDMap {
    let name = "\(entity)_ids"
    guard try shape(of: name).first != 0 else { throw ModelFileFault.empty(name) }
    guard unread.contains("\(entity)_id_offsets") else { return .integers(try vector(name)) }
    let offsets = try vector("\(entity)_id_offsets", as: Int64.self)
    let bytes = try vector(name, as: UInt8.self)
    guard offsets.first == 0, offsets.last == Int64(bytes.count) else {
      throw ModelFileFault.offsets("\(entity)_id_offsets", at: 0)
    }
    var ids: [String] = []
    ids.reserveCapacity(offsets.count - 1)
    for (position, (low, high)) in zip(offsets, offsets.dropFirst()).enumerated() {
      guard low <= high, high <= bytes.count,
        let id = String(validating: bytes[Int(low)..<Int(high)], as: UTF8.self)
      else { throw ModelFileFault.idText(name, at: position) }
      ids.append(id)
    }
    return .strings(ids)
  }

  /// Factors, biases where the file has them, and the mean.
  mutating func factors(users: Int, items: Int) throws -> FactorParameters {
    // There is at least one user, so a width beyond the file's length cannot fit its tensor.
    let width = try shape(of: "user_factors").last ?? 0
    let userFactors = try tensor("user_factors", shape: [users, width], as: Float.self)
    let itemFactors = try tensor("item_factors", shape: [items, width], as: Float.self)
    let mean = try tensor("mean", shape: [], as: Float.self)[0]
    let biased = unread.contains("user_bias")
    let layout = FactorLayout(factors: width, biased: biased)
    let parameters = FactorParameters(layout: layout, users: users, items: items, mean: mean)
    parameters.setFactors(users: userFactors, items: itemFactors)
    if biased {
      parameters.setBiases(
        users: try vector("user_bias", count: users), items: try vector("item_bias", count: items))
    }
    return parameters
  }

  /// What is kept of draws, where the file has any.
  mutating func draws(users: Int, items: Int) throws -> PosteriorDraws? {
    guard has("draw_noise") else { return nil }
    let noise = try vector("draw_noise", as: Float.self)
    let userNoise = try vector("user_noise", count: users, as: Float.self)
    let biases = try [("draw_user_bias", users), ("draw_item_bias", items)].map { name, rows in
      let elements = try tensor(name, shape: [rows, noise.count], as: Float.self)
      let table = FloatMatrix(rows: rows, columns: noise.count)
      FactorParameters.pack(elements, into: table, columns: noise.count)
      return table
    }
    return PosteriorDraws(
      noise: noise, userNoise: userNoise, userBiases: biases[0], itemBiases: biases[1])
  }

  /// What features say of rows, where the file has it.
  mutating func implicitFactors(_ model: Model) throws -> ImplicitFactors? {
    guard has("history_factors") || has("audience_factors"), let factors = model.parameters.factors
    else { return nil }
    let layout = factors.layout
    // Without biases rows have no lanes for what is said of them.
    guard layout.biased else { throw ModelFileFault.tensorMissing("user_bias") }
    func table(_ kind: String, rows: Int, biasLane: Int) throws -> FloatMatrix {
      let elements = try tensor(
        "\(kind)_factors", shape: [rows, layout.factors], as: Float.self)
      let table = FloatMatrix(rows: rows, columns: layout.lanes)
      FactorParameters.pack(elements, into: table, columns: layout.factors)
      let biases = try vector("\(kind)_bias", count: rows, as: Float.self)
      for (row, bias) in biases.enumerated() { table[row][biasLane] = bias }
      return table
    }
    return ImplicitFactors(
      layout: layout,
      history: try has("history_factors")
        ? table("history", rows: model.itemIDs.count, biasLane: layout.userBiasLane) : nil,
      audience: try has("audience_factors")
        ? table("audience", rows: model.userIDs.count, biasLane: layout.itemBiasLane) : nil)
  }

  /// How biases move, where the file says that they do.
  mutating func timeBiases(_ model: Model) throws -> TimeBiases? {
    guard has("drift_now") else { return nil }
    let sides = try [("user", model.userIDs.count), ("item", model.itemIDs.count)].map {
      side, rows in
      let name = "\(side)_drift"
      let memories = try vector(name + "_memory", as: Float.self)
      let times = try vector(name + "_times", as: Int64.self)
      return try Drift(
        checking: name, memories: memories,
        offsets: try vector(name + "_offsets", count: rows + 1), times: times,
        states: try tensor(name, shape: [times.count, memories.count]))
    }
    // Rows must hold the biases of that moment.
    guard model.parameters.factors?.layout.biased == true else {
      throw ModelFileFault.tensorMissing("user_bias")
    }
    let now: Int64 = try tensor("drift_now", shape: [])[0]
    guard TimeBiases.isPlausible(now) else { throw ModelFileFault.index("drift_now", at: 0) }
    return TimeBiases(users: sides[0], items: sides[1], now: now)
  }

  /// A network as its specification has it, every tensor of the shape that follows from it.
  mutating func network(
    _ text: ModelMetadata, users: Int, features: ItemFeatures, scale: ClosedRange<Float>
  ) throws -> NetworkParameters {
    let sizes = PlanSizes(
      users: users, items: features.offsets.count - 1, genres: features.genres.count,
      factors: text.hyperparameters.factors, scale: scale)
    // Tensors must fit the file before memory is asked for what they would fill.
    let floats = contents.file.count / MemoryLayout<Float>.size
    guard let plan = try? Plan(text.specification, sizes, training: false),
      (plan.slots.joined() + plan.layers).allSatisfy({ $0.count <= floats })
    else { throw ModelFileFault.metadata("specification") }
    let network = NetworkParameters(plan, features: features)
    try network.fill { try tensor($0, shape: $1) }
    return network
  }

  private func shape(of name: String) throws -> [Int] {
    guard let entry = contents.tensors.first(where: { $0.name == name }) else {
      throw ModelFileFault.tensorMissing(name)
    }
    return entry.shape
  }
}

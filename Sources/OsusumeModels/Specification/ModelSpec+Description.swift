// What a specification means, in words people read: its formula and the tensors it learns.

/// A tensor that a model learns or keeps, named as in the model file.
public struct ParameterTensor: Sendable, Hashable {
  /// One extent of a tensor's shape.
  public enum Extent: Sendable, Hashable {
    /// As many as there are users.
    case users
    /// As many as there are items.
    case items
    /// As many as there are genres.
    case genres
    /// As many as there are times at which biases that move are known.
    case times
    /// A number that the settings fix.
    case fixed(Int)

    /// The extent as a number; nil where it is not known yet.
    package func count(users: Int?, items: Int?) -> Int? {
      switch self {
      case .users: users
      case .items: items
      case .genres, .times: nil
      case .fixed(let count): count
      }
    }

    /// The extent as text: a number where it is known, else U, I, G or T.
    public func text(users: Int?, items: Int?) -> String {
      count(users: users, items: items).map(String.init)
        ?? (self == .users ? "U" : self == .items ? "I" : self == .genres ? "G" : "T")
    }
  }

  /// Its name in the model file.
  public let name: String
  /// The symbol it has in the formula.
  public let symbol: String
  /// Its extents, outermost first; empty for a scalar.
  public let extents: [Extent]

  /// Number of elements; nil where an extent is not known yet or the number is beyond Int.
  package func count(users: Int?, items: Int?) -> Int? {
    extents.reduce(1) { product, extent in
      guard let product, let count = extent.count(users: users, items: items) else { return nil }
      let (value, overflow) = product.multipliedReportingOverflow(by: count)
      return overflow ? nil : value
    }
  }
}

extension ModelSpec {
  /// The tensors of the scores for vectors of the given width.
  ///
  /// Widths that follow from the number of rows are those of a thousand rows where that is not known.
  package func tensors(factors: Int, users: Int? = nil, items: Int? = nil) -> [ParameterTensor] {
    guard isFactorModel else {
      return networkTensors(sizes(factors: factors, users: users, items: items))
    }
    // The vectors of all draws one behind the other, and the draws' own biases (`PosteriorDraws`).
    let draws = fit == .gibbs ? max(1, defaults.samples) : 0
    let factors = factors * max(1, draws)
    let kept: [ParameterTensor] =
      draws == 0
      ? []
      : [
        .init(name: "draw_noise", symbol: "σ²", extents: [.fixed(draws)]),
        .init(name: "user_noise", symbol: "σ²_u", extents: [.users]),
        .init(name: "draw_user_bias", symbol: "b_u", extents: [.users, .fixed(draws)]),
        .init(name: "draw_item_bias", symbol: "b_i", extents: [.items, .fixed(draws)]),
      ]
    let kinds = fit == .svdPlusPlus ? defaults.sideInformation : []
    let expected: [ParameterTensor] = [
      (SideInformation.Kind.history, "y", ParameterTensor.Extent.items), (.audience, "z", .users),
    ].filter { kinds.contains($0.0) }.flatMap { kind, symbol, rows in
      [
        .init(
          name: "\(kind.rawValue)_factors", symbol: symbol, extents: [rows, .fixed(factors)]),
        .init(name: "\(kind.rawValue)_bias", symbol: symbol, extents: [rows]),
      ]
    }
    let lists = listsModel?.tensors(factors: 0, users: users, items: items) ?? []
    return kept + expected + lists
      + score.terms.flatMap { term -> [ParameterTensor] in
        switch term {
        case .globalMean: [.init(name: "mean", symbol: "μ", extents: [])]
        case .bias(.user): [.init(name: "user_bias", symbol: "b_u", extents: [.users])]
        case .bias(.item): [.init(name: "item_bias", symbol: "b_i", extents: [.items])]
        case .drift(let entity): Self.tensors(ofDrift: entity)
        case .dot:
          [
            .init(name: "user_factors", symbol: "p", extents: [.users, .fixed(factors)]),
            .init(name: "item_factors", symbol: "q", extents: [.items, .fixed(factors)]),
          ]
        case .neighbours:
          [
            .init(
              name: "neighbour_similarities", symbol: "s",
              extents: [.items, .fixed(defaults.neighbours)])
          ]
        case .relations:
          [
            .init(
              name: "relation_weights", symbol: "B", extents: [.items, .fixed(defaults.neighbours)])
          ]
        case .itemCount: [.init(name: "item_counts", symbol: "n_i", extents: [.items])]
        default: []
        }
      }
  }

  private static func tensors(ofDrift entity: Entity) -> [ParameterTensor] {
    let isUser = entity == .user
    let (name, symbol) = ("\(entity.rawValue)_drift", isUser ? "b_u(t)" : "b_i(t)")
    return [
      .init(name: name, symbol: symbol, extents: [.times, .fixed(isUser ? 3 : 1)]),
      .init(name: name + "_times", symbol: "t", extents: [.times]),
    ]
  }

  /// Whether some width follows from a number of rows.
  public var hasWidthsByRows: Bool {
    scores.contains { score in
      score.contains {
        switch $0 {
        case .embedding(_, .byRows), .genres(.byRows): true
        default: false
        }
      }
    }
  }

  private func sizes(factors: Int, users: Int?, items: Int?) -> PlanSizes {
    // 20 genres: what both published sets have, about.
    PlanSizes(users: users ?? 1000, items: items ?? 1000, genres: 20, factors: factors)
  }

  /// Floating point operations of one score with nothing shared, and bytes of the rows it reads.
  package func cost(factors: Int, users: Int? = nil, items: Int? = nil) -> (flops: Int, bytes: Int)
  {
    let float = MemoryLayout<Float>.size
    guard !isFactorModel,
      let plan = try? Plan(
        self, sizes(factors: factors, users: users, items: items), training: false)
    else {
      let layout = layout(defaults)
      let width = layout.factors > 0 ? factors * (fit == .gibbs ? max(1, defaults.samples) : 1) : 0
      let biases = layout.biased ? 2 : 0
      return (2 * width + biases, float * (2 * width + biases))
    }
    let flops = plan.steps.joined().map(\.flops).reduce(0, +)
    return (flops, float * (plan.lanes(.user) + plan.lanes(.item) + plan.layerCount))
  }

  private func networkTensors(_ sizes: PlanSizes) -> [ParameterTensor] {
    guard let plan = try? Plan(self, sizes, training: false) else { return [] }
    let tables = zip(
      plan.slots, [(ParameterTensor.Extent.users, "p", "b_u"), (.items, "q", "b_i")])
    let rows = tables.flatMap { slots, side in
      slots.map { slot in
        slot.kind == .bias
          ? ParameterTensor(name: slot.name, symbol: side.2, extents: [side.0])
          : ParameterTensor(
            name: slot.name, symbol: side.1, extents: [side.0, .fixed(slot.columns)])
      }
    }
    return rows
      + plan.layers.map { layer in
        let isOfGenres = layer.name.hasPrefix("genre_")
        return ParameterTensor(
          name: layer.name,
          symbol: isOfGenres
            ? (layer.kind == .bias ? "g[1]" : "g")
            : layer.kind == .weights ? "W" : layer.name == "bias" ? "b" : "c",
          extents: layer.shape.enumerated().map { place, extent in
            isOfGenres && place == 0 ? .genres : .fixed(extent)
          })
      }
  }
}

extension Plan.Step {
  /// Floating point operations on one row.
  fileprivate var flops: Int {
    switch action {
    case .linear: 2 * inputs[0].value.width * output.width
    case .join(let bias, let adds, _, _, _):
      output.width * (inputs.count + (bias == nil ? 0 : 1) + (adds ? 1 : 0))
    case .inner: 2 * inputs[0].value.width
    case .product: output.width
    case .genres: 3 * output.width
    case .metadata, .dropout: 0
    }
  }
}

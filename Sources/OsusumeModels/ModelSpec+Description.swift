// What a specification means, in words people read: its formula and the tensors it learns.

extension Expression {
  /// The formula of a user's score for an item, such as `μ + b_u + b_i + p·q`.
  public var formula: String {
    switch self {
    case .globalMean: "μ"
    case .bias(.user): "b_u"
    case .bias(.item): "b_i"
    case .dot: "p·q"
    case .itemCount: "n_i"
    case .sum(let terms): terms.map(\.formula).joined(separator: " + ")
    }
  }
}

/// A tensor that a model learns or keeps, named as in the model file.
public struct ParameterTensor: Sendable, Hashable {
  /// One extent of a tensor's shape.
  public enum Extent: Sendable, Hashable {
    /// As many as there are users.
    case users
    /// As many as there are items.
    case items
    /// A number that the settings fix.
    case fixed(Int)

    /// The extent as a number; nil where it is not known yet.
    public func count(users: Int?, items: Int?) -> Int? {
      switch self {
      case .users: users
      case .items: items
      case .fixed(let count): count
      }
    }

    /// The extent as text: a number where it is known, else U or I.
    public func text(users: Int?, items: Int?) -> String {
      count(users: users, items: items).map(String.init) ?? (self == .users ? "U" : "I")
    }
  }

  /// Its name in the model file.
  public let name: String
  /// The symbol it has in the formula.
  public let symbol: String
  /// Its extents, outermost first; empty for a scalar.
  public let extents: [Extent]

  /// Number of elements; nil where an extent is not known yet or the number is beyond Int.
  public func count(users: Int?, items: Int?) -> Int? {
    extents.reduce(1) { product, extent in
      guard let product, let count = extent.count(users: users, items: items) else { return nil }
      let (value, overflow) = product.multipliedReportingOverflow(by: count)
      return overflow ? nil : value
    }
  }
}

extension ModelSpec {
  /// The tensors of the score's terms for vectors of the given width, in the order of the terms.
  public func tensors(factors: Int) -> [ParameterTensor] {
    score.terms.flatMap { term -> [ParameterTensor] in
      switch term {
      case .globalMean: [.init(name: "mean", symbol: "μ", extents: [])]
      case .bias(.user): [.init(name: "user_bias", symbol: "b_u", extents: [.users])]
      case .bias(.item): [.init(name: "item_bias", symbol: "b_i", extents: [.items])]
      case .dot:
        [
          .init(name: "user_factors", symbol: "p", extents: [.users, .fixed(factors)]),
          .init(name: "item_factors", symbol: "q", extents: [.items, .fixed(factors)]),
        ]
      case .itemCount: [.init(name: "item_counts", symbol: "n_i", extents: [.items])]
      case .sum: []
      }
    }
  }
}

// Formulas as text: what people read, what model files and files of specifications hold.

extension Formula: Codable {
  /// The formula, such as `μ + b_u + b_i + p·q` or `concat(p, q) → dense 100 relu → dense 1`.
  public var formula: String { text(within: .pipeline) }

  /// How tightly a notation binds, loosest first.
  private enum Binding: Int {
    case pipeline, sum, product, atom
  }

  private var binding: Binding {
    switch self {
    case .dense, .dropout, .activation, .range: .pipeline
    case .sum: .sum
    case .dot, .product, .inner: .product
    default: .atom
    }
  }

  private func text(within outer: Binding) -> String {
    let text =
      switch self {
      case .globalMean: "μ"
      case .bias(.user): "b_u"
      case .bias(.item): "b_i"
      case .drift(.user): "b_u(t)"
      case .drift(.item): "b_i(t)"
      case .dot: "p·q"
      case .itemCount: "n_i"
      case .neighbours: "knn"
      case .relations: "ease"
      case .intercept: "b"
      case .embedding(.user, let width): "p" + width.suffix
      case .embedding(.item, let width): "q" + width.suffix
      case .genres(let width): "g" + width.suffix
      case .metadata: "x"
      case .sum(let terms): terms.map { $0.text(within: .product) }.joined(separator: " + ")
      case .concat(let parts):
        "concat(" + parts.map { $0.text(within: .pipeline) }.joined(separator: ", ") + ")"
      case .product(let a, let b): a.text(within: .product) + "∘" + b.text(within: .atom)
      case .inner(let a, let b): a.text(within: .product) + "·" + b.text(within: .atom)
      case .dense(let x, let units, .linear): x.stage("dense \(units)")
      case .dense(let x, let units, let activation):
        x.stage("dense \(units) \(activation.rawValue)")
      case .dropout(let x, let rate): x.stage("dropout \(rate)")
      case .activation(let x, let activation): x.stage(activation.rawValue)
      case .range(let x, nil): x.stage("range")
      case .range(let x, let bounds?):
        x.stage("range \(bounds.lowerBound) \(bounds.upperBound)")
      }
    return binding.rawValue < outer.rawValue ? "(\(text))" : text
  }

  private func stage(_ stage: String) -> String { text(within: .pipeline) + " → " + stage }

  /// Reads a formula as `formula` writes it; `nodes` are formulas that it may name.
  ///
  /// Errors: `FormulaFault`.
  init(formula: String, nodes: [String: String] = [:]) throws {
    var definitions = Definitions(nodes)
    self = try definitions.read(formula)
  }

  /// Reads the expression from its formula.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(formula: try container.decode(String.self))
    } catch let fault as FormulaFault {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: fault.reason)
    }
  }

  /// Writes the expression as its formula.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(formula)
  }
}

extension Width {
  /// The suffix of a table's symbol.
  fileprivate var suffix: String {
    switch self {
    case .factors: ""
    case .fixed(let width): "[\(width)]"
    case .byRows: "[auto]"
    }
  }
}

/// What is wrong with a formula, as a clause.
struct FormulaFault: Error, Equatable {
  let reason: String
}

/// Formulas by name, each read when it is first asked for.
private struct Definitions {
  private let texts: [String: String]
  private var read: [String: Formula] = [:]
  private var underway: [String] = []

  init(_ texts: [String: String]) { self.texts = texts }

  mutating func read(_ text: String) throws -> Formula {
    let tokens = try FormulaToken.tokens(of: text)
    var reader = FormulaReader(tokens: tokens, text: text)
    let expression = try reader.whole { try self.node($0) }
    guard expression.size <= Formula.largest else {
      throw FormulaFault(
        reason: "the formula has more than \(Formula.largest) parts; make it smaller")
    }
    return expression
  }

  /// The expression of a name; nil where there is none.
  private mutating func node(_ name: String) throws -> Formula? {
    if let expression = read[name] { return expression }
    guard let text = texts[name] else { return nil }
    guard !underway.contains(name) else {
      let cycle = (underway + [name]).joined(separator: " → ")
      throw FormulaFault(
        reason: "the nodes \(cycle) go round in a circle; let one of them not need the next")
    }
    underway.append(name)
    let expression = try self.read(text)
    underway.removeLast()
    read[name] = expression
    return expression
  }
}

extension Formula {
  /// The most parts that a formula may have; nodes that are named twice count twice.
  static let largest = 1000

  /// Number of expressions in it, itself included; `largest` + 1 where there are more.
  fileprivate var size: Int {
    var size = 1
    for part in parts where size <= Self.largest { size += part.size }
    return min(size, Self.largest + 1)
  }
}

// Reads formulas: a recursive descent over sums, products, pipelines and calls.

/// A token of a formula.
enum FormulaToken: Equatable {
  case name(String)
  case number(Double)
  case symbol(Character)

  /// The token as error messages quote it.
  var text: String {
    switch self {
    case .name(let name): name
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .symbol(let symbol): String(symbol)
    }
  }

  /// Splits a formula into tokens; `->` is read as `→`, `*` as `·`, and `mean` and `dot` as μ and p·q.
  static func tokens(of formula: String) throws -> [FormulaToken] {
    guard formula.utf8.count <= 100_000 else {
      throw FormulaFault(reason: "the formula has more than 100000 bytes; make it smaller")
    }
    let characters = Array(formula)
    var tokens: [FormulaToken] = []
    var at = 0
    func take(while belongs: (Character) -> Bool) -> String {
      let start = at
      while at < characters.count, belongs(characters[at]) { at += 1 }
      return String(characters[start..<at])
    }
    while at < characters.count {
      let character = characters[at]
      if character.isWhitespace {
        at += 1
      } else if character.isLetter {
        let name = take { $0.isLetter || $0.isNumber || $0 == "_" }
        tokens += name == "dot" ? [.name("p"), .symbol("·"), .name("q")] : [.name(name)]
      } else if character.isNumber
        || (character == "-" && at + 1 < characters.count && characters[at + 1].isNumber)
      {
        at += 1
        let text = String(character) + take { $0.isNumber || "eE.".contains($0) }
        guard let number = Double(text), number.isFinite else {
          throw FormulaFault(reason: "'\(text)' in the formula is no number")
        }
        tokens.append(.number(number))
      } else if character == "-", at + 1 < characters.count, characters[at + 1] == ">" {
        at += 2
        tokens.append(.symbol("→"))
      } else if "()[],+·*∘→".contains(character) {
        at += 1
        tokens.append(.symbol(character == "*" ? "·" : character))
      } else {
        throw FormulaFault(reason: "'\(character)' means nothing in a formula")
      }
    }
    return tokens
  }
}

/// Reads one formula.
struct FormulaReader {
  private let tokens: [FormulaToken]
  private let text: String
  private var at = 0
  private var depth = 0

  /// The deepest nesting of parentheses, and the longest pipeline.
  private static let deepest = 64
  /// The most numbers a layer or vector may have.
  static let widest = 65_536

  init(tokens: [FormulaToken], text: String) {
    self.tokens = tokens
    self.text = text
  }

  /// Reads all of it; `node` knows the names that the formula does not.
  mutating func whole(_ node: (String) throws -> Formula?) throws -> Formula {
    let expression = try pipeline(node)
    guard at == tokens.count else { throw unexpected("the end") }
    return expression
  }

  private mutating func pipeline(_ node: (String) throws -> Formula?) throws -> Formula {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw FormulaFault(reason: "the formula nests too deeply") }
    var value = try sum(node)
    var stages = 0
    while take("→") {
      stages += 1
      guard stages <= Self.deepest else {
        throw FormulaFault(reason: "the formula has more than \(Self.deepest) stages in a row")
      }
      value = try stage(on: value)
    }
    return value
  }

  private mutating func sum(_ node: (String) throws -> Formula?) throws -> Formula {
    var terms = try product(node).terms
    while take("+") { terms += try product(node).terms }
    return terms.count == 1 ? terms[0] : .sum(terms)
  }

  private mutating func product(_ node: (String) throws -> Formula?) throws -> Formula {
    var value = try atom(node)
    while true {
      if take("·") {
        let right = try atom(node)
        value = value == .p && right == .q ? .dot : .inner(value, right)
      } else if take("∘") {
        value = .product(value, try atom(node))
      } else {
        return value
      }
    }
  }

  private mutating func atom(_ node: (String) throws -> Formula?) throws -> Formula {
    if take("(") {
      let value = try pipeline(node)
      try expect(")")
      return value
    }
    guard case .name(let name)? = next else { throw unexpected("a name or '('") }
    at += 1
    if let expression = try node(name) { return expression }
    switch name {
    case "μ", "mean": return .globalMean
    case "b_u": return try ofTime() ? .drift(.user) : .bias(.user)
    case "b_i": return try ofTime() ? .drift(.item) : .bias(.item)
    case "n_i": return .itemCount
    case "knn": return .neighbours
    case "ease": return .relations
    case "b": return .intercept
    case "x": return .metadata
    case "p": return .embedding(.user, try width())
    case "q": return .embedding(.item, try width())
    case "g": return .genres(try width())
    case "concat": return .concat(try arguments(node))
    default:
      throw FormulaFault(
        reason: "'\(name)' is no node; there are μ, b_u, b_i, b, p, q, g (genres), x (metadata), "
          + "concat(…) and what 'nodes' defines")
    }
  }

  /// Whether `(t)` follows a name; it is consumed then.
  private mutating func ofTime() throws -> Bool {
    guard take("(") else { return false }
    guard next == .name("t") else { throw unexpected("t") }
    at += 1
    try expect(")")
    return true
  }

  private mutating func arguments(_ node: (String) throws -> Formula?) throws -> [Formula] {
    try expect("(")
    var parts = [try pipeline(node)]
    while take(",") { parts.append(try pipeline(node)) }
    try expect(")")
    return parts
  }

  private mutating func stage(on x: Formula) throws -> Formula {
    guard case .name(let name)? = next else { throw unexpected("a layer") }
    at += 1
    switch name {
    case "dense":
      let units = try count("the width of a dense layer")
      if case .name(let word)? = next, let activation = Activation(rawValue: word) {
        at += 1
        return .dense(x, units: units, activation)
      }
      return .dense(x, units: units, .linear)
    case "dropout":
      let rate = try number()
      guard rate >= 0, rate < 1 else {
        throw FormulaFault(reason: "dropout \(rate): give a rate from 0 to below 1")
      }
      return .dropout(x, rate: rate)
    case "range":
      guard case .number? = next else { return .range(x, nil) }
      let (low, high) = (try number(), try number())
      guard low < high else {
        throw FormulaFault(reason: "range \(low) \(high): the second bound must be the higher")
      }
      return .range(x, low...high)
    default:
      guard let activation = Activation(rawValue: name) else {
        throw FormulaFault(
          reason: "'\(name)' is no layer; there are dense, dropout, range, relu, sigmoid")
      }
      return .activation(x, activation)
    }
  }

  private mutating func width() throws -> Width {
    guard take("[") else { return .factors }
    defer { at += 1 }
    if case .name("auto")? = next {
      at += 1
      guard next == .symbol("]") else { throw unexpected("']'") }
      return .byRows
    }
    let width = try count("the width of a vector")
    guard next == .symbol("]") else { throw unexpected("']'") }
    return .fixed(width)
  }

  private mutating func count(_ what: String) throws -> Int {
    let number = try number()
    guard number >= 1, number <= Double(Self.widest), number == number.rounded() else {
      let found = FormulaToken.number(number).text
      throw FormulaFault(
        reason: "\(what) is \(found): give a whole number from 1 to \(Self.widest)")
    }
    return Int(number)
  }

  private mutating func number() throws -> Double {
    guard case .number(let number)? = next else { throw unexpected("a number") }
    at += 1
    return number
  }

  private var next: FormulaToken? { at < tokens.count ? tokens[at] : nil }

  private mutating func take(_ symbol: Character) -> Bool {
    guard next == .symbol(symbol) else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ symbol: Character) throws {
    guard take(symbol) else { throw unexpected("'\(symbol)'") }
  }

  private func unexpected(_ wanted: String) -> FormulaFault {
    let found = next.map { "'\($0.text)'" } ?? "its end"
    return FormulaFault(reason: "the formula '\(text)' has \(found) where \(wanted) should be")
  }
}

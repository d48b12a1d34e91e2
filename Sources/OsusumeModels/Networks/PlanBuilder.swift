// Builds a plan from an expression tree: assigns lanes to values, places to layers, and routes gradients.
import Foundation
import OsusumeData

extension Plan {
  /// Plans a specification.
  ///
  /// - Parameters:
  ///   - training: With gradients and, unless `dropout` says otherwise, with dropout.
  /// - Throws: `PlanError`.
  package init(
    _ spec: ModelSpec, _ sizes: PlanSizes, training: Bool, dropout: Bool = true
  ) throws {
    var builder = PlanBuilder(sizes: sizes, training: training, drops: training && dropout)
    self = try builder.build(spec)
  }
}

/// Builds a plan step by step.
struct PlanBuilder {
  /// The most parameters of a model: what 32-bit offsets can name.
  static let mostParameters = 1 << 31

  private var plan: Plan
  private let training: Bool
  private let drops: Bool
  /// Values of expressions met: equal ones are one.
  private var known: [Formula: [Plan.Value]] = [:]
  private var next = [0, 0, 0]
  private var dropouts = 0
  private var denses = 0
  /// Whether several sums have the intercept as a term.
  private var sharesIntercept = false

  init(sizes: PlanSizes, training: Bool, drops: Bool) {
    plan = Plan(sizes: sizes)
    self.training = training
    self.drops = drops
  }

  mutating func build(_ spec: ModelSpec) throws -> Plan {
    // Tables first, so that workspace rows can begin with theirs.
    for score in spec.scores { try findSlots(score) }
    let sums = spec.scores.reduce(into: Set<Formula>()) { $0.formUnion($1.sumsWithIntercept) }
    sharesIntercept = sums.count > 1
    for (number, entity) in [Entity.user, .item].enumerated() {
      next[number] = Self.padded(plan.lanes(entity))
    }
    let heads = [Head(spec.score, target: spec.target, loss: .mse, weight: 1)] + spec.heads
    for (number, head) in heads.enumerated() {
      let value = try output(head)
      plan.outputs.append(
        .init(
          value: value, target: head.target, loss: number == 0 ? nil : head.loss,
          weight: Float(head.weight)))
    }
    if training { routeGradients() }
    plan.strides = next.map { max(16, $0) }
    let tables = zip(plan.slots, [plan.sizes.users, plan.sizes.items]).map {
      $0.map(\.columns).reduce(0, +) * $1
    }
    guard tables.reduce(plan.layerCount, +) <= Self.mostParameters else {
      throw PlanError.tooManyNumbers(
        formula: spec.score.formula, count: tables.reduce(plan.layerCount, +))
    }
    return plan
  }

  private static func padded(_ lanes: Int) -> Int { (lanes + 15) / 16 * 16 }

  // MARK: Tables

  /// Gives each embedding and bias of a tree its lanes in the rows of its table.
  private mutating func findSlots(_ expression: Formula) throws {
    switch expression {
    case .dot:
      try findSlots(.p)
      try findSlots(.q)
    case .bias(let entity): try addSlot(expression, entity, width: 1)
    case .embedding(let entity, let width):
      let rows = entity == .user ? plan.sizes.users : plan.sizes.items
      try addSlot(expression, entity, width: columns(width, rows: rows))
    default: for part in expression.parts { try findSlots(part) }
    }
  }

  private mutating func addSlot(_ expression: Formula, _ entity: Entity, width: Int) throws {
    guard known[expression] == nil else { return }
    // The widths in a file are accepted within limits only.
    guard (1...FormulaReader.widest).contains(width) else {
      throw PlanError.tooManyNumbers(formula: expression.formula, count: width)
    }
    let side = entity == .user ? 0 : 1
    let isBias = expression == .bias(entity)
    let others = plan.slots[side].count { ($0.kind == .bias) == isBias }
    let name =
      "\(entity.rawValue)_\(isBias ? "bias" : "factors")" + (others == 0 ? "" : ".\(others)")
    let place = plan.lanes(entity)
    let rows = entity == .user ? plan.sizes.users : plan.sizes.items
    plan.slots[side].append(
      PlanTensor(
        name: name, kind: isBias ? .bias : .factors, rows: rows, columns: width, place: place,
        fanIn: rows))
    guard plan.slots[side].reduce(0, { $0 + $1.columns }) <= FormulaReader.widest else {
      throw PlanError.tooManyNumbers(formula: expression.formula, count: rows * width)
    }
    known[expression] = [
      .init(domain: entity == .user ? .user : .item, lane: place, width: width)
    ]
  }

  private func columns(_ width: Width, rows: Int) -> Int {
    switch width {
    case .factors: plan.sizes.factors
    case .fixed(let width): width
    case .byRows: ruleOfThumbWidth(rows: rows)
    }
  }

  // MARK: Values

  /// A value of the next free lanes of a domain.
  private mutating func value(_ domain: Plan.Domain, _ width: Int, isConstant: Bool = false)
    -> Plan.Value
  {
    let lane = next[domain.rawValue]
    next[domain.rawValue] += Self.padded(width)
    return .init(domain: domain, lane: lane, width: width, isConstant: isConstant)
  }

  private mutating func layer(
    _ name: String, _ kind: PlanTensor.Kind, rows: Int, columns: Int, fanIn: Int
  ) throws -> Int {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, plan.layerCount + count <= Self.mostParameters / 16 else {
      throw PlanError.tooManyNumbers(formula: name, count: overflow ? .max : count)
    }
    let place = plan.layerCount
    plan.layers.append(
      PlanTensor(
        name: name, kind: kind, rows: rows, columns: columns, place: place, fanIn: fanIn))
    return place
  }

  private mutating func step(
    _ action: Plan.Action, _ inputs: [Plan.Value], _ output: Plan.Value
  ) {
    plan.steps[output.domain.rawValue].append(
      .init(
        action: action, inputs: inputs.map { .init(value: $0, lane: 0, adds: false) },
        output: output))
  }

  /// The domain of what is made of some values.
  private func common(_ values: [Plan.Value]) -> Plan.Domain {
    let domains = Set(values.map(\.domain))
    return domains.count == 1 ? values[0].domain : .pair
  }

  /// The parts of an expression, end to end: several where it is a concatenation.
  private mutating func parts(of expression: Formula) throws -> [Plan.Value] {
    if let values = known[expression] { return values }
    let values: [Plan.Value]
    switch expression {
    case .dot: values = try product(.p, .q, of: expression, isInner: true)
    case .inner(let a, let b): values = try product(a, b, of: expression, isInner: true)
    case .product(let a, let b): values = try product(a, b, of: expression, isInner: false)
    case .concat(let inner): values = try inner.flatMap { try parts(of: $0) }
    case .sum(let terms): values = [try sum(terms, of: expression)]
    case .genres(let width): values = [try genres(width)]
    case .metadata:
      let value = value(.item, ItemFeatures.metadataWidth, isConstant: true)
      step(.metadata, [], value)
      values = [value]
    case .dense(let x, let units, let activation):
      values = [try dense(x, units, activation)]
    case .dropout(let x, let rate): values = try dropout(x, rate)
    case .activation(let x, let activation):
      values = try activate(x, activation, low: 0, high: 1)
    case .range(let x, let bounds):
      let scale = plan.sizes.scale
      values = try activate(
        x, .sigmoid, low: bounds.map { Float($0.lowerBound) } ?? scale.lowerBound,
        high: bounds.map { Float($0.upperBound) } ?? scale.upperBound)
    case .globalMean, .itemCount, .neighbours, .relations, .intercept, .bias, .drift, .embedding:
      throw PlanError.unsupported(formula: expression.formula)
    }
    known[expression] = values
    return values
  }

  /// The value of an expression that is one vector.
  private mutating func value(of expression: Formula) throws -> Plan.Value {
    let values = try parts(of: expression)
    guard values.count > 1 else { return values[0] }
    throw PlanError.widths(formula: expression.formula, widths: values.map(\.width))
  }

  private mutating func product(
    _ left: Formula, _ right: Formula, of expression: Formula, isInner: Bool
  ) throws -> [Plan.Value] {
    let (a, b) = (try value(of: left), try value(of: right))
    guard a.width == b.width else {
      throw PlanError.widths(formula: expression.formula, widths: [a.width, b.width])
    }
    let output = value(
      common([a, b]), isInner ? 1 : a.width, isConstant: a.isConstant && b.isConstant)
    step(isInner ? .inner : .product, [a, b], output)
    return [output]
  }

  private mutating func sum(_ terms: [Formula], of expression: Formula) throws -> Plan.Value {
    var values = try terms.filter { $0 != .intercept }.map { try value(of: $0) }
    guard let width = values.map(\.width).max() else {
      throw PlanError.unsupported(formula: expression.formula)
    }
    guard values.allSatisfy({ $0.width == width || $0.width == 1 }) else {
      throw PlanError.widths(
        formula: expression.formula, widths: values.map(\.width).filter { $0 != 1 })
    }
    var bias: Int?
    if terms.contains(.intercept) {
      guard width == 1 else {
        throw PlanError.widths(formula: expression.formula, widths: [width, 1])
      }
      if sharesIntercept {
        values.append(try sharedIntercept())
      } else {
        bias = try intercept()
      }
    }
    let output = value(common(values), width)
    step(.join(bias: bias, adds: false, .linear, low: 0, high: 1), values, output)
    return output
  }

  private mutating func intercept() throws -> Int {
    try layer("bias", .bias, rows: 1, columns: 1, fanIn: 1)
  }

  /// The intercept as a value that any number of sums read: one step alone sums its gradient.
  private mutating func sharedIntercept() throws -> Plan.Value {
    if let known = known[.intercept] { return known[0] }
    let output = value(.pair, 1)
    step(.join(bias: try intercept(), adds: false, .linear, low: 0, high: 1), [], output)
    known[.intercept] = [output]
    return output
  }

  private mutating func genres(_ width: Width) throws -> Plan.Value {
    guard plan.sizes.genres > 0 else { throw PlanError.noGenres }
    let columns = columns(width, rows: plan.sizes.genres)
    guard (1...FormulaReader.widest).contains(columns) else {
      throw PlanError.tooManyNumbers(formula: Formula.genres(width).formula, count: columns)
    }
    let kind: PlanTensor.Kind = columns == 1 ? .bias : .factors
    let others = plan.layers.count { $0.name.hasPrefix("genre_") && $0.kind == kind }
    let table = try layer(
      "genre_" + (columns == 1 ? "bias" : "factors") + (others == 0 ? "" : ".\(others)"), kind,
      rows: plan.sizes.genres, columns: columns, fanIn: plan.sizes.genres)
    let output = value(.item, columns)
    step(.genres(table: table), [], output)
    return output
  }

  private mutating func dense(
    _ x: Formula, _ units: Int, _ activation: Activation
  ) throws -> Plan.Value {
    let inputs = try parts(of: x)
    let width = inputs.reduce(0) { $0 + $1.width }
    let name = "layers.\(denses)"
    denses += 1
    let weights = try layer(name + ".weight", .weights, rows: width, columns: units, fanIn: width)
    let bias = try layer(name + ".bias", .layerBias, rows: 1, columns: units, fanIn: width)
    let output = value(common(inputs), units)
    var row = weights
    var sums: [Plan.Domain: Plan.Value] = [:]
    for input in inputs {
      // The product with a part is computed where the part lives, and added where the layer does.
      let adds = sums[input.domain] != nil
      let sum =
        sums[input.domain]
        ?? (input.domain == output.domain ? output : value(input.domain, units))
      step(.linear(weights: row, adds: adds), [input], sum)
      sums[input.domain] = sum
      row += input.width * units
    }
    let others = Plan.Domain.allCases.compactMap { $0 == output.domain ? nil : sums[$0] }
    step(
      .join(bias: bias, adds: sums[output.domain] != nil, activation, low: 0, high: 1), others,
      output)
    return output
  }

  /// Masks are drawn anew for each pair; without training there are none.
  private mutating func dropout(_ x: Formula, _ rate: Double) throws -> [Plan.Value] {
    let inputs = try parts(of: x)
    guard drops, rate > 0 else { return inputs }
    return inputs.map { input in
      let output = value(.pair, input.width, isConstant: input.isConstant)
      step(.dropout(rate: Float(rate), salt: dropouts), [input], output)
      dropouts += 1
      return output
    }
  }

  private mutating func activate(
    _ x: Formula, _ activation: Activation, low: Float, high: Float
  ) throws -> [Plan.Value] {
    try parts(of: x).map { input in
      let output = value(input.domain, input.width, isConstant: input.isConstant)
      step(.join(bias: nil, adds: false, activation, low: low, high: high), [input], output)
      return output
    }
  }

  // MARK: Heads

  /// A head's rating, or its logits: cross-entropies take in the sigmoid or softmax themselves.
  private mutating func output(_ head: Head) throws -> Plan.Value {
    let value =
      switch head.score {
      case .activation(let x, .sigmoid) where head.target == .interaction: try value(of: x)
      // Not `value(of:)`: another head may have the same layer without its sigmoid.
      case .dense(let x, let units, .sigmoid) where head.target == .interaction:
        try dense(x, units, .linear)
      default: try value(of: head.score)
      }
    guard value.width == 1 || head.target == .ratingClass else {
      throw PlanError.scoreWidth(formula: head.score.formula, width: value.width)
    }
    // Each head leaves its gradient at a lane of its own.
    let isTaken = plan.outputs.contains { $0.value == value }
    guard value.domain != .pair || isTaken else { return value }
    let output = self.value(.pair, value.width)
    step(.join(bias: nil, adds: false, .linear, low: 0, high: 1), [value], output)
    return output
  }

  // MARK: Gradients

  /// Walks the steps backwards and finds for each input where its gradient goes, and whether another
  /// has been there before.
  private mutating func routeGradients() {
    var written = Set(plan.outputs.map(\.value))
    var crossed = Set<Plan.Value>()
    for domain in [Plan.Domain.pair, .user, .item] {
      for number in plan.steps[domain.rawValue].indices.reversed() {
        let step = plan.steps[domain.rawValue][number]
        let inputs = step.inputs.map { input -> Plan.Input in
          let value = input.value
          guard !value.isConstant else { return input }
          if value.domain == domain {
            return .init(value: value, lane: value.lane, adds: !written.insert(value).inserted)
          }
          let lane = boundaryLane(step, value)
          plan.boundaries.append(
            .init(value: value, lane: lane, adds: !crossed.insert(value).inserted))
          written.insert(value)
          return .init(value: value, lane: lane, adds: false)
        }
        plan.steps[domain.rawValue][number] = .init(
          action: step.action, inputs: inputs, output: step.output)
      }
    }
  }

  /// Where a step of pairs leaves the gradient of a value of users or items: with its own where they
  /// are the same or can take its place.
  private mutating func boundaryLane(_ step: Plan.Step, _ value: Plan.Value) -> Int {
    switch step.action {
    case .join where value.width == step.output.width: step.output.lane
    case .dropout: step.output.lane
    default: self.value(.pair, value.width).lane
    }
  }
}

extension Formula {
  /// The sums in it, itself included, that have the intercept as a term.
  fileprivate var sumsWithIntercept: Set<Formula> {
    parts.reduce(into: isSumWithIntercept ? [self] : []) { $0.formUnion($1.sumsWithIntercept) }
  }

  private var isSumWithIntercept: Bool {
    if case .sum(let terms) = self { terms.contains(.intercept) } else { false }
  }
}

/// The width that fast.ai gives the embedding of a table: min(600, round(1.6·n^0.56)).
func ruleOfThumbWidth(rows: Int) -> Int {
  min(600, max(1, Int((1.6 * pow(Double(rows), 0.56)).rounded())))
}

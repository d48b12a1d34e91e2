// How large the values inside a network can get: bounds of every lane, step by step.
import OsusumeData

extension NetworkParameters {
  /// Nothing squares the values inside a network.
  public static var scoreLimit: Double { NumberLimit.networkValue }

  /// No value that the network computes of any user and item has a larger magnitude.
  ///
  /// Bounds of each lane go the way of the values: sums of magnitudes for sums, products for products.
  public func largestScore() -> Double {
    var bounds = Plan.Domain.allCases.map {
      [Double](repeating: 0, count: plan.strides[$0.rawValue])
    }
    for (domain, table) in [users, items].enumerated() {
      for row in 0..<table.rows {
        for (lane, value) in table[row].prefix(table.columns).enumerated() {
          bounds[domain][lane] = max(bounds[domain][lane], abs(Double(value)))
        }
      }
    }
    var largest = bounds.joined().max() ?? 0
    for domain in Plan.Domain.allCases {
      for step in plan.steps[domain.rawValue] {
        let before = step.inputs.map { input in
          Array(bounds[input.value.domain.rawValue][input.value.lanes])
        }
        let there = Array(bounds[domain.rawValue][step.output.lanes])
        let (sums, outputs) = self.bounds(of: step, inputs: before, there: there)
        bounds[domain.rawValue].replaceSubrange(step.output.lanes, with: outputs)
        largest = max(largest, sums.max() ?? 0)
      }
    }
    return largest
  }

  /// Bounds of what a step sums, and of what it writes; `there` bounds what it may add to.
  private func bounds(
    of step: Plan.Step, inputs: [[Double]], there: [Double]
  ) -> (sums: [Double], outputs: [Double]) {
    let lanes = 0..<step.output.width
    func sum(_ body: (Int) -> Double) -> (sums: [Double], outputs: [Double]) {
      let sums = lanes.map(body)
      return (sums, sums)
    }
    switch step.action {
    case .metadata: return sum { _ in 1 }
    case .genres(let table):
      let most =
        zip(features.offsets.dropFirst(), features.offsets).map { Double($0 - $1) }.max() ?? 0
      return sum { most * largestWeight(table + $0, rows: plan.sizes.genres, columns: lanes.count) }
    case .linear(let weights, let adds):
      return sum { lane in
        inputs[0].enumerated().reduce(adds ? there[lane] : 0) { sum, input in
          sum + input.element * weight(weights + input.offset * lanes.count + lane)
        }
      }
    case .join(let bias, let adds, let activation, let low, let high):
      let sums = lanes.map { lane in
        inputs.reduce(adds ? there[lane] : 0) { $0 + $1.lane(lane) }
          + (bias.map { weight($0 + lane) } ?? 0)
      }
      let most = Double(max(abs(low), abs(high)))
      return (sums, activation == .sigmoid ? lanes.map { _ in most } : sums)
    case .product: return sum { inputs[0].lane($0) * inputs[1].lane($0) }
    case .inner:
      let width = max(inputs[0].count, inputs[1].count)
      let product = (0..<width).reduce(0) { $0 + inputs[0].lane($1) * inputs[1].lane($1) }
      return sum { _ in product }
    case .dropout(let rate, _): return sum { inputs[0].lane($0) / max(1e-6, 1 - Double(rate)) }
    }
  }

  private func weight(_ place: Int) -> Double { abs(Double(layers.base[place])) }

  private func largestWeight(_ first: Int, rows: Int, columns: Int) -> Double {
    (0..<rows).reduce(0) { max($0, weight(first + $1 * columns)) }
  }
}

extension [Double] {
  /// The bound of a lane, one number standing for all lanes.
  fileprivate func lane(_ lane: Int) -> Double { self[count == 1 ? 0 : lane] }
}

extension Plan.Value {
  /// Its lanes in a workspace row.
  fileprivate var lanes: Range<Int> { lane..<lane + width }
}

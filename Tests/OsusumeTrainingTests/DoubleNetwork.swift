// Networks the naive way, in double precision: an expression is evaluated as its definition reads.
import Foundation
import OsusumeData

@testable import OsusumeModels

/// A network's score by recursion over its expression, from tensors by name.
struct DoubleNetwork {
  /// Elements by tensor name, row-major.
  var tensors: [String: [Double]]
  private let features: ItemFeatures
  private let plan: Plan

  init(_ network: NetworkParameters) {
    features = network.features
    plan = network.plan
    tensors = [:]
    for (slots, table) in zip(plan.slots, [network.users, network.items]) {
      for slot in slots {
        tensors[slot.name] = (0..<slot.rows).flatMap { row in
          (0..<slot.columns).map { Double(table[row][slot.place + $0]) }
        }
      }
    }
    for layer in plan.layers {
      tensors[layer.name] = (0..<layer.count).map { Double(network.layers.base[layer.place + $0]) }
    }
  }

  /// What some expressions say of a pair, without dropout.
  func values(_ heads: [Formula], user: Int, item: Int) -> [[Double]] {
    var reader = Reader(network: self, user: user, item: item)
    return heads.map { reader.value($0) }
  }

  /// Walks an expression; dense layers are numbered as they are first met, inputs first, and so are
  /// embeddings of one table.
  private struct Reader {
    let network: DoubleNetwork
    let user: Int
    let item: Int
    var layers: [Formula: Int] = [:]
    var embeddings: [Entity: [Formula]] = [:]

    func row(_ name: String, _ row: Int, width: Int) -> [Double] {
      Array((network.tensors[name] ?? [])[row * width..<(row + 1) * width])
    }

    func width(_ width: Width, _ rows: Int) -> Int {
      switch width {
      case .factors: network.plan.sizes.factors
      case .fixed(let width): width
      case .byRows: ruleOfThumbWidth(rows: rows)
      }
    }

    mutating func embedding(_ expression: Formula, _ entity: Entity, width: Int) -> [Double] {
      let known = embeddings[entity] ?? []
      let number = known.firstIndex(of: expression) ?? known.count
      if number == known.count { embeddings[entity] = known + [expression] }
      return row(
        "\(entity.rawValue)_factors" + (number == 0 ? "" : ".\(number)"),
        entity == .user ? user : item, width: width)
    }

    mutating func value(_ expression: Formula) -> [Double] {
      let sizes = network.plan.sizes
      switch expression {
      case .bias(.user): return row("user_bias", user, width: 1)
      case .bias(.item): return row("item_bias", item, width: 1)
      case .embedding(.user, let width):
        return embedding(expression, .user, width: self.width(width, sizes.users))
      case .embedding(.item, let width):
        return embedding(expression, .item, width: self.width(width, sizes.items))
      case .dot: return value(.inner(.p, .q))
      case .intercept: return network.tensors["bias"] ?? []
      case .genres(let width):
        let columns = self.width(width, sizes.genres)
        let name = columns == 1 ? "genre_bias" : "genre_factors"
        var sum = [Double](repeating: 0, count: columns)
        let members = Int(network.features.offsets[item])..<Int(network.features.offsets[item + 1])
        for member in members {
          let genre = row(name, Int(network.features.members[member]), width: columns)
          for lane in 0..<columns { sum[lane] += genre[lane] }
        }
        return sum
      case .metadata:
        let width = ItemFeatures.metadataWidth
        return network.features.metadata[item * width..<(item + 1) * width].map { Double($0) }
      case .concat(let parts):
        var joined: [Double] = []
        for part in parts { joined += value(part) }
        return joined
      case .sum(let terms):
        var values: [[Double]] = []
        for term in terms { values.append(value(term)) }
        let width = values.map(\.count).max() ?? 0
        return (0..<width).map { lane in
          values.reduce(0) { $0 + ($1.count == 1 ? $1[0] : $1[lane]) }
        }
      case .product(let a, let b): return zip(value(a), value(b)).map { $0 * $1 }
      case .inner(let a, let b): return [zip(value(a), value(b)).reduce(0) { $0 + $1.0 * $1.1 }]
      case .dropout(let x, _): return value(x)
      case .activation(let x, let activation): return value(x).map { apply(activation, $0) }
      case .range(let x, let bounds):
        let low = bounds?.lowerBound ?? Double(sizes.scale.lowerBound)
        let high = bounds?.upperBound ?? Double(sizes.scale.upperBound)
        return value(x).map { low + (high - low) / (1 + exp(-$0)) }
      case .dense(let x, let units, let activation):
        let inputs = value(x)
        let number = layers[expression] ?? layers.count
        layers[expression] = number
        let weights = network.tensors["layers.\(number).weight"] ?? []
        let bias = network.tensors["layers.\(number).bias"] ?? []
        return (0..<units).map { unit in
          apply(
            activation,
            inputs.indices.reduce(bias[unit]) { $0 + inputs[$1] * weights[$1 * units + unit] })
        }
      case .globalMean, .drift, .itemCount, .neighbours, .relations: return []
      }
    }

    private func apply(_ activation: Activation, _ z: Double) -> Double {
      switch activation {
      case .linear: z
      case .relu: max(z, 0)
      case .sigmoid: 1 / (1 + exp(-z))
      }
    }
  }

  /// The loss of a batch, all heads and penalties in it.
  func loss(_ spec: ModelSpec, _ settings: Hyperparameters, _ rows: IndexedRatings) -> Double {
    let heads =
      [Head(spec.score, target: spec.target, loss: settings.loss, weight: 1)] + spec.heads
    let count = Double(rows.count)
    let values = (0..<rows.count).map {
      self.values(heads.map(\.score), user: Int(rows.users[$0]), item: Int(rows.items[$0]))
    }
    return heads.enumerated().reduce(0) { total, numbered in
      let (number, head) = numbered
      let costs = (0..<rows.count).map { row -> Double in
        let value = values[row][number]
        let rating = Double(rows.values[row])
        switch head.loss {
        case .rmse, .mse: return rating.isNaN ? 0 : (value[0] - rating) * (value[0] - rating)
        case .mae: return rating.isNaN ? 0 : abs(value[0] - rating)
        case .binaryCrossEntropy:
          return -log(rows.labels[row] > 0.5 ? value[0] : 1 - value[0])
        case .crossEntropy:
          return log(value.reduce(0) { $0 + exp($1) }) - value[Int(rating) - 1]
        }
      }
      let mean = costs.reduce(0, +) / count
      return total + head.weight * (head.loss == .rmse ? mean.squareRoot() : mean)
    }
  }
}

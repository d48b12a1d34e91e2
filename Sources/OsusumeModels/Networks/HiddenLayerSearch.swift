// The best items of users by a network of one hidden layer.
import CKernels
import Foundation
import OsusumeData

/// Ranks by a network of one hidden layer of ReLU over both vectors: its first layer is computed once a
/// user and once an item, and a pair then costs three operations a hidden unit.
struct HiddenLayerSearch: ItemSearch {
  private let scorer: NetworkScorer
  /// Ascending.
  private let candidates: [Int32]
  private let layer: HiddenLayer
  /// What each candidate adds to the hidden layer, biases included.
  private let items: FloatMatrix
  private let weights: FloatMatrix

  /// Users of one chunk: their scores stay in L2.
  private static let chunk = 8

  /// Prepares all items, or those of `candidates` (distinct item indices); nil for a network of another
  /// form.
  init?(_ scorer: NetworkScorer, candidates: [Int32]?) {
    guard let layer = HiddenLayer(scorer.parameters.plan) else { return nil }
    let parameters = scorer.parameters.layers.base
    self.scorer = scorer
    self.layer = layer
    self.candidates = candidates?.sorted() ?? (0..<Int32(scorer.items.rows)).map { $0 }
    items = FloatMatrix(rows: self.candidates.count, columns: layer.width)
    var view = ck_layer_view(
      base: scorer.items.base + layer.item, stride: scorer.items.stride, row: nil,
      width: layer.width)
    self.candidates.withUnsafeBufferPointer { [items] ids in
      view.row = ids.baseAddress
      ck_layer_join(
        [view], 1, parameters + layer.bias, 0,
        ck_layer_shape(activation: CK_LAYER_LINEAR, low: 0, high: 1), ids.count, layer.width,
        items.base, items.stride)
    }
    weights = FloatMatrix(rows: 1, columns: layer.width)
    weights.base.update(from: parameters + layer.weights, count: layer.width)
  }

  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    let chunks = (users.count + Self.chunk - 1) / Self.chunk
    return TopItems(
      width: count,
      joining: mapChunks(chunks, threads: threads) { part in
        let own = Array(users[part * Self.chunk..<min(users.count, (part + 1) * Self.chunk)])
        return best(count, for: own, of: scorer.users) { seen?[Int($0)] ?? [] }
      })
  }

  func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems {
    best(count, for: [0], of: scorer.with(newcomer.vector, of: .user).users) { _ in rated[...] }
  }

  func scores(of user: Int32) -> [Float] { scores([user], of: scorer.users) }

  func scores(of newcomer: FoldedIn) -> [Float] {
    scores([0], of: scorer.with(newcomer.vector, of: .user).users)
  }

  private func scores(_ users: [Int32], of table: FloatMatrix) -> [Float] {
    sums(users, of: table).map { layer.score($0, scorer.parameters) }
  }

  /// The best items of users whose workspace rows are in `table`.
  private func best(
    _ count: Int, for users: [Int32], of table: FloatMatrix,
    seen: (Int32) -> ArraySlice<Int32>
  ) -> TopItems {
    let sums = sums(users, of: table)
    return TopItems(
      width: count,
      joining: users.enumerated().map { place, user in
        var best = TopItems(
          best: count, of: candidates,
          scores: sums[place * candidates.count..<(place + 1) * candidates.count],
          excluding: seen(user))
        best.scores = best.scores.map { layer.score($0, scorer.parameters) }
        return best
      })
  }

  /// [users, candidates] sums over the hidden layer.
  private func sums(_ users: [Int32], of table: FloatMatrix) -> [Float] {
    let rows = FloatMatrix(rows: users.count, columns: layer.width)
    ck_layer_gather(
      table.base + layer.user, table.stride, users, users.count, layer.width, rows.base,
      rows.stride)
    let own = ck_layer_view(base: rows.base, stride: rows.stride, row: nil, width: rows.stride)
    let block = 256  // items that stay in L2 while users pass by
    return [Float](unsafeUninitializedCapacity: users.count * candidates.count) { out, filled in
      filled = users.count * candidates.count
      guard let base = out.baseAddress else { return }
      for first in stride(from: 0, to: candidates.count, by: block) {
        let others = ck_layer_view(
          base: items.base + first * items.stride, stride: items.stride, row: nil,
          width: items.stride)
        ck_layer_relu_scores(
          own, users.count, others, min(block, candidates.count - first), weights.base,
          base + first, candidates.count)
      }
    }
  }
}

/// The parts of a network w·relu(u + i + bias) + c, perhaps through a sigmoid; u and i are what the user
/// and the item add to the hidden layer.
private struct HiddenLayer {
  /// Lanes of u and i in the workspace rows of users and items.
  let user: Int, item: Int
  let width: Int
  /// Places among the layers.
  let bias: Int, weights: Int, outputBias: Int
  /// A sigmoid behind it, which keeps the order.
  let range: ClosedRange<Float>?

  /// Recognises such a network; nil for any other.
  init?(_ plan: Plan) {
    let steps = plan.pairSteps(for: plan.outputs[0].value)
    guard plan.outputs[0].target != .ratingClass, steps.count == 3 || steps.count == 4,
      case .join(let bias?, false, .relu, _, _) = steps[0].action, steps[0].inputs.count == 2,
      case .linear(let weights, false) = steps[1].action,
      steps[1].inputs[0].value == steps[0].output, steps[1].output.width == 1,
      case .join(let outputBias?, true, .linear, _, _) = steps[2].action,
      steps[2].inputs.isEmpty, steps[2].output == steps[1].output
    else { return nil }
    let inputs = steps[0].inputs.map(\.value)
    guard let user = inputs.first(where: { $0.domain == .user }),
      let item = inputs.first(where: { $0.domain == .item }), user.width == item.width
    else { return nil }
    if steps.count == 4 {
      guard case .join(nil, false, .sigmoid, let low, let high) = steps[3].action,
        steps[3].inputs.map(\.value) == [steps[2].output]
      else { return nil }
      range = low...high
    } else if plan.outputs[0].target == .interaction {
      range = 0...1
    } else {
      range = nil
    }
    guard plan.outputs[0].value == (steps.last?.output ?? steps[0].output) else { return nil }
    (self.user, self.item, width) = (user.lane, item.lane, user.width)
    (self.bias, self.weights, self.outputBias) = (bias, weights, outputBias)
  }

  /// The score of a sum over the hidden layer.
  func score(_ sum: Float, _ parameters: NetworkParameters) -> Float {
    let z = sum + parameters.layers.base[outputBias]
    guard let range, sum.isFinite else { return z }
    return range.lowerBound + (range.upperBound - range.lowerBound) / (1 + exp(-z))
  }
}

extension Plan {
  /// The steps of pairs that lead to a value.
  fileprivate func pairSteps(for output: Value) -> [Step] {
    var wanted: Set<Value> = [output]
    return steps[Domain.pair.rawValue].reversed().filter { step in
      guard wanted.contains(step.output) else { return false }
      wanted.formUnion(step.inputs.map(\.value))
      return true
    }.reversed()
  }
}

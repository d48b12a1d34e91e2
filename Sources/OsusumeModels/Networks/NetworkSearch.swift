// The best items of users by a network: every candidate is scored, the best are kept.
import CKernels
import Foundation
import OsusumeData

/// A network's items, ready to be ranked for users.
///
/// A network of one hidden layer of ReLU over both vectors needs three operations a hidden unit and
/// pair, for its first layer has been computed once a user and once an item; any other is run on all
/// pairs of a user.
public struct NetworkSearch: Sendable {
  private var scorer: NetworkScorer
  /// Candidates, ascending.
  private let candidates: [Int32]
  /// Where the network is that simple: its parts, and the candidates' share of the hidden layer.
  private let hidden: (layer: HiddenLayer, items: FloatMatrix, weights: FloatMatrix)?

  /// Users of one chunk: their scores stay in L2.
  private static let chunk = 8

  /// Prepares all items, or those of `candidates` (distinct item indices).
  init(_ scorer: NetworkScorer, candidates: [Int32]?) {
    self.scorer = scorer
    let candidates = candidates?.sorted() ?? (0..<Int32(scorer.items.rows)).map { $0 }
    self.candidates = candidates
    hidden = HiddenLayer(scorer.parameters.plan).map { layer in
      let parameters = scorer.parameters.layers.base
      let items = FloatMatrix(rows: candidates.count, columns: layer.width)
      let view = ck_layer_view(
        base: scorer.items.base + layer.item, stride: scorer.items.stride, row: nil,
        width: layer.width)
      candidates.withUnsafeBufferPointer { ids in
        var view = view
        view.row = ids.baseAddress
        ck_layer_join(
          [view], 1, parameters + layer.bias, 0,
          ck_layer_shape(activation: CK_LAYER_LINEAR, low: 0, high: 1), candidates.count,
          layer.width, items.base, items.stride)
      }
      let weights = FloatMatrix(rows: 1, columns: layer.width)
      weights.base.update(from: parameters + layer.weights, count: layer.width)
      return (layer, items, weights)
    }
  }

  /// As `FactorSearch.top`.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    let chunks = (users.count + Self.chunk - 1) / Self.chunk
    let parts = mapChunks(chunks, threads: threads) { part in
      let own = Array(users[part * Self.chunk..<min(users.count, (part + 1) * Self.chunk)])
      return best(count, for: own, seen)
    }
    return TopItems(width: count, items: parts.flatMap(\.items), scores: parts.flatMap(\.scores))
  }

  /// The `count` best items of somebody whose row this is, in place of the users that the model knows.
  func top(_ count: Int, forRow row: FloatMatrix, excluding seen: SeenItems?) -> TopItems {
    var search = self
    search.scorer = scorer.with(row, of: .user)
    return search.top(count, for: [0], excluding: seen, threads: 1)
  }

  private func best(_ count: Int, for users: [Int32], _ seen: SeenItems?) -> TopItems {
    let scores = hidden.map { hiddenScores(users, $0) }
    var top = TopItems(width: count, items: [], scores: [])
    for (place, user) in users.enumerated() {
      let own =
        scores.map { $0[place * candidates.count..<(place + 1) * candidates.count] }
        ?? scorer.scores(
          users: [Int32](repeating: user, count: candidates.count), items: candidates, threads: 1)[
          ...]
      let best = select(count, own, seen?[Int(user)] ?? [])
      top.items += best.items
      top.scores += best.scores.map { hidden?.layer.score($0, scorer.parameters) ?? $0 }
    }
    return top
  }

  /// [users, candidates] sums of the hidden layer.
  private func hiddenScores(
    _ users: [Int32], _ hidden: (layer: HiddenLayer, items: FloatMatrix, weights: FloatMatrix)
  ) -> [Float] {
    let layer = hidden.layer
    let rows = FloatMatrix(rows: users.count, columns: layer.width)
    ck_layer_gather(
      scorer.users.base + layer.user, scorer.users.stride, users, users.count, layer.width,
      rows.base, rows.stride)
    let block = 256  // items whose shares stay in L2 while users pass by
    return [Float](unsafeUninitializedCapacity: users.count * candidates.count) { out, filled in
      filled = users.count * candidates.count
      guard let base = out.baseAddress else { return }
      for first in stride(from: 0, to: candidates.count, by: block) {
        ck_layer_relu_scores(
          rows.base, rows.stride, users.count, hidden.items.base + first * hidden.items.stride,
          hidden.items.stride, min(block, candidates.count - first), hidden.weights.base,
          rows.stride, base + first, candidates.count)
      }
    }
  }

  private func select(
    _ count: Int, _ scores: ArraySlice<Float>, _ seen: ArraySlice<Int32>
  ) -> TopItems {
    var items = [Int32](repeating: -1, count: count)
    var best = [Float](repeating: -.infinity, count: count)
    scores.withUnsafeBufferPointer { scores in
      seen.withUnsafeBufferPointer { seen in
        ck_topn_select(
          scores.baseAddress, candidates, candidates.count, seen.baseAddress, seen.count, count,
          &items, &best)
      }
    }
    return TopItems(width: count, items: items, scores: best)
  }
}

/// The parts of a network w·relu(user's share + item's share + bias) + c, perhaps through a sigmoid.
private struct HiddenLayer {
  /// Lanes of the shares in the workspace rows of users and items.
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
    let shares = steps[0].inputs.map(\.value)
    guard let user = shares.first(where: { $0.domain == .user }),
      let item = shares.first(where: { $0.domain == .item }), user.width == item.width
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

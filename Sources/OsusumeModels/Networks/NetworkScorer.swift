// Scores by a network: what depends on users or items alone is computed once, then pairs are scored.
import CKernels
import Foundation
import OsusumeData

/// A network ready to score: the values of all users and items, side by side.
///
/// Keep it as long as the parameters stay unchanged. A score's last bits depend on which pairs are scored
/// with it, as those of matrix products do.
public struct NetworkScorer: PairScorer {
  /// What it scores by.
  public let parameters: NetworkParameters
  /// Workspace rows of all users and of all items.
  let users: FloatMatrix
  let items: FloatMatrix

  /// Number of ratings of the first head's distribution; nil where it predicts none.
  public var classes: Int? {
    let output = parameters.plan.outputs[0]
    return output.target == .ratingClass ? output.value.width : nil
  }

  /// Rows of one run: their values stay in L2.
  static let chunk = 512

  /// Computes the values of all users and items.
  package init(_ parameters: NetworkParameters, threads: Int) {
    self.parameters = parameters
    users = Self.values(of: .user, parameters, threads: threads)
    items = Self.values(of: .item, parameters, threads: threads)
  }

  private init(_ parameters: NetworkParameters, users: FloatMatrix, items: FloatMatrix) {
    self.parameters = parameters
    self.users = users
    self.items = items
  }

  /// The same network with a vector as its only user, or as its only item, of which no genre is known.
  func with(_ vector: FloatMatrix, of entity: Entity) -> NetworkScorer {
    let p = parameters
    if entity == .user {
      let parameters = NetworkParameters(
        p.plan, features: p.features, users: vector, items: p.items, layers: p.layers)
      return NetworkScorer(
        parameters, users: Self.values(of: .user, parameters, threads: 1), items: items)
    }
    let parameters = NetworkParameters(
      p.plan, features: .none(items: 1), users: p.users, items: vector, layers: p.layers)
    return NetworkScorer(
      parameters, users: users, items: Self.values(of: .item, parameters, threads: 1))
  }

  private static func values(
    of domain: Plan.Domain, _ parameters: NetworkParameters, threads: Int
  ) -> FloatMatrix {
    let plan = parameters.plan
    let table = domain == .user ? parameters.users : parameters.items
    let values = FloatMatrix(rows: table.rows, columns: plan.strides[domain.rawValue])
    let ids = (0..<Int32(table.rows)).map { $0 }
    ids.withUnsafeBufferPointer { ids in
      nonisolated(unsafe) let ids = ids.baseAddress
      forEachChunk((table.rows + chunk - 1) / chunk, threads: threads) { part in
        guard let ids else { return }
        let first = part * chunk
        let count = min(chunk, table.rows - first)
        let own = PlanRun.Rows(values: values.base + first * values.stride, stride: values.stride)
        ck_layer_gather(
          table.base, table.stride, ids + first, count, table.columns, own.values, own.stride)
        var run = PlanRun(
          plan: plan, domain: domain, layers: parameters.layers.base,
          features: parameters.features, own: own, count: count)
        run.itemIDs = ids + first
        run.forward()
      }
    }
    return values
  }

  /// Scores of pairs by the first head: ratings, or probabilities where interactions are predicted.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    outputs(0, users: users, items: items, threads: threads)
  }

  /// The probability that a label is 1, by the first head for interactions; nil without one.
  public func probabilities(users: [Int32], items: [Int32], threads: Int) -> [Float]? {
    parameters.plan.outputs.firstIndex { $0.target == .interaction }
      .map { outputs($0, users: users, items: items, threads: threads) }
  }

  /// The predictions of a head: ratings, probabilities, or expected ratings of a distribution.
  func outputs(_ head: Int, users: [Int32], items: [Int32], threads: Int) -> [Float] {
    let output = parameters.plan.outputs[head]
    return perPair(width: 1, users: users, items: items, threads: threads) { rows, count, out in
      score(output, rows, count, into: out)
    }
  }

  /// The probability of each class for pairs, [pairs, classes]; nil where the first head has none.
  public func distributions(users: [Int32], items: [Int32], threads: Int) -> [Float]? {
    guard classes != nil else { return nil }
    let value = parameters.plan.outputs[0].value
    return perPair(width: value.width, users: users, items: items, threads: threads) {
      rows, count, out in
      let logits = rows.values + value.lane
      ck_head_softmax(logits, rows.stride, count, value.width)
      for row in 0..<count {
        (out + row * value.width).initialize(from: logits + row * rows.stride, count: value.width)
      }
    }
  }

  /// Computes pairs chunk by chunk and lets `read` write `width` floats of each.
  private func perPair(
    width: Int, users: [Int32], items: [Int32], threads: Int,
    _ read: (PlanRun.Rows, Int, UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    precondition(users.count == items.count)
    // Several runs use one workspace.
    return [Float](
      count: users.count, width: width, chunk: 16 * Self.chunk, threads: threads
    ) { pairs, out in
      let workspace = FloatMatrix(
        rows: Self.chunk, columns: parameters.plan.strides[Plan.Domain.pair.rawValue])
      for first in stride(from: pairs.lowerBound, to: pairs.upperBound, by: Self.chunk) {
        let run = first..<min(first + Self.chunk, pairs.upperBound)
        let rows = values(Array(users[run]), Array(items[run]), run.count, workspace)
        read(rows, run.count, out + (first - pairs.lowerBound) * width)
      }
    }
  }

  /// Computes the values of pairs in a workspace.
  private func values(
    _ users: UnsafePointer<Int32>, _ items: UnsafePointer<Int32>, _ count: Int,
    _ workspace: FloatMatrix
  ) -> PlanRun.Rows {
    let own = PlanRun.Rows(values: workspace.base, stride: workspace.stride)
    var run = PlanRun(
      plan: parameters.plan, domain: .pair, layers: parameters.layers.base,
      features: parameters.features, own: own, count: count)
    run.users = .init(values: self.users.base, stride: self.users.stride, row: users)
    run.items = .init(values: self.items.base, stride: self.items.stride, row: items)
    run.forward()
    return own
  }

  /// Reads a head's scores out of workspace rows.
  private func score(
    _ output: Plan.Output, _ rows: PlanRun.Rows, _ count: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let value = rows.values + output.value.lane
    switch output.target {
    case .rating:
      for row in 0..<count { (out + row).initialize(to: value[row * rows.stride]) }
    case .interaction:
      for row in 0..<count {
        (out + row).initialize(to: 1 / (1 + exp(-value[row * rows.stride])))
      }
    case .ratingClass:
      let classes = output.value.width
      ck_head_softmax(value, rows.stride, count, classes)
      for row in 0..<count {
        let probabilities = value + row * rows.stride
        (out + row).initialize(
          to: (0..<classes).reduce(0) { $0 + Float($1 + 1) * probabilities[$1] })
      }
    }
  }
}

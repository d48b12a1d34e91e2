// Networks as a kind of scorer.
import OsusumeData

extension NetworkParameters: Scorer {
  /// Number of users.
  public var userCount: Int { users.rows }
  /// Number of items.
  public var itemCount: Int { items.rows }

  /// Computes what depends on the user or the item alone.
  public func prepared(threads: Int) -> any PairScorer { NetworkScorer(self, threads: threads) }

  /// A search over one hidden layer where that is all there is, else over all pairs of a user.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    let scorer = NetworkScorer(self, threads: threads)
    return HiddenLayerSearch(scorer, candidates: candidates)
      ?? FullSearch(scorer, items: itemCount, candidates: candidates)
  }

  /// The same parameters with further users and items, which get the mean of the rows there are.
  public func extended(users: Int, items: Int) -> NetworkParameters {
    NetworkParameters(
      plan, features: features.extended(items: items), users: self.users.extended(rows: users),
      items: self.items.extended(rows: items), layers: layers)
  }

  /// Descends to the newcomer's vector.
  public func foldIn(to model: Model) throws -> any FoldInMethod {
    try NetworkFoldIn(model, self)
  }

  /// The first embedding of users or of items in the formula.
  public func vectors(of entity: Entity) -> FactorVectors? {
    slots(of: entity).first { $0.kind != .bias && $0.place == 0 }
      .map { FactorVectors(table(of: entity), factors: $0.columns) }
  }

  /// What the first inner product of a user's value and an item's reads: p and q, or what becomes of them; nil
  /// where there is none.
  public func innerVectors(of entity: Entity, threads: Int) -> FactorVectors? {
    let domain: Plan.Domain = entity == .user ? .user : .item
    let found = plan.steps[Plan.Domain.pair.rawValue].first { step in
      guard case .inner = step.action else { return false }
      return Set(step.inputs.map(\.value.domain)) == [.user, .item]
    }
    guard let value = found?.inputs.first(where: { $0.value.domain == domain })?.value else {
      return nil
    }
    let scorer = NetworkScorer(self, threads: threads)
    let values = entity == .user ? scorer.users : scorer.items
    let vectors = FloatMatrix(rows: values.rows, columns: value.width)
    for row in 0..<values.rows {
      vectors[row].baseAddress?.update(
        from: values.base + row * values.stride + value.lane, count: value.width)
    }
    return FactorVectors(vectors, factors: value.width)
  }

  /// The biases of users or of items.
  public func biases(of entity: Entity) -> [Float]? {
    slots(of: entity).first { $0.kind == .bias }.map { elements(of: $0, in: table(of: entity)) }
  }

  /// The tables of users and items, and the layers.
  public var tables: [FloatMatrix] { [users, items, layers] }

  private func slots(of entity: Entity) -> [PlanTensor] { plan.slots[entity == .user ? 0 : 1] }

  private func table(of entity: Entity) -> FloatMatrix { entity == .user ? users : items }
}

extension Scorer {
  /// The network; nil for another kind of scorer.
  public var network: NetworkParameters? { self as? NetworkParameters }
}

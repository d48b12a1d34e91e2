// Factor models and baselines as a kind of scorer: inner products of packed vectors.
import OsusumeData

extension FactorParameters: Scorer, PairScorer {
  /// Number of users.
  public var userCount: Int { users.rows }
  /// Number of items.
  public var itemCount: Int { items.rows }

  /// A search by bounds on inner products.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    FactorSearch(self, candidates: candidates)
  }

  /// Solves for the newcomer's vector.
  public func foldIn(to model: Model) throws -> any FoldInMethod { FactorFoldIn(model, self) }

  /// The vectors of users or of items, without biases.
  public func vectors(of entity: Entity) -> FactorVectors? {
    guard layout.factors > 0 else { return nil }
    return FactorVectors(entity == .user ? users : items, factors: layout.factors)
  }

  /// The biases of users or of items.
  public func biases(of entity: Entity) -> [Float]? {
    guard layout.biased else { return nil }
    return entity == .user ? userBiases : itemBiases
  }

  /// The tables of users and items.
  public var tables: [FloatMatrix] { [users, items] }
}

extension Scorer {
  /// The packed vectors; nil for another kind of scorer.
  public var factors: FactorParameters? { self as? FactorParameters }
}

// Factor models and baselines as a kind of scorer: inner products of packed vectors.
import CKernels
import OsusumeData

extension FactorParameters: Scorer, PairScorer {
  /// Number of users.
  public var userCount: Int { users.rows }
  /// Number of items.
  public var itemCount: Int { items.rows }

  /// Raw scores of pairs.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    return [Float](count: users.count, chunk: 1 << 14, threads: threads) { pairs, out in
      var factors = kernel()
      ck_pair_dot(&factors, Array(users[pairs]), Array(items[pairs]), pairs.count, out)
    }
  }

  /// The tables as kernels read them, perhaps with other users; valid as long as both are kept.
  func kernel(users: FloatMatrix? = nil) -> ck_factors {
    ck_factors(
      P: (users ?? self.users).base, Q: items.base, stride: items.stride, lanes: layout.lanes,
      mean: mean)
  }

  /// A search by bounds on inner products.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    FactorSearch(self, candidates: candidates)
  }

  /// Solves for the newcomer's vector, in the way of the model's fit.
  public func foldIn(to model: Model) throws -> any FoldInMethod {
    switch model.spec.fit {
    case .ials: ImplicitFoldIn(model, self)
    case .bpr: PairwiseFoldIn(model, self)
    default: FactorFoldIn(model, self)
    }
  }

  /// The vectors of users or of items, without biases.
  public func vectors(of entity: Entity) -> FactorVectors? {
    guard layout.factors > 0 else { return nil }
    return FactorVectors(entity == .user ? users : items, factors: layout.factors)
  }

  /// The same: scores hold their inner products as they are.
  public func innerVectors(of entity: Entity, threads: Int) -> FactorVectors? {
    vectors(of: entity)
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

// Rows for users and items that a model does not know, found from their ratings alone.
import OsusumeData

/// A model's way to take in newcomers; the model is not changed.
///
/// Prepare it once; finding rows is safe from any thread.
public struct FoldIn: Sendable {
  private enum Way: Sendable {
    case solve(FactorFoldIn)
    /// The rows are biases; the rest is made of the ratings themselves.
    case neighbours(FactorFoldIn, NeighbourScorer)
    case descend(NetworkFoldIn)
  }

  private let model: Model
  private let way: Way

  /// Prepares a model.
  public init(_ model: Model) throws {
    self.model = model
    switch model.parameters {
    case .factors(let factors): way = .solve(FactorFoldIn(model, factors))
    case .network(let network): way = .descend(try NetworkFoldIn(model, network))
    case .neighbours(let neighbours):
      way = .neighbours(
        FactorFoldIn(model, neighbours.biases), NeighbourScorer(neighbours, threads: allCores))
    }
  }

  /// A user who is not in the model, from ratings of its items.
  ///
  /// Errors: `FoldInError`.
  public func user(_ ratings: [RatingByID]) throws -> Newcomer {
    try Newcomer(.user, ratings, in: model, by: self)
  }

  /// An item that is not in the model, from ratings by its users; none of its genres is known.
  ///
  /// Errors: `FoldInError`.
  public func item(_ ratings: [RatingByID]) throws -> Newcomer {
    try Newcomer(.item, ratings, in: model, by: self)
  }

  /// The row of a user, or an item, with these ratings of rows of the other table; without any, the row
  /// that is expected of somebody unknown.
  ///
  /// Everything else stands still. Factor models solve for the row (`FactorFoldIn`), networks descend to
  /// it (`NetworkFoldIn`). Indices must be in range.
  public func row(of entity: Entity, ratings: [(index: Int32, value: Float)]) -> FloatMatrix {
    switch way {
    case .solve(let foldIn), .neighbours(let foldIn, _): foldIn.row(of: entity, ratings: ratings)
    case .descend(let foldIn): foldIn.row(of: entity, ratings: ratings)
    }
  }

  /// The model with a row, of these ratings, as its only user, or its only item.
  ///
  /// Errors: `FoldInError.itemOfNeighbours`.
  func scorer(
    _ entity: Entity, row: FloatMatrix, ratings: [(index: Int32, value: Float)]
  ) throws -> PairScorer {
    switch way {
    case .solve(let foldIn):
      let p = foldIn.parameters
      return .factors(
        FactorParameters(
          mean: p.mean, layout: p.layout, users: entity == .user ? row : p.users,
          items: entity == .user ? p.items : row))
    case .neighbours(_, let scorer):
      guard entity == .user else { throw FoldInError.itemOfNeighbours(model: model.spec.name) }
      return .neighbours(scorer.with(user: row, ratings: ratings))
    case .descend(let foldIn): return .network(foldIn.scorer.with(row, of: entity))
    }
  }
}

// How a scorer takes in users and items that it does not know, and what comes of it.
import OsusumeData

/// A scorer's way to fold in users and items by their ratings alone; the scorer is not changed.
public protocol FoldInMethod: Sendable {
  /// The user, or the item, that gave, or got, these ratings, by ascending index; without ratings, an
  /// average one.
  ///
  /// Errors: `FoldInError`.
  func newcomer(_ entity: Entity, ratings: [(index: Int32, value: Float)]) throws -> FoldedIn

  /// The same of a user who has seen other items without rating them, by ascending index.
  ///
  /// Errors: `FoldInError`.
  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)], seen: [Int32]
  ) throws -> FoldedIn
}

extension FoldInMethod {
  /// Most scorers learn nothing from what is seen without being rated.
  public func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)], seen: [Int32]
  ) throws -> FoldedIn {
    try newcomer(entity, ratings: ratings)
  }
}

/// A user or an item folded into a scorer.
public struct FoldedIn: Sendable {
  /// Whether it is a user or an item.
  public let entity: Entity
  /// Its vector, laid out as a row of the scorer's table; no lanes where the scorer goes by ratings alone.
  public let vector: FloatMatrix
  /// The scorer with the newcomer as its only user, or its only item.
  package let scorer: any PairScorer
  /// A user's ratings, and what predicts them; nil where the scorer is not that of a model's lists beside one of
  /// ratings.
  package var own: OwnRatings?

  /// Makes a newcomer from its parts.
  package init(
    _ entity: Entity, vector: FloatMatrix = FloatMatrix(rows: 1, columns: 0),
    scorer: any PairScorer
  ) {
    self.entity = entity
    self.vector = vector
    self.scorer = scorer
  }

  /// Raw scores with items for a user, with users for an item.
  package func scores(_ others: [Int32]) -> [Float] {
    let own = [Int32](repeating: 0, count: others.count)
    return scorer.scores(
      users: entity == .user ? own : others, items: entity == .user ? others : own, threads: 1)
  }
}

/// Why somebody cannot be folded in.
public enum FoldInError: OsusumeError, Equatable {
  /// There are no ratings, or none of ids that the model knows.
  case nothingKnown(Entity, ids: [String])
  /// A rating that the model's ratings could not have been.
  case outsideScale(String, Float, ClosedRange<Float>)
  /// A rating between two classes, for a model that knows classes only.
  case notAClass(String, Float)
  /// A rating is not a number, or its magnitude is beyond `RatingTable.largestRating`.
  case notARating(String, Float)
  /// The vector that fits the ratings is such that scores are not finite numbers.
  case notFinite
  /// What the model knows of an item follows from the ratings of all users, which a new item has none of.
  case usersOnly(model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .nothingKnown(let entity, let ids):
      ids.isEmpty
        ? "there are no ratings to fold in: give at least one"
        : "the model knows none of the \(entity == .user ? "items" : "users") rated "
          + "(\(ids.prefix(3).map(\.shortened).joined(separator: ", "))\(ids.count > 3 ? ", …" : "")): check the ids"
    case .notAClass(let id, let rating):
      "\(rating) for \(id.shortened) is between two ratings, and the model knows whole ones only: round it"
    case .notARating(let id, let rating):
      "\(rating) for \(id.shortened) is no rating: give numbers of at most \(RatingTable.largestRating) either way"
    case .notFinite:
      "these ratings lead to scores that are not finite numbers: the model's numbers are far apart and its "
        + "penalties too small; train it again with a larger `regularization`"
    case .usersOnly(let model):
      "\(model) takes in users, not items: train anew with these ratings, or use mf or als"
    case .outsideScale(let id, let rating, let scale):
      "\(rating) for \(id) is outside the model's scale, \(scale.lowerBound) to "
        + "\(scale.upperBound): correct the rating"
    }
  }
}

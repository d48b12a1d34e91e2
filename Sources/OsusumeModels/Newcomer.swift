// A user or an item that a model does not know, ready to be asked about.
import OsusumeData

/// A rating by original id: of an item when it is a user's, of a user when it is an item's.
public struct RatingByID: Sendable, Equatable {
  /// Original id.
  public var id: String
  /// The rating.
  public var rating: Float

  /// Makes a rating from its parts.
  public init(_ id: String, _ rating: Float) {
    self.id = id
    self.rating = rating
  }
}

/// A user or an item folded into a model: its row beside the model's tables.
public struct Newcomer: Sendable {
  /// Whether it is a user or an item.
  public let entity: Entity
  /// Its row, of the model's layout; where the model is of neighbourhoods, its bias alone.
  public let row: FloatMatrix
  /// The indices it has ratings of, ascending.
  public let rated: [Int32]
  /// Ids that it has ratings of but the model does not know.
  public let unknown: [String]
  /// The model with the newcomer as its only user, or its only item.
  private let scorer: PairScorer

  /// The raw score with a row of the other table: an item's for a user, a user's for an item.
  public func score(_ index: Int) -> Float { scores([Int32(index)])[0] }

  /// The raw scores with rows of the other table.
  public func scores(_ indices: [Int32]) -> [Float] {
    let own = [Int32](repeating: 0, count: indices.count)
    return scorer.scores(
      users: entity == .user ? own : indices, items: entity == .user ? indices : own, threads: 1)
  }

  /// Folds in ratings by original id; of several of one id the last counts, and ids that the model does
  /// not know are left out.
  ///
  /// Errors: `FoldInError`.
  init(_ entity: Entity, _ ratings: [RatingByID], in model: Model, by foldIn: FoldIn) throws {
    let ids = entity == .user ? model.itemIDs : model.userIDs
    var values: [Int32: Float] = [:]
    var unknown: [String] = []
    for rating in ratings {
      guard rating.rating.magnitude <= RatingTable.largestRating else {
        throw FoldInError.notARating(rating.id, rating.rating)
      }
      guard model.scale.contains(rating.rating) || !model.spec.predictsRatings else {
        throw FoldInError.outsideScale(rating.id, rating.rating, model.scale)
      }
      guard model.spec.target != .ratingClass || rating.rating == rating.rating.rounded() else {
        throw FoldInError.notAClass(rating.id, rating.rating)
      }
      if let index = ids.index(of: rating.id) {
        values[Int32(index)] = rating.rating
      } else {
        unknown.append(rating.id)
      }
    }
    guard !values.isEmpty else { throw FoldInError.nothingKnown(entity, ids: unknown) }
    let sorted = values.sorted { $0.key < $1.key }
    self.entity = entity
    self.unknown = unknown
    rated = sorted.map(\.key)
    let ratings = sorted.map { (index: $0.key, value: $0.value) }
    row = foldIn.row(of: entity, ratings: ratings)
    guard model.parameters.keepsScoresFinite(row, of: entity) else { throw FoldInError.notFinite }
    scorer = try foldIn.scorer(entity, row: row, ratings: ratings)
  }
}

extension Model {
  /// A user who is not in the model, from ratings of its items; the model is not changed.
  ///
  /// ```swift
  /// let me = try model.foldIn([RatingByID("5114", 10), RatingByID("9253", 9)])
  /// let best = Recommender(model).recommend(10, for: me)
  /// ```
  ///
  /// To fold in many, keep a `FoldIn`. Errors: `FoldInError`.
  public func foldIn(_ ratings: [RatingByID]) throws -> Newcomer {
    try FoldIn(self).user(ratings)
  }

  /// An item that is not in the model, from ratings by its users.
  ///
  /// Errors: `FoldInError`.
  public func foldIn(item ratings: [RatingByID]) throws -> Newcomer {
    try FoldIn(self).item(ratings)
  }
}

extension Recommender {
  /// The `count` best items of a user who is not in the model, under a name of one's own.
  public func recommend(
    _ count: Int, for newcomer: Newcomer, named name: String = "", excludeSeen: Bool = true
  ) -> Recommendations {
    precondition(newcomer.entity == .user)
    let top = search.top(count, for: newcomer, excludeRated: excludeSeen)
    return recommendations(
      of: name, top, seen: excludeSeen ? newcomer.rated[...] : [], asked: count)
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
  /// The row that fits the ratings is such that scores are not finite numbers.
  case notFinite
  /// The model is of neighbourhoods, which a new item has none of.
  case itemOfNeighbours(model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .nothingKnown(let entity, let ids):
      ids.isEmpty
        ? "there are no ratings to fold in: give at least one"
        : "the model knows none of the \(entity == .user ? "items" : "users") rated "
          + "(\(ids.prefix(3).joined(separator: ", "))…): check the ids"
    case .notAClass(let id, let rating):
      "\(rating) for \(id) is between two ratings, and the model knows whole ones only: round it"
    case .notARating(let id, let rating):
      "\(rating) for \(id) is no rating: give numbers of at most \(RatingTable.largestRating) either way"
    case .notFinite:
      "these ratings lead to scores that are not finite numbers: the model's numbers are far apart and its "
        + "penalties too small; train it again with a larger --regularization"
    case .itemOfNeighbours(let model):
      "\(model) takes in users, not items, whose neighbours it would have to look for: train anew "
        + "with these ratings, or use mf or als"
    case .outsideScale(let id, let rating, let scale):
      "\(rating) for \(id) is outside the model's scale, \(scale.lowerBound) to "
        + "\(scale.upperBound): correct the rating"
    }
  }
}

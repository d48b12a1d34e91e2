// Folds users and items that a model does not know into it, by their ratings alone.
import OsusumeData
import OsusumeModels

/// A model prepared to fold in newcomers; the model is not changed.
///
/// Prepare it once; folding in is safe from any thread.
public struct FoldIn: Sendable {
  private let model: Model
  private let method: any FoldInMethod
  /// That of the scorer that makes the lists, if the model has one of its own.
  private let listsMethod: (any FoldInMethod)?

  /// Prepares a model.
  public init(_ model: Model) throws {
    self.model = model
    method = try model.parameters.foldIn(to: model)
    listsMethod = try model.learned.lists?.foldIn(to: model)
  }

  /// A user who is not in the model, from ratings of its items; `seen` are ids of items that the user has
  /// seen without rating them, which are not recommended either.
  ///
  /// Errors: `FoldInError`.
  public func user(_ ratings: [RatingByID], seen: [String] = []) throws -> Newcomer {
    try newcomer(.user, ratings, seen: seen)
  }

  /// An item that is not in the model, from ratings by its users; none of its genres is known.
  ///
  /// Errors: `FoldInError`.
  public func item(_ ratings: [RatingByID]) throws -> Newcomer { try newcomer(.item, ratings) }

  /// A user or an item from ratings by ascending index, which must be in range, and other items a user has
  /// seen; without ratings, an average one.
  ///
  /// Errors: `FoldInError`.
  package func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)], seen: [Int32] = []
  ) throws -> FoldedIn {
    let newcomer = try method.newcomer(entity, ratings: ratings, seen: seen)
    guard newcomer.vector.isInRange else { throw FoldInError.notFinite }
    return newcomer
  }

  /// Folds in ratings by original id: of several of one id the last counts, and ids that the model does
  /// not know are left out.
  private func newcomer(
    _ entity: Entity, _ ratings: [RatingByID], seen: [String] = []
  ) throws -> Newcomer {
    let ids = entity == .user ? model.itemIDs : model.userIDs
    var values: [Int32: Float] = [:]
    var unknown: [String] = []
    for rating in ratings {
      try check(rating)
      if let index = ids.index(of: rating.id) {
        values[Int32(index)] = rating.rating
      } else {
        unknown.append(rating.id)
      }
    }
    guard !values.isEmpty else { throw FoldInError.nothingKnown(entity, ids: unknown) }
    let sorted = values.sorted { $0.key < $1.key }.map { (index: $0.key, value: $0.value) }
    let known = Set(seen.compactMap { ids.index(of: $0).map(Int32.init) })
      .subtracting(values.keys).sorted()
    unknown += seen.filter { ids.index(of: $0) == nil }
    let foldedIn = try newcomer(entity, ratings: sorted, seen: known)
    var forLists =
      entity == .user ? try listsMethod?.newcomer(.user, ratings: sorted, seen: known) : nil
    forLists?.own = OwnRatings(sorted.map(\.value), scorer: foldedIn.scorer)
    return Newcomer(
      foldedIn: foldedIn, forLists: forLists,
      rated: sorted.map(\.index), ratings: values, seen: known, unknown: unknown,
      others: ids.count)
  }

  private func check(_ rating: RatingByID) throws {
    guard rating.rating.magnitude <= RatingTable.largestRating else {
      throw FoldInError.notARating(rating.id, rating.rating)
    }
    guard model.scale.contains(rating.rating) || !model.spec.predictsRatings else {
      throw FoldInError.outsideScale(rating.id, rating.rating, model.scale)
    }
    guard model.spec.target != .ratingClass || rating.rating == rating.rating.rounded() else {
      throw FoldInError.notAClass(rating.id, rating.rating)
    }
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
  public func foldIn(_ ratings: [RatingByID], seen: [String] = []) throws -> Newcomer {
    try FoldIn(self).user(ratings, seen: seen)
  }

  /// An item that is not in the model, from ratings by its users.
  ///
  /// Errors: `FoldInError`.
  public func foldIn(item ratings: [RatingByID]) throws -> Newcomer {
    try FoldIn(self).item(ratings)
  }
}

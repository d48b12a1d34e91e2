// Recommends the best items for a user.
import OsusumeData
import OsusumeModels

/// A model ready to recommend; keep it and ask as often as you like, from any thread.
///
/// Items are ranked by raw scores, ties by the model's order of items; only then are scores clipped to the
/// scale of the ratings, unless raw ones are asked for.
public struct Recommender: Sendable {
  /// The model.
  public let model: Model
  /// Identifies the model's contents: the first 12 hexadecimal digits of its file's checksum; empty for a
  /// model that was never saved.
  public let version: String
  private let items: FilteredItems
  let search: any ItemSearch
  private let bounds: ClosedRange<Float>?

  /// Prepares a model, to recommend any of its items or those that passed a filter
  /// (`Model.items(passing:)`).
  ///
  /// Scores are clipped to the model's scale unless `raw`.
  public init(
    _ model: Model, version: String = "", raw: Bool = false, items: FilteredItems = .all
  ) {
    self.model = model
    self.version = version
    self.items = items
    bounds = raw || !model.spec.predictsRatings ? nil : model.scale
    search = model.parameters.search(candidates: items.candidates, threads: allCores)
  }

  /// Reads a model file and prepares the model, to recommend items that pass a filter.
  ///
  /// With a time, as of then, where biases change. Errors: `ModelFileError`, `ItemFilterError`.
  public init(
    modelAt path: String, asOf time: Int64? = nil, raw: Bool = false, filter: ItemFilter = .init()
  ) throws {
    let file = try ModelFile(path)
    do {
      let saved = try file.model()
      let model = time.map(saved.asOf) ?? saved
      self.init(
        model, version: String(file.checksum.prefix(12)), raw: raw,
        items: try model.items(passing: filter))
    } catch let fault as ModelFileFault {
      throw ModelFileError.invalid(path: path, fault)
    }
  }

  /// The index of a user by original id.
  ///
  /// Errors: `RecommenderError.unknownUser`.
  public func index(ofUser id: String) throws -> Int32 {
    if let index = model.userIDs.index(of: id) { return Int32(index) }
    let count = model.userIDs.count
    throw RecommenderError.unknownUser(
      id, count: count, first: model.userIDs[0], last: model.userIDs[count - 1])
  }

  /// The `count` best items of a user, best first, with their metadata.
  public func recommend(
    _ count: Int, for user: Int32, excludeSeen: Bool = true
  ) -> Recommendations {
    let top = rank(count, for: [user], excludeSeen: excludeSeen, threads: 1)
    return recommendations(
      of: model.userIDs[Int(user)], top, seen: excludeSeen ? model.seen[Int(user)] : [],
      asked: count)
  }

  /// The ranking of one user with ids and metadata.
  func recommendations(
    of user: String, _ top: TopItems, seen: ArraySlice<Int32>, asked: Int
  ) -> Recommendations {
    let places = top.items.indices.prefix { top.items[$0] >= 0 }
    return Recommendations(
      user: user,
      items: places.map { recommendation(top.items[$0], score: top.scores[$0], rank: $0 + 1) },
      leftOut: items.leftOut(seen: seen), asked: asked)
  }

  /// The `count` best items of a user named by original id.
  ///
  /// Errors: `RecommenderError.unknownUser`.
  public func recommend(
    _ count: Int, forID id: String, excludeSeen: Bool = true
  ) throws -> Recommendations {
    recommend(count, for: try index(ofUser: id), excludeSeen: excludeSeen)
  }

  /// The `count` best items of each user as indices and raw scores: for many users at once.
  public func rank(
    _ count: Int, for users: [Int32], excludeSeen: Bool = true, threads: Int
  ) -> TopItems {
    search.top(count, for: users, excluding: excludeSeen ? model.seen : nil, threads: threads)
  }

  /// A raw score, clipped unless raw ones are shown.
  func shown(_ score: Float) -> Float {
    guard let bounds else { return score }
    return min(max(score, bounds.lowerBound), bounds.upperBound)
  }

  private func recommendation(_ index: Int32, score: Float, rank: Int) -> Recommendation {
    let id = model.itemIDs[Int(index)]
    return Recommendation(id: id, item: model.catalog[id], score: shown(score), rank: rank)
  }
}

/// One recommended item.
public struct Recommendation: Sendable, Equatable {
  /// Original id.
  public var id: String
  /// Its metadata, where the model has any.
  public var item: Item?
  /// On the scale of the ratings, unless raw scores were asked for.
  public var score: Float
  /// 1 for the best.
  public var rank: Int

  /// Makes a recommendation from its parts.
  public init(id: String, item: Item?, score: Float, rank: Int) {
    self.id = id
    self.item = item
    self.score = score
    self.rank = rank
  }
}

/// The best items of one user, best first.
public struct Recommendations: Sendable, Equatable {
  /// Original id of the user.
  public var user: String
  /// At most as many as asked for.
  public var items: [Recommendation]
  /// Items left out: rated by the user in training, or kept out by a filter.
  public var leftOut: LeftOut
  /// How many items were asked for.
  public var asked: Int

  /// Makes recommendations from their parts.
  public init(user: String, items: [Recommendation], leftOut: LeftOut, asked: Int) {
    self.user = user
    self.items = items
    self.leftOut = leftOut
    self.asked = asked
  }
}

/// Why nothing can be recommended.
public enum RecommenderError: OsusumeError, Equatable {
  /// The model has no such user.
  case unknownUser(String, count: Int, first: String, last: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknownUser(let id, let count, let first, let last):
      "unknown user \(id): the model knows \(count) users, from \(first) to \(last); "
        + "check the id, or train on ratings of this user"
    }
  }
}

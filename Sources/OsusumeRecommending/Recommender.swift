// Recommends the best items for a user.
import Foundation
import OsusumeData
import OsusumeModels

/// What recommended items are ranked by.
public enum RankBy: String, Sendable, Hashable, CaseIterable, Codable {
  /// How likely the user is to meet the item.
  case likely
  /// How likely the user is to meet the item and to like it: to rate it at the median rating or above.
  case blend
  /// How the user is expected to rate it.
  case rating
}

/// A model ready to recommend; keep it and ask as often as you like, from any thread.
///
/// Items are ranked by raw scores, ties by the model's order of items; only then are scores of ratings
/// clipped to the scale of the ratings, unless raw ones are asked for.
public struct Recommender: Sendable {
  /// The model.
  public let model: Model
  /// Identifies the model's contents: the first 12 hexadecimal digits of its file's checksum; empty for a
  /// model that was never saved.
  public let version: String
  /// What items are ranked by.
  public let rankBy: RankBy
  private let items: FilteredItems
  private let search: any ItemSearch
  private let isRaw: Bool
  /// What predicts ratings, where the model does and they are not what the search ranks by.
  private let ratings: (any PairScorer)?
  /// How much it counts that items are unlike those above them, 0 to 1.
  let diversity: Double
  /// How much it counts that items are popular, below 0 that they are not, −1 to 1.
  let popularity: Double
  /// The limits of lists to so many of a series or a genre.
  let limits: ListLimits
  /// What series and genres items are of; nil without limits.
  let kinds: ItemKinds?

  /// Prepares a model, to recommend any of its items or those that passed a filter
  /// (`Model.items(passing:)`).
  ///
  /// Ranks by `rankBy`, which the model must be able to (`Model.ranksBy`); without one, by what it ranks
  /// best by. Ratings are clipped to the model's scale unless `raw`. With a `diversity` above 0, up to 1, lists
  /// trade scores for items unlike those above them (maximal marginal relevance); with a `popularity` from −1 to
  /// 1 for popular items, or below 0 for others. With `limits`, what goes
  /// beyond them is passed over; lists are then made of the best hundred items, or five times as many as asked for.
  ///
  /// Errors: `RecommenderError.cannotRankBy`, `SettingError` for a number out of range, `RatingsFault` for items of
  /// another model.
  public init(
    _ model: Model, version: String = "", raw: Bool = false, items: FilteredItems = .all,
    rankBy: RankBy? = nil, diversity: Double = 0, popularity: Double = 0,
    limits: ListLimits = .init()
  ) throws {
    try SettingError.check("diversity", diversity, in: 0...1)
    try SettingError.check("popularity", popularity, in: -1...1)
    try limits.check()
    try items.check(of: model)
    if let rankBy, !model.ranksBy.contains(rankBy) {
      throw RecommenderError.cannotRankBy(rankBy, model: model.spec.name)
    }
    self.diversity = diversity
    self.popularity = popularity
    self.limits = limits
    kinds = limits.isEmpty ? nil : ItemKinds(of: model, limits)
    self.model = model
    self.version = version
    self.items = items
    self.rankBy = rankBy ?? model.ranksBy[0]
    isRaw = raw
    // A network takes a while to prepare, and the search by ratings has done it.
    ratings =
      model.spec.predictsRatings && self.rankBy != .rating
      ? model.parameters.prepared(threads: allCores) : nil
    search =
      self.rankBy == .rating
      ? model.parameters.search(candidates: items.candidates, threads: allCores)
      : model.listSearch(candidates: items.candidates, threads: allCores)
  }

  /// How many items may be asked for.
  static let counts = 0...1_000_000

  /// What ranks the items.
  var scorer: any Scorer { rankBy == .rating ? model.parameters : model.ranker }

  /// Reads a model file and prepares the model, to recommend items that pass a filter.
  ///
  /// With a time, as of then, where biases change. Errors: `ModelFileError`, `ItemFilterError`,
  /// `RecommenderError.cannotRankBy`, `SettingError`.
  public init(
    modelAt path: String, asOf time: Int64? = nil, raw: Bool = false, filter: ItemFilter = .init(),
    rankBy: RankBy? = nil, diversity: Double = 0, popularity: Double = 0,
    limits: ListLimits = .init()
  ) throws {
    try SettingError.check("diversity", diversity, in: 0...1)
    try SettingError.check("popularity", popularity, in: -1...1)
    try limits.check()
    let file = try ModelFile(path)
    do {
      let saved = try file.model()
      let model = time.map(saved.asOf) ?? saved
      try self.init(
        model, version: String(file.checksum.prefix(12)), raw: raw,
        items: try model.items(passing: filter), rankBy: rankBy, diversity: diversity,
        popularity: popularity, limits: limits)
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

  /// The `count` best items of a user, best first, with their metadata; `leavingOut` says which of the items
  /// that the user has met are none of them.
  ///
  /// Errors: `RatingsFault` for a user that there is not, `SettingError` for a count out of range.
  public func recommend(
    _ count: Int, for user: Int32, leavingOut ways: Set<Meeting> = .all
  ) throws -> Recommendations {
    let top = try rank(count, for: [user], leavingOut: ways, threads: 1)
    // Of fewer items than places, only those that there are.
    func users(_ items: [Int32]) -> [Int32] { [Int32](repeating: user, count: items.count) }
    return recommendations(
      of: model.userIDs[Int(user)], top, met: model.met(by: Int(user), ways), asked: count,
      byPopularity: isByPopularity(user),
      ratings: { ratings?.scores(users: users($0), items: $0, threads: 1) },
      listScores: { model.ranker.scores(users: users($0), items: $0, threads: 1) })
  }

  /// The `count` best items of a user named by original id.
  ///
  /// Errors: `RecommenderError.unknownUser`, `SettingError` for a count out of range.
  public func recommend(
    _ count: Int, forID id: String, leavingOut ways: Set<Meeting> = .all
  ) throws -> Recommendations {
    try recommend(count, for: index(ofUser: id), leavingOut: ways)
  }

  /// The `count` best items of each user as indices and raw scores: for many users at once.
  ///
  /// Errors: `RatingsFault` for a user that there is not, `SettingError` for a number out of range.
  public func rank(
    _ count: Int, for users: [Int32], leavingOut ways: Set<Meeting> = .all, threads: Int = allCores
  ) throws -> TopItems {
    try SettingError.check("top", count, in: Self.counts)
    try SettingError.check("threads", threads, in: 1...1024)
    try users.check("user", count: model.userIDs.count)
    // So many places of so many users would not fit into memory.
    guard count.multipliedReportingOverflow(by: users.count).partialValue <= Int(Int32.max) else {
      throw SettingError.outOfRange(
        setting: "top", value: "\(count)", range: "fewer, or ask for fewer users at once")
    }
    let met = ways.isEmpty ? nil : model.met(by: users, ways, threads: threads)
    guard isReranked else {
      return search.top(count, for: users, excluding: met, threads: threads)
    }
    let width = Self.candidates(count)
    let top = search.top(width, for: users, excluding: met, threads: threads)
    let repeated = users.flatMap { [Int32](repeating: $0, count: width) }
    let byPopularity = users.map { rankBy == .blend && isByPopularity($0) }
    return reranked(top, count: count, byPopularity: byPopularity) {
      ratings?.scores(users: repeated, items: $0, threads: threads)
    }
  }

  /// The `count` best items of a user who is not in the model, under a name of one's own.
  ///
  /// Errors: `NewcomerError`, `SettingError` for a count out of range.
  public func recommend(
    _ count: Int, for newcomer: Newcomer, named name: String = "",
    leavingOut ways: Set<Meeting> = .all
  ) throws -> Recommendations {
    try SettingError.check("top", count, in: Self.counts)
    try newcomer.check(.user, others: model.itemIDs.count)
    let met = MetItems(newcomer.met.filter { ways.contains($0.key) })
    let forLists = newcomer.forLists ?? newcomer.foldedIn
    let folded = rankBy == .rating ? newcomer.foldedIn : forLists
    let width = isReranked ? Self.candidates(count) : count
    var top = search.top(width, for: folded, excluding: met.all)
    let byPopularity = (search as? ListSearch)?.isByPopularity(folded) ?? false
    if isReranked {
      top = reranked(top, count: count, byPopularity: [byPopularity]) { newcomer.scores($0) }
    }
    return recommendations(
      of: name, top, met: met, asked: count, byPopularity: byPopularity,
      ratings: { ratings == nil ? nil : newcomer.scores($0) },
      listScores: { forLists.scores($0) })
  }

  /// The ranking of one user with ids and metadata, what the user is predicted to rate the items, and
  /// their scores in lists.
  private func recommendations(
    of user: String, _ top: TopItems, met: MetItems, asked: Int, byPopularity: Bool,
    ratings: ([Int32]) -> [Float]?, listScores: ([Int32]) -> [Float]
  ) -> Recommendations {
    let indices = Array(top.items.prefix { $0 >= 0 })
    let expected =
      rankBy == .rating ? Array(top.scores.prefix(indices.count)) : ratings(indices)
    let likely =
      byPopularity
      ? ListPopularity(model).fractions(of: indices)
      : model.learned.likelihood.map { curve in
        (rankBy == .likely ? Array(top.scores.prefix(indices.count)) : listScores(indices))
          .map { curve($0) }
      }
    var answer = Recommendations(
      user: user,
      items: indices.enumerated().map { place, index in
        let id = model.itemIDs[Int(index)]
        return Recommendation(
          id: id, item: model.catalog[id], score: shown(top.scores[place]), rank: place + 1,
          likely: likely?[place], expectedRating: expected.map { onScale($0[place]) },
          expectedInterval: expected.flatMap { interval(around: $0[place]) })
      },
      leftOut: items.leftOut(met: met), asked: asked, rankedBy: rankBy)
    (answer.diversity, answer.popularity, answer.limits) = (diversity, popularity, limits)
    answer.isByPopularity = byPopularity
    return answer
  }

  /// Whether a user's lists are by popularity, nothing they have met speaking for any item.
  private func isByPopularity(_ user: Int32) -> Bool {
    (search as? ListSearch)?.isByPopularity(user) ?? false
  }

  /// A raw score as it is shown: a rating is clipped unless raw ones are asked for.
  func shown(_ score: Float) -> Float {
    rankBy == .rating && model.spec.predictsRatings ? onScale(score) : score
  }

  /// Where a rating will lie that is expected to be this, four times of five.
  private func interval(around rating: Float) -> ClosedRange<Float>? {
    model.learned.intervals.map {
      let interval = $0(rating)
      return onScale(interval.lowerBound)...onScale(interval.upperBound)
    }
  }

  private func onScale(_ rating: Float) -> Float {
    isRaw ? rating : min(max(rating, model.scale.lowerBound), model.scale.upperBound)
  }
}

extension Model {
  /// What its items can be ranked by, the best first.
  ///
  /// A model that predicts ratings can sort by them; one with lists, and one that predicts no ratings,
  /// knows what users are likely to meet.
  public var ranksBy: [RankBy] {
    guard spec.predictsRatings else { return [.likely] }
    return learned.lists == nil ? [.rating] : [.likely, .blend, .rating]
  }
}

/// Why nothing can be recommended.
public enum RecommenderError: OsusumeError, Equatable {
  /// The model has no such user.
  case unknownUser(String, count: Int, first: String, last: String)
  /// The model does not know what items are to be ranked by.
  case cannotRankBy(RankBy, model: String)
  /// What items are ranked by is no sum over a user's items.
  case cannotExplain(model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknownUser(let id, let count, let first, let last):
      "unknown user \(id.shortened): the model knows \(count) users, from \(first.shortened) to \(last.shortened); "
        + "check the id, or train on ratings of this user"
    case .cannotRankBy(.likely, let model), .cannotRankBy(.blend, let model):
      "\(model) predicts ratings, not what a user is likely to meet: leave `rank_by` out, or train the model lists"
    case .cannotExplain(let model):
      "\(model) predicts ratings, which are no sums over what a user has rated: take a model that makes "
        + "lists, such as lists or ease, and rank by likely"
    case .cannotRankBy(.rating, let model):
      "\(model) predicts no ratings: leave `rank_by` out, or train the model lists"
    }
  }
}

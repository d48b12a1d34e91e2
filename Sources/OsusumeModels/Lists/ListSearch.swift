// The lists as they are shown and judged: by the scorer that makes them, expected ratings having a say.
import OsusumeData

/// Ranks by the scores of lists; what a user is expected to rate far below their own mean comes last.
///
/// Where nothing that a user has met speaks for any item, lists are by popularity times expected rating.
public struct ListSearch: ItemSearch {
  private let search: any ItemSearch
  /// Ascending.
  private let candidates: [Int32]
  /// What predicts ratings.
  private let ratings: any PairScorer
  private let popularity: ListPopularity
  private let distaste: Distaste
  private let seen: SeenItems
  private let seenRatings: SeenRatings?

  /// Prepares a model with lists for so many users, those beyond the model's having met nothing.
  init(_ model: Model, candidates: [Int32]? = nil, users: Int, threads: Int) {
    let items = model.parameters.itemCount
    func extended(_ scorer: any Scorer) -> any Scorer {
      users > scorer.userCount ? scorer.extended(users: users, items: items) : scorer
    }
    search = extended(model.ranker).search(candidates: candidates, threads: threads)
    ratings = extended(model.parameters).prepared(threads: threads)
    self.candidates = candidates?.sorted() ?? (0..<Int32(items)).map { $0 }
    popularity = ListPopularity(model)
    distaste = Distaste(model)
    (seen, seenRatings) = (model.seen, model.seenRatings)
  }

  /// The expected rating below which an item comes last for a user.
  private func bound(_ user: Int32) -> Float {
    guard let seenRatings, Int(user) + 1 < seen.offsets.count else { return -.infinity }
    return distaste.bound(seen[Int(user)].indices.map { seenRatings[$0] })
  }

  /// The `count` best items of each user.
  public func top(
    _ count: Int, for users: [Int32], excluding met: SeenItems?, threads: Int
  ) -> TopItems {
    // Few items come last: half as many again as asked for nearly always hold enough of the others.
    let width = min(count + count / 2 + 8, candidates.count)
    let wide = search.top(width, for: users, excluding: met, threads: threads)
    let liking = ratings.scores(
      users: users.flatMap { [Int32](repeating: $0, count: width) },
      items: wide.items.map { max(0, $0) }, threads: threads)
    return TopItems(
      width: count,
      joining: mapChunks(users.count, threads: threads) { row in
        let bound = bound(users[row])
        if let whole = wide.leading(count, row, where: { liking[$0] >= bound }) { return whole }
        return list(
          count, search.scores(of: users[row]), expected(of: users[row]), bound: bound,
          excluding: met?[Int(users[row])] ?? [])
      })
  }

  /// The `count` best items of a user who was folded in.
  public func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems {
    guard let own = newcomer.own, let expected = expected(of: newcomer) else {
      return search.top(count, for: newcomer, excluding: rated)
    }
    return list(
      count, search.scores(of: newcomer), expected, bound: distaste.bound(own.values),
      excluding: rated[...])
  }

  /// The best of all candidates, with the scores that lists go by.
  private func list(
    _ count: Int, _ scores: [Float], _ expected: [Float], bound: Float,
    excluding seen: ArraySlice<Int32>
  ) -> TopItems {
    var best = TopItems(
      best: count, of: candidates, scores: ordered(scores, expected, bound: bound)[...],
      excluding: seen)
    guard !Self.saysNothing(scores) else { return best }
    for place in best.items.indices where best.items[place] >= 0 {
      let item = best.items[place]
      best.scores[place] = scores[candidates.indices.firstPlace { candidates[$0] >= item }]
    }
    return best
  }

  /// Scores of all candidates that have the order of the user's list.
  public func scores(of user: Int32) -> [Float] {
    ordered(search.scores(of: user), expected(of: user), bound: bound(user))
  }

  /// The same for a user who was folded in.
  public func scores(of newcomer: FoldedIn) -> [Float] {
    let scores = search.scores(of: newcomer)
    guard let own = newcomer.own, let expected = expected(of: newcomer) else { return scores }
    return ordered(scores, expected, bound: distaste.bound(own.values))
  }

  /// Whether a user's list is by popularity times expected rating.
  package func isByPopularity(_ user: Int32) -> Bool { Self.saysNothing(search.scores(of: user)) }

  /// The same of a user who was folded in.
  package func isByPopularity(_ newcomer: FoldedIn) -> Bool {
    newcomer.own != nil && Self.saysNothing(search.scores(of: newcomer))
  }

  private static func saysNothing(_ scores: [Float]) -> Bool { scores.allSatisfy { $0 <= 0 } }

  /// Scores with those of items expected below the bound moved below all others; popularity times expected rating
  /// where scores say nothing.
  private func ordered(_ scores: [Float], _ expected: [Float], bound: Float) -> [Float] {
    guard !Self.saysNothing(scores) else {
      return popularity.scores(of: candidates, expected: expected)
    }
    let gap = (scores.max() ?? 0) - (scores.min() ?? 0) + 1
    return zip(scores, expected).map { $1 < bound ? $0 - gap : $0 }
  }

  /// The expected ratings of all candidates.
  private func expected(of user: Int32) -> [Float] {
    ratings.scores(
      users: [Int32](repeating: user, count: candidates.count), items: candidates, threads: 1)
  }

  private func expected(of newcomer: FoldedIn) -> [Float]? {
    newcomer.own?.scorer.scores(
      users: [Int32](repeating: 0, count: candidates.count), items: candidates, threads: 1)
  }
}

extension TopItems {
  /// The first `count` items of a row whose places hold a condition; nil where the row has fewer, and where its best
  /// score is not above 0.
  fileprivate func leading(_ count: Int, _ row: Int, where holds: (Int) -> Bool) -> TopItems? {
    var list = TopItems(
      width: count, items: [Int32](repeating: -1, count: count),
      scores: [Float](repeating: -.infinity, count: count))
    let places = row * width..<(row + 1) * width
    guard let first = places.first, scores[first] > 0 else { return nil }
    var filled = 0
    for place in places where filled < count {
      guard items[place] >= 0, holds(place) else { continue }
      (list.items[filled], list.scores[filled]) = (items[place], scores[place])
      filled += 1
    }
    return filled == count ? list : nil
  }
}

/// What somebody is expected to rate so low that it comes last in lists.
struct Distaste: Sendable {
  /// Ratings of everybody that a user's own mean is drawn to the common one by.
  private static let common: Float = 10
  /// Standard deviations of the ratings that an expected rating lies below the mean.
  private static let deviations: Float = 0.6

  /// The mean of all ratings; nil where the model does not say what was rated.
  private let mean: Float?
  private let deviation: Float

  init(_ model: Model) {
    deviation = Float(model.deviation)
    mean = model.seenRatings.flatMap { ratings in
      guard !ratings.codes.isEmpty else { return nil }
      var counts = [Int](repeating: 0, count: ratings.values.count)
      for code in ratings.codes { counts[Int(code)] += 1 }
      let sum = zip(ratings.values, counts).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      return Float(sum / Double(ratings.codes.count))
    }
  }

  /// The expected rating below which items come last for somebody with these ratings: six tenths of a standard
  /// deviation below their mean, ten ratings at the mean of all being among them.
  func bound(_ own: [Float]) -> Float {
    guard let mean else { return -.infinity }
    let sum = own.reduce(Self.common * mean, +)
    return sum / (Float(own.count) + Self.common) - Self.deviations * deviation
  }
}

/// How popular items are: what lists go by where nothing is known of somebody.
public struct ListPopularity: Sendable {
  private let fractions: [Float]
  private let scale: ClosedRange<Float>

  /// The popularity that a model's training ratings show.
  public init(_ model: Model) {
    let seen = model.seen
    let people = zip(seen.offsets, seen.offsets.dropFirst()).count { $0 < $1 }
    fractions = model.itemCounts.map { Float($0) / Float(max(1, people)) }
    scale = model.scale
  }

  /// The fraction of people with ratings who rated each of some items.
  package func fractions(of items: [Int32]) -> [Float] { items.map { fractions[Int($0)] } }

  /// Popularity times how far up the scale of the ratings each item is expected to be rated, 0 to 1.
  func scores(of items: [Int32], expected: [Float]) -> [Float] {
    let (low, high) = (scale.lowerBound, scale.upperBound)
    return zip(items, expected).map { item, rating in
      let place = high > low ? (min(max(rating, low), high) - low) / (high - low) : 1
      return fractions[Int(item)] * place
    }
  }
}

extension Model {
  /// A search for what lists are made of, among all items or `candidates`, for users up to `users`, all of
  /// the model where nil.
  ///
  /// Of a model that makes its lists by a scorer of their own, a `ListSearch`; of others, that of the scorer.
  package func listSearch(
    candidates: [Int32]? = nil, users: Int? = nil, threads: Int
  ) -> any ItemSearch {
    let users = users ?? userIDs.count
    guard learned.lists == nil else {
      return ListSearch(self, candidates: candidates, users: users, threads: threads)
    }
    return
      (users > userIDs.count
      ? ranker.extended(users: users, items: parameters.itemCount) : ranker)
      .search(candidates: candidates, threads: threads)
  }
}

/// What lists ask of somebody who was folded in besides scores.
public struct OwnRatings: Sendable {
  /// What predicts their ratings, of whom it has one.
  public let scorer: any PairScorer
  /// Their ratings.
  public let values: [Float]

  /// Makes them from their parts.
  package init(_ values: [Float], scorer: any PairScorer) {
    (self.values, self.scorer) = (values, scorer)
  }
}

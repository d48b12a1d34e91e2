// EASE's scores: sums over the items a user has met of what each says of all others.
import CKernels
import OsusumeData

/// score(u, i) = Σ over the items j that u has met of x_uj·B[j, i], x by `RatingStrength`.
///
/// Scores rank a user's items; they are no ratings, and those of two users do not compare.
public struct ItemRelations: Sendable {
  /// B.
  public let relation: ItemRelation
  /// By user: the items rated, ascending.
  public let rated: SeenItems
  /// For each of `rated.items`: what it counts, in hundredths.
  public let strengths: [UInt8]
  /// By user: the items seen without being rated, ascending; as many users as in `rated`.
  public let unrated: SeenItems
  /// What a rating counts.
  public let strength: RatingStrength

  /// Makes a scorer from its parts.
  package init(
    relation: ItemRelation, rated: SeenItems, strengths: [UInt8], unrated: SeenItems,
    strength: RatingStrength
  ) {
    precondition(
      strengths.count == rated.items.count && unrated.offsets.count == rated.offsets.count)
    self.relation = relation
    self.rated = rated
    self.strengths = strengths
    self.unrated = unrated
    self.strength = strength
  }

  /// What a user has met, and how much each item counts.
  package func met(by user: Int) -> (items: [Int32], strengths: [Float]) {
    guard user < userCount else { return ([], []) }
    let own = Int(rated.offsets[user])..<Int(rated.offsets[user + 1])
    let seen = unrated[user]
    return (
      Array(rated.items[own]) + seen,
      strengths[own].map(RatingStrength.value)
        + [Float](repeating: RatingStrength.value(RatingStrength.unrated), count: seen.count)
    )
  }

  /// A user's scores of all items.
  func scores(user: Int) -> [Float] {
    let met = met(by: user)
    return relation.scores(met.items, strengths: met.strengths)
  }

  /// What each item that a user has met adds to the score of another.
  public func contributions(user: Int, item: Int) -> [Contribution]? {
    let met = met(by: user)
    return zip(met.items, met.strengths).map {
      Contribution(item: $0, value: $1 * relation[Int($0), item])
    }
  }

  /// The same users with another relation between as many items.
  package func with(_ relation: ItemRelation) -> ItemRelations {
    ItemRelations(
      relation: relation, rated: rated, strengths: strengths, unrated: unrated,
      strength: strength)
  }

  /// The same relation with one user, of these ratings by ascending item, who has seen other items too.
  func with(user ratings: [(index: Int32, value: Float)], seen: [Int32]) -> ItemRelations {
    ItemRelations(
      relation: relation,
      rated: SeenItems(offsets: [0, Int32(ratings.count)], items: ratings.map(\.index)),
      strengths: ratings.map { strength.hundredths($0.value) },
      unrated: SeenItems(offsets: [0, Int32(seen.count)], items: seen), strength: strength)
  }
}

extension ItemRelations: Scorer, PairScorer {
  /// Number of users.
  public var userCount: Int { rated.offsets.count - 1 }
  /// Number of items.
  public var itemCount: Int { relation.items }

  /// Raw scores: element n is of users[n] and items[n].
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    let byUser = Grouping(keys: users, count: userCount, threads: threads)
    let asked = (0..<userCount).filter { !byUser[$0].isEmpty }
    return [Float](unsafeUninitializedCapacity: users.count) { out, filled in
      // Each pair belongs to one user.
      nonisolated(unsafe) let out = out
      forEachChunk(asked.count, threads: threads) { chunk in
        let scores = scores(user: asked[chunk])
        for place in byUser[asked[chunk]] { out[Int(place)] = scores[Int(items[Int(place)])] }
      }
      filled = users.count
    }
  }

  /// One raw score.
  public func score(user: Int, item: Int) -> Float { scores(user: user)[item] }

  /// A search by users' scores of all items.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    RelationSearch(self, candidates: candidates)
  }

  /// The same with further users, who have met nothing, and items, of which nothing is known.
  public func extended(users: Int, items: Int) -> ItemRelations {
    ItemRelations(
      relation: relation.extended(items: items), rated: rated.extended(users: users),
      strengths: strengths, unrated: unrated.extended(users: users), strength: strength)
  }

  /// Scores by what was rated; nothing is fitted.
  public func foldIn(to model: Model) throws -> any FoldInMethod {
    RelationFoldIn(relations: self, model: model.spec.name)
  }

  /// Partial correlations.
  public var neighbourMeasure: NeighbourMeasure { .partialCorrelation }

  /// The partial correlations with an item: −P_ij/√(P_ii·P_jj), which is ±√(B_ij·B_ji).
  public func neighbours(ofItem item: Int) -> [(item: Int, similarity: Float)]? {
    (Int(relation.offsets[item])..<Int(relation.offsets[item + 1])).compactMap { place in
      let (other, weight) = (Int(relation.columns[place]), relation.weights[place])
      let product = weight * relation[other, item]
      guard product > 0 else { return nil }
      let size = product.squareRoot()
      return (item: other, similarity: weight > 0 ? size : -size)
    }
  }
}

/// Relations' way to take in users.
private struct RelationFoldIn: FoldInMethod {
  let relations: ItemRelations
  /// Its name, for errors.
  let model: String

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    try newcomer(entity, ratings: ratings, seen: [])
  }

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)], seen: [Int32]
  ) throws -> FoldedIn {
    guard entity == .user else { throw FoldInError.usersOnly(model: model) }
    return FoldedIn(.user, scorer: relations.with(user: ratings, seen: seen))
  }
}

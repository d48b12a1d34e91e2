// EASE's scores: sums over the items a user has met of what each says of all others.
import CKernels
import OsusumeData

/// score(u, i) = Σ over relations of Σ over the items j that u has met in its sense of B[j, i].
///
/// The first relation is "rated at all", the second, if there is one, "liked": rated at `likedFrom` or above.
/// Scores rank a user's items; they are no ratings, and those of two users do not compare.
public struct ItemRelations: Sendable {
  /// B of each relation, times its weight in the score; one or two.
  public let relations: [ItemRelation]
  /// By user: the items rated, ascending.
  public let rated: SeenItems
  /// For each of `rated.items`: 1 where it is liked, else 0.
  public let isLiked: [UInt8]
  /// The rating from which on an item is liked.
  public let likedFrom: Float

  /// Makes relations from their parts; each relation is of the same items.
  public init(
    relations: [ItemRelation], rated: SeenItems, isLiked: [UInt8], likedFrom: Float
  ) {
    precondition(!relations.isEmpty && isLiked.count == rated.items.count)
    self.relations = relations
    self.rated = rated
    self.isLiked = isLiked
    self.likedFrom = likedFrom
  }

  /// A user's scores of all items.
  func scores(user: Int) -> [Float] {
    let own = user < userCount ? Int(rated.offsets[user])..<Int(rated.offsets[user + 1]) : 0..<0
    let liked = own.filter { isLiked[$0] != 0 }.map { rated.items[$0] }
    var scores = [Float](repeating: 0, count: itemCount)
    scores.withUnsafeMutableBufferPointer { scores in
      guard let scores = scores.baseAddress else { return }
      rated.items[own].withUnsafeBufferPointer { relations[0].add($0, to: scores) }
      guard relations.count > 1 else { return }
      liked.withUnsafeBufferPointer { relations[1].add($0, to: scores) }
    }
    return scores
  }

  /// What each item that a user has rated says of another, in both senses where it is liked.
  public func contributions(user: Int, item: Int) -> [Contribution]? {
    let own = user < userCount ? Int(rated.offsets[user])..<Int(rated.offsets[user + 1]) : 0..<0
    return own.map { place in
      let met = Int(rated.items[place])
      let liked = relations.count > 1 && isLiked[place] != 0 ? relations[1][met, item] : 0
      return Contribution(item: Int32(met), value: relations[0][met, item] + liked)
    }
  }

  /// The same relations with one user, of these ratings by ascending item.
  func with(user ratings: [(index: Int32, value: Float)]) -> ItemRelations {
    ItemRelations(
      relations: relations,
      rated: SeenItems(offsets: [0, Int32(ratings.count)], items: ratings.map(\.index)),
      isLiked: ratings.map { $0.value >= likedFrom ? 1 : 0 }, likedFrom: likedFrom)
  }
}

extension ItemRelations: Scorer, PairScorer {
  /// Number of users.
  public var userCount: Int { rated.offsets.count - 1 }
  /// Number of items.
  public var itemCount: Int { relations[0].items }

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

  /// A search by a user's scores of all items.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    FullSearch(items: itemCount, candidates: candidates) { user, candidates in
      let scores = scores(user: Int(user))
      return candidates.count == scores.count ? scores : candidates.map { scores[Int($0)] }
    }
  }

  /// The same with further users, who have met nothing, and items, of which nothing is known.
  public func extended(users: Int, items: Int) -> ItemRelations {
    ItemRelations(
      relations: relations.map { $0.extended(items: items) }, rated: rated.extended(users: users),
      isLiked: isLiked, likedFrom: likedFrom)
  }

  /// Scores by what was rated; nothing is fitted.
  public func foldIn(to model: Model) throws -> any FoldInMethod {
    RelationFoldIn(relations: self, model: model.spec.name)
  }

  /// Partial correlations.
  public var neighbourMeasure: NeighbourMeasure { .partialCorrelation }

  /// The partial correlations with an item: −P_ij/√(P_ii·P_jj), which is ±√(B_ij·B_ji).
  public func neighbours(ofItem item: Int) -> [(item: Int, similarity: Float)]? {
    let relation = relations[0]
    return (Int(relation.offsets[item])..<Int(relation.offsets[item + 1])).compactMap { place in
      let (other, weight) = (Int(relation.columns[place]), relation.weights[place])
      let product = weight * relation[other, item]
      guard product > 0 else { return nil }
      let size = product.squareRoot() * Float(relations.count)
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
    guard entity == .user else { throw FoldInError.usersOnly(model: model) }
    return FoldedIn(.user, scorer: relations.with(user: ratings))
  }
}

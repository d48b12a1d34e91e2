// What follows for every scorer from what each kind implements.
import OsusumeData

extension Scorer where Self: PairScorer {
  /// The scorer itself: nothing can be computed beforehand.
  public func prepared(threads: Int) -> any PairScorer { self }
}

extension Scorer {
  /// One raw (unclipped) score.
  public func score(user: Int, item: Int) -> Float {
    scores(users: [Int32(user)], items: [Int32(item)], threads: 1)[0]
  }

  /// A search that scores every candidate.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    FullSearch(prepared(threads: threads), items: itemCount, candidates: candidates)
  }

  /// A score may be squared and summed.
  public static var scoreLimit: Double { NumberLimit.score }

  /// None.
  public func vectors(of entity: Entity) -> FactorVectors? { nil }

  /// None.
  public func innerVectors(of entity: Entity, threads: Int) -> FactorVectors? { nil }

  /// None.
  public func biases(of entity: Entity) -> [Float]? { nil }

  /// None.
  public func neighbours(ofItem item: Int) -> [(item: Int, similarity: Float)]? { nil }

  /// Cosines.
  public var neighbourMeasure: NeighbourMeasure { .cosine }

  /// None.
  public var tables: [FloatMatrix] { [] }

  /// The scorer itself: without tables, nothing of it changes.
  public func copy() -> Self { self }
}

extension PairScorer {
  /// Predicts no distribution.
  public var classes: Int? { nil }

  /// Predicts no distribution.
  public func distributions(users: [Int32], items: [Int32], threads: Int) -> [Float]? { nil }

  /// Scores are no sums over the items a user has met.
  public func contributions(user: Int, item: Int) -> [Contribution]? { nil }

  /// Predicts no labels.
  public func probabilities(users: [Int32], items: [Int32], threads: Int) -> [Float]? { nil }
}

extension Scorer {
  /// Raw scores: element n is of users[n] and items[n].
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    prepared(threads: threads).scores(users: users, items: items, threads: threads)
  }

  /// Errors on ratings, raw and clipped to the scale; nil without ratings.
  public func errors(
    on ratings: IndexedRatings, scale: ClosedRange<Float> = -.infinity ... .infinity, threads: Int
  ) -> ErrorMetrics? {
    guard ratings.count > 0 else { return nil }
    return ErrorMetrics(
      predictions: scores(users: ratings.users, items: ratings.items, threads: threads),
      truths: ratings.values, scale: scale, threads: threads)
  }

  /// The `count` best items of each user, best first, ties by lower item index.
  ///
  /// Prepares the items anew at each call; keep a `search` to ask more than once.
  public func topItems(
    for users: [Int32], count: Int, excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    search(candidates: nil, threads: threads)
      .top(count, for: users, excluding: seen, threads: threads)
  }

  /// Copies the contents of other tables, of the same sizes, into the scorer's own.
  package func restore(_ tables: [FloatMatrix]) {
    for (mine, theirs) in zip(self.tables, tables) {
      precondition(mine.capacity == theirs.capacity)
      mine.base.update(from: theirs.base, count: mine.capacity)
    }
  }
}

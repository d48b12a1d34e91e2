// Search for the best items of users, in general and by scoring every candidate.
import CKernels
import OsusumeData

/// A scorer's items, ready to be ranked for users.
///
/// Keep it as long as the parameters stay unchanged. Searches may run side by side; results depend
/// neither on the number of threads nor on which users are asked for together.
public protocol ItemSearch: Sendable {
  /// The `count` best items of each user, best first, ties by lower item index; `seen` lists what to
  /// leave out by user.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems

  /// The `count` best items of a user who was folded into the scorer, without `rated` (ascending).
  func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems

  /// A user's raw scores of all candidates, in ascending order of item.
  func scores(of user: Int32) -> [Float]

  /// The raw scores of all candidates for a user who was folded in, in ascending order of item.
  func scores(of newcomer: FoldedIn) -> [Float]

  /// Whether any user's candidates are known to have one score all.
  var isFlat: Bool { get }
}

extension ItemSearch {
  /// Not known.
  public var isFlat: Bool { false }
}

/// Scores every candidate and keeps the best: for scorers that have no faster way.
public struct FullSearch: ItemSearch {
  /// Ascending.
  private let candidates: [Int32]
  private let scores: @Sendable (_ user: Int32, _ candidates: [Int32]) -> [Float]

  /// Ranks by a function that scores candidates for a user.
  init(
    items: Int, candidates: [Int32]?,
    scores: @escaping @Sendable (_ user: Int32, _ candidates: [Int32]) -> [Float]
  ) {
    self.candidates = candidates?.sorted() ?? (0..<Int32(items)).map { $0 }
    self.scores = scores
  }

  /// Ranks by the scores of pairs.
  package init(_ scorer: any PairScorer, items: Int, candidates: [Int32]?) {
    self.init(items: items, candidates: candidates) { user, items in
      scorer.scores(
        users: [Int32](repeating: user, count: items.count), items: items, threads: 1)
    }
  }

  /// The `count` best items of each user.
  public func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems? = nil, threads: Int
  ) -> TopItems {
    TopItems(
      width: count,
      joining: mapChunks(users.count, threads: threads) { place in
        let user = users[place]
        return TopItems(
          best: count, of: candidates, scores: scores(user, candidates)[...],
          excluding: seen?[Int(user)] ?? [])
      })
  }

  /// The `count` best items of a user who was folded in.
  public func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems {
    TopItems(
      best: count, of: candidates, scores: newcomer.scores(candidates)[...],
      excluding: rated[...])
  }

  /// A user's raw scores of all candidates.
  public func scores(of user: Int32) -> [Float] { scores(user, candidates) }

  /// The raw scores of all candidates for a user who was folded in.
  public func scores(of newcomer: FoldedIn) -> [Float] { newcomer.scores(candidates) }
}

extension TopItems {
  /// One user's best of ascending candidates by their scores.
  package init(
    best count: Int, of candidates: [Int32], scores: ArraySlice<Float>,
    excluding seen: ArraySlice<Int32>
  ) {
    var items = [Int32](repeating: -1, count: count)
    var best = [Float](repeating: -.infinity, count: count)
    scores.withUnsafeBufferPointer { scores in
      seen.withUnsafeBufferPointer { seen in
        ck_topn_select(
          scores.baseAddress, candidates, candidates.count, seen.baseAddress, seen.count, count,
          &items, &best)
      }
    }
    self.init(width: count, items: items, scores: best)
  }

  /// Rankings of `width` places one after the other.
  package init(width: Int, joining parts: [TopItems]) {
    self.init(
      width: width, items: parts.flatMap(\.items), scores: parts.flatMap(\.scores))
  }
}

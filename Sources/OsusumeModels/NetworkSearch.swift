// The best items of users by a network: every candidate is scored, the best are kept.
import CKernels
import OsusumeData

/// A network's items, ready to be ranked for users.
public struct NetworkSearch: Sendable {
  private let scorer: NetworkScorer
  /// Candidates, ascending.
  private let candidates: [Int32]

  /// Prepares all items, or those of `candidates` (distinct item indices).
  init(_ scorer: NetworkScorer, candidates: [Int32]?) {
    self.scorer = scorer
    self.candidates = candidates?.sorted() ?? (0..<Int32(scorer.items.rows)).map { $0 }
  }

  /// As `TopItemSearch.top`.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    let rows = mapChunks(users.count, threads: threads) { place in
      best(count, for: users[place], seen?[Int(users[place])] ?? [])
    }
    return TopItems(
      width: count, items: rows.flatMap(\.items), scores: rows.flatMap(\.scores))
  }

  private func best(_ count: Int, for user: Int32, _ seen: ArraySlice<Int32>) -> TopItems {
    let scores = scorer.scores(
      users: [Int32](repeating: user, count: candidates.count), items: candidates, threads: 1)
    return select(count, scores, seen)
  }

  private func select(_ count: Int, _ scores: [Float], _ seen: ArraySlice<Int32>) -> TopItems {
    var items = [Int32](repeating: -1, count: count)
    var best = [Float](repeating: -.infinity, count: count)
    seen.withUnsafeBufferPointer { seen in
      ck_topn_select(
        scores, candidates, candidates.count, seen.baseAddress, seen.count, count, &items, &best)
    }
    return TopItems(width: count, items: items, scores: best)
  }
}

// How good a ranking is: NDCG, recall, average precision and others of one user, cut at a rank.
import Foundation

/// The quality of one user's ranking, cut at one rank.
///
/// Items of one score may come in any order: each metric is its expected value over all orders of them,
/// in closed form (McSherry and Najork, ECIR 2008).
public struct RankingMetrics: Sendable, Equatable {
  /// Σ 1/log2(rank + 1) over hits, over the same of a ranking that lists relevant items first.
  public var ndcg = 0.0
  /// Hits over relevant items.
  public var recall = 0.0
  /// Mean over min(relevant items, cutoff) of the precision at each hit.
  public var averagePrecision = 0.0
  /// One over the rank of the first hit; 0 without one.
  public var reciprocalRank = 0.0
  /// Hits over the cutoff.
  public var precision = 0.0
  /// The chance of at least one hit: 0 or 1 without ties.
  public var hitRate = 0.0

  /// A stretch of a ranking whose items have one score.
  public struct Run: Sendable, Equatable {
    /// Number of items.
    public var items: Int
    /// How many of them are relevant.
    public var relevant: Int

    /// Makes a run of at least one item.
    package init(items: Int, relevant: Int) {
      precondition(items > 0 && (0...items).contains(relevant))
      self.items = items
      self.relevant = relevant
    }
  }

  /// Computes the metrics of a ranking.
  ///
  /// Of a run of m items, r of them relevant, behind a others with H hits, the item in place t (rank
  /// a + t) is relevant with probability r/m; if it is, the t − 1 before it hold (t − 1)(r − 1)/(m − 1)
  /// hits on average. If none of these is a hit, it is one with probability r/(m − t + 1).
  ///
  /// - Parameters:
  ///   - runs: Best first; ranks beyond their end are misses.
  ///   - relevant: Number of relevant items, at least 1, ranked or not.
  ///   - cutoff: Ranks that count.
  package init(runs: some Sequence<Run>, relevant: Int, cutoff: Int) {
    precondition(relevant > 0 && cutoff > 0)
    var (gain, precisions, hits) = (0.0, 0.0, 0.0)
    var noHit = 1.0
    var before = (items: 0, hits: 0)
    for run in runs where before.items < cutoff {
      let chance = Double(run.relevant) / Double(run.items)
      for place in 1...min(run.items, cutoff - before.items) where run.relevant > 0 {
        let rank = Double(before.items + place)
        let earlier =
          Double(place - 1) * Double(run.relevant - 1) / Double(max(1, run.items - 1))
        let left = Double(run.items - place + 1)
        hits += chance
        gain += chance * Self.discount(before.items + place)
        precisions += chance * (Double(before.hits + 1) + earlier) / rank
        reciprocalRank += noHit * Double(run.relevant) / left / rank
        noHit *= max(0, left - Double(run.relevant)) / left
      }
      before.items += run.items
      before.hits += run.relevant
    }
    let reachable = min(relevant, cutoff)
    ndcg = gain / (1...reachable).reduce(0) { $0 + Self.discount($1) }
    recall = hits / Double(relevant)
    averagePrecision = precisions / Double(reachable)
    precision = hits / Double(cutoff)
    hitRate = 1 - noHit
  }

  /// Computes the metrics of a ranking without ties: whether the item at each rank is relevant.
  package init(hits: some Collection<Bool>, relevant: Int, cutoff: Int) {
    self.init(
      runs: hits.map { Run(items: 1, relevant: $0 ? 1 : 0) }, relevant: relevant, cutoff: cutoff)
  }

  /// 1/log2(rank + 1).
  private static func discount(_ rank: Int) -> Double { 1 / log2(Double(rank + 1)) }
}

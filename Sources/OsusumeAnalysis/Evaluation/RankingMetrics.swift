// How good a ranking is: NDCG, recall and average precision of one user, cut at a rank.
import Foundation

/// The quality of one user's ranking, cut at one rank.
public struct RankingMetrics: Sendable, Equatable {
  /// Σ 1/log2(rank + 1) over hits, over the same of a ranking that lists relevant items first.
  public var ndcg: Double
  /// Hits over relevant items.
  public var recall: Double
  /// Mean over min(relevant items, cutoff) of the precision at each hit.
  public var averagePrecision: Double

  /// Computes the metrics of a ranking.
  ///
  /// - Parameters:
  ///   - hits: Whether the item at each rank is relevant, best first; ranks beyond its end are misses.
  ///   - relevant: Number of relevant items, at least 1, ranked or not.
  ///   - cutoff: Ranks that count.
  public init(hits: some Collection<Bool>, relevant: Int, cutoff: Int) {
    precondition(relevant > 0 && cutoff > 0)
    var gain = 0.0
    var found = 0
    var precisions = 0.0
    for (place, hit) in hits.prefix(cutoff).enumerated() where hit {
      found += 1
      gain += Self.discount(place)
      precisions += Double(found) / Double(place + 1)
    }
    let reachable = min(relevant, cutoff)
    ndcg = gain / (0..<reachable).reduce(0) { $0 + Self.discount($1) }
    recall = Double(found) / Double(relevant)
    averagePrecision = precisions / Double(reachable)
  }

  /// 1/log2(rank + 1), rank = place + 1.
  private static func discount(_ place: Int) -> Double { 1 / log2(Double(place + 2)) }
}

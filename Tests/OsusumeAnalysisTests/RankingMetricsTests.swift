// Ranking metrics against figures worked out by hand.
import Foundation
import OsusumeAnalysis
import Testing

struct RankingMetricsTests {
  @Test func firstAndThirdOfThreeRelevant() {
    let quality = RankingMetrics(hits: [true, false, true, false], relevant: 3, cutoff: 4)
    let ideal = 1 + 1 / log2(3.0) + 1 / log2(4.0)
    #expect(abs(quality.ndcg - (1 + 0.5) / ideal) < 1e-15)
    #expect(quality.recall == 2.0 / 3)
    #expect(abs(quality.averagePrecision - (1 + 2.0 / 3) / 3) < 1e-15)
  }

  @Test func idealAndNormAreCutAtTheRank() {
    let quality = RankingMetrics(hits: [true, true], relevant: 5, cutoff: 2)
    #expect(quality == RankingMetrics(hits: [true, true, true], relevant: 5, cutoff: 2))
    #expect(quality.ndcg == 1 && quality.recall == 0.4 && quality.averagePrecision == 1)
  }

  @Test func missesEarnNothing() {
    let quality = RankingMetrics(hits: [Bool](repeating: false, count: 10), relevant: 1, cutoff: 10)
    #expect(quality.ndcg == 0 && quality.recall == 0 && quality.averagePrecision == 0)
    #expect(RankingMetrics(hits: [], relevant: 2, cutoff: 3).ndcg == 0)
    #expect(quality.reciprocalRank == 0 && quality.precision == 0 && quality.hitRate == 0)
  }

  @Test func firstHitHitsPerPlaceAndAnyHit() {
    let quality = RankingMetrics(hits: [false, true, true, false], relevant: 4, cutoff: 4)
    #expect(quality.reciprocalRank == 0.5 && quality.precision == 0.5 && quality.hitRate == 1)
    #expect(RankingMetrics(hits: [false, true], relevant: 1, cutoff: 1).hitRate == 0)
  }

  /// Every order of up to seven items cut into runs, averaged.
  @Test(arguments: [
    [(3, 1)], [(7, 2)], [(6, 6)], [(2, 0), (4, 2)], [(1, 1), (5, 2)], [(3, 2), (1, 0), (3, 1)],
    [(1, 0), (1, 1), (5, 3)], [(4, 1), (3, 3)], [(2, 1), (2, 1), (3, 0)],
  ])
  func tiesGiveTheMeanOverAllOrders(runs: [(items: Int, relevant: Int)]) {
    let relevant = runs.reduce(1) { $0 + $1.relevant }  // one of them out of reach
    let orders = runs.map { run in
      permutations((0..<run.items).map { $0 < run.relevant })
    }.reduce([[]]) { heads, tails in heads.flatMap { head in tails.map { head + $0 } } }
    for cutoff in 1...8 {
      let all = orders.map { RankingMetrics(hits: $0, relevant: relevant, cutoff: cutoff) }
      let expected = RankingMetrics(
        runs: runs.map { .init(items: $0.items, relevant: $0.relevant) }, relevant: relevant,
        cutoff: cutoff)
      for path in [
        \RankingMetrics.ndcg, \.recall, \.averagePrecision, \.reciprocalRank, \.precision,
        \.hitRate,
      ] {
        let mean = all.reduce(0) { $0 + $1[keyPath: path] } / Double(all.count)
        #expect(abs(expected[keyPath: path] - mean) < 1e-12, "\(path), cut at \(cutoff)")
      }
    }
  }

  /// All orders of some elements, equal ones told apart.
  private func permutations(_ elements: [Bool]) -> [[Bool]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { first -> [[Bool]] in
      var rest = elements
      let head = rest.remove(at: first)
      return permutations(rest).map { [head] + $0 }
    }
  }
}

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
  }
}

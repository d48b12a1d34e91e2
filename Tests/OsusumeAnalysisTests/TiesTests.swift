// Metrics where scores tie: those of all orders of the tied items, whatever the items' numbers.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct TiesTests {
  /// Three users' scores of six items; many tie.
  private struct Scores: ItemRanking {
    var table: [[Float]]
    var leftOut: [[Int32]]
    var isFlat = false

    func top(_ count: Int, for users: [Int32]) -> TopItems {
      let rows = users.map { user in
        TopItems(
          best: count, of: (0..<Int32(table[0].count)).map { $0 },
          scores: table[Int(user)][...], excluding: leftOut[Int(user)][...])
      }
      return TopItems(
        width: count, items: rows.flatMap(\.items), scores: rows.flatMap(\.scores))
    }

    func scores(of user: Int32) -> [Float] { table[Int(user)] }
    func leftOut(_ user: Int32) -> ArraySlice<Int32> { leftOut[Int(user)][...] }
  }

  private static let scores = Scores(
    table: [[1, 3, 3, 3, 2, 3], [5, 5, 5, 5, 5, 5], [4, 9, 1, 4, 4, 0]],
    leftOut: [[5], [0], []])
  private static let test = IndexedRatings(
    users: [0, 0, 0, 1, 1, 2, 2, 2], items: [1, 4, 2, 2, 5, 0, 3, 5],
    values: [9, 8, 1, 10, 2, 8, 3, 1])
  private static let counts: [Int32] = [4, 0, 1, 2, 3, 1]

  private func evaluate(_ scores: Scores, _ test: IndexedRatings, _ counts: [Int32]) -> Evaluation {
    Evaluation(
      test: test, predictions: nil, scale: 1...10, relevantAt: 7, dislikedAt: 3,
      popularity: ItemPopularity(counts: counts, users: 4), cutoffs: [2, 3],
      bootstrap: Bootstrap(resamples: 100), threads: 2, ranking: scores)
  }

  /// Mean over random orders of the items: each order breaks ties by a fraction far below any difference.
  @Test func everyMetricIsTheMeanOverOrders() throws {
    let expected = evaluate(Self.scores, Self.test, Self.counts)
    var random = SplitMix(state: 1)
    var sums: [String: Double] = [:]
    let draws = 4000
    for _ in 0..<draws {
      var broken = Self.scores
      for user in 0..<3 {
        for item in 0..<6 { broken.table[user][item] += Float.random(in: 0..<0.5, using: &random) }
      }
      for metric in evaluate(broken, Self.test, Self.counts).metrics {
        sums[metric.name, default: 0] += metric.value
      }
    }
    #expect(expected.metrics.count == 22)
    // The Gini coefficient is that of expected counts, not the mean of coefficients.
    for metric in expected.metrics where !metric.name.hasPrefix("gini") {
      let mean = (sums[metric.name] ?? .nan) / Double(draws)
      #expect(abs(metric.value - mean) < 0.025, "\(metric.name): \(metric.value), \(mean)")
    }
  }

  @Test func numbersOfItemsDoNotMatter() {
    let expected = evaluate(Self.scores, Self.test, Self.counts)
    for order in [[5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3]] {
      var (scores, test, counts) = (Self.scores, Self.test, Self.counts)
      for user in 0..<3 {
        for item in 0..<6 { scores.table[user][order[item]] = Self.scores.table[user][item] }
        scores.leftOut[user] = Self.scores.leftOut[user].map { Int32(order[Int($0)]) }.sorted()
      }
      for item in 0..<6 { counts[order[item]] = Self.counts[item] }
      test.items = test.items.map { Int32(order[Int($0)]) }
      for metric in evaluate(scores, test, counts).metrics {
        let value = expected[metric.name]?.value ?? .nan
        #expect(abs(metric.value - value) < 1e-12, "\(metric.name)")
      }
    }
  }

  @Test func knowingThatAllScoresAreEqualChangesNothing() {
    var scores = Self.scores
    scores.table = [[Float]](repeating: [Float](repeating: 2, count: 6), count: 3)
    let searched = evaluate(scores, Self.test, Self.counts)
    scores.isFlat = true
    for metric in evaluate(scores, Self.test, Self.counts).metrics {
      #expect(abs(metric.value - (searched[metric.name]?.value ?? .nan)) < 1e-12, "\(metric.name)")
    }
    // Two of five or six items: hits are drawn blindly.
    let recall = searched["recall@2"]?.value ?? .nan
    #expect(abs(recall - (2.0 / 5 + 2.0 / 5 + 2.0 / 6) / 3) < 1e-12)
  }

  @Test func concentrationIsThatOfExpectedCounts() throws {
    let evaluation = evaluate(Self.scores, Self.test, Self.counts)
    // User 0: two of items 1, 2, 3; user 1: two of 1 … 5; user 2: item 1, one of 0, 3, 4.
    let (a, b, c) = (2.0 / 3, 2.0 / 5, 1.0 / 3)
    let counts = [c, a + b + 1, a + b, a + b + c, b + c, b]
    var differences = 0.0
    for x in counts { for y in counts { differences += abs(x - y) } }
    let gini = differences / (2 * 6 * counts.reduce(0, +))
    #expect(abs(try #require(evaluation["gini@2"]).value - gini) < 1e-12)
    let shares = Self.counts.map { Double($0) / 4 }
    let popularity = zip(counts, shares).reduce(0) { $0 + $1.0 * $1.1 } / 6
    #expect(abs(try #require(evaluation["mean_popularity@2"]).value - popularity) < 1e-12)
    let novelty = zip(counts, [0, 2, 2, 1, 2 - log2(3.0), 2]).reduce(0) { $0 + $1.0 * $1.1 } / 6
    #expect(abs(try #require(evaluation["novelty@2"]).value - novelty) < 1e-12)
    // Of user 0 item 2; of user 1 item 5; of user 2 items 3 and 5, the latter never.
    #expect(abs(try #require(evaluation["disliked@2"]).value - (a + b + c / 2) / 3) < 1e-12)
  }

  @Test func runsOfMostItemsListTheOthers() {
    let all: [Float] = [1, 1, 2, 1, 1, 1]
    let run = TiedItems(where: all, are: 1, excluding: [4])
    #expect(run.isInverted && run.listed == [2, 4] && run.count == 4)
    #expect(run.members(of: 6) == [0, 1, 3, 5] && run.count(of: [1, 2, 5, 8], items: 6) == 2)
    #expect(run.sum([1, 2, 4, 8, 16, 32], total: 63) == 43)
    var seen = [Int](repeating: 0, count: 6)
    for key in 0..<3000 as Range<UInt64> {
      let drawn = run.drawn(2, of: 6, key: key)
      #expect(Set(drawn).count == 2)
      for item in drawn { seen[Int(item)] += 1 }
    }
    #expect(seen[2] == 0 && seen[4] == 0)
    for item in [0, 1, 3, 5] { #expect(abs(seen[item] - 1500) < 6 * 28, "\(seen)") }
  }

  @Test func oneUserSaysNothingOfOthers() throws {
    let test = IndexedRatings(users: [2, 2], items: [0, 5], values: [8, 1])
    let evaluation = evaluate(Self.scores, test, Self.counts)
    #expect(evaluation.metrics.count == 22)
    for metric in evaluation.metrics { #expect(metric.interval == nil, "\(metric.name)") }
    #expect(PairedComparison(of: "ndcg@2", evaluation, against: evaluation) == nil)
  }
}

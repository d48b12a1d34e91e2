// Genres of lists: distances and divergences against naive ones, and what has none.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct ListGenresTests {
  private static let names = [["a"], ["a", "b"], ["c"], [], ["b", "c", "a"], ["d"]]

  private static func genres(_ names: [[String]] = names, history: SeenItems) -> ListGenres? {
    let ids = IDMap.integers((0..<Int64(names.count)).map { $0 })
    let catalog = ItemCatalog(
      names.enumerated().map { Item(id: "\($0.offset)", title: "", genres: $0.element) })
    return ListGenres(
      ItemFeatures(
        itemIDs: ids, catalog: catalog, counts: [Int32](repeating: 1, count: names.count)),
      history: history)
  }

  /// User 0 has met 0, 1 and 3; user 1 has met 3, of no genre; user 2 nothing.
  private static let history = SeenItems(offsets: [0, 3, 4, 4], items: [0, 1, 3, 3])

  @Test(arguments: [[0, 1], [0, 2, 5], [0, 1, 2, 3, 4, 5], [4, 1, 3]] as [[Int32]])
  func distancesAreThoseOfPairs(list: [Int32]) throws {
    let known = list.map { Set(Self.names[Int($0)]) }.filter { !$0.isEmpty }
    var (sum, pairs) = (0.0, 0.0)
    for i in known.indices {
      for j in known.indices where j > i {
        let both = Double(known[i].intersection(known[j]).count)
        sum += 1 - both / (Double(known[i].count) * Double(known[j].count)).squareRoot()
        pairs += 1
      }
    }
    let genres = try #require(Self.genres(history: Self.history))
    #expect(abs(try #require(genres.distance(list)) - sum / pairs) < 1e-12)
  }

  @Test func divergencesAreSteck() throws {
    let genres = try #require(Self.genres(history: Self.history))
    let wanted = try #require(genres.wanted(by: 0))
    // Of items 0 and 1: three quarters a, a quarter b.
    #expect(wanted == [0.75, 0.25, 0, 0])
    func divergence(_ listed: [Double]) -> Double {
      zip(wanted, listed).reduce(0) {
        $1.0 == 0 ? $0 : $0 + $1.0 * log($1.0 / (0.99 * $1.1 + 0.01 * $1.0))
      }
    }
    func found(_ list: [Int32]) throws -> Double {
      try #require(genres.miscalibration(list, from: wanted))
    }
    #expect(abs(try found([1, 0, 3])) < 1e-12)
    #expect(abs(try found([4, 2]) - divergence([1.0 / 6, 1.0 / 6, 2.0 / 3, 0])) < 1e-12)
    // None of the user's genres: ln 100.
    #expect(abs(try found([5]) - log(100)) < 1e-12)
    #expect(try found([0, 4]) < found([4]))
  }

  @Test func whatHasNoGenresHasNoFigure() throws {
    let genres = try #require(Self.genres(history: Self.history))
    #expect(genres.distance([0]) == nil && genres.distance([0, 3]) == nil)
    #expect(genres.distance([3]) == nil && genres.miscalibration([3], from: [1, 0, 0, 0]) == nil)
    for user in 1..<4 { #expect(genres.wanted(by: Int32(user)) == nil) }
    #expect(Self.genres([[], []], history: Self.history) == nil)
  }

  /// Means over the users who have the figure, at every cutoff, with intervals, for any number of threads.
  @Test func metricsAreMeansOverUsers() throws {
    let world = EvaluationTests.World(seed: 7)
    let names = (0..<world.items).map { item -> [String] in
      item % 5 == 0 ? [] : ["g\(item % 3)", "h\(item % 4)"]
    }
    let genres = try #require(Self.genres(names, history: world.seen))
    func evaluate(_ genres: ListGenres?, threads: Int) -> Evaluation {
      Evaluation(
        test: world.test, predictions: nil, scale: 1...10, relevantAt: 7, dislikedAt: 3,
        popularity: ItemPopularity(counts: world.counts, users: world.users), genres: genres,
        cutoffs: [1, 5], bootstrap: Bootstrap(resamples: 200, seed: 3), threads: threads,
        ranking: world)
    }
    let evaluation = evaluate(genres, threads: 1)
    #expect(evaluation.metrics == evaluate(genres, threads: 3).metrics)
    var (distances, divergences): ([Double], [Double]) = ([], [])
    for user in 0..<world.users {
      let isRanked = world.test.users.indices.contains {
        world.test.users[$0] == user && world.test.values[$0] >= 7
      }
      guard isRanked else { continue }
      let list = world.ranking(user).prefix(5).map { Int32($0) }
      if let distance = genres.distance(list) { distances.append(distance) }
      if let wanted = genres.wanted(by: Int32(user)),
        let divergence = genres.miscalibration(list, from: wanted)
      {
        divergences.append(divergence)
      }
    }
    for (name, values) in [
      ("intra_list_distance@5", distances), ("miscalibration@5", divergences),
    ] {
      let metric = try #require(evaluation[name])
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(values.count > 5 && abs(metric.value - mean) < 1e-12, "\(name)")
      #expect(try #require(metric.interval).contains(metric.value), "\(name)")
      #expect(metric.lowerIsBetter == (name == "miscalibration@5"))
      #expect(PairedComparison(of: name, evaluation, against: evaluation)?.difference == 0)
    }
    // One item is no pair.
    #expect(evaluation["intra_list_distance@1"] == nil && evaluation["miscalibration@1"] != nil)
    #expect(evaluate(nil, threads: 1)["miscalibration@5"] == nil)
    #expect(Evaluation.names(cutoffs: [5]).contains("intra_list_distance@5"))
  }
}

// Training, evaluating and reading a model, each in one call, as programs that use the library do.
import Foundation
import Osusume
import Synchronization
import Testing

struct OneCallTests {
  private let ratings: Ratings

  init() throws {
    var rows: [(user: String, item: Int, rating: Float)] = []
    for user in 0..<40 {
      for item in 0..<30 where (user * 7 + item * 13) % 10 < 6 {
        rows.append((user: "u\(user)", item: item, rating: (user + item) % 2 == 0 ? 8 : 3))
      }
    }
    ratings = try Ratings(rows)
  }

  private static let small = Hyperparameters { ($0.factors, $0.epochs) = (4, 5) }

  private func split() throws -> Split {
    try ratings.split(.perUser(testFraction: 0.2), seed: 1)
  }

  @Test func ratingsFromMemoryToRecommendations() throws {
    let model = try Trainer(.lists, threads: 1).model(of: ratings, split: split())
    let best = try Recommender(model).recommend(3, forID: "u7")
    #expect(best.items.count == 3 && model.metrics["valid_rmse"] != nil)
    // Without a split all ratings train.
    let whole = try Trainer(.mf, Self.small).model(of: ratings)
    #expect(whole.provenance.trainRows == ratings.rows.count && whole.metrics.isEmpty)
    #expect(whole.provenance.dataSHA256 == ratings.sha256)
  }

  @Test func progressTellsAndStops() throws {
    var epochs: [Int] = []
    let model = try Trainer(.mf, Self.small).model(of: ratings, split: split()) { report, _ in
      epochs.append(report.epoch)
      #expect(report.validRMSE != nil && report.trainLoss.isFinite)
      return report.epoch < 3
    }
    #expect(epochs == [1, 2, 3] && model.metrics["valid_rmse"] != nil)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try Trainer(.mf, Self.small).model(of: ratings, split: split()) { _, _ in throw Stop() }
    }
    // It goes on from where it was, to the same model.
    var state: FitState?
    _ = try Trainer(.mf, Self.small).model(of: ratings, split: split()) { report, now in
      if report.epoch == 2 { state = now() }
      return report.epoch < 2
    }
    let resumed = try Trainer(.mf, Self.small).model(
      of: ratings, split: split(), resuming: state)
    let straight = try Trainer(.mf, Self.small).model(of: ratings, split: split())
    #expect(resumed.userFactors?.values == straight.userFactors?.values)
  }

  /// All ratings train after the model was judged; what is told of errors is what they were before.
  @Test func trainingAgainOnAll() throws {
    let settings = Hyperparameters { ($0.factors, $0.epochs, $0.earlyStopping) = (4, 30, 1) }
    for spec in [ModelSpec.mf, .lists, .bias] {
      let trainer = Trainer(spec, settings)
      let judged = try trainer.model(of: ratings, split: split())
      var phases: [FitPhase?] = []
      let all = try trainer.model(of: ratings, split: split(), retrainsOnAll: true) { report, _ in
        phases.append(report.phase)
        return true
      }
      #expect(all.metrics == judged.metrics && judged.provenance.judged == nil)
      #expect(all.provenance.trainRows == ratings.rows.count && all.provenance.testRows == 0)
      let first = try #require(all.provenance.judged)
      #expect(first.trainRows == judged.provenance.trainRows)
      #expect(try first.testRows == split().test.count)
      if spec == .mf { #expect(phases.contains(.search) && first.epochs ?? 0 > 0) }
      let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try all.write(to: folder)
      #expect(try Model.read(folder).provenance == all.provenance)
    }
    // Stopped, it is the model that was judged.
    let stopped = try Trainer(.mf, Self.small).model(
      of: ratings, split: split(), retrainsOnAll: true
    ) { report, _ in report.epoch < 3 }
    #expect(stopped.provenance.judged == nil && !stopped.metrics.isEmpty)
  }

  /// Fits without epochs report once, when they are done.
  @Test(arguments: ["mean", "bias", "popularity", "svd", "item-knn", "ease"])
  func fitsWithoutEpochsReport(model name: String) throws {
    var reports: [EpochReport] = []
    let spec = try #require(ModelSpec.named(name))
    _ = try Trainer(spec).model(of: ratings, split: split()) { report, _ in
      reports.append(report)
      return false
    }
    #expect(reports.count == 1 && reports[0].epoch == 1 && reports[0].seconds >= 0)
  }

  @Test func tasksAreCancelled() async throws {
    let epochs = Mutex(0)
    let running = Mutex<Task<Model, any Error>?>(nil)
    let settings = Hyperparameters { ($0.factors, $0.epochs) = (4, 100_000) }
    let (ratings, split) = (self.ratings, try split())
    let task = Task {
      try await Trainer(.als, settings, threads: 1).model(of: ratings, split: split) { _ in
        if epochs.withLock({
          $0 += 1
          return $0 == 3
        }) {
          // The test gives the task away without a pause, and cannot be waiting for this thread.
          while running.withLock({ $0?.cancel() }) == nil { usleep(100) }
        }
        return true
      }
    }
    running.withLock { $0 = task }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(epochs.withLock { $0 } == 3)
    // One that is cancelled before it begins does nothing.
    let never = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await Trainer(.mean).model(of: ratings)
    }
    never.cancel()
    await #expect(throws: CancellationError.self) { try await never.value }
    let model = try await Trainer(.mf, Self.small).model(of: ratings, split: split) {
      $0.epoch < 2
    }
    #expect(model.metrics["valid_rmse"] != nil)
  }

  @Test func evaluationWithDefaults() throws {
    let model = try Trainer(.mf, Self.small).model(of: ratings, split: split())
    let evaluation = try Evaluation(model, on: ratings)
    let rows = try split().test.count
    #expect(evaluation.rows == rows)
    let rmse = try #require(evaluation["rmse"])
    #expect(abs(rmse.value - (model.metrics["valid_rmse"] ?? 0)) < 1e-6)
    #expect(try #require(rmse.interval).contains(rmse.value) && evaluation["ndcg@10"] != nil)
    let errors = try Evaluation(
      model, on: ratings, cutoffs: [], bootstrap: Bootstrap(resamples: 0))
    #expect(errors["ndcg@10"] == nil && errors["rmse"]?.interval == nil)
    let whole = try Trainer(.mf, Self.small).model(of: ratings)
    let count = ratings.rows.count
    #expect(throws: EvaluationError.nothingToEvaluate(rows: count)) {
      try Evaluation(whole, on: ratings)
    }
    #expect(throws: SettingError.self) { try Evaluation(model, on: ratings, cutoffs: [0]) }
    // Users hidden from training are folded in again.
    let strong = try ratings.split(.strong(testFraction: 0.2), seed: 42)
    let settings = Hyperparameters {
      ($0.factors, $0.epochs, $0.split) = (4, 5, .strong(testFraction: 0.2))
    }
    let hidden = try Trainer(.mf, settings, seed: 42).model(of: ratings, split: strong)
    #expect(try Evaluation(hidden, on: ratings).rows == strong.test.count)
  }

  @Test func matrices() throws {
    let model = try Trainer(.mf, Self.small).model(of: ratings, split: split())
    let users = try #require(model.userFactors)
    let items = try #require(model.itemFactors)
    #expect(users.count == 40 && users.factors == 4 && users.values.count == 160)
    #expect(items.count == 30 && items[29] == Array(items.values.suffix(4)))
    let (userBiases, itemBiases) = try (#require(model.userBiases), #require(model.itemBiases))
    #expect(userBiases.count == 40 && itemBiases.count == 30)
    let scores = try model.scores(users: [0, 39, 39], items: [0, 0, 29])
    // All scores have the same mean besides.
    let rest = zip([(0, 0), (39, 0), (39, 29)], scores).map { pair, score in
      score - userBiases[pair.0] - itemBiases[pair.1]
        - zip(users[pair.0], items[pair.1]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(rest.allSatisfy { abs($0 - rest[0]) < 1e-3 })
    let plain = try Trainer(.popularity).model(of: ratings)
    #expect(plain.userFactors == nil && plain.itemFactors == nil && plain.userBiases == nil)
  }

  @Test func resultsAsJSON() throws {
    let model = try Trainer(.lists, threads: 1).model(of: ratings, split: split())
    let recommender = try Recommender(model)
    let list = try recommender.explained(recommender.recommend(3, for: 1), for: 1)
    let encoder = JSONEncoder()
    func object(_ value: some Encodable) throws -> [String: Any] {
      let json = try JSONSerialization.jsonObject(with: encoder.encode(value))
      return try #require(json as? [String: Any])
    }
    #expect(
      try JSONDecoder().decode(Recommendations.self, from: encoder.encode(list)) == list)
    let leftOut = try #require(object(list)["leftOut"] as? [String: Any])
    #expect((leftOut["counts"] as? [String: Int])?["seen"] != nil)
    let evaluation = try object(Evaluation(model, on: ratings))
    let metrics = try #require(evaluation["metrics"] as? [[String: Any]])
    #expect(metrics.contains { $0["name"] as? String == "ndcg@10" && $0["value"] is Double })
    #expect(metrics.allSatisfy { ($0["interval"] as? [Double])?.count ?? 2 == 2 })
    #expect(try object(PairPredictor(model).predict(user: "u1", item: "2"))["score"] is Double)
    #expect(try (object(Person(model, user: 3))["rated"] as? [Any])?.isEmpty == false)
    #expect(try object(RankedBiases(model, of: .item, count: 2))["count"] as? Int == 30)
    let near = try Similarity(model, of: .item).nearest(2, toItem: 0)
    #expect(try (object(near)["nearest"] as? [Any])?.count == 2)
  }
}

// Models in memory whose numbers are not finite: nothing traps, and no metric of them is a number.
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

@testable import OsusumeAnalysis

struct HostileModelTests {
  private func model(factors: Int, filledWith number: Float) -> Model {
    let parameters = FactorParameters(
      layout: FactorLayout(factors: factors, biased: true), users: 5, items: 12, mean: 3)
    for table in [parameters.users, parameters.items] {
      for row in 0..<table.rows {
        for lane in 0..<parameters.layout.lanes { table[row][lane] = number }
      }
    }
    return Model(
      spec: factors > 0 ? .mf : .bias, hyperparameters: .init { $0.factors = factors },
      parameters: parameters,
      userIDs: .integers(Array(1...5)), itemIDs: .integers(Array(1...12)),
      seen: .init(offsets: [0, 1, 2, 3, 4, 5], items: [0, 1, 2, 3, 4]),
      itemCounts: [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], scale: 1...5, medianRating: 3,
      catalog: .init(),
      provenance: Provenance(
        dataSHA256: "", split: "none", seed: 1, trainRows: 5, testRows: 0, version: "0"))
  }

  private static func held() throws -> HeldOutRatings {
    let test = IndexedRatings(
      users: [0, 1, 2, 3, 4, 4], items: [5, 6, 7, 8, 9, 10], values: [1, 5, 4, 3, 5, 2])
    let train = IndexedRatings(
      users: [0, 1, 2, 3, 4], items: [0, 1, 2, 3, 4], values: [1, 2, 3, 4, 5])
    return try HeldOutRatings(Split(train: train, test: test), users: 5, items: 12)
  }

  @Test(
    arguments: [0, 3],
    [.nan, .infinity, -.infinity, 1e38, -1e38, .greatestFiniteMagnitude] as [Float])
  func nothingTraps(factors: Int, number: Float) throws {
    let model = model(factors: factors, filledWith: number)
    #expect(throws: ModelFileFault.self) { try model.check() }
    let evaluation = try Evaluation(
      model, on: Self.held(),
      EvaluationOptions(
        cutoffs: [3], relevantAt: 4, bootstrap: Bootstrap(resamples: 20), threads: 2))
    let rmse = try #require(evaluation["rmse"])
    if factors > 0 || !number.isFinite {
      #expect(!rmse.value.isFinite && rmse.interval == nil)
      #expect(PairedComparison(of: "rmse", evaluation, against: evaluation) == nil)
    }
    let recommender = try Recommender(model)
    #expect(try recommender.recommend(3, for: 0).items.count <= 3)
    #expect(throws: PairError.self) {
      let broken = self.model(factors: factors, filledWith: factors > 0 ? number : .nan)
      _ = try PairPredictor(broken, raw: true).predict(user: "1", item: "2")
    }
    for measure in SimilarityMeasure.allCases where factors > 0 {
      let similarity = try Similarity(model, of: .item, by: measure)
      #expect(try similarity.nearest(3, toItem: 1).nearest.count <= 3)
    }
    #expect(try RankedBiases(model, of: .item, count: 3).count == 5)
    _ = try? model.foldIn([RatingByID("3", 4)])
  }

  @Test func middlesOfNumbersThatAreNone() {
    #expect(middle95([]) == nil && middle95([.nan]) == nil)
    #expect(middle95([1, .infinity]) == nil && middle95([-.infinity, .infinity, .nan]) == nil)
    #expect(middle95([-1e308, 1e308]) == nil)
    #expect(middle95([.nan, 2, 2]) == 2...2)
  }

  @Test func aVerdictOnAnUnknownReachIsNone() throws {
    let model = model(factors: 0, filledWith: 0.5)
    let options = EvaluationOptions(
      cutoffs: [], relevantAt: 4, bootstrap: Bootstrap(resamples: 20), threads: 1)
    let evaluation = try Evaluation(model, on: Self.held(), options)
    let paired = try #require(PairedComparison(of: "rmse", evaluation, against: evaluation))
    let metric = try #require(evaluation["rmse"])
    for reach in [Double.nan, .infinity] {
      #expect(paired.widened(by: reach, metric: metric).verdict == .undecided)
    }
    #expect(seedReach([(.nan, 2), (1, 2)]) == 0)
  }

  @Test(.timeLimit(.minutes(10))) func metricsOfLabelsThatAreNone() {
    let labels = LabelMetrics(probabilities: [.nan, 0.5, .nan], labels: [1, 0, 1])
    #expect(labels?.auc.isNaN == true && labels?.logLoss.isNaN == true)
    let alike = LabelMetrics(probabilities: [0.25, 0.125], labels: [0, 0])
    for path in [\LabelMetrics.auc, \.precision, \.recall, \.f1] {
      #expect(alike?[keyPath: path].isNaN == true)
    }
    #expect(alike?.accuracy == 1)
    let missed = LabelMetrics(probabilities: [0.25, 0.125], labels: [1, 1])
    #expect(missed?.auc.isNaN == true && missed?.precision.isNaN == true)
    #expect(missed?.recall == 0 && missed?.f1 == 0)
    #expect(ClassMetrics(distributions: [.nan, .nan], classes: 2, ratings: [1]) == nil)
    let beyond = ClassMetrics(distributions: [0.25, 0.75], classes: 2, ratings: [1e9])
    #expect(beyond?.accuracy == 0)
  }
}

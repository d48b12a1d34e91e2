// Baselines and metrics on the real part of the anime ratings.
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@Suite(.enabled(if: RealData.isPresent, "needs the real data sets: set OSUSUME_DATA"))
struct RealEvaluationTests {
  /// A baseline fitted to the per-user split of a seed, and the file it came from.
  private func fitted(_ spec: ModelSpec, seed: UInt64) throws -> (Model, Ratings, Split) {
    let table = try RatingTable.read(
      RealData.path("anime-2016/rating.csv"), format: TableFormat(), threads: 2)
    var options = RatingsOptions()
    options.minUserRatings = 2
    let ratings = try Ratings(table: table, options: options, threads: 2)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: seed, threads: 2)
    let parameters = fitBaseline(
      spec, train: split.train, users: ratings.userIDs.count, items: ratings.itemIDs.count,
      hyperparameters: spec.defaults, threads: 2)
    let model = Model(
      spec: spec, hyperparameters: spec.defaults, fitted: parameters, split: split,
      ratings: ratings, catalog: ItemCatalog(), itemsSHA256: nil, seed: seed, threads: 2)
    return (model, ratings, split)
  }

  @Test func biasesErrAsMuchAsTheyShouldAndTheTestPartIsFoundAgain() throws {
    let (model, ratings, split) = try fitted(.bias, seed: 42)
    let held = try HeldOutRatings(
      ratings.rows, of: ratings, for: model, keepUnknown: false, threads: 2)
    #expect(held.test.count == 51_855 && held.train.count == 442_212 && held.unknownRows == 0)
    let errors = try #require(model.parameters.errors(on: split.test, scale: 1...10, threads: 2))
    // 1.196 to 1.216 over eleven other splits, six of them judged by an independent implementation.
    #expect(errors.rmse > 1.19 && errors.rmse < 1.225)
    let options = EvaluationOptions(
      cutoffs: [10], relevantAt: model.medianRating, bootstrap: Bootstrap(resamples: 50),
      threads: 2)
    let evaluation = try Evaluation(model, on: held, options)
    // The same rows in another order.
    #expect(abs((evaluation["rmse"]?.value ?? 0) - errors.rmse) < 1e-9)
    let popularity = try Evaluation(baseline: .popularity, beside: model, on: held, options)
    // Ten items drawn blindly from some 7,300 would find a relevant one in a thousand places; popular
    // ones are a hundred times better, or the evaluator is wrong.
    #expect((popularity.ndcg(at: 10) ?? 0) > 0.08)
    #expect(popularity["rmse"] == nil && evaluation.users == 5311)
  }
}

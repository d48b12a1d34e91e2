// Cross-validation: every row counts once, by a model that has not seen it; joined parts are what all add up to.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct CrossValidationTests {
  private static let ratings = ComparisonTests.ratings

  private func options(cutoffs: [Int] = [5], threads: Int = 2) -> EvaluationOptions {
    EvaluationOptions(
      cutoffs: cutoffs, relevantAt: 6, bootstrap: Bootstrap(resamples: 200), threads: threads)
  }

  private func validate(
    _ spec: ModelSpec, folds: Int = 4, baselines: [ModelSpec] = [], threads: Int = 2
  ) throws -> CrossValidation {
    try CrossValidation(
      Trainer(spec, seed: 3, threads: threads), on: Self.ratings, folds: folds,
      baselines: baselines, options(threads: threads))
  }

  @Test func everyRowIsPredictedOnceByAModelThatHasNotSeenIt() throws {
    let validation = try validate(.bias, baselines: [.mean, .popularity])
    let rows = Self.ratings.rows
    let (users, items) = (Self.ratings.userIDs.count, Self.ratings.itemIDs.count)
    let folds = try Folds(of: rows, users: users, count: 4, seed: 3)
    var squares = 0.0
    for fold in 0..<4 {
      let cut = try folds.split(testingOn: fold)
      let fit = try Trainer(.bias, seed: 3).fit(cut.train, users: users, items: items)
      let rmse = try #require(fit.parameters.errors(on: cut.test, threads: 1)).rmse
      #expect(abs(try #require(validation.folds[fold].evaluation["rmse"]?.value) - rmse) < 1e-9)
      #expect(validation.folds[fold].trainRows == cut.train.count)
      squares += rmse * rmse * Double(cut.test.count)
    }
    let pooled = try #require(validation.evaluation["rmse"])
    #expect(abs(pooled.value - (squares / Double(rows.count)).squareRoot()) < 1e-9)
    #expect(validation.evaluation.rows == rows.count)
    #expect(validation.evaluation.users == Set(rows.users).count)
    #expect(try #require(pooled.interval).contains(pooled.value))
    #expect(validation.baselines.map(\.name) == ["mean", "popularity"])
    let paired = try #require(
      PairedComparison(
        of: "rmse", validation.evaluation, against: validation.baselines[0].evaluation))
    #expect(paired.verdict == .better)
    #expect(validation.baselines[1].evaluation["rmse"] == nil)
  }

  /// A list of each fold counts as much as any other.
  @Test func listsOfAllFoldsWeighTheSame() throws {
    let validation = try validate(.ease)
    var (gains, lists) = (0.0, 0.0)
    for fold in validation.folds {
      let ranked = Double(fold.evaluation.users - fold.evaluation.usersWithoutRelevant)
      gains += try #require(fold.evaluation["ndcg@5"]?.value) * ranked
      lists += ranked
    }
    let ndcg = try #require(validation.evaluation["ndcg@5"])
    #expect(abs(ndcg.value - gains / lists) < 1e-12)
    #expect(try #require(ndcg.interval).contains(ndcg.value))
    let coverage = validation.folds.compactMap { $0.evaluation["coverage@5"]?.value }
    let joined = try #require(validation.evaluation["coverage@5"])
    #expect(abs(joined.value - coverage.reduce(0, +) / 4) < 1e-12 && joined.interval == nil)
  }

  @Test func onePartJoinedIsItself() throws {
    let split = try Self.ratings.split(.perUser(testFraction: 0.2), seed: 1)
    let model = try Trainer(.mf).model(of: Self.ratings, split: split)
    let held = try HeldOutRatings(
      split, users: Self.ratings.userIDs.count, items: Self.ratings.itemIDs.count)
    var options = options()
    options.keepsSums = true
    let whole = try Evaluation(model, on: held, options)
    let joined = Evaluation(
      joining: [whole], cutoffs: options.cutoffs, bootstrap: options.bootstrap, threads: 2)
    let names = Evaluation.names(cutoffs: options.cutoffs).filter { !$0.hasPrefix("coverage") }
    for name in names { #expect(joined[name] == whole[name], "\(name)") }
    #expect(joined.users == whole.users && joined.rows == whole.rows)
    #expect(joined.usersWithoutRelevant == whole.usersWithoutRelevant)
    options.keepsSums = false
    let withoutSums = try Evaluation(model, on: held, options)
    #expect(withoutSums.sums == nil && withoutSums["rmse"] == whole["rmse"])
  }

  @Test func threadsDoNotMoveFigures() throws {
    let found = try [1, 3].map { try validate(.mf, folds: 2, threads: $0) }
    #expect(found[0].evaluation.metrics == found[1].evaluation.metrics)
  }

  @Test func whatCannotBeValidatedIsSaid() {
    #expect(throws: FoldsError.count(1)) { try validate(.bias, folds: 1) }
    #expect(throws: TrainingError.noTimestamps(model: "time-mf")) { try validate(.timeMF) }
  }
}

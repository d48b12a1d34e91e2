// Whether fits had come to their end, what is said of it, and that nothing vanishes from charts.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct ConvergenceTests {
  private func judge(_ values: [Double], _ metric: String = "rmse") -> Convergence? {
    Convergence(metric, sign: metric.hasPrefix("ndcg") ? -1 : 1, values)
  }

  @Test func anErrorThatStillFalls() throws {
    let found = try #require(judge([7.39, 4.6, 3.4]))
    #expect(found.finding == .falling && found.window == 1 && found.lastEpoch == 3)
    #expect(
      found.sentence("flax-bias")
        == "flax-bias had not converged: RMSE fell by 1.2 in its last epoch")
    // Of 30 epochs the last three count together, though none of them falls by a hundredth.
    let slow = try #require(judge((0..<30).map { pow(0.995, Double($0)) }))
    #expect(slow.finding == .falling && slow.window == 3)
    #expect(slow.sentence("m")?.hasSuffix("in its last 3 epochs") == true)
    #expect(judge((0..<30).map { pow(0.999, Double($0)) })?.finding == .converged)
  }

  @Test func anErrorThatHadBeenLower() throws {
    let found = try #require(judge([1.4, 1.24, 1.3, 1.31]))
    #expect(found.finding == .pastBest && found.bestEpoch == 2 && found.best == 1.24)
    #expect(
      found.sentence("nn-simple")
        == "nn-simple had been better before its end: RMSE 1.2400 after epoch 2, 1.3100 after 4")
    #expect(judge([1.4, 1.24, 1.25])?.finding == .converged)
  }

  @Test func rankingsRise() throws {
    #expect(
      judge([0.1, 0.2, 0.25], "ndcg@10")?.sentence("bpr")?.contains("NDCG@10 rose by 0.05") == true)
    #expect(judge([0.1, 0.25, 0.2], "ndcg@10")?.finding == .pastBest)
    #expect(judge([0.2, 0.2001], "ndcg@10")?.finding == .converged)
    #expect(judge([1]) == nil && judge([]) == nil)
  }

  /// Of a model with two heads the one that did not converge counts.
  @Test func everyMetricIsLookedAt() throws {
    var reports = [1.2, 1.1999].enumerated().map { epoch, error in
      EpochReport(epoch: epoch + 1, seconds: 0, trainLoss: 1, validRMSE: error, validMAE: error)
    }
    #expect(Convergence(reports)?.finding == .converged)
    let rows: [([Float], [Float])] = [([0.6, 0.5], [1, 0]), ([0.9, 0.1], [1, 0])]
    for (place, row) in rows.enumerated() {
      reports[place].labels = LabelMetrics(probabilities: row.0, labels: row.1)
    }
    let found = try #require(Convergence(reports))
    #expect(found.finding == .falling && found.metric == "log_loss")
    #expect(found.sentence("h")?.contains("log-loss fell by") == true)
  }

  private static func compare(untilConverged: Bool, _ list: String) throws -> Comparison {
    let split = try ComparisonTests.ratings.split(.perUser(testFraction: 0.2), seed: 1)
    var options = ComparisonOptions()
    options.bootstrap.resamples = 100
    options.repeats = 1
    options.untilConverged = untilConverged
    return try Comparison(
      Contender.list(list, seed: 42), on: ComparisonTests.ratings, split: split, options)
  }

  private static let list =
    "mf:factors=4;flax-bias:factors=4,epochs=3,batch-size=100,learning-rate=0.02"

  @Test func whatDidNotConvergeIsMarkedEverywhere() throws {
    let comparison = try Self.compare(untilConverged: false, Self.list)
    let model = comparison.models[1]
    #expect(model.convergence?.finding == .falling && model.mark == "flax-bias *")
    #expect(model.epochsBefore == nil && comparison.models[0].mark == "mf")
    let verdict = try #require(comparison.verdict("rmse", "mf", "flax-bias"))
    #expect(verdict.sentence.hasSuffix("(flax-bias had not converged)"))
    #expect(
      verdict.words(of: "mf").hasPrefix("better ")
        && verdict.words(of: "flax-bias").hasPrefix("worse "))
    let page = comparison.page(
      source: "r.csv", rule: .perUser(testFraction: 0.2), seed: 1,
      origin: PageOrigin(
        command: "", processor: "", instructionSet: "", threads: 1, itemsSHA256: nil))
    #expect(page.summary.contains { $0.hasPrefix("* flax-bias had not converged: RMSE fell by") })
    // Its error is beyond every chart of errors: it stands at the edge, with its figure.
    let error = try #require(model.rmse)
    let end = try #require(comparison.edge("rmse"))
    #expect(error > end)
    for title in ["Errors of ratings", "Error against time"] {
      let section = try #require(page.sections.first { $0.title == title })
      let rows = section.charts[0].rows.filter { $0["label"] == .text("flax-bias *") }
      let last = try #require(rows.last)
      #expect(
        last["edge"] == .number(1) && last[title.hasSuffix("time") ? "y" : "value"] == .number(end))
      guard case .text(let figure)? = last["figure"] else {
        Issue.record("\(title): no figure")
        continue
      }
      #expect(figure.hasSuffix(error.figure))
    }
    // As many models in every chart of errors as there are.
    let segments = try #require(page.sections.first { $0.title == "Who and what it errs on" })
    for name in ["mf", "flax-bias *"] {
      #expect(segments.charts[0].rows.contains { $0["label"] == .text(name) }, "\(name)")
    }
  }

  @Test func heldOutRatingsSayHowManyEpochsWouldDo() throws {
    let before = try Self.compare(untilConverged: false, Self.list).models
    let after = try Self.compare(untilConverged: true, Self.list).models
    #expect(after[1].epochsBefore == 3 && after[1].contender.hyperparameters.epochs > 3)
    #expect(after[1].fit.epochs.count == after[1].contender.hyperparameters.epochs)
    // The held-out rows had got worse before the search ended: the fit is at its end, whatever the test rows say.
    #expect(after[1].fit.search.count == after[1].fit.epochs.count + 3)
    #expect(after[1].hasConverged && after[1].mark == "flax-bias")
    #expect((after[1].rmse ?? 9) < (before[1].rmse ?? 0) / 1.3)
    #expect(after[1].contender.hyperparameters.earlyStopping == 0)
    #expect(after[1].convergenceNote?.contains("in place of 3") == true)
    // What had converged is left alone.
    #expect(after[0].epochsBefore == nil && after[0].rmse == before[0].rmse)
    #expect(after[1].repeats.count == 1)
  }
}

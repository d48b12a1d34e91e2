// `osusume evaluate --folds`: cross-validation of models that are not trained yet.
import Foundation
import Testing

struct EvaluateFoldsTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
  }

  private func evaluate(_ model: String, _ more: String...) throws -> [String: Any] {
    try line.succeed(
      [
        "evaluate", "--model", model, "--folds", "3", "--ratings", "r.csv", "--resamples", "100",
        "--json",
      ] + more
    ).json()
  }

  @Test func everyRowCountsOnceAndBaselinesStandBeside() throws {
    let report = try evaluate("mf")
    let folds = try #require(report["folds"] as? [[String: Any]])
    #expect(folds.count == 3 && report["model"] as? String == "mf")
    let tested = folds.compactMap { $0["test"] as? Int }
    let data = try line.succeed(["data", "describe", "--ratings", "r.csv", "--json"]).json()
    #expect(
      tested.reduce(0, +) == data["rated"] as? Int && report["n"] as? Int == data["rated"] as? Int)
    for fold in folds { #expect(fold["rmse"] is Double && fold["ndcg@10"] is Double) }
    for key in ["rmse", "mae", "ndcg@10", "recall@10"] {
      let value = try #require(report[key] as? Double)
      let interval = try #require(report[key + "_ci95"] as? [Double])
      #expect(interval[0] <= value && value <= interval[1], "\(key)")
    }
    let baselines = try #require(report["baselines"] as? [String: [String: Any]])
    #expect(Set(baselines.keys) == ["mean", "bias", "popularity"])
    // The ratings are of two tastes, which the mean knows nothing of.
    let mean = try #require(baselines["mean"]?["rmse"] as? Double)
    #expect(try #require(report["rmse"] as? Double) < mean)
    #expect(try evaluate("mf", "--threads", "1")["rmse"] as? Double == report["rmse"] as? Double)
  }

  @Test func specificationsAndInteractionsAreValidated() throws {
    try line.write(try line.succeed(["models", "mf", "--json"]).output, to: "spec.json")
    let (named, read) = (try evaluate("mf"), try evaluate("spec.json"))
    #expect(named["rmse"] as? Double == read["rmse"] as? Double)
    let labels = try evaluate("keras-mf-interaction", "--no-baselines")
    #expect(labels["auc"] is Double && (labels["log_loss_ci95"] as? [Double])?.count == 2)
    let words = try line.succeed([
      "evaluate", "--model", "ease", "--folds", "2", "--ratings", "r.csv", "--resamples", "100",
    ]).output
    #expect(words.contains("each predicted once, by ease trained on the other 1 of 2 folds"))
    #expect(words.contains(/fold +train +test/))
  }

  @Test func whatCannotBeValidatedIsSaid() throws {
    let base = ["evaluate", "--ratings", "r.csv", "--folds"]
    try line.fail(base + ["3", "--model", "mff"], saying: "did you mean 'mf'?")
    try line.fail(base + ["3", "--model", "time-mf"], saying: "no timestamps")
    try line.succeed(["train", "--ratings", "r.csv", "--model", "bias", "--output", "b.st"])
    try line.fail(
      base + ["3", "--model", "b.st"],
      saying: "b.st is a saved model of bias, which is fitted already")
    try line.fail(
      ["tune", "--ratings", "r.csv", "--model", "b.st"], saying: "b.st is a saved model of bias")
    for wrong in [["1"], ["101"], ["3", "--split", "random:0.2"]] {
      #expect(try line.run(base + wrong + ["--model", "mf"]).code == 64, "\(wrong)")
    }
  }
}

// The learning curve that `train` draws, and the epoch that early stopping kept.
import Foundation
import Testing

@testable import OsusumeCLI

struct LearningCurveTests {
  @Test func blocksFollowTheFigures() {
    #expect(Blocks.line([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Blocks.line([7, .nan, 0]) == "█ ▁" && Blocks.line([3, 3]) == "▁▁")
    #expect(Blocks.line([]) == "" && Blocks.line([.nan]) == "")
    let long = Blocks.line((0..<1000).map(Double.init), width: 10)
    #expect(long.count == 10 && long.first == "▁" && long.last == "█")
    #expect(Blocks.line([-.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude]) == "▁▅█")
  }

  @Test func trainingDrawsItsCurve() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    let arguments = [
      "train", "--ratings", "r.csv", "--model", "mf", "--factors", "4", "--epochs", "12",
      "--output",
      "m.st", "--quiet",
    ]
    let words = try line.succeed(arguments).output
    let curve = try #require(words.split(separator: "\n").first { $0.contains("█") })
    #expect(curve.hasPrefix("train loss") && curve.contains(" to "), "\(words)")
    #expect(words.contains("test RMSE"))
    let stopped = try line.succeed(arguments + ["--early-stopping", "2"]).output
    let sentence = try #require(
      stopped.split(separator: "\n").first { $0.hasPrefix("Early stopping: of ") })
    #expect(sentence.contains(" was best, RMSE ") && sentence.contains("fitted anew"))
    let report = try line.succeed(arguments + ["--early-stopping", "2", "--json"]).json()
    let kept = try #require(report["early_stopping"] as? [String: Any])
    let search = try #require(report["search"] as? [[String: Any]])
    let errors = search.compactMap { $0["validation_rmse"] as? Double }
    #expect(kept["value"] as? Double == errors.min())
    #expect(kept["epoch"] as? Int == (errors.firstIndex(of: errors.min() ?? 0) ?? -1) + 1)
    let unfitted = try line.succeed(
      arguments + ["--model", "flax-bias", "--early-stopping", "2", "--refit", "false"])
    #expect(
      unfitted.output.contains("validation RMSE")
        && unfitted.output.contains("had been learned by then"))
  }
}

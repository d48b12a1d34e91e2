// `osusume compare`: the JSON it promises, and its words.
import Foundation
import Testing

struct CompareCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
  }

  private func arguments(_ models: String, _ more: String...) -> [String] {
    ["compare", "--ratings", "r.csv", "--models", models, "--factors", "3", "--resamples", "100"]
      + more
  }

  @Test func jsonHasTheContractsNames() throws {
    let report = try line.succeed(
      arguments("mf,flax-bias,bias,popularity", "--epochs", "3", "--also-factors", "2", "--json")
    ).json()
    let models = try #require(report["models"] as? [[String: Any]])
    #expect(models.map { $0["model"] as? String } == ["mf", "flax-bias", "bias", "popularity"])
    for model in models.prefix(3) {
      let final = try #require(model["final"] as? [String: Double])
      for key in ["valid_rmse", "valid_rmse_clipped", "valid_mae"] { #expect(final[key] != nil) }
      for key in ["rmse", "mae", "ndcg@10", "recall@10", "coverage@10"] {
        #expect(model[key] is Double && (model[key + "_ci95"] as? [Double])?.count == 2, "\(key)")
      }
      #expect((model["segments"] as? [[String: Any]])?.isEmpty == false)
    }
    for model in models {
      #expect((model["seconds"] as? [String: Double])?["train"] != nil)
      #expect(model["curve"] is [Any] && model["epochs"] is [Any])
    }
    #expect((models[0]["spectrum"] as? [Double])?.count == 3 && models[2]["spectrum"] == nil)
    #expect((models[1]["curve"] as? [Any])?.count == 3)
    let verdicts = try #require(report["verdicts"] as? [[String: Any]])
    #expect(verdicts.count == 3 * 5 + 3 * 3)
    for key in ["agreement", "segments", "time_to_error", "widths"] {
      #expect((report[key] as? [Any])?.isEmpty == false, "\(key)")
    }
    for key in ["command", "seed", "split", "data", "seconds", "relevant_at", "best"] {
      #expect(report[key] != nil, "\(key)")
    }
  }

  @Test func modelsMayReadGenresOfItems() throws {
    try line.write(
      "anime_id,name,genre\n"
        + (1...40).map { "\($0),Title \($0),\"Action, Drama\"\n" }.joined(),
      to: "items.csv")
    let report = try line.succeed(
      arguments(
        "genre-dot,mf", "--items", "items.csv", "--join", "inner", "--epochs", "2", "--repeats",
        "1", "--json")
    ).json()
    let models = try #require(report["models"] as? [[String: Any]])
    #expect(models.allSatisfy { $0["rmse"] is Double })
  }

  @Test func oneModelOnTwoShufflesIsNoEvidence() throws {
    let words = try line.succeed(arguments("mf,mf")).output
    #expect(words.contains("rmse: no evidence that mf and mf@43 differ"), "\(words)")
    #expect(!words.contains("better than"), "\(words)")
  }

  @Test func theReportIsOneFileThatSaysTheSame() throws {
    let report = try line.succeed(
      arguments("mf,bias", "--report", "c.html", "--repeats", "1", "--json")
    ).json()
    #expect(report["report"] as? String == "c.html")
    #expect(try line.names() == ["r.csv", "c.html"])
    let page = String(decoding: try line.bytes("c.html"), as: UTF8.self)
    let verdicts = try #require(report["verdicts"] as? [[String: Any]])
    for verdict in verdicts {
      #expect(page.contains(try #require(verdict["sentence"] as? String)))
    }
    try line.fail(arguments("mf,bias", "--report", "no/c.html"), saying: "no/c.html")
  }

  @Test func whatCannotBeComparedIsOneLine() throws {
    try line.fail(arguments("mf,mff"), saying: "did you mean 'mf'?")
    try line.fail(arguments("mf@1,mf@1"), saying: "takes part already")
    try line.fail(arguments("mf", "--split", "none"), saying: "leaves no test rows")
    try line.fail(
      arguments("bias,flax-dot", "--learning-rate", "1e30"), saying: "flax-dot: training diverged")
    #expect(try line.run(arguments("mf", "--also-factors", "a")).code == 64)
    #expect(try line.run(["compare", "--ratings", "r.csv"]).code == 64)
  }
}

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
      for key in [
        "rmse", "mae", "ndcg@10", "recall@10", "coverage@10", "mrr@10", "precision@10", "gini@10",
        "novelty@10", "disliked@10",
      ] {
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

  /// Ratings of an item do not depend on how many there are: who predicts them ranks what few rated.
  @Test func modelsOfRatingsWhoseListsAreWorseThanPopularityAreNamed() throws {
    var text = "user_id,anime_id,rating\n"
    for user in 1...60 {
      for item in 1...60 where item <= 12 || (user * 7 + item * 13) % 23 == 0 {
        if item <= 12 && (user + item) % 3 == 0 { continue }
        text += "\(user),\(item),\(item <= 12 ? 7 + (user * item) % 2 : 9 + (user + item) % 2)\n"
      }
    }
    try line.write(text, to: "skewed.csv")
    let data = ["--ratings", "skewed.csv", "--relevant-at", "7", "--resamples", "100"]
    let compared = try line.succeed(
      ["compare", "--models", "bias,popularity", "--json"] + data)
    let warning =
      /bias predicts ratings well but ranks badly \(NDCG@10 0\.\d{3}, most popular 0\.\d{3}\): use --model lists/
    let warnings = try #require(try compared.json()["warnings"] as? [String])
    #expect(warnings.count == 1 && warnings[0].wholeMatch(of: warning) != nil, "\(warnings)")
    #expect(compared.errors.contains(warnings[0]))
    try line.succeed(
      ["train", "--ratings", "skewed.csv", "--model", "bias", "--output", "m.st"])
    for more in [[], ["--no-baselines"]] {
      let evaluated = try line.succeed(["evaluate", "--model", "m.st", "--json"] + data + more)
      #expect(try evaluated.json()["warnings"] as? [String] == warnings)
      #expect(evaluated.errors.contains(warnings[0]))
    }
    try line.succeed(
      ["train", "--ratings", "skewed.csv", "--model", "popularity", "--output", "m.st"])
    let popular = try line.succeed(["evaluate", "--model", "m.st", "--json"] + data)
    #expect(try popular.json()["warnings"] as? [String] == [] && popular.errors.isEmpty)
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

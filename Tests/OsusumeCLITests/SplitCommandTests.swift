// Splits of whole users and at one instant, from training to evaluation.
import Foundation
import Testing

struct SplitCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    let rows = syntheticRatings().split(separator: "\n")
    try line.write(
      "user_id,anime_id,rating,timestamp\n"
        + rows.dropFirst().enumerated().map { "\($1),\(($0 * 7919) % 1000)\n" }.joined(),
      to: "r.csv")
  }

  private func train(_ model: String, _ split: String) throws -> [String: Any] {
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", model, "--split", split, "--output", "m.st",
      "--seed", "5", "--factors", "4", "--json",
    ]).json()
  }

  /// The seed of the evaluation is another one: the cut is that of the model.
  private func evaluate() throws -> [String: Any] {
    let outcome = try line.succeed([
      "evaluate", "--model", "m.st", "--ratings", "r.csv", "--resamples", "50", "--json",
    ])
    #expect(!outcome.errors.contains("give the data options"), "\(outcome.errors)")
    return try outcome.json()
  }

  /// The parts of a file called train.csv would take its place.
  @Test func noPartTakesThePlaceOfTheFileThatIsCut() throws {
    let whole = try line.bytes("r.csv")
    try line.write(whole, to: "train.csv")
    try line.fail(
      ["data", "split", "--ratings", "train.csv", "--output", "."], saying: "./train.csv")
    #expect(try line.bytes("train.csv") == whole)
  }

  @Test func usersOfFewRowsAreCountedWhereNobodyIsLeft() throws {
    let rows = try line.bytes("r.csv").count { $0 == 0x0a } - 1
    try line.fail(
      ["data", "describe", "--ratings", "r.csv", "--min-user-rows", "5000"],
      saying: "none of the \(rows) rows is left")
  }

  @Test(arguments: ["mf", "als", "bias", "mean", "item-knn", "svd", "flax-bias"])
  func hiddenUsersAreFoldedIn(model: String) throws {
    let report = try train(model, "strong:0.2")
    let data = try #require(report["data"] as? [String: Any])
    let (test, foldIn) = (try #require(data["test"] as? Int), try #require(data["fold_in"] as? Int))
    #expect(test > 0 && foldIn >= 3 * test && data["cold_rows"] as? Int == 0)
    let evaluation = try evaluate()
    #expect(evaluation["n"] as? Int == test && evaluation["fold_in_rows"] as? Int == foldIn)
    #expect(evaluation["users"] as? Int == 11)
    let final = try #require(report["final"] as? [String: Double])
    let rmse = try #require(evaluation["rmse"] as? Double)
    #expect(abs(rmse - (final["valid_rmse"] ?? 0)) < 1e-9)
    let baselines = try #require(report["baselines"] as? [String: [String: Double]])
    for name in ["mean", "bias"] where name != model {
      let beside = (evaluation["baselines"] as? [String: [String: Any]])?[name]?["rmse"] as? Double
      #expect(abs((beside ?? 0) - (baselines[name]?["valid_rmse"] ?? 1)) < 1e-9, "\(name)")
    }
    // Tastes are of two kinds: who was folded in is known by theirs.
    if model == "als" { #expect(rmse < 0.7 * (baselines["bias"]?["valid_rmse"] ?? 0)) }
  }

  @Test func listsOfHiddenUsersFollowTheirRatings() throws {
    _ = try train("ease", "strong:0.2")
    let evaluation = try evaluate()
    let popular = (evaluation["baselines"] as? [String: [String: Any]])?["popularity"]
    let (own, most) = (evaluation["ndcg@10"] as? Double, popular?["ndcg@10"] as? Double)
    #expect(try #require(own) > 1.3 * (try #require(most)))
  }

  @Test func modelsThatCannotFoldInSaySo() throws {
    for command in [
      ["train", "--model", "time-mf", "--output", "m.st"], ["compare", "--models", "time-mf"],
    ] {
      try line.fail(
        command + ["--ratings", "r.csv", "--split", "strong:0.1"],
        saying: "time-mf cannot fold in users")
    }
  }

  @Test func comparisonsFoldInToo() throws {
    let report = try line.succeed([
      "compare", "--ratings", "r.csv", "--models", "als,bias", "--no-baselines", "--split",
      "strong:0.2",
      "--factors", "4", "--repeats", "1", "--resamples", "100", "--json",
    ]).json()
    let models = try #require(report["models"] as? [[String: Any]])
    let errors = models.compactMap { $0["rmse"] as? Double }
    #expect(errors.count == 2 && errors[0] < 0.7 * errors[1], "\(errors)")
  }

  @Test func oneInstantForAll() throws {
    let report = try train("bias", "global-time:0.2")
    let data = try #require(report["data"] as? [String: Any])
    let (train, test) = (try #require(data["train"] as? Int), try #require(data["test"] as? Int))
    #expect(abs(Double(test) / Double(train + test) - 0.2) < 0.01)
    #expect(try evaluate()["n"] as? Int == test)
    try line.fail(
      [
        "train", "--ratings", "r.csv", "--columns", "user_id,anime_id,rating", "--split",
        "global-time:0.1", "--output", "n.st",
      ], saying: "needs timestamps")
  }

  @Test func filesOfAStrongSplit() throws {
    try line.succeed(
      ["data", "split", "--ratings", "r.csv", "--split", "strong:0.2", "--output", "cut"])
    #expect(
      try line.names().isSuperset(of: ["cut/train.csv", "cut/test.csv", "cut/fold-in.csv"]))
    let help = try line.succeed(["train", "--help"]).output
    #expect(help.contains("global-time:0.1") && help.contains("strong:0.1"))
  }
}

// `osusume tune`, run as its users run it.
import Foundation
import Testing

struct TuneCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(users: 80, items: 40), to: "r.csv")
  }

  private func arguments(_ more: String...) -> [String] {
    [
      "tune", "--ratings", "r.csv", "--model", "mf", "--factors", "3", "--trials", "9",
      "--resamples", "100",
    ] + more
  }

  @Test func jsonHasTheContractsNames() throws {
    let report = try line.succeed(arguments("--json")).json()
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.count == 9)
    for (place, trial) in trials.enumerated() {
      let settings = try #require(trial["settings"] as? [String: Any])
      #expect(settings["epochs"] is Int && settings["learning_rate"] is Double)
      #expect(settings["factors"] == nil && settings.count == 6)
      #expect(trial["validation_rmse"] is Double && trial["seconds"] is Double)
      #expect(trial["trial"] as? Int == place + 1 && trial["outcome"] is String)
    }
    let first = try #require(trials[0]["settings"] as? [String: Any])
    #expect(first["epochs"] as? Int == 20 && first["learning_rate"] as? Double == 0.06)
    let best = try #require(report["best"] as? [String: Any])
    let whole = trials.filter { $0["outcome"] as? String == "finished" }
    let least = try #require(whole.compactMap { $0["validation_rmse"] as? Double }.min())
    #expect(best["validation_rmse"] as? Double == least && best["settings"] is [String: Any])
    #expect(
      (best["command"] as? String)?.hasPrefix("osusume train --ratings r.csv --model mf ") == true)
    let test = try #require(report["test"] as? [String: Any])
    for key in ["rmse", "mae"] {
      #expect(test[key] is Double && (test[key + "_ci95"] as? [Double])?.count == 2)
      #expect((test["default"] as? [String: Any])?[key] is Double)
    }
    #expect(test["verdict"] is String)
    for key in [
      "command", "model", "version", "seed", "search", "metric", "data", "space", "seconds",
      "stages",
    ] {
      #expect(report[key] != nil, "\(key)")
    }
    #expect(report["command"] as? String == "tune" && report["search"] as? String == "halving")
  }

  /// The command line and the specification that are printed make the model that was saved.
  @Test func theWinnerIsTrainedByItsCommandAndByItsSpecification() throws {
    try line.write(syntheticRatings(users: 80, items: 40), to: "it's rated.csv")
    let report = try line.succeed([
      "tune", "--ratings", "it's rated.csv", "--model", "mf", "--learning-rate", "0.002",
      "--trials", "9",
      "--split", "random:0.2", "--seed", "7", "--min-user-ratings", "2", "--output", "best.st",
      "--output-spec", "best.json", "--resamples", "100", "--json",
    ]).json()
    let best = try #require(report["best"] as? [String: Any])
    #expect(best["trial"] as? Int != 1)
    let command = try #require(best["command"] as? String)
    #expect(command.contains("--learning-rate 0.002") && command.contains("'it'\\''s rated.csv'"))
    let saved = try line.bytes("best.st")
    let process = try line.start(
      [
        "-c", command.replacing("osusume", with: "\"$0\"", maxReplacements: 1),
        line.executable().path,
      ],
      of: URL(filePath: "/bin/sh"))
    process.waitUntilExit()
    #expect(try line.outcome(of: process).code == 0)
    #expect(try line.bytes("best.st") == saved)
    let rmse = try #require((report["test"] as? [String: Any])?["rmse"] as? Double)
    let trained = try line.succeed([
      "train", "--ratings", "it's rated.csv", "--model", "best.json", "--seed", "7", "--output",
      "spec.st",
      "--json",
    ]).json()
    let final = try #require(trained["final"] as? [String: Any])
    #expect(abs(try #require(final["test_rmse"] as? Double) - rmse) < 1e-9)
  }

  @Test func threadsDoNotMoveTheWinner() throws {
    let files = try ["1", "2", "3"].map { threads in
      try line.succeed(
        arguments("--threads", threads, "--output", "best.st", "--output-spec", "best.json"))
      return try [line.bytes("best.st"), line.bytes("best.json")]
    }
    #expect(files[0] == files[1] && files[0] == files[2])
  }

  /// Killed at moments spread over the search, it ends in the same winner and the same bytes.
  @Test func killedSearchesGoOn() throws {
    try line.write(syntheticRatings(users: 300, items: 80), to: "r.csv")
    let tune = [
      "tune", "--ratings", "r.csv", "--model", "mf", "--factors", "32", "--trials", "60",
      "--resamples",
      "100", "--journal", "j", "--output", "best.st", "--output-spec", "best.json", "--json",
    ]
    let straight = try line.succeed(tune).json()
    let files = try [line.bytes("best.st"), line.bytes("best.json")]
    let all = try line.bytes("j/journal.jsonl").count { $0 == 10 }
    var left: [Int] = []
    for moment in 1...5 {
      for name in ["best.st", "best.json", "j/journal.jsonl"] {
        try FileManager.default.removeItem(atPath: line.path(name))
      }
      let process = try line.start(tune)
      let wanted = 1 + (all - 2) * moment / 6
      func lines() -> Int { (try? line.bytes("j/journal.jsonl").count { $0 == 10 }) ?? 0 }
      while process.isRunning && lines() < wanted { usleep(500) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      _ = try line.outcome(of: process)
      left.append(lines())
      let resumed = try line.succeed(tune).json()
      #expect(try [line.bytes("best.st"), line.bytes("best.json")] == files, "moment \(moment)")
      func trial(_ report: [String: Any]) -> Int? {
        (report["best"] as? [String: Any])?["trial"] as? Int
      }
      #expect(trial(resumed) == trial(straight))
      #expect(resumed["resumed"] as? Int == max(0, left[moment - 1] - 1))
    }
    #expect(left.contains { $0 < all }, "\(left) of \(all)")
    try line.fail(tune + ["--seed", "7"], saying: "another seed (42)")
    try line.fail(tune + ["--trials", "61"], saying: "another number of --trials (60)")
    try line.write(syntheticRatings(users: 301, items: 80), to: "r.csv")
    try line.fail(tune, saying: "another ratings file")
  }

  @Test func wordsNameTheWinner() throws {
    let words = try line.succeed(arguments("--search", "grid", "--trials", "66")).output
    #expect(
      words.contains("65 trials of mf by grid")
        && words.contains("train the winner:\n  osusume train "))
    #expect(words.contains("trial  epochs  learning_rate") && words.contains("default"))
    #expect(words.contains(/test RMSE \d\.\d{4}/))
    let help = try line.succeed(["tune", "--help"]).output.replacing(/\s+/, with: " ")
    #expect(help.contains("learning_rate 0.02 to 0.2, log"))
    #expect(help.contains("ease: regularization 10 to 3000, log; neighbours 32 to 512, log"))
    #expect(help.contains(#"{"factors": {"from": 16, "to": 128, "scale": "log"}"#))
  }

  @Test func aSpaceOfOnesOwn() throws {
    try line.write(
      #"{"epochs": [2, 8], "shuffle": ["once", "each-epoch"], "learning_rate": {"from": 0.02, "to": 0.1}}"#,
      to: "space.json")
    let report = try line.succeed(
      arguments("--space", "space.json", "--search", "grid", "--trials", "13", "--json")
    ).json()
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.count == 13)
    let settings = trials.compactMap { $0["settings"] as? [String: Any] }
    #expect(
      Set(settings.dropFirst().compactMap { $0["learning_rate"] as? Double }) == [0.02, 0.06, 0.1])
    #expect(
      Set(settings.dropFirst().compactMap { $0["shuffle"] as? String }) == ["once", "each-epoch"])
    try line.write(#"{"epochs": {"from": 1, "to": "9"}}"#, to: "space.json")
    try line.fail(
      arguments("--space", "space.json"), saying: "space.json is no space of settings: 'epochs'")
    try line.fail(arguments("--space", "none.json"), saying: "none.json")
    try line.write(#"{"factors": [1, 2]}"#, to: "space.json")
    try line.fail(arguments("--space", "space.json"), saying: "'factors' was given a value as well")
  }

  /// Lists and interactions have figures of their own.
  @Test func everyKindOfModel() throws {
    try line.write(
      "anime_id,name,genre,type\n" + (1...40).map { "\($0),Title \($0),Action,TV\n" }.joined(),
      to: "items.csv")
    for (model, figure, more) in [
      ("ease", "validation_ndcg@10", []), ("lists", "validation_ndcg@10", []),
      ("bpr", "validation_ndcg@10", ["--factors", "4", "--negatives", "4"]),
      ("lists", "validation_rmse", ["--metric", "rmse", "--factors", "4"]),
      ("keras-mf-interaction", "validation_log_loss", ["--positive-above", "6"]),
      ("keras-mf-interaction", "validation_auc", ["--positive-above", "6", "--metric", "auc"]),
      ("bias", "validation_rmse", ["--folds", "3"]),
      ("bias", "validation_rmse", ["--split", "leave-one-out"]),
      ("mf", "validation_rmse", ["--split", "strong:0.2", "--factors", "4"]),
    ] {
      let report = try line.succeed(
        [
          "tune", "--ratings", "r.csv", "--items", "items.csv", "--model", model, "--trials", "3",
          "--resamples",
          "100", "--output", "m.st", "--json",
        ] + more
      ).json()
      let trials = try #require(report["trials"] as? [[String: Any]])
      #expect(trials.count == 3 && trials.allSatisfy { $0[figure] is Double }, "\(model) \(figure)")
      let test = try #require(report["test"] as? [String: Any])
      #expect(test[String(figure.dropFirst("validation_".count))] is Double, "\(model) \(figure)")
    }
  }

  @Test func whatCannotBeTunedIsOneLine() throws {
    try line.fail(
      ["tune", "--ratings", "r.csv", "--model", "mean"], saying: "no settings left to search over")
    try line.fail(["tune", "--ratings", "r.csv", "--model", "mff"], saying: "did you mean 'mf'?")
    try line.fail(arguments("--split", "none"), saying: "leaves no rows to judge the winner by")
    try line.fail(
      arguments("--metric", "auc"), saying: "mf has no AUC: give --metric rmse, mae, ndcg@10")
    try line.fail(arguments("--search", "grid"), saying: "a grid of 6 settings has 64 points")
    try line.fail(arguments("--output", "no/m.st"), saying: "no/m.st")
    for wrong in [
      ["--trials", "0"], ["--folds", "1"], ["--search", "best"], ["--output-spec", "spec.txt"],
      ["--metric", "mse"], ["--learning-rate", "0"],
    ] {
      #expect(try line.run(arguments() + wrong).code == 64, "\(wrong)")
    }
  }
}

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
      arguments(
        "mf,flax-bias,bias,popularity", "--no-baselines", "--epochs", "3", "--also-factors", "2",
        "--json")
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
    for key in [
      "agreement", "agreement_in_words", "segments", "time_to_error", "widths", "directions",
      "neighbours", "user_lists",
    ] {
      #expect((report[key] as? [Any])?.isEmpty == false, "\(key)")
    }
    for key in ["command", "seed", "split", "data", "seconds", "relevant_at", "best"] {
      #expect(report[key] != nil, "\(key)")
    }
  }

  /// Labels are made inside, and are those of `train`; models of ratings stand beside on the same rows.
  @Test func modelsOfLabelsHaveATableOfTheirOwn() throws {
    let models = "keras-nn-interaction,keras-mf-interaction,keras-hybrid,keras-nn,keras-mf"
    let settings = ["--epochs", "2", "--batch-size", "100", "--learning-rate", "0.01"]
    let compared = try line.succeed(
      [
        "compare", "--ratings", "r.csv", "--models", models, "--resamples", "100", "--repeats", "2",
        "--report", "c.html", "--json",
      ] + settings
    ).json()
    let entries = try #require(compared["models"] as? [[String: Any]])
    let labels = ["accuracy", "precision", "recall", "f1", "auc", "log_loss"]
    for (place, entry) in entries.prefix(5).enumerated() {
      let final = try #require(entry["final"] as? [String: Any])
      for name in labels {
        #expect((final["valid_" + name] is Double) == (place < 3), "\(place) \(name)")
        #expect((entry[name] is Double) == (place < 3), "\(place) \(name)")
        if place < 3 {
          #expect(
            abs((entry[name] as? Double ?? 9) - (final["valid_" + name] as? Double ?? 0)) < 1e-12)
          #expect((entry[name + "_ci95"] as? [Double])?.count == 2)
        }
      }
      #expect(
        (final["valid_rmse"] is Double) == (place > 1) && (entry["rmse"] is Double) == (place > 1))
      #expect(entry["ndcg@10"] is Double && entry["recall@10"] is Double)
      let deviations = try #require(entry["sd_between_seeds"] as? [String: Double])
      #expect(
        (deviations["auc"] != nil) == (place < 3) && (deviations["rmse"] != nil) == (place > 1))
    }
    let baselines = try #require(compared["label_baselines"] as? [[String: Any]])
    #expect(
      baselines.map { $0["name"] as? String }
        == [
          "share of positives", "popularity's share of positives", "item's share of positives",
        ])
    for baseline in baselines { #expect(baseline["log_loss"] is Double) }
    let trained = try line.succeed(
      [
        "train", "--ratings", "r.csv", "--model", "keras-nn-interaction", "--output", "m.st",
        "--json",
      ] + settings
    ).json()
    let own = try #require(trained["final"] as? [String: Double])
    let final = try #require(entries[0]["final"] as? [String: Double])
    for name in labels { #expect(own["valid_" + name] == final["valid_" + name], "\(name)") }
    let words = try line.succeed(
      [
        "compare", "--ratings", "r.csv", "--models", "keras-nn-interaction,keras-nn",
        "--resamples", "100", "--repeats", "1",
      ] + settings
    ).output
    #expect(words.contains("item's share of positives") && words.contains("log_loss: "), "\(words)")
    let page = String(decoding: try line.bytes("c.html"), as: UTF8.self)
    #expect(page.contains("Would they like it?") && page.contains("item&#39;s share of positives"))
    try line.fail(
      [
        "compare", "--ratings", "r.csv", "--models", "keras-nn-interaction", "--split",
        "strong:0.2",
      ],
      saying: "keras-nn-interaction cannot fold in users")
  }

  /// A saved model takes part where it was trained on the same rows; figures are those of its own evaluation.
  @Test func savedModelsTakePart() throws {
    let train = ["train", "--ratings", "r.csv", "--model", "mf", "--factors", "3", "--epochs", "4"]
    try line.succeed(train + ["--output", "own.safetensors"])
    try line.succeed(train + ["--seed", "7", "--output", "other.safetensors"])
    try line.succeed(train + ["--split", "per-user:0.3", "--output", "split.safetensors"])
    let compare = ["compare", "--ratings", "r.csv", "--resamples", "100", "--repeats", "2"]
    let report = try line.succeed(
      compare + [
        "--models", "own.safetensors;mf:factors=3,epochs=4;mf:factors=2,epochs=4", "--json",
      ]
    ).json()
    let models = try #require(report["models"] as? [[String: Any]])
    let names = models.map { $0["label"] as? String ?? "" }
    #expect(
      names == [
        "own.safetensors", "mf:factors=3,epochs=4", "mf:factors=2,epochs=4", "mean", "bias",
        "popularity", "ease",
      ])
    #expect(
      models.map { $0["baseline"] as? Bool } == [false, false, false, true, true, true, true])
    #expect(models.map { $0["saved"] as? Bool ?? false }.filter { $0 }.count == 1)
    // The same model, read or fitted here.
    for key in ["rmse", "ndcg@10", "coverage@10"] {
      #expect(models[0][key] as? Double == models[1][key] as? Double, "\(key)")
    }
    #expect(models[0]["rmse"] as? Double != models[2]["rmse"] as? Double)
    #expect((models[0]["seconds"] as? [String: Any])?["train"] == nil)
    #expect((models[0]["curve"] as? [Any])?.isEmpty == true && models[0]["fits"] as? Int == 1)
    #expect((models[2]["settings"] as? [String: Any])?["factors"] as? Int == 2)
    let words = try line.succeed(compare + ["--models", "own.safetensors"]).output
    #expect(words.contains("own.safetensors") && words.contains("popularity"))
    // Its own split, and its users, are those of the comparison where nothing else is asked for.
    try line.succeed(compare + ["--models", "split.safetensors,keras-mf:epochs=1"])
    try line.fail(
      compare + ["--models", "other.safetensors,mf"],
      saying: "with --split per-user:0.1 and --seed 7")
    try line.fail(
      compare + ["--models", "split.safetensors", "--split", "per-user:0.1"],
      saying: "with --split per-user:0.3")
    try line.fail(
      ["compare", "--models", "own.safetensors", "--ratings", "r.csv", "--max-user-id", "30"],
      saying: "--min-user-ratings 1")
    try line.write(syntheticRatings(users: 50), to: "r2.csv")
    try line.fail(
      ["compare", "--models", "own.safetensors", "--ratings", "r2.csv"],
      saying:
        "own.safetensors was not trained on the rows that are trained on here: its file of ratings")
    try line.fail(
      compare + ["--models", "own.safetensors:factors=9"], saying: "is trained already")
    try line.fail(
      compare + ["--models", "als:factors=0"], saying: "als: --factors 0: give a whole number")
    try line.fail(
      compare + ["--models", "als:split=none"], saying: "als: --split holds for all models")
  }

  /// What did not converge is said in text and JSON, and how many epochs would do, if asked.
  @Test func fitsThatHadNotConvergedAreNamed() throws {
    let list = "flax-bias:factors=3,epochs=2,batch-size=50,learning-rate=0.02"
    let compare = [
      "compare", "--ratings", "r.csv", "--models", list, "--resamples", "100", "--repeats", "1",
    ]
    let words = try line.succeed(compare).output
    #expect(
      words.contains(/\* flax-bias had not converged: RMSE fell by [0-9.]+ in its last epoch/),
      "\(words)")
    #expect(words.contains("flax-bias *  ") && words.contains("--until-converged finds"))
    let report = try line.succeed(compare + ["--json", "--until-converged"]).json()
    let model = try #require((report["models"] as? [[String: Any]])?.first)
    let convergence = try #require(model["convergence"] as? [String: Any])
    #expect(convergence["finding"] is String && convergence["metric"] as? String == "rmse")
    #expect(model["converged"] as? Bool == true)
    #expect(model["epochs_before"] as? Int == 2)
    let epochs = try #require(model["epochs_until_converged"] as? Int)
    #expect(epochs > 2 && (model["settings"] as? [String: Any])?["epochs"] as? Int == epochs)
    let falling = try line.succeed(compare + ["--json"]).json()
    let sentences = try #require(falling["verdicts"] as? [[String: Any]]).filter {
      $0["first"] as? String == "flax-bias"
    }
    #expect(!sentences.isEmpty)
    #expect((falling["models"] as? [[String: Any]])?.first?["converged"] as? Bool == false)
    for verdict in sentences {
      #expect(verdict["caveat"] as? String == "flax-bias had not converged")
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
        "1", "--no-baselines", "--json")
    ).json()
    let models = try #require(report["models"] as? [[String: Any]])
    #expect(models.allSatisfy { $0["rmse"] is Double })
  }

  @Test func oneModelOnTwoShufflesIsNoEvidence() throws {
    let words = try line.succeed(arguments("mf,mf", "--no-baselines")).output
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

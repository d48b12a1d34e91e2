// The names and numbers that checks of the command line rely on.
import Foundation
import Testing

struct ContractTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes,rating,members\n"
        + (1...40).map { "\($0),\"Title, \($0)\",\"Action, Drama\",TV,12,7.5,\($0 * 100)\n" }
        .joined(),
      to: "items.csv")
  }

  private func train(_ more: [String] = []) throws -> [String: Any] {
    try line.succeed(
      ["train", "--ratings", "r.csv", "--items", "items.csv", "--output", "m.st", "--json"] + more
    ).json()
  }

  @Test func settingsThatAFitDoesNotReadAreSaid() throws {
    let given = ["--model", "als", "--epochs", "2", "--factors", "4"]
    #expect(try train(given)["notes"] == nil)
    let notes = try #require(try train(given + ["--learning-rate", "0.5"])["notes"] as? [String])
    #expect(notes.contains { $0.contains("--learning-rate") && !$0.contains("--epochs") })
    let shown = try line.succeed(["models", "als"]).output
    #expect(shown.contains("row_solver") && !shown.contains("beta1"))
    #expect(try line.succeed(["inspect", "m.st"]).output.contains("row_solver"))
    #expect(try !line.succeed(["inspect", "m.st"]).output.contains("learning_rate"))
  }

  @Test func trainJSON() throws {
    let report = try train(["--model", "flax-bias", "--epochs", "2"])
    let keys = [
      "command", "model", "version", "seed", "threads", "isa", "data", "baselines", "epochs",
      "final",
      "seconds", "train_ratings_per_second", "peak_rss_bytes", "output", "sha256",
    ]
    for key in keys { #expect(report[key] != nil, "\(key)") }
    func object(_ key: String) throws -> [String: Any] {
      try #require(report[key] as? [String: Any], "\(key)")
    }
    let data = try object("data")
    let dropped = try #require(data["dropped"] as? [String: Int])
    for key in ["rows", "ratings", "users", "items", "train", "test", "cold_rows"] {
      #expect(data[key] is Int, "\(key)")
    }
    for key in ["sentinel", "min_user_ratings", "not_in_items", "duplicates"] {
      #expect(dropped[key] != nil, "\(key)")
    }
    #expect(data["rows"] as? Int == dropped.values.reduce(data["ratings"] as? Int ?? 0, +))
    for name in ["mean", "bias"] {
      #expect((try object("baselines")[name] as? [String: Double])?["valid_rmse"] != nil)
    }
    let epochs = try #require(report["epochs"] as? [[String: Any]])
    #expect(epochs.map { $0["epoch"] as? Int } == [1, 2])
    for key in ["seconds", "train_loss", "valid_rmse", "valid_mae"] {
      #expect(epochs[0][key] is Double, "\(key)")
    }
    for key in ["valid_rmse", "valid_rmse_clipped", "valid_mae"] {
      #expect(try object("final")[key] is Double, "\(key)")
    }
    for key in ["ingest", "prepare", "train", "evaluate", "save", "total"] {
      #expect(try object("seconds")[key] is Double, "\(key)")
    }
    // Two epochs at a rate of 1e-3 from a random start beat nobody, and it says so.
    let words = try line.succeed(
      ["train", "--ratings", "r.csv", "--model", "flax-bias", "--epochs", "2", "--output", "m.st"])
    #expect(words.output.contains("DOES NOT BEAT the baselines"))
    #expect(words.output.contains("bias ") && words.output.contains("mean "))
  }

  @Test func evaluateRecommendPredictInspectJSON() throws {
    let data = try #require(try train(["--model", "mf"])["data"] as? [String: Any])
    let evaluation = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--json", "--resamples", "50"]
    ).json()
    for key in [
      "rmse", "mae", "ndcg@10", "recall@10", "map@10", "mrr@10", "precision@10", "hit_rate@10",
      "coverage@10", "gini@10", "novelty@10", "mean_popularity@10", "disliked@10",
      "intra_list_distance@10", "miscalibration@10",
    ] {
      let value = try #require(evaluation[key] as? Double)
      let interval = try #require(evaluation[key + "_ci95"] as? [Double])
      #expect(interval.count == 2 && interval[0] <= interval[1] && value >= 0, "\(key)")
    }
    #expect(evaluation["n"] is Int)
    let one = try line.succeed(
      ["recommend", "--model", "m.st", "--user", "3", "--top", "4", "--json"]
    ).json()
    #expect(one["user"] as? String == "3" && one["model_version"] is String)
    let filtered = try #require(one["filtered"] as? [String: Any])
    #expect((filtered["seen"] as? [String: Int])?["train"] ?? 0 > 0)
    let items = try #require(one["items"] as? [[String: Any]])
    #expect(items.map { $0["rank"] as? Int } == [1, 2, 3, 4])
    #expect(items.allSatisfy { ($0["title"] as? String)?.hasPrefix("Title, ") == true })
    let all = try line.succeed(
      ["recommend", "--model", "m.st", "--users", "all", "--top", "2", "--output", "recs.csv"])
    #expect(all.output.isEmpty)
    let rows = String(decoding: try line.bytes("recs.csv"), as: UTF8.self).split(separator: "\n")
    #expect(
      rows.first == "user,rank,item,score" && rows.count - 1 == 2 * (data["users"] as? Int ?? 0))
    try line.write("user,item\n3,1\n4,2\n", to: "pairs.csv")
    let scores = try line.succeed(["predict", "--model", "m.st", "--pairs", "pairs.csv"]).output
    #expect(scores.hasPrefix("user,item,score\n3,1,"))
    let inspection = try line.succeed(["inspect", "m.st", "--json"]).json()
    #expect(inspection["sha256"] is String && inspection["tensors"] is [[String: Any]])
  }

  @Test func dataAndModelsJSON() throws {
    let summary = try line.succeed(["data", "describe", "--ratings", "r.csv", "--json"]).json()
    for key in [
      "rows", "rated", "sentinel", "users", "users_rated", "items", "items_rated",
      "single_rating_users", "histogram", "mean", "sd", "per_user", "density",
    ] {
      #expect(summary[key] != nil, "\(key)")
    }
    let perUser = try #require(summary["per_user"] as? [String: Any])
    for key in ["mean", "median", "max"] { #expect(perUser[key] != nil, "\(key)") }
    for name: [String] in [[], ["mf"]] {
      let models = try line.succeed(["models", "--json"] + name).json()["models"]
      #expect((models as? [[String: Any]])?.first?["name"] as? String == name.first ?? "lists")
    }
    _ = try line.succeed(["data", "validate", "--ratings", "r.csv", "--json"]).json()
    _ = try line.succeed(["data", "split", "--ratings", "r.csv", "--output", "cut", "--json"])
      .json()
    #expect(try line.names().isSuperset(of: ["cut/train.csv", "cut/test.csv"]))
  }

  @Test func wrongUsageIs64AndHelpHasAnExample() throws {
    for wrong in [["train"], ["train", "--bogus"], ["nonsense"], ["models", "--threads", "0"]] {
      #expect(try line.run(wrong).code == 64, "\(wrong)")
    }
    let commands = [
      "", "data", "data describe", "data validate", "data split", "data synthesize", "models",
      "train",
      "evaluate", "predict", "recommend", "similar", "compare", "tune", "map", "inspect",
      "bench",
    ]
    for command in commands {
      let help = try line.succeed(command.split(separator: " ").map(String.init) + ["--help"])
      #expect(help.output.contains("Example"), "\(command)")
    }
  }

  @Test func everyWayIn() throws {
    let text = syntheticRatings()
    let rows = text.split(separator: "\n").dropFirst()
    try line.write(
      rows.map { $0.split(separator: ",").reversed().joined(separator: "\t") + "\r\n" }.joined(),
      to: "turned.tsv")
    try line.write(
      rows.map { $0.replacing(",", with: "::") + "::978300760\n" }.joined(), to: "r.dat")
    let counts = try [
      ["--ratings", "r.csv"], ["--ratings", "-"],
      ["--ratings", "turned.tsv", "--columns", "3,2,1"],
      ["--ratings", "r.dat"], ["--ratings", "r.csv", "--columns", "user_id,anime_id,rating"],
      ["--ratings", "r.dat", "--split", "temporal:0.2"], ["--ratings", "r.csv", "--ids", "string"],
    ].map { input in
      let report = try line.succeed(
        ["train", "--model", "bias", "--output", "m.st", "--json"] + input, input: text
      ).json()
      return (report["data"] as? [String: Any])?["ratings"] as? Int
    }
    #expect(Set(counts).count == 1 && counts[0] ?? 0 > 1000, "\(counts)")
  }

  @Test func everySplitShuffleLossAndOptimizer() throws {
    try line.write("user_id,anime_id,rating\n1,1,9\n2,2,7\n", to: "test.csv")
    for split in ["per-user:0.2", "random:0.2", "leave-one-out", "file:test.csv", "none"] {
      _ = try train(["--model", "bias", "--split", split])
    }
    for (option, values) in [
      ("--shuffle", ["none", "once", "each-epoch"]), ("--loss", ["rmse", "mse", "mae"]),
      ("--optimizer", ["adam", "adamw", "sgd", "adagrad"]),
    ] {
      let digests = try values.map {
        try train(["--model", "flax-bias", "--epochs", "2", "--batch-size", "100", option, $0])[
          "sha256"] as? String
      }
      #expect(Set(digests).count == values.count, "\(option)")
    }
  }

  @Test func aSpecificationFileIsAModel() throws {
    for name in ["flax-bias", "flax-deep", "keras-hybrid", "keras-nn-interaction"] {
      let printed = try line.succeed(["models", name, "--json"]).output
      try line.write(printed, to: "spec.json")
      let named = try train(["--model", name, "--epochs", "2"])
      let read = try train(["--model", "spec.json", "--epochs", "2"])
      let losses = [named, read].map { report in
        (report["epochs"] as? [[String: Any]])?.compactMap { $0["train_loss"] as? Double } ?? []
      }
      #expect(losses[0].count == 2 && losses[0] == losses[1], "\(name)")
    }
    for (text, words) in [
      ("{", "not a JSON object"), (#"{"name":"a"}"#, "'formula'"),
      (#"{"name":"a","formula":"p·q","fit":"tiledSGD"}"#, "cannot find"),
      (
        #"{"name":"a","formula":"μ + b_u + b_i + knn","fit":"minibatch"}"#,
        "the fit minibatch cannot find μ + b_u + b_i + knn"
      ),
      (#"{"name":"a","formula":"p·q","fit":"minibatch","defaults":{"epoch":1}}"#, "'epoch'"),
      (
        #"{"name":"a","formula":"p·q","fit":"minibatch","defaults":{"factors":-1}}"#,
        "'factors' -1: give a whole number from 1 to 2048"
      ),
      (#"{"name":"a","formula":"p[3]·q[4]","fit":"minibatch"}"#, "width 3 and 4"),
      (
        #"{"name":"a","formula":"u → dense 1","nodes":{"u":"v","v":"u"},"fit":"minibatch"}"#,
        "u → v → u go round in a circle"
      ),
      (#"{"name":"a","formula":"concat(p, z) → dense 1","fit":"minibatch"}"#, "'z' is no node"),
      (#"{"name":"a","formula":"p → dense 1000000000","fit":"minibatch"}"#, "1 to 65536"),
      (#"{"name":"a","formula":"concat(p, q) → dense 3","fit":"minibatch"}"#, "3 numbers wide"),
    ] {
      try line.write(text, to: "spec.json")
      try line.fail(["train", "--ratings", "r.csv", "--model", "spec.json"], saying: words)
    }
  }
}

// Bad input of every kind to every command: one clear line, exit 1, nothing half-written.
import Foundation
import Testing

struct BadInputTests {
  private static let header = "user_id,anime_id,rating\n"
  private static let good = syntheticRatings(users: 12, items: 10)

  /// Ratings files that nobody can learn from, and words of the message.
  private static let ratings: [(name: String, text: String, words: String)] = [
    ("empty", "", "empty"), ("header only", header, "no ratings"),
    ("wrong columns", "a,b,c\n1,2,3\n", "no column user"),
    ("text", good + "5,77,abc\n", "'abc' is not a number"),
    ("nan", good + "5,77,nan\n", "finite"), ("inf", good + "5,77,inf\n", "finite"),
    ("1e400", good + "5,77,1e400\n", "too large"),
    ("id", good + "99999999999999999999,1,5\n", "beyond 64-bit"),
    ("quote", good + "\"7,1,5\n8,1,5\n", "quote"), ("NUL", good + "7,1\0,5\n", "control character"),
    ("megabyte", good + "7,1,5" + String(repeating: "5", count: 1 << 20) + "\n", "longer than"),
    ("cut", good + "5,7", "middle of the line"), ("few columns", good + "5,7\n", "columns"),
    ("sentinels", header + "1,1,-1\n2,1,-1\n", "none of the 2 rows"),
  ]

  @Test(arguments: ratings.indices)
  func ratingsFiles(number: Int) throws {
    let bad = Self.ratings[number]
    let line = try CommandLine()
    try line.write(bad.text, to: "r.csv")
    try line.write("as it was", to: "kept.st")
    try line.fail(
      ["train", "--ratings", "r.csv", "--output", "kept.st", "--json"], saying: bad.words)
    try line.fail(["data", "split", "--ratings", "r.csv", "--output", "cut"], saying: bad.words)
    try line.fail(["data", "describe", "--ratings", "r.csv", "--json"], saying: bad.words)
  }

  @Test func oneUserOrOneItemIsNothingToLearnFrom() throws {
    let line = try CommandLine()
    try line.write(Self.header + "1,1,5\n1,2,6\n1,3,7\n", to: "user.csv")
    try line.write(Self.header + "1,1,5\n2,1,6\n3,1,7\n", to: "item.csv")
    try line.write(Self.header + "1,1,5\n", to: "one.csv")
    for file in ["user.csv", "item.csv", "one.csv"] {
      try line.fail(
        ["train", "--ratings", file, "--output", "m.st"], saying: "at least two of each")
    }
  }

  @Test func equalRatingsAreLearned() throws {
    let line = try CommandLine()
    let rows = (1...9).flatMap { user in (1...8).map { "\(user),\($0),7\n" } }.joined()
    try line.write(Self.header + rows, to: "r.csv")
    for model in ["mf", "flax-bias", "bias"] {
      let report = try line.succeed(
        ["train", "--ratings", "r.csv", "--model", model, "--output", "m.st", "--json"])
      let final = try #require(try report.json()["final"] as? [String: Double])
      #expect(final["valid_rmse"]?.isFinite == true)
    }
  }

  @Test func filesThatAreNotThere() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    try FileManager.default.createDirectory(
      atPath: line.path("folder"), withIntermediateDirectories: true)
    for file in ["missing.csv", "folder"] {
      try line.fail(["train", "--ratings", file])
      try line.fail(["train", "--ratings", "r.csv", "--items", file, "--output", "m.st"])
      try line.fail(["data", "validate", "--ratings", file])
      try line.fail(["inspect", file])
      try line.fail(["recommend", "--model", file, "--user", "1"])
      try line.fail(["predict", "--model", file, "--user", "1", "--item", "1"])
      try line.fail(["evaluate", "--model", file, "--ratings", "r.csv"])
    }
    try line.fail(["models", "mff"], saying: "did you mean 'mf'")
    try line.fail(["train", "--ratings", "r.csv", "--model", "nope.json"], saying: "nope.json")
  }

  /// What a command reads stays, whatever it is told to write there; so does its other result.
  @Test func resultsReplaceNothingThatIsRead() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(users: 60, items: 20), to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--model", "mf", "--output", "m.st"])
    let tune = ["tune", "--ratings", "r.csv", "--model", "mf", "--trials", "2", "--epochs", "1"]
    try line.succeed(tune + ["--journal", "j"])
    try line.write("my notes\nof today", to: "j/journal.jsonl")
    let before = try ["r.csv", "m.st", "j/journal.jsonl"].map { try line.bytes($0) }
    for arguments in [
      ["train", "--ratings", "r.csv", "--output", "./r.csv"],
      ["train", "--ratings", "r.csv", "--output", "x.st", "--report", "x.st"],
      ["report", "--model", "m.st", "--ratings", "r.csv", "--output", "m.st"],
      ["data", "describe", "--ratings", "r.csv", "--report", "r.csv"],
      ["compare", "--ratings", "r.csv", "--models", "mean;m.st", "--report", "m.st"],
      tune + ["--report", "r.csv"], tune + ["--output", "t", "--report", "t"],
    ] {
      let outcome = try line.run(arguments)
      #expect(
        outcome.code == 1 && outcome.errors.contains("choose another place"),
        "\(arguments) \(outcome.errors)")
    }
    let notes = try line.run(tune + ["--journal", "j"])
    #expect(notes.code == 1 && notes.errors.contains("journal.jsonl"))
    #expect(try ["r.csv", "m.st", "j/journal.jsonl"].map { try line.bytes($0) } == before)
  }

  @Test func placesThatCannotBeWritten() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st"])
    for place in ["no/where.st", "r.csv/m.st", ".", "", "/dev/full"] {
      try line.fail(["train", "--ratings", "r.csv", "--output", place])
    }
    try line.fail(["train", "--ratings", "r.csv", "--checkpoint", "r.csv", "--output", "x.st"])
    try line.fail(["data", "split", "--ratings", "r.csv", "--output", "r.csv"])
    try line.fail([
      "data", "synthesize", "--like", "anime", "--scale", "0.001", "--output", "r.csv",
    ])
    try line.fail(["recommend", "--model", "m.st", "--users", "all", "--output", "/dev/full"])
    try line.write("user,item\n1,1\n", to: "pairs.csv")
    try line.fail(["predict", "--model", "m.st", "--pairs", "pairs.csv", "--output", "/dev/full"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func standardOutputOnAFullDisk() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    try line.write("user,item\n1,1\n", to: "pairs.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st"])
    for command in [
      "models", "models --json", "inspect m.st", "inspect m.st --json",
      "recommend --model m.st --user 1",
      "recommend --model m.st --user 1 --json", "recommend --model m.st --users all --output -",
      "predict --model m.st --pairs pairs.csv", "predict --model m.st --user 1 --item 1",
      "data describe --ratings r.csv", "data validate --ratings r.csv",
      "evaluate --model m.st --ratings r.csv --resamples 10",
    ] {
      let outcome = try line.run(
        command.split(separator: " ").map(String.init), output: "/dev/full")
      #expect(outcome.code == 1, "\(command)")
      #expect(
        outcome.errors.contains("standard output: No space left"), "\(command): \(outcome.errors)")
    }
  }

  @Test func modelFiles() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st"])
    let whole = try line.bytes("m.st")
    var flipped = whole
    flipped[whole.count - 5] ^= 1
    var flippedHeader = whole
    flippedHeader[300] ^= 1
    let vast = Data([0, 0, 0, 0, 0, 0, 0, 0x80]) + whole.dropFirst(8)
    for damaged in [
      whole.prefix(whole.count / 2), whole.prefix(7), Data(), flipped, flippedHeader, vast,
      whole + Data([0]), Data(Self.good.utf8),
    ] {
      try line.write(Data(damaged), to: "bad.st")
      try line.fail(["inspect", "bad.st", "--json"], saying: "damaged or not a model")
      try line.fail(["recommend", "--model", "bad.st", "--user", "1"], saying: "damaged")
      try line.fail(
        ["predict", "--model", "bad.st", "--user", "1", "--item", "1"], saying: "damaged")
      try line.fail(["evaluate", "--model", "bad.st", "--ratings", "r.csv"], saying: "damaged")
    }
  }

  @Test func usersAndPairsTheModelDoesNotKnow() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st"])
    try line.write("kept", to: "out.csv")
    try line.fail(["recommend", "--model", "m.st", "--user", "999"], saying: "999")
    try line.fail(["recommend", "--model", "m.st", "--user", "a\nb\u{1B}[2J"], saying: "a b")
    try line.fail(
      ["recommend", "--model", "m.st", "--users", "1,999", "--output", "out.csv"], saying: "999")
    try line.fail(["predict", "--model", "m.st", "--user", "999", "--item", "1"], saying: "'999'")
    for (pairs, words) in [
      ("user,item\n1,1\n999,1\n", "pairs.csv:3: the model does not know user '999'"),
      ("user,item\n1,888\n", "item '888'"), ("", "no pairs"), ("user,item\n", "no pairs"),
      ("a,b\n1,1\n", "no user column"), ("user,item\n1\n", "column is missing"),
      ("user,item\n\"1,1\n", "quote"),
      ("user,item\n1," + String(repeating: "1", count: 1 << 20) + "\n", "longer than"),
    ] {
      try line.write(pairs, to: "pairs.csv")
      try line.fail(
        ["predict", "--model", "m.st", "--pairs", "pairs.csv", "--output", "out.csv"], saying: words
      )
    }
    let cold = try line.succeed(
      ["predict", "--model", "m.st", "--user", "999", "--item", "888", "--cold", "mean", "--json"])
    #expect(try cold.json()["cold"] as? Bool == true)
  }

  /// What networks need of items and ratings is said before anything is trained.
  @Test func itemsAndRatingsThatNetworksCannotRead() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    func items(_ count: Int, genre: String) throws {
      let rows = (1...count).map { "\($0),t\($0),\(genre),TV,\($0 == 3 ? "Unknown" : "12"),7,9\n" }
      try line.write(
        "anime_id,name,genre,type,episodes,rating,members\n" + rows.joined(), to: "items.csv")
    }
    func train(_ model: String) -> [String] {
      // Quiet: networks on a scale of half stars warn of ratings up to ten.
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", model, "--output", "m.st",
        "--quiet",
      ]
    }
    try items(5, genre: "Drama")
    for model in ["genre-dot", "nn-extended", "metadata"] {
      try line.fail(train(model), saying: "5 of the 10 rated items, 6 the first, are missing")
      try line.fail(
        ["train", "--ratings", "r.csv", "--model", model, "--output", "m.st", "--quiet"],
        saying: "give --items FILE")
    }
    try line.succeed(train("genre-dot") + ["--join", "inner", "--epochs", "1", "--quiet"])
    try items(10, genre: "")
    try line.fail(train("genre-dot") + ["--output", "x.st"], saying: "no item has any")
    // An unknown number of episodes is no error.
    try line.succeed(train("metadata") + ["--epochs", "1", "--quiet"])
    for rating in ["11", "0", "7.5"] {
      try line.write(Self.good + "99,1,\(rating)\n99,2,5\n", to: "r.csv")
      try line.fail(
        train("metadata-classes") + ["--split", "none", "--output", "x.st"],
        saying: "whole ratings from 1 to 10, and there is a rating of")
    }
  }

  @Test func fitsInOneStepHaveNoCheckpoints() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    for model in ["svd", "item-knn", "bias"] {
      let train = ["train", "--ratings", "r.csv", "--model", model, "--output", "m.st"]
      for flag in ["--checkpoint", "--resume"] {
        try line.fail(train + [flag, "ck"], saying: "\(model) is fitted in one step")
      }
    }
  }

  @Test func damagedOrForeignCheckpoints() throws {
    let line = try CommandLine()
    try line.write(Self.good, to: "r.csv")
    let train = ["train", "--ratings", "r.csv", "--model", "flax-bias", "--output", "m.st"]
    let resume = train + ["--resume", "ck", "--epochs", "3"]
    try line.succeed(train + ["--checkpoint", "ck", "--epochs", "2"])
    let whole = try line.bytes("ck/checkpoint.safetensors")
    try line.fail(train + ["--resume", "ck", "--epochs", "1"], saying: "2 epochs are done")
    try line.fail(resume + ["--seed", "7"], saying: "another seed")
    try line.fail(resume + ["--optimizer", "adagrad"], saying: "another settings")
    try line.write(
      "anime_id,name,genre,type,episodes,rating,members\n1,A,Drama,TV,1,7,9\n", to: "i.csv")
    try line.fail(resume + ["--items", "i.csv"], saying: "another file of items")
    try line.fail(resume + ["--model", "flax-dot"], saying: "another model")
    try line.fail(train + ["--resume", "nowhere"], saying: "no such file")
    for damaged in [whole.prefix(whole.count / 2), whole.dropLast(4) + Data([1, 2, 3, 4]), Data()] {
      try line.write(Data(damaged), to: "ck/checkpoint.safetensors")
      try line.fail(resume, saying: "damaged")
    }
    try line.write(try line.bytes("m.st"), to: "ck/checkpoint.safetensors")
    try line.fail(resume, saying: "not a checkpoint")
  }
}

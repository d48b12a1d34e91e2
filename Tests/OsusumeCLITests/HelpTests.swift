// Help that is read once, and options that mean one thing in every command.
import Foundation
import Testing

/// A command as `--experimental-dump-help` states it.
private struct Described: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    let names: [Name]?
    let abstract: String?
    let shouldDisplay: Bool
    let valueName: String?
  }
  let commandName: String
  let abstract: String
  let discussion: String?
  let arguments: [Argument]?
  let subcommands: [Described]?

  /// This one and all below it that do something, by the words that call them.
  func all(_ above: [String] = []) -> [(words: [String], command: Described)] {
    let below = (subcommands ?? []).filter { $0.commandName != "help" }
    return [(above, self)] + below.flatMap { $0.all(above + [$0.commandName]) }
  }

  func names(offered: Bool) -> Set<String> {
    let shown = (arguments ?? []).filter { $0.shouldDisplay || !offered }
    return Set(shown.flatMap { ($0.names ?? []).map(\.name) })
  }
}

struct HelpTests {
  private let line: CommandLine
  private let commands: [(words: [String], command: Described)]

  init() throws {
    struct Dump: Decodable { let command: Described }
    line = try CommandLine()
    let dump = try line.succeed(["--experimental-dump-help"]).output
    commands = try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command.all()
  }

  @Test func noTextIsBrokenInTheMidstAndNoExampleIsTooWide() throws {
    for (words, command) in commands {
      let paragraphs = (command.discussion ?? "").split(separator: "\n\n")
      let examples = try #require(paragraphs.last, "\(words)").split(separator: "\n")
      #expect(["Example:", "Examples:"].contains(examples[0]), "\(words)")
      for example in examples.dropFirst() {
        #expect(example.hasPrefix("  ") && example.count <= 80, "\(words): \(example)")
      }
      // What `tune` searches is a list, a line each.
      for paragraph in paragraphs.dropLast() where !paragraph.hasPrefix("Without --space") {
        #expect(!paragraph.contains("\n"), "\(words): \(paragraph)")
      }
      for argument in command.arguments ?? [] {
        #expect(argument.abstract?.contains("\n") != true, "\(words): \(argument.abstract ?? "")")
      }
    }
  }

  @Test func trainHelpIsADozenOptionsInGroups() throws {
    let short = try line.succeed(["train", "--help"]).output
    let all = try line.succeed(["train", "--help-all"]).output
    for title in ["DATA:", "MODEL:", "FIT:", "OUTPUT:"] {
      #expect(short.contains("\n\(title)\n") && all.contains("\n\(title)\n"), "\(title)")
    }
    let options = { (text: String) in text.matches(of: /\n  (-., )?--[a-z]/).count }
    #expect(options(short) <= 24 && options(all) > 60, "\(options(short)) of \(options(all))")
    #expect(short.contains("--help-all") && short.contains("--early-stopping"))
    #expect(!short.contains("--burn-in") && all.contains("--burn-in"))
    // Whatever hides options says how to see them.
    for (words, command) in commands where !words.isEmpty {
      let hidden = command.names(offered: false).subtracting(command.names(offered: true))
        .subtracting(["seed", "threads", "help-hidden"])
      #expect(hidden.isEmpty || command.discussion?.contains("--help-all") == true, "\(words)")
    }
  }

  @Test func optionsMeanOneThing() throws {
    for (words, command) in commands where command.subcommands == nil {
      let all = command.names(offered: false)
      #expect(all.isSuperset(of: ["json", "quiet", "seed", "threads"]), "\(words)")
      #expect(all.contains("output") == all.contains("o"), "\(words)")
      // Rows of the ratings that are read.
      #expect(!all.contains("limit") || all.contains("ratings"), "\(words)")
      #expect(!all.contains("scale") || words == ["data", "synthesize"], "\(words)")
    }
    let unseeded = commands.filter { !$0.command.names(offered: true).contains("seed") }
      .map { $0.words.joined(separator: " ") }
    #expect(
      Set(unseeded) == [
        "", "data", "data describe", "data validate", "models", "predict", "recommend", "similar",
        "user", "inspect",
      ])
    // Not offered, and taken all the same.
    #expect(try line.succeed(["models", "mf", "--seed", "7", "--threads", "1"]).errors.isEmpty)
  }

  @Test func standardOutputTakesTablesAlone() throws {
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write("user,item\n3,1\n4,2\n", to: "pairs.csv")
    let train = ["train", "--ratings", "r.csv", "--model", "mf", "--epochs", "1"]
    try line.succeed(train + ["-o", "m.st"])
    let refusal = "- is standard output, which takes tables, CSV and JSON alone"
    for words in [
      train + ["-o", "-"], train + ["--report", "-"],
      ["data", "describe", "--ratings", "r.csv", "--report", "-"],
      ["data", "split", "--ratings", "r.csv", "-o", "-"],
      ["data", "synthesize", "--like", "anime", "--scale", "0.001", "-o", "-"],
      ["compare", "--ratings", "r.csv", "--models", "mf", "--report", "-"],
      ["tune", "--ratings", "r.csv", "--model", "mf", "--trials", "2", "-o", "-"],
      ["tune", "--ratings", "r.csv", "--model", "mf", "--trials", "2", "--report", "-"],
      ["report", "--model", "m.st", "--ratings", "r.csv", "-o", "-"],
    ] {
      try line.fail(words, saying: refusal)
    }
    let scores = try line.succeed(["predict", "--model", "m.st", "--pairs", "pairs.csv"]).output
    let piped = ["predict", "--model", "m.st", "--pairs", "pairs.csv", "-o", "-"]
    #expect(try line.succeed(piped).output == scores && scores.hasPrefix("user,item,score\n"))
    let lists = ["recommend", "--model", "m.st", "--users", "3,4", "--top", "2", "-o", "-"]
    #expect(try line.succeed(lists).output.hasPrefix("user,rank,item,score\n"))
    #expect(try line.run(piped + ["--json"]).code == 64)
    #expect(try line.run(["map", "--model", "m.st", "-o", "-"]).code == 64)
    // What is read is not replaced.
    try line.fail(
      ["recommend", "--model", "m.st", "--users", "all", "-o", "m.st"],
      saying: "this command reads it")
    try line.fail(
      ["predict", "--model", "m.st", "--pairs", "pairs.csv", "-o", "pairs.csv"],
      saying: "this command reads it")
    #expect(try !line.names().contains("-"))
  }

  @Test func aNewcomerIsYouAndLongNamesAreCut() throws {
    try line.write(syntheticRatings(), to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--epochs", "1", "-o", "m.st"])
    let answer = try line.succeed([
      "recommend", "--model", "m.st", "--rated", "3=9,4=3", "--top", "2",
    ])
    #expect(
      answer.output.hasPrefix("you: 2 of 37 items; left out: 2 rated by you\n"), "\(answer.output)")
    try line.write("3,9\n4,3\n", to: "ann.csv")
    let other = try line.succeed(["recommend", "--model", "m.st", "--ratings-of", "ann.csv"])
    #expect(other.output.contains("ann.csv: 10 of 37 items; left out: 2 rated by ann.csv"))
    let long = String(repeating: "A Long Title ", count: 80)
    for words in [
      ["recommend", "--rated", "\(long)=5"], ["recommend", "--rated", long],
      ["recommend", "--rated", "3=9,\(long)=1e30"], ["recommend", "--user", long],
      ["predict", "--user", "3", "--item", long], ["similar", "--item", long],
    ] {
      try line.fail([words[0], "--model", "m.st"] + words.dropFirst())
    }
    let some = try line.succeed(["recommend", "--model", "m.st", "--rated", "3=9,\(long)=5"])
    #expect(some.errors.utf8.count < 300 && some.errors.contains("A Long Title"))
    try line.fail(["recommend", "--model", "m.st", "--rated", "Milk"], saying: "write 5114=10")
  }

  @Test func withoutResamplesThereAreNoIntervals() throws {
    try line.write(syntheticRatings(), to: "r.csv")
    let compared = try line.succeed(
      ["compare", "--ratings", "r.csv", "--models", "mf,bias", "--repeats", "1"]
        + ["--resamples", "0", "--json"]
    ).json()
    let models = try #require(compared["models"] as? [[String: Any]])
    #expect(models.allSatisfy { $0["ndcg@10"] is Double && $0["ndcg@10_ci95"] is NSNull })
    #expect((compared["verdicts"] as? [Any])?.isEmpty == true)
    let tune = [
      "tune", "--ratings", "r.csv", "--model", "mf", "--trials", "4", "--search", "random",
    ]
    let tuned = try line.succeed(tune + ["--resamples", "0", "--json"]).json()
    let test = try #require(tuned["test"] as? [String: Any])
    let best = try #require(tuned["best"] as? [String: Any])
    let verdict = try #require(test["verdict"] as? String)
    #expect(test["rmse_ci95"] is NSNull && test["rmse"] is Double)
    #expect(
      verdict.contains(
        best["trial"] as? Int == 1 ? "no trial was better" : "no telling whether they differ"))
  }
}

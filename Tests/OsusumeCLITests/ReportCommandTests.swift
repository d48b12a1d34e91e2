// Pages that commands write: report, train --report, data describe --report; and errors on training rows.
import Foundation
import Testing

struct ReportCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes\n"
        + (1...40).map {
          "\($0),\"</script><script>throw 1</script> \"\"\($0)\"\" \u{202E}مرحبا 👩‍🚀\","
            + "\($0 % 4 == 0 ? "Action" : "Comedy"),TV,\($0)\n"
        }.joined(),
      to: "items.csv")
  }

  private func train(_ more: [String]) throws -> CommandLine.Outcome {
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--factors", "4", "--epochs", "6",
        "--output", "m.st", "--quiet",
      ] + more)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try line.bytes(name), as: UTF8.self)
  }

  @Test func aSavedModelHasAPage() throws {
    _ = try train(["--model", "mf"])
    let arguments = [
      "report", "--model", "m.st", "--ratings", "r.csv", "--items", "items.csv", "--resamples",
      "50", "--output", "page.html",
    ]
    let report = try line.succeed(arguments + ["--json"]).json()
    #expect(report["command"] as? String == "report" && report["model"] as? String == "mf")
    #expect(report["bytes"] as? Int == (try line.bytes("page.html").count))
    let parts = try #require(report["parts"] as? [String])
    for part in ["The data", "Where it errs", "Calibration", "Map of the items"] {
      #expect(parts.contains(part), "\(parts)")
    }
    let left = try #require(report["left_out"] as? [[String: String]])
    let reasons = Dictionary(
      uniqueKeysWithValues: left.map { ($0["part"] ?? "", $0["reason"] ?? "") })
    #expect(reasons["learning curve"]?.contains("train --report") == true)
    #expect(reasons["seconds and machine"] != nil)
    let evaluation = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--json", "--resamples", "0"]).json()
    let metrics = try #require(report["metrics"] as? [String: Double])
    #expect(metrics["rmse"] == evaluation["rmse"] as? Double)
    #expect(metrics["ndcg@10"] == evaluation["ndcg@10"] as? Double)
    let page = try text("page.html")
    #expect(!page.contains("<script>throw") && !page.contains("\u{202E}"))
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
    #expect(page.contains("osusume report --model m.st"))
    let lines = try line.succeed(arguments).output
    #expect(lines.contains(/RMSE \d\.\d+ \[/) && lines.contains("Lists: NDCG@10"))
    #expect(lines.contains("Left out") && lines.contains("page.html: "))
  }

  @Test func thePageIsTheSameForAnyThreads() throws {
    _ = try train(["--model", "lists"])
    let pages = try ["1", "2", "3"].map { threads in
      try line.succeed([
        "report", "--model", "m.st", "--ratings", "r.csv", "--resamples", "20", "--output",
        "page.html", "--threads", threads, "--quiet",
      ])
      return try text("page.html").replacing("--threads \(threads)", with: "")
    }
    #expect(pages[0] == pages[1] && pages[0] == pages[2])
  }

  @Test func trainingWritesItsCurveItsSecondsAndItsMachine() throws {
    let report = try train([
      "--model", "mf", "--early-stopping", "2", "--report", "run.html", "--json",
    ])
    .json()
    #expect(report["report"] as? String == "run.html")
    let page = try text("run.html")
    for words in [
      "Learning curve", "Early stopping: of ", "validation rows and test rows",
      "Seconds and machine", "instruction set", "OpenBLAS", "osusume train --ratings r.csv",
    ] { #expect(page.contains(words), "\(words)") }
    let kept = try #require(report["early_stopping"] as? [String: Any])
    #expect(page.contains("number \(kept["epoch"] as? Int ?? 0) was best"))
  }

  @Test func aFileAloneHasAPage() throws {
    let report = try line.succeed([
      "data", "describe", "--ratings", "r.csv", "--items", "items.csv", "--report", "d.html",
      "--head", "3", "--json",
    ]).json()
    #expect(report["report"] as? String == "d.html")
    let page = try text("d.html")
    for words in [
      "The most active users and the most rated items", "The first rows", "Both joined",
      "By genre and type", "seen but not rated",
    ] { #expect(page.contains(words), "\(words)") }
    #expect(!page.contains("<script>throw"))
    #expect(
      try line.succeed(["data", "describe", "--ratings", "r.csv"]).output.contains("density"))
  }

  @Test func whatCannotBeWrittenIsSaidBeforeAnyWork() throws {
    _ = try train(["--model", "bias"])
    try line.fail(
      ["report", "--model", "m.st", "--ratings", "r.csv", "--output", "no/such/page.html"],
      saying: "no/such")
    try line.fail(
      ["report", "--model", "none.st", "--ratings", "r.csv", "--output", "p.html"],
      saying: "none.st")
    try line.fail(
      ["data", "describe", "--ratings", "r.csv", "--report", "no/such/d.html"], saying: "no/such")
    try line.fail(
      [
        "train", "--ratings", "r.csv", "--model", "bias", "--output", "n.st", "--report",
        "no/such/run.html",
      ], saying: "no/such")
    #expect(try line.run(["data", "describe", "--ratings", "r.csv", "--head", "0"]).code == 64)
  }

  @Test func errorsOnTrainingRowsAreOfThoseRows() throws {
    let trained = try train(["--model", "mf", "--epochs", "40", "--json"]).json()
    let arguments = [
      "evaluate", "--model", "m.st", "--ratings", "r.csv", "--resamples", "20", "--json",
    ]
    let test = try line.succeed(arguments).json()
    let own = try line.succeed(arguments + ["--on", "train"]).json()
    let data = try #require(trained["data"] as? [String: Any])
    #expect(own["n"] as? Int == data["train"] as? Int && own["on"] as? String == "train")
    #expect(test["n"] as? Int == data["test"] as? Int && test["on"] as? String == "test")
    let errors = try [own, test].map { try #require($0["rmse"] as? Double) }
    #expect(errors[0] < errors[1])
    #expect(own["ndcg@10"] == nil && test["ndcg@10"] is Double)
    let words = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--on", "train", "--resamples", "0"])
    #expect(words.output.contains("was trained on: lower than on new ones"))
    // Another file: what it has in common with training counts, what was rated otherwise does not.
    let rows = syntheticRatings().split(separator: "\n").filter { !$0.hasSuffix("-1") }
    try line.write(
      ([rows[0]]
        + rows.dropFirst().enumerated().map { place, row in
          place % 3 == 0 ? row.dropLast(row.hasSuffix("10") ? 2 : 1) + "5.5" : row
        }).joined(separator: "\n") + "\n", to: "part.csv")
    let part = ["evaluate", "--model", "m.st", "--ratings", "part.csv", "--on", "train"]
    let outcome = try line.succeed(part + ["--resamples", "0"])
    let said = try #require(
      outcome.errors.firstMatch(
        of:
          /note: part.csv is not the file that the model was trained on: ([\d,]+) of its rows are among the ([\d,]+) of training, and ([\d,]+) of the same users and items with other ratings are left out/
      ))
    func number(_ text: Substring) -> Int { Int(text.filter(\.isNumber)) ?? 0 }
    #expect(number(said.1) + number(said.3) == number(said.2) && number(said.3) > 100)
    let common = try line.succeed(part + ["--json", "--resamples", "0", "--quiet"]).json()
    #expect(common["n"] as? Int == number(said.1))
    _ = try train(["--model", "ease"])
    try line.fail(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--on", "train"],
      saying: "predicts no ratings")
    try line.write("user_id,anime_id,rating\n900,1,5\n901,2,6\n", to: "other.csv")
    _ = try train(["--model", "mf"])
    try line.fail(
      ["evaluate", "--model", "m.st", "--ratings", "other.csv", "--on", "train"],
      saying: "trained on none of the 2 rows")
  }
}

// Every row is accounted for: dropped for one reason, trained on, tested on, or folded in by.
import Foundation
import Osusume
import Testing

@testable import OsusumeCLI

/// Options of a run, beside the model.
struct CountedRun: Sendable, CustomTestStringConvertible {
  var options: [String]
  var testDescription: String { options.joined(separator: " ") }
}

struct CountsTests {
  private let line: CommandLine

  /// Ratings with something to drop for every reason, and times.
  init() throws {
    line = try CommandLine()
    var text = "user_id,anime_id,rating,timestamp,watching_status\n"
    for (row, rating) in syntheticRatings().split(separator: "\n").dropFirst().enumerated() {
      text += "\(rating),\(1_000_000_000 + row * 37 % 5_000),\(row % 4 + 1)\n"
    }
    // Again what is rated, a user of one rating, items that the item file lacks, one of them unrated.
    text += "1,1,5,1000000000,2\n1,1,6,999999999,2\n900,2,5,1000000000,2\n"
    text += "1,77,5,1000000000,2\n2,77,-1,1000000001,4\n2,78,4,1000000001,4\n"
    try line.write(text, to: "r.csv")
    try line.write(text + "1,2\n3,4,x,5,6\n", to: "bad.csv")
    try line.write(
      "user_id,anime_id,rating,timestamp,watching_status\n1,1,5,1,2\n1,3,-1,1,2\n2,9,4,1,1\n"
        + "950,4,4,1,2\n", to: "test.csv")
    try line.write(
      "anime_id,name,genre,type\n"
        + (1...40).map {
          "\($0),Title \($0),\"Action, Drama\",\($0 % 3 == 0 ? "OVA" : "TV")\n"
        }.joined(), to: "items.csv")
  }

  /// The rows of a file, header excluded.
  private func rows(_ name: String) throws -> Int {
    try line.bytes(name).count { $0 == UInt8(ascii: "\n") } - 1
  }

  static let runs: [CountedRun] = [
    [], ["--join", "inner"], ["--only-type", "TV"], ["--min-item-ratings", "20"],
    ["--max-user-id", "30"], ["--limit", "700"], ["--min-user-ratings", "3"],
    ["--duplicates", "first"], ["--duplicates", "newest"], ["--duplicates", "mean"],
    ["--drop-rating", "none"], ["--drop-rating", "5"], ["--split", "random:0.2"],
    ["--split", "temporal:0.1"], ["--split", "global-time:0.1"], ["--split", "strong:0.2"],
    ["--split", "leave-one-out"], ["--split", "none"], ["--split", "file:test.csv"],
    ["--join", "inner", "--only-type", "TV", "--limit", "800", "--min-user-ratings", "2"],
    ["--split", "file:test.csv", "--join", "inner", "--limit", "900"],
  ].map(CountedRun.init)

  @Test(arguments: runs) func everyRowIsAccountedFor(run: CountedRun) throws {
    let ofLabels = ModelSpec.catalog.first { $0.needsLabels }
    for spec in [ModelSpec.mean, try #require(ofLabels), .ease] {
      let counts = try counts(spec, run.options, of: "r.csv")
      let limit = run.options.firstIndex(of: "--limit").flatMap { Int(run.options[$0 + 1]) }
      let tested = run.options.contains("file:test.csv") ? 4 : 0
      #expect(counts.rows == min(limit ?? .max, try rows("r.csv")) + tested, "\(spec.name)")
      try check(counts, spec.name)
    }
  }

  @Test(arguments: ModelSpec.catalog.map(\.name)) func ofEveryModel(name: String) throws {
    let spec = try #require(ModelSpec.named(name))
    let counts = try counts(spec, [], of: "r.csv")
    #expect(counts.rows == (try rows("r.csv")))
    try check(counts, name)
    // What is trained on is not dropped.
    #expect(spec.needsLabels ? counts.seen == 0 : counts.seen > 0)
  }

  @Test func badLinesAreAmongTheRows() throws {
    let counts = try counts(.mean, ["--skip-bad-lines=2"], of: "bad.csv")
    #expect(counts.rows == (try rows("bad.csv")) && counts.dropped.badLines == 2)
    try check(counts, "mean")
  }

  /// The report of a run, in words and in JSON: nothing kept is called dropped.
  @Test func whatIsKeptIsNotCalledDropped() throws {
    let train = [
      "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "mean", "--output", "m.st",
    ]
    let words = try line.succeed(train).output
    #expect(!words.contains("of unknown items"), "\(words)")
    #expect(words.contains("2 kept of items that are not in the item file"), "\(words)")
    let inner = try line.succeed(train + ["--join", "inner", "--json"]).json()
    let data = try #require(inner["data"] as? [String: Any])
    #expect((data["dropped"] as? [String: Int])?["not_in_items"] == 2)
    #expect(data["not_in_items"] as? Int == 2)
  }

  private func counts(
    _ spec: ModelSpec, _ options: [String], of file: String
  ) throws -> TrainReport.DataCounts {
    let paths = options.map {
      $0 == "file:test.csv" ? "file:" + line.path("test.csv") : $0
    }
    let data = try DataOptions.parse(
      ["--ratings", line.path(file), "--items", line.path("items.csv")] + paths)
    let loaded = try data.load(
      .init(minUserRatings: spec.defaults.minUserRatings, forLabels: spec.needsLabels), threads: 2)
    let rule = data.split ?? spec.defaults.split
    return .init(loaded.ratings, split: try loaded.ratings.split(rule, seed: 3, threads: 2))
  }

  private func check(_ counts: TrainReport.DataCounts, _ name: String) throws {
    let dropped = try JSONDecoder().decode(
      [String: Int].self, from: JSONEncoder().encode(counts.dropped))
    let kept = counts.train + counts.test + (counts.foldIn ?? 0)
    #expect(
      counts.rows == kept + dropped.values.reduce(0, +), "\(name): \(counts) \(dropped)")
    #expect(dropped.values.allSatisfy { $0 >= 0 } && counts.seen <= counts.dropped.sentinel)
  }
}

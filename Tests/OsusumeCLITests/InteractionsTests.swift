// Files without ratings: who met what, or how often, from training to lists.
import Foundation
import Osusume
import Testing

struct InteractionsTests {
  private let line: CommandLine

  /// Plays of two tastes: 60 people, 40 artists.
  init() throws {
    line = try CommandLine()
    var plays = "userID\tartistID\tweight\n"
    var seen = ""
    for row in syntheticRatings().split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",").compactMap { Int($0) }
      guard (fields[0] + fields[1]) % 2 == 0 else { continue }
      plays += "\(fields[0])\t\(fields[1])\t\(fields[0] % 7 == 0 ? 0 : fields[2] + 2)\n"
      seen += "u\(fields[0]);\(fields[1])\n"
    }
    try line.write(plays, to: "plays.dat")
    try line.write(seen, to: "seen.csv")
    try line.write("user,item,when\n1,2,5\n1,3,6\n2,2,7\n2,4,8\n", to: "times.csv")
  }

  @Test(arguments: ["ease", "ials", "bpr", "popularity"], ["plays.dat", "seen.csv"])
  func modelsOfListsTakeThem(model: String, file: String) throws {
    let report = try line.succeed([
      "train", "--ratings", file, "--model", model, "--output", "m.st", "--json",
    ]).json()
    #expect((report["baselines"] as? [String: Any])?.isEmpty == true)
    let data = try #require(report["data"] as? [String: Any])
    let dropped = try #require(data["dropped"] as? [String: Int])
    let kept = try #require(data["train"] as? Int) + (try #require(data["test"] as? Int))
    #expect(data["rows"] as? Int == kept + dropped.values.reduce(0, +))
    #expect((dropped["zero_counts"] ?? 0 > 0) == (file == "plays.dat"))
    let evaluation = try line.succeed([
      "evaluate", "--model", "m.st", "--ratings", file, "--json", "--resamples", "20",
    ]).json()
    #expect(evaluation["n"] as? Int == data["test"] as? Int)
    #expect(evaluation["users_without_relevant"] as? Int == 0)
    #expect(try #require(evaluation["ndcg@10"] as? Double) > 0)
    #expect(evaluation["rmse"] is NSNull)
    let user = file == "seen.csv" ? "u8" : "8"
    let lists = try line.succeed([
      "recommend", "--model", "m.st", "--user", user, "--top", "3", "--json",
    ]).json()
    #expect((lists["items"] as? [Any])?.count == 3)
  }

  @Test func modelsOfRatingsRefuseThemByName() throws {
    for name in ["mf", "lists", "bias", "item-knn", "svdpp", "flax-dot"] {
      try line.fail(
        ["train", "--ratings", "plays.dat", "--model", name, "--output", "m.st"],
        saying:
          "\(name) learns from ratings, and these are counts: give --model ease, ials, bpr, popularity"
      )
    }
    try line.fail(
      ["compare", "--ratings", "seen.csv", "--models", "ease,mf"],
      saying: "mf learns from ratings, and these are interactions")
    // Who says that they are ratings gets them as ratings.
    try line.succeed([
      "train", "--ratings", "plays.dat", "--model", "bias", "--feedback", "ratings", "--output",
      "m.st",
    ])
  }

  @Test func columnsWithoutARating() throws {
    for (options, code) in [
      (["--columns", "user,item"], 0), (["--feedback", "seen"], 0),
      (["--columns", "user,item,when", "--feedback", "seen", "--split", "global-time:0.5"], 0),
      ([], 1),
    ] as [([String], Int32)] {
      let outcome = try line.run(
        ["train", "--ratings", "times.csv", "--model", "popularity", "--output", "m.st"] + options)
      #expect(outcome.code == code, "\(options): \(outcome.errors)")
    }
    // The model remembers how it was told to read.
    try line.succeed([
      "train", "--ratings", "times.csv", "--model", "popularity", "--output", "m.st", "--columns",
      "user,item", "--split", "leave-one-out",
    ])
    let evaluation = try line.succeed([
      "evaluate", "--model", "m.st", "--ratings", "times.csv", "--json", "--resamples", "0",
    ]).json()
    #expect(evaluation["n"] as? Int == 2)
  }
}

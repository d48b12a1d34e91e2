// What commands say of what they were asked: ids that are not there, rows left out, files replaced, time that passes.
import Foundation
import Testing

struct SaidTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", "mf", "--factors", "4", "--epochs", "2",
      "--output", "m.st", "--quiet",
    ])
  }

  @Test func unknownItemsOfListsAreSaid() throws {
    try line.write("77\n3\n78\n77\n", to: "out.txt")
    let recommend = ["recommend", "--model", "m.st", "--user", "3"]
    let note = "osusume: the model does not know 2 of the items of --exclude-items: 77, 78\n"
    #expect(try line.succeed(recommend + ["--exclude-items", "out.txt"]).errors == note)
    #expect(try line.succeed(recommend + ["--exclude-items", "out.txt", "--quiet"]).errors == "")
    let similar = ["similar", "--model", "m.st", "--item", "5"]
    #expect(try line.succeed(similar + ["--exclude-items", "out.txt"]).errors == note)
    let only = try line.succeed(recommend + ["--only-items", "out.txt"]).errors
    #expect(only.contains("2 of the items of --only-items: 77, 78"))
    try line.write("3\n", to: "known.txt")
    #expect(try line.succeed(recommend + ["--exclude-items", "known.txt"]).errors == "")
  }

  @Test func aUserAskedForTwiceIsAnsweredOnce() throws {
    let many = try line.succeed(["recommend", "--model", "m.st", "--users", "2,5,2,2", "--json"])
      .json()
    let users = try #require(many["users"] as? [[String: Any]])
    #expect(users.map { $0["user"] as? String } == ["2", "5"])
    let one = try line.succeed(["recommend", "--model", "m.st", "--users", "2,2,2", "--json"])
      .json()
    #expect(one["user"] as? String == "2")
    let rows = try line.succeed([
      "recommend", "--model", "m.st", "--user", "2", "--user", "2", "--top", "3", "--output", "-",
      "--quiet",
    ]).output.split(separator: "\n")
    #expect(rows.count == 4)
  }

  @Test func aTestOfOneUserHasNoIntervals() throws {
    try line.write("user_id,anime_id,rating\n3,1,9\n3,2,2\n3,4,8\n3,6,5\n", to: "one.csv")
    let judged = try line.succeed(["evaluate", "--model", "m.st", "--ratings", "one.csv", "--json"])
      .json()
    #expect(judged["users"] as? Int == 1 && judged["rmse"] is Double)
    let words = try line.succeed(["evaluate", "--model", "m.st", "--ratings", "one.csv"]).output
    #expect(words.contains(" of 1 user; ") && !words.contains("1 users"))
    for name in ["rmse", "mae", "ndcg@10", "coverage@10"] {
      #expect(judged[name + "_ci95"] is NSNull, "\(name)")
    }
  }

  @Test func rowsTrainedOnAreCounted() throws {
    let evaluate = ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--resamples", "0"]
    let judged = try line.succeed(evaluate + ["--json"]).json()
    let seen = try #require(judged["seen_rows"] as? Int)
    let words = try line.succeed(evaluate).output
    let grouped = "\(seen / 1000),\(String(format: "%03d", seen % 1000))"
    #expect(seen > 1000 && words.contains("; \(grouped) rows of the file were trained on"))
  }

  @Test func aFileThatIsReplacedIsSaid() throws {
    let train = ["train", "--ratings", "r.csv", "--model", "bias", "--output"]
    let again = try line.succeed(train + ["m.st", "--json"]).json()
    #expect(again["replaced"] as? Bool == true)
    #expect(
      try line.succeed(train + ["m.st"]).output.contains("in place of the file that was there"))
    let first = try line.succeed(train + ["new.st", "--json"]).json()
    #expect(first["replaced"] == nil)
  }

  /// Ratings that come after nine seconds: on a busy machine the first line may be late.
  @Test func longWorkIsSaidEveryFiveSeconds() throws {
    func errors(_ further: String) throws -> String {
      let command = "(sleep 9; cat r.csv) | \"$0\" data describe --ratings - " + further
      let process = try line.start(
        ["-c", command, line.executable().path], of: URL(filePath: "/bin/sh"))
      process.waitUntilExit()
      let errors = String(decoding: try line.bytes("stderr.txt"), as: UTF8.self)
      #expect(try line.outcome(of: process).code == 0)
      return errors
    }
    #expect(try errors("").contains(/osusume: \d+ s: reading -\n/))
    #expect(try errors("--quiet") == "")
  }
}

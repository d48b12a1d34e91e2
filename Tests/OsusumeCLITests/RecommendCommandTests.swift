// `osusume recommend`: what it accepts, and its JSON.
import ArgumentParser
import Foundation
import Osusume
import Testing

@testable import OsusumeCLI

struct RecommendCommandTests {
  @Test(arguments: [
    ["--user", "1"], ["--user", "1", "--user", "2"], ["--users", "1,2"], ["--users-file", "f"],
    ["--users", "all", "--output", "r.csv"], ["--users", "all", "--json"],
    ["--users", "all", "--output", "r.csv", "--json"],
  ])
  func accepts(arguments: [String]) {
    #expect(throws: Never.self) {
      try RecommendCommand.parse(["--model", "m"] + arguments)
    }
  }

  @Test(arguments: [
    [], ["--user", "1", "--top", "0"], ["--users", "all"],
    ["--user", "1", "--output", "-", "--json"],
  ])
  func refuses(arguments: [String]) {
    #expect(throws: (any Error).self) {
      try RecommendCommand.parse(["--model", "m"] + arguments)
    }
  }

  @Test func jsonHasTheContractsNames() throws {
    let answer = Recommendations(
      user: "123",
      items: [
        Recommendation(
          id: "5114", item: Item(id: "5114", title: "T"), score: 9.5, rank: 1,
          expectedRating: 8.5)
      ], leftOut: LeftOut([.seen: 57, .seenUnrated: 4, .genre: 2]), asked: 1, rankedBy: .likely)
    let text = try Output.text(of: RecommendationsReport(answer, ofItems: 9, version: "abc"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    let expected: NSDictionary = [
      "user": "123", "model_version": "abc", "ranked_by": "likely",
      "filtered": ["seen": ["train": 57, "test": 0, "unrated": 4], "only_genre": 2],
      "items": [
        [
          "item": "5114", "title": "T", "genres": [], "score": 9.5, "rank": 1,
          "expected_rating": 8.5,
        ]
      ],
    ]
    #expect(json == expected)
  }

  /// Nothing that the file knows a user to have met comes back, rated or not, held out or not.
  @Test func whatAUserHasMetIsNotRecommended() throws {
    let line = try CommandLine()
    try line.write(
      """
      user,item,rating
      1,1,5
      1,2,4
      1,3,-1
      2,1,4
      2,3,5
      3,2,3
      3,3,5
      3,4,2

      """, to: "s.csv")
    func recommended(_ arguments: String...) throws -> (items: [String], seen: [String: Int]) {
      let answer = try line.succeed(
        ["recommend", "--model", "s.st", "--user", "1", "--json"] + arguments
      ).json()
      let items = try #require(answer["items"] as? [[String: Any]])
      let filtered = try #require(answer["filtered"] as? [String: Any])
      return (
        items.compactMap { $0["item"] as? String }, try #require(filtered["seen"] as? [String: Int])
      )
    }
    for model in ["bias", "ease", "lists"] {
      try line.succeed([
        "train", "--ratings", "s.csv", "--split", "none", "--model", model, "--output", "s.st",
        "--quiet",
      ])
      let plain = try recommended()
      #expect(
        plain.items == ["4"] && plain.seen == ["train": 2, "test": 0, "unrated": 1], "\(model)")
      #expect(try recommended("--include-seen").items.count == 4, "\(model)")
    }
    // Of user 1's two ratings one is held out.
    try line.succeed([
      "train", "--ratings", "s.csv", "--split", "per-user:0.5", "--output", "s.st", "--quiet",
    ])
    let split = try recommended()
    #expect(split.items == ["4"] && split.seen == ["train": 1, "test": 1, "unrated": 1])
    let judged = try recommended("--include-test")
    #expect(judged.items.count == 2 && judged.seen == ["train": 1, "test": 0, "unrated": 1])
    let csv = try line.succeed(
      ["recommend", "--model", "s.st", "--users", "all", "--output", "-"]
    ).output.split(separator: "\n").dropFirst()
    #expect(csv.filter { $0.hasPrefix("1,") }.map { $0.prefix(6) } == ["1,1,4,"])
    let newcomer = try line.succeed(
      ["recommend", "--model", "s.st", "--rated", "1=5", "--seen", "2,4", "--json"]
    ).json()
    let items = try #require(newcomer["items"] as? [[String: Any]])
    #expect(items.map { $0["item"] as? String } == ["3"])
  }

  @Test func aModelRanksByWhatItKnows() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    for (model, ranks, other) in [("mf", "rating", "likely"), ("ease", "likely", "rating")] {
      try line.succeed([
        "train", "--ratings", "r.csv", "--model", model, "--output", "m.st", "--quiet",
      ])
      let asked = ["recommend", "--model", "m.st", "--user", "3", "--json"]
      #expect(try line.succeed(asked).json()["ranked_by"] as? String == ranks)
      let refused = try line.run(asked + ["--rank-by", other])
      #expect(
        refused.code == 1 && refused.errors.contains("leave --rank-by out"), "\(refused.errors)")
    }
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st", "--quiet"])
    for ranks in ["likely", "rating"] {
      let answer = try line.succeed(
        ["recommend", "--model", "m.st", "--user", "3", "--json", "--rank-by", ranks]
      ).json()
      let items = try #require(answer["items"] as? [[String: Any]])
      #expect(answer["ranked_by"] as? String == ranks && !items.isEmpty)
      let figures = items.compactMap { ($0["score"] as? Double, $0["expected_rating"] as? Double) }
      #expect(figures.allSatisfy { $0.1 != nil && ($0.0 == $0.1) == (ranks == "rating") })
    }
  }

  @Test func reasonsAddUpToTheScore() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st", "--quiet"])
    for asked in [["--user", "3"], ["--rated", "1=9,2=8,5=3"]] {
      let answer = try line.succeed(
        ["recommend", "--model", "m.st", "--json", "--explain", "--history", "2"] + asked
      ).json()
      let history = try #require(answer["history"] as? [[String: Any]])
      let rated = history.compactMap { $0["rating"] as? Double }
      #expect(rated.count == 2 && rated[0] >= rated[1])
      let items = try #require(answer["items"] as? [[String: Any]])
      #expect(items.count == 10)
      for item in items {
        let because = try #require(item["because"] as? [[String: Any]])
        let contributions = because.compactMap { $0["contribution"] as? Double }
        let score = try #require(item["score"] as? Double)
        #expect(!because.isEmpty && contributions == contributions.sorted(by: >))
        #expect(abs(contributions.reduce(0, +) - score) < 1e-4)
        #expect(because.allSatisfy { $0["rating"] is Double && $0["item"] is String })
      }
    }
    let refused = try line.run([
      "recommend", "--model", "m.st", "--user", "3", "--explain", "--rank-by", "rating",
    ])
    #expect(refused.code == 1 && refused.errors.contains("no sums over what a user has rated"))
  }

  @Test func diverseListsHoldOtherItemsAndTheSameFirst() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(users: 200, items: 150), to: "r.csv")
    for model in ["lists", "mf"] {
      try line.succeed([
        "train", "--ratings", "r.csv", "--model", model, "--output", "m.st", "--quiet",
      ])
      func items(_ diversity: String) throws -> [String] {
        let answer = try line.succeed([
          "recommend", "--model", "m.st", "--user", "3", "--json", "--diversity", diversity,
        ]).json()
        return (answer["items"] as? [[String: Any]] ?? []).compactMap { $0["item"] as? String }
      }
      let (plain, diverse) = (try items("0"), try items("0.7"))
      #expect(plain.count == 10 && diverse.count == 10 && Set(diverse).count == 10)
      #expect(plain[0] == diverse[0] && plain != diverse, "\(model)")
    }
    #expect(
      try line.run(["recommend", "--model", "m.st", "--user", "3", "--diversity", "2"]).code == 64)
  }
}

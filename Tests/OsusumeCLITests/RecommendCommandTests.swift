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
    let text = try Output.text(
      of: RecommendationsReport(answer, ofItems: 9, isNewcomer: false, version: "abc"))
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

  /// Lists of several models are those of each alone.
  @Test func listsOfSeveralModelsStandSideBySide() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    for model in ["lists", "mf"] {
      try line.succeed([
        "train", "--ratings", "r.csv", "--model", model, "--epochs", "3", "--output", "\(model).st",
        "--quiet",
      ])
    }
    let both = [
      "recommend", "--model", "lists.st", "--model", "mf.st", "--user", "3", "--user", "4",
    ]
    let users = try #require(
      try line.succeed(both + ["--json"]).json()["users"] as? [[String: Any]])
    #expect(users.map { $0["user"] as? String } == ["3", "4"])
    for person in users {
      let models = try #require(person["models"] as? [[String: Any]])
      #expect(models.map { $0["file"] as? String } == ["lists.st", "mf.st"])
      var lists: [Set<String>] = []
      for model in models {
        let user = try #require(person["user"] as? String)
        let file = try #require(model["file"] as? String)
        var alone = try line.succeed(["recommend", "--model", file, "--user", user, "--json"])
          .json()
        // What an answer has besides the list of its only person.
        for name in ["command", "schema", "users"] { alone[name] = nil }
        (alone["model"], alone["file"]) = (model["model"], file)
        #expect(alone as NSDictionary == model as NSDictionary)
        let items = try #require(model["items"] as? [[String: Any]])
        lists.append(Set(items.compactMap { $0["item"] as? String }))
      }
      #expect(person["in_all"] as? Int == lists[0].intersection(lists[1]).count)
    }
    let words = try line.succeed(both + ["--top", "4"]).output
    #expect(words.contains("user 4: the best 4, 4 items of 2 models; "))
    let newcomer = ["recommend", "--model", "lists.st", "--model", "mf.st", "--rated", "1=9,2=3"]
    #expect(try line.succeed(newcomer).output.contains("you: the best 10, 10 items"))
    for wrong in [["--output", "x.csv"], ["--explain"], ["--users", "all", "--json"]] {
      let given = wrong[0] == "--users" ? Array(both.prefix(5)) : both
      #expect(try line.run(given + wrong).code == 64, "\(wrong)")
    }
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

  @Test func expectedRatingsHaveIntervals() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(users: 300, items: 60), to: "r.csv")
    let told = try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st"])
    #expect(!told.errors.contains("MB of memory"), "some kilobytes are not worth a line")
    for asked in [
      ["--user", "3"], ["--rated", "1=9,2=8,5=3"], ["--user", "3", "--rank-by", "rating"],
    ] {
      let answer = try line.succeed(["recommend", "--model", "m.st", "--json"] + asked).json()
      let items = try #require(answer["items"] as? [[String: Any]])
      #expect(items.count == 10)
      for item in items {
        let interval = try #require(item["expected_rating_interval"] as? [Double])
        let expected = try #require(item["expected_rating"] as? Double)
        #expect(interval.count == 2 && interval[0] <= expected && expected <= interval[1])
        #expect(interval[0] < interval[1] && interval[0] >= 1 && interval[1] <= 10)
      }
      let table = try line.succeed(["recommend", "--model", "m.st"] + asked).output
      #expect(table.contains(/\d+\.\d \[\d+\.\d, \d+\.\d\]/), "\(table)")
    }
    try line.succeed(["train", "--ratings", "r.csv", "--model", "ease", "--output", "e.st"])
    let answer = try line.succeed(["recommend", "--model", "e.st", "--user", "3", "--json"]).json()
    let items = try #require(answer["items"] as? [[String: Any]])
    #expect(items.allSatisfy { $0["expected_rating_interval"] == nil })
  }

  /// Judged by hand, the lists of a file of recommendations have the NDCG that `evaluate` prints.
  @Test func listsAreJudgedAsTheyAreShown() throws {
    let line = try CommandLine()
    try line.write(syntheticRatings(users: 200, items: 80), to: "r.csv")
    try line.succeed(["train", "--ratings", "r.csv", "--output", "m.st", "--quiet"])
    let judged = try line.succeed(["evaluate", "--model", "m.st", "--ratings", "r.csv", "--json"])
      .json()
    try line.succeed(["data", "split", "--ratings", "r.csv", "--output", "parts"])
    let relevantAt = try #require(judged["relevant_at"] as? Double)
    var relevant: [String: Set<String>] = [:]
    for row in String(decoding: try line.bytes("parts/test.csv"), as: UTF8.self).split(
      separator: "\n"
    )
    .dropFirst() {
      let fields = row.split(separator: ",").map(String.init)
      if try #require(Double(fields[2])) >= relevantAt {
        relevant[fields[0], default: []].insert(fields[1])
      }
    }
    let lists = try line.succeed([
      "recommend", "--model", "m.st", "--users", "all", "--include-test", "--output", "-",
    ]).output
    var gains: [String: Double] = [:]
    for row in lists.split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",").map(String.init)
      if relevant[fields[0]]?.contains(fields[2]) == true {
        gains[fields[0], default: 0] += 1 / log2(try #require(Double(fields[1])) + 1)
      }
    }
    let values = relevant.map { user, items in
      (gains[user] ?? 0) / (1...min(10, items.count)).reduce(0) { $0 + 1 / log2(Double($1) + 1) }
    }
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(abs(mean - (try #require(judged["ndcg@10"] as? Double))) < 1e-9 && mean > 0.05)
  }

  @Test func popularityLeansListsAndIsSaid() throws {
    let line = try CommandLine()
    // The lower its number, the more people have rated an item.
    var text = "user_id,anime_id,rating\n"
    for user in 1...200 {
      for item in 1...60 where (user * 37 + item * 53) % 97 < 70 - item {
        text += "\(user),\(item),\(4 + (user + item) % 6)\n"
      }
    }
    try line.write(text, to: "r.csv")
    for model in ["lists", "mf"] {
      try line.succeed([
        "train", "--ratings", "r.csv", "--model", model, "--split", "none", "--output", "m.st",
        "--quiet",
      ])
      let asked = ["recommend", "--model", "m.st", "--user", "3", "--popularity"]
      func list(_ popularity: String) throws -> (answer: [String: Any], mean: Double, ids: [Int]) {
        let answer = try line.succeed(asked + [popularity, "--json"]).json()
        let ids = (answer["items"] as? [[String: Any]] ?? []).compactMap {
          ($0["item"] as? String).flatMap { Int($0) }
        }
        return (answer, Double(ids.reduce(0, +)) / Double(ids.count), ids)
      }
      let (plain, toward, away) = (try list("0"), try list("1"), try list("-1"))
      let bare = try line.succeed(Array(asked.dropLast()) + ["--json"]).json()
      #expect((bare["items"] as? NSArray) == (plain.answer["items"] as? NSArray))
      #expect(plain.answer["popularity"] == nil && plain.ids.count == 10)
      #expect(toward.mean < plain.mean && plain.mean < away.mean, "\(model)")
      #expect(toward.ids == toward.ids.sorted() && away.ids == away.ids.sorted(by: >), "\(model)")
      #expect(away.answer["popularity"] as? Double == -1)
      let words = try line.succeed(asked + ["-0.5"]).output
      #expect(words.contains("popularity -0.5: away from popular items"))
      let csv = try line.succeed(asked + ["1", "--output", "-"]).output
      #expect(
        csv.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[2] }
          == toward.ids.map { "\($0)" })
    }
    #expect(
      try line.run(["recommend", "--model", "m.st", "--user", "3", "--popularity", "2"]).code == 64)
  }

  /// Whoever has rated nothing but what speaks for nothing gets what is popular, and is told so.
  @Test func popularItemsForWhoIsNotKnown() throws {
    let line = try CommandLine()
    // Item 999 is rated by one person, as low as can be: it counts nothing.
    try line.write(syntheticRatings() + "7,999,1\n8,998,2\n", to: "r.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--split", "none", "--output", "m.st", "--quiet",
    ])
    let asked = ["recommend", "--model", "m.st", "--rated"]
    let few = try line.succeed(asked + ["999=1", "--json", "--explain"]).json()
    #expect(few["fallback"] as? String == "popularity")
    let items = try #require(few["items"] as? [[String: Any]])
    #expect(items.count == 10 && items.allSatisfy { ($0["because"] as? [Any])?.isEmpty == true })
    let scores = items.compactMap { $0["score"] as? Double }
    #expect(scores == scores.sorted(by: >) && scores.allSatisfy { (0...1).contains($0) })
    #expect(scores[0] > 0.01)
    #expect(try line.succeed(asked + ["999=1"]).output.contains("so by popularity"))
    let known = try line.succeed(asked + ["1=9", "--json"]).json()
    #expect(known["fallback"] == nil)
    #expect(try !line.succeed(asked + ["1=9"]).output.contains("so by popularity"))
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

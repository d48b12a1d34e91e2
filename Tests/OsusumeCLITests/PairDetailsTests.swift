// What stands beside a rating that is predicted, and items named by their titles.
import Foundation
import Testing

struct PairDetailsTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name\n1,\"One, \"\"two\"\"\"\n2,12 Angry Men\n3,Trois\n"
        + (4...40).map { "\($0),Title \($0)\n" }.joined(), to: "items.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "mf", "--factors", "4",
      "--epochs", "6", "--output", "m.st", "--quiet",
    ])
  }

  private func predict(_ pairs: String, _ more: [String] = []) throws -> String {
    try line.write(pairs, to: "pairs.csv")
    return try line.succeed(["predict", "--model", "m.st", "--pairs", "pairs.csv"] + more).output
  }

  @Test func aColumnOfRatingsIsKeptAndHasErrorsBesideIt() throws {
    let text = try predict("item,rating,user\n1,7,2\n3,-1,2\n4,,2\n5,often,2\n6,\"8\",2\n")
    let rows = text.split(separator: "\n").map(String.init)
    #expect(rows[0] == "user,item,score,rating,rounded,error,title")
    let fields = rows.dropFirst().map {
      $0.split(separator: ",", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
    }
    #expect(fields.map { $0[3] } == ["7", "-1", "", "often", "8"])
    #expect(
      fields.map { $0[6] } == ["\"One, \"\"two\"\"\"", "Trois", "Title 4", "Title 5", "Title 6"])
    for (row, rating) in [(0, 7.0), (4, 8.0)] {
      let score = try #require(Double(fields[row][2]))
      #expect(abs((Double(fields[row][5]) ?? 99) - (score - rating)) < 2e-6)
      let rounded = try #require(Double(fields[row][4]))
      // Of the ratings that occur, which need not be all whole numbers, the nearest.
      #expect(rounded == rounded.rounded() && abs(rounded - score) <= 1)
    }
    #expect(fields[1...3].allSatisfy { $0[5].isEmpty })
    // The scores are those without ratings.
    let plain = try predict("item,user\n1,2\n3,2\n4,2\n5,2\n6,2\n").split(separator: "\n")
    #expect(plain[0] == "user,item,score")
    #expect(plain.dropFirst().map { String($0) } == fields.map { $0[0...2].joined(separator: ",") })
    // Without a header, a third column is nobody's.
    #expect(try predict("2,1,7\n").hasPrefix("user,item,score\n2,1,"))
  }

  /// Ratings are read by the rules of ratings files; what is none is counted, and said once.
  @Test func ratingsThatCannotBeReadAreSaid() throws {
    try line.write(
      "user,item,rating\n2,1,0x10\n2,3,often\n2,4,nan\n2,5,\n2,6, 8 \n2,7,1e400\n", to: "pairs.csv")
    let predict = ["predict", "--model", "m.st", "--pairs", "pairs.csv"]
    let outcome = try line.succeed(predict)
    let fields = outcome.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
    }
    #expect(fields.map { $0[5].isEmpty } == [true, true, true, true, false, true])
    #expect(fields[0][3] == "0x10" && fields[4][3] == "8")
    let note =
      "osusume: note: 4 of the ratings in pairs.csv cannot be read, so that they have no error; the first: "
      + "line 2: '0x10' is not a number\n"
    #expect(outcome.errors == note)
    #expect(try line.succeed(predict + ["--quiet"]).errors == "")
    let report = try line.succeed(predict + ["--json"]).json()
    #expect(report["unread_ratings"] as? Int == 4 && report["rows"] as? Int == 6)
    let written = try line.succeed(predict + ["--json", "--output", "s.csv"]).json()
    #expect(written["unread_ratings"] as? Int == 4)
    try line.write("user;item;rating\n2;1;7,5\n", to: "pairs.csv")
    let comma = try line.succeed(predict + ["--json"]).json()
    #expect((comma["predictions"] as? [[String: Any]])?[0]["rating"] as? Double == 7.5)
    try line.write("user,item\n2,1\n", to: "pairs.csv")
    #expect(try line.succeed(predict + ["--json"]).json()["unread_ratings"] == nil)
  }

  @Test func jsonHasTheSame() throws {
    try line.write("user,item,rating\n2,1,7\n2,3,-1\n", to: "pairs.csv")
    let report = try line.succeed(["predict", "--model", "m.st", "--pairs", "pairs.csv", "--json"])
      .json()
    let rows = try #require(report["predictions"] as? [[String: Any]])
    #expect(rows[0]["rating"] as? Double == 7 && rows[0]["title"] as? String == "One, \"two\"")
    #expect(rows[0]["error"] is Double && rows[0]["rounded"] is Double)
    #expect(rows[1]["rating"] == nil && rows[1]["error"] == nil && rows[1]["rounded"] is Double)
  }

  @Test func blocksMeetTheirRatings() throws {
    let pairs = (0..<20_000).map {
      "\($0 % 60 + 1),\($0 % 36 + 1),\($0 % 7 == 0 ? "" : "\($0 % 10)")"
    }
    let text = try predict(
      "user,item,rating\n" + pairs.joined(separator: "\n"), ["--cold", "mean"])
    let rows = text.split(separator: "\n").dropFirst()
    #expect(rows.count == 20_000)
    for (number, row) in rows.enumerated() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      guard fields[3] == (number % 7 == 0 ? "" : "\(number % 10)") else {
        Issue.record("row \(number): \(row)")
        break
      }
    }
  }

  @Test func itemsGoByTitle() throws {
    func score(_ item: String, _ who: [String] = ["--user", "2"]) throws -> [String: Any] {
      try line.succeed(["predict", "--model", "m.st", "--item", item, "--json"] + who).json()
    }
    let byID = try score("3")
    #expect(try score("trois")["score"] as? Double == byID["score"] as? Double)
    #expect(try score("trois")["item"] as? String == "3")
    #expect(byID["rounded"] is Double)
    let rated = try score("5", ["--rated", "trois=9,\"One, \"\"two\"\"\"=3"])
    #expect(
      rated["score"] as? Double
        == (try score("5", ["--rated", "3=9,1=3"]))["score"] as? Double)
    // One item by id and by title is one item: the last of its ratings counts, and that is said.
    let twice = try line.run(
      ["predict", "--model", "m.st", "--item", "5", "--json", "--rated", "3=4,1=3,trois=9"])
    #expect(twice.errors.contains("3 is rated 2 times (4, 9); the last rating counts"))
    #expect(try twice.json()["score"] as? Double == rated["score"] as? Double)
    // A number is an id, whatever titles begin with.
    try line.fail(
      ["predict", "--model", "m.st", "--user", "2", "--item", "1200"], saying: "does not know")
    try line.fail(
      ["predict", "--model", "m.st", "--user", "2", "--item", "Title"], saying: "titles match")
    try line.fail(
      ["predict", "--model", "m.st", "--rated", "Title=3", "--item", "1"], saying: "titles match")
  }
}

// Ids through all commands: what one file accepts, all accept; what the tool writes, it reads.
import Foundation
import Testing

struct IDsAreTextTests {
  static let items = ["007", "7", "a,b", " lead", "x\"y", "tea", "it::em", "z;z"]

  private static func field(_ text: String) -> String {
    text.contains { ",\" ".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  /// Ratings of awkward ids, with blanks around fields and line ends in a column nobody needs.
  private static var ratings: String {
    "user,item,rating,review\n"
      + (0..<12).flatMap { user in
        items.enumerated().filter { ($0.offset + user) % 3 > 0 }.map { number, item in
          "u\(user) , \(field(item)),\(1 + (user * 7 + number * 3) % 10),\"two\nlines\"\n"
        }
      }.joined()
  }

  @Test func whatIsWrittenIsRead() throws {
    let line = try CommandLine()
    try line.write(Self.ratings, to: "r.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", "bias", "--split", "none", "--output", "m.st",
    ])
    try line.succeed([
      "recommend", "--model", "m.st", "--users", "all", "--include-seen", "--top", "8", "--output",
      "recs.csv",
    ])
    let scores = try line.succeed(["predict", "--model", "m.st", "--pairs", "recs.csv"]).output
    #expect(scores.split(separator: "\n").count == 12 * 8 + 1)
    try line.write(scores, to: "scores.csv")
    let again = try line.succeed(["predict", "--model", "m.st", "--pairs", "scores.csv"]).output
    #expect(again == scores)
    // As lists of items and of users, and cut and read as ratings.
    let only = try line.succeed([
      "recommend", "--model", "m.st", "--user", "u1", "--only-items", "recs.csv", "--include-seen",
      "--top", "8", "--json",
    ])
    #expect((try only.json()["items"] as? [Any])?.count == 8)
    let some = try line.succeed([
      "recommend", "--model", "m.st", "--users-file", "recs.csv", "--include-seen", "--top", "1",
      "--output", "-",
    ])
    #expect(some.output.split(separator: "\n").count == 13)
    try line.succeed(["data", "split", "--ratings", "r.csv", "--output", "cut"])
    try line.succeed([
      "train", "--ratings", "cut/train.csv", "--model", "bias", "--split", "none", "--output",
      "c.st",
    ])
    let cut = try line.succeed([
      "evaluate", "--model", "c.st", "--ratings", "cut/test.csv", "--json",
    ])
    let test = try String(contentsOfFile: line.path("cut/test.csv"), encoding: .utf8)
    #expect(try cut.json()["n"] as? Int == test.split(separator: "\n").count - 1)
  }

  @Test func listsOnTheCommandLine() throws {
    let line = try CommandLine()
    try line.write(Self.ratings, to: "r.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", "mf", "--split", "none", "--output", "m.st",
    ])
    let answer = try line.succeed([
      "recommend", "--model", "m.st", "--rated", "\"a,b\"=10, 007=3 ,\" lead\"=4", "--seen",
      "tea, 7",
      "--top", "8", "--json",
    ]).json()
    let ids = (answer["items"] as? [[String: Any]])?.compactMap { $0["item"] as? String }
    #expect(Set(ids ?? []) == ["x\"y", "it::em", "z;z"])
    for list in ["7", "=5", "7=x", "7=nan", "\"7=5"] {
      try line.fail(["recommend", "--model", "m.st", "--rated", list])
    }
    try line.write("item;rating\n 007 ;4,5\n\"a,b\";9\n", to: "mine.csv")
    try line.succeed(["recommend", "--model", "m.st", "--ratings-of", "mine.csv"])
    try line.fail(["recommend", "--model", "m.st", "--user", "u1 "], saying: "u1")
  }

  /// A model of integers answers for pairs, items and test files of text; 007 is not 7.
  @Test func integersMeetText() throws {
    let line = try CommandLine()
    let rows = (1...9).flatMap { user in
      (101...108).map { "\(user),\($0),\(1 + (user + $0) % 9)\n" }
    }
    try line.write("user,item,rating\n" + rows.joined(), to: "r.csv")
    try line.write("user,item,rating\n1,101,5\n2,034545104X,4\n3,0102,4\n", to: "test.csv")
    try line.write("id,title\n101,A\n034545104X,B\n0102,C\n", to: "items.csv")
    let report = try line.succeed([
      "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "bias", "--split",
      "file:test.csv", "--output", "m.st", "--json",
    ]).json()
    let data = try #require(report["data"] as? [String: Any])
    #expect(data["cold_rows"] as? Int == 2 && data["test"] as? Int == 3)
    let title = try line.succeed([
      "recommend", "--model", "m.st", "--user", "1", "--include-seen", "--top", "20",
    ]).output
    #expect(title.contains("A"))
    try line.succeed(["predict", "--model", "m.st", "--user", "1", "--item", "101"])
    try line.fail(
      ["predict", "--model", "m.st", "--user", "1", "--item", "+102"], saying: "'+102'")
    try line.fail(["recommend", "--model", "m.st", "--user", "01"], saying: "01")
    try line.write("user,item\n1,101\n 2 ,\"102\"\n1,034545104X\n", to: "pairs.csv")
    try line.succeed(["predict", "--model", "m.st", "--pairs", "pairs.csv", "--cold", "mean"])
  }

  @Test func otherEncodingsAreSaid() throws {
    let line = try CommandLine()
    let text =
      "user,item,rating\n"
      + (1...9).flatMap { user in (1...6).map { "é\(user),\($0),\(user)\n" } }.joined()
    try line.write(text.data(using: .isoLatin1) ?? Data(), to: "r.csv")
    let train = try line.succeed([
      "train", "--ratings", "r.csv", "--model", "bias", "--output", "m.st",
    ])
    #expect(train.output.contains("r.csv: the text is in Latin-1, and was converted"))
    try line.write("user,item\né1,1\n".data(using: .isoLatin1) ?? Data(), to: "p.csv")
    let predict = try line.succeed(["predict", "--model", "m.st", "--pairs", "p.csv"])
    #expect(predict.output.contains("é1,1,") && predict.errors.contains("Latin-1"))
    try line.write(Data([0x50, 0x4B, 0x03, 0x04]) + Data(repeating: 0x41, count: 99), to: "z.csv")
    for command in [
      ["train", "--ratings", "z.csv"], ["train", "--ratings", "r.csv", "--items", "z.csv"],
      ["predict", "--model", "m.st", "--pairs", "z.csv"],
      ["recommend", "--model", "m.st", "--users-file", "z.csv", "--json"],
      ["recommend", "--model", "m.st", "--ratings-of", "z.csv"],
      ["data", "validate", "--ratings", "z.csv"],
    ] {
      try line.fail(command, saying: "this is a zip file")
    }
    try line.write("user,item,rating\n1,1.0,5\n2,1,4\n2,2,4\n", to: "v.csv")
    let valid = try line.succeed(["data", "validate", "--ratings", "v.csv"])
    #expect(valid.output.contains("1 and 1.0"))
  }
}

// Titles, genres and ids that would be markup, fields, or steer a terminal, in everything that is printed.
import Foundation
import Testing

@Suite(.serialized) struct HostileTitlesTests {
  private static let title =
    "</script><script>throw 1</script>, \"quoted\" 'and' \u{202E}txet\u{2066} مرحبا 👩‍🚀 =1+1"
  private static let genre = "<b>Dra\u{202E}ma</b>"

  private nonisolated(unsafe) static let made = Result { () throws -> CommandLine in
    let line = try CommandLine()
    let ratings = syntheticRatings(users: 30, items: 24).replacing(/\n(\d+),/) {
      "\n<u>\"\"\($0.output.1)\u{202E},"
    }
    try line.write(
      ratings.split(separator: "\n").enumerated().map { place, row in
        guard place > 0, let comma = row.firstIndex(of: ",") else { return String(row) }
        return "\"\(row[..<comma])\"\(row[comma...])"
      }.joined(separator: "\n") + "\n", to: "r.csv")
    let quoted = title.replacing("\"", with: "\"\"")
    try line.write(
      "anime_id,name,genre,type\n"
        + (1...24).map { "\($0),\"\($0) \(quoted)\",\"\(genre)|Comedy\",\"<i>TV\"\n" }.joined(),
      to: "items.csv")
    for model in ["mf", "lists", "genre-dot"] {
      try line.succeed([
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", model, "--epochs", "2",
        "--output", "\(model).st", "--quiet",
      ])
    }
    try line.write("user,item,rating\n\"<u>\"\"3\u{202E}\",2,7\n", to: "pairs.csv")
    return line
  }

  private static let user = "<u>\"3\u{202E}"

  /// Commands that print titles, genres or ids.
  private static let commands: [[String]] = [
    ["recommend", "--model", "lists.st", "--user", user, "--explain", "--history", "3"],
    ["recommend", "--model", "lists.st", "--model", "mf.st", "--user", user],
    ["recommend", "--model", "mf.st", "--rated", "2=9"],
    ["similar", "--model", "mf.st", "--item", "2"],
    ["similar", "--model", "mf.st", "--pair", "2", "3"],
    ["similar", "--model", "mf.st", "--biases", "items"],
    ["similar", "--model", "genre-dot.st", "--biases", "genres"],
    ["similar", "--model", "genre-dot.st", "--genre-pair", genre, "Comedy"],
    ["predict", "--model", "mf.st", "--user", user, "--item", "2"],
    ["user", user, "--model", "mf.st"],
    [
      "data", "describe", "--ratings", "r.csv", "--items", "items.csv", "--head", "3", "--pivot",
      "4",
    ],
    ["inspect", "mf.st"],
    [
      "compare", "--ratings", "r.csv", "--items", "items.csv", "--models", "mf,als", "--factors",
      "3", "--epochs", "2", "--resamples", "100",
    ],
  ]

  /// Whether a character turns the direction of writing or is a control character other than a line end.
  private func steers(_ text: String) -> Bool {
    text.unicodeScalars.contains {
      $0.properties.isBidiControl || $0.properties.generalCategory == .control && $0 != "\n"
    }
  }

  @Test(arguments: commands) func tablesAndJSONHoldThemSafely(_ command: [String]) throws {
    let line = try Self.made.get()
    let table = try line.succeed(command)
    #expect(!steers(table.output) && !steers(table.errors), "\(table.output)")
    let json = try line.succeed(command + ["--json"])
    #expect(
      json.output.split(separator: "\n").count == 1 && !steers(json.output.filter { $0 != "\n" }))
    let object = try json.json()
    if json.output.contains("\"title\":") {
      #expect(titles(in: object).allSatisfy { $0.hasSuffix(" " + Self.title) }, "\(object)")
    }
  }

  /// Every title in an answer.
  private func titles(in value: Any) -> [String] {
    if let object = value as? [String: Any] {
      return object.flatMap { key, value in
        (key == "title" ? [value as? String].compactMap { $0 } : []) + titles(in: value)
      }
    }
    return (value as? [Any])?.flatMap(titles) ?? []
  }

  @Test(arguments: [
    ["recommend", "--model", "mf.st", "--users", "all", "--output", "-", "--quiet"],
    ["predict", "--model", "mf.st", "--pairs", "pairs.csv"],
    ["map", "--model", "mf.st", "--method", "pca", "--output", "m.csv", "--quiet"],
  ]) func csvReadsBack(_ command: [String]) throws {
    let line = try Self.made.get()
    let printed = try line.succeed(command).output
    let isFile = command.contains("m.csv")
    let text = isFile ? String(decoding: try line.bytes("m.csv"), as: UTF8.self) : printed
    let rows = Self.fields(text)
    #expect(rows.count > 1 && rows.allSatisfy { $0.count == rows[0].count }, "\(text.prefix(600))")
    for (column, name) in rows[0].enumerated() {
      for row in rows.dropFirst() {
        if name == "title" { #expect(row[column].hasSuffix(" " + Self.title)) }
        if name == "user" {
          #expect(row[column].hasPrefix("<u>\"") && row[column].hasSuffix("\u{202E}"))
        }
      }
    }
  }

  /// The rows of a CSV, by RFC 4180.
  private static func fields(_ text: String) -> [[String]] {
    var (rows, isQuoted) = ([[""]], false)
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      let row = rows.count - 1
      let column = rows[row].count - 1
      switch (scalar, isQuoted) {
      case ("\"", true) where rest.first == "\"":
        rest.removeFirst()
        rows[row][column].unicodeScalars.append("\"")
      case ("\"", _): isQuoted.toggle()
      case (",", false): rows[row].append("")
      case ("\n", false): rows.append([""])
      default: rows[row][column].unicodeScalars.append(scalar)
      }
    }
    return rows.filter { $0 != [""] }
  }

  @Test(arguments: [
    ["report", "--model", "mf.st", "--ratings", "r.csv", "--items", "items.csv", "--output"],
    ["data", "describe", "--ratings", "r.csv", "--items", "items.csv", "--report"],
    ["map", "--model", "mf.st", "--method", "pca", "--output"],
    [
      "tune", "--ratings", "r.csv", "--items", "items.csv", "--model", "mf", "--factors", "3",
      "--trials", "3", "--resamples", "100", "--report",
    ],
    [
      "compare", "--ratings", "r.csv", "--items", "items.csv", "--models", "mf,als", "--factors",
      "3", "--epochs", "2", "--resamples", "100", "--report",
    ],
  ]) func pagesHoldThemSafely(_ command: [String]) throws {
    let line = try Self.made.get()
    try line.succeed(command + ["page.html", "--quiet"])
    let page = String(decoding: try line.bytes("page.html"), as: UTF8.self)
    #expect(!page.contains("<script>throw") && !page.contains("<u>") && !page.contains("<b>Dra"))
    // The page of maps keeps titles as they are in its data, for its search, and shows them each by itself.
    let shown = page.replacing(/(?s)<script type="application\/json".*?<\/script>/, with: "")
    #expect(!page.contains("<i>TV") && !shown.contains("\u{202E}"))
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
  }
}

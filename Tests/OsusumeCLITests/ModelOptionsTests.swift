// Data options go into the model file, and `evaluate` uses them where none are given.
import Foundation
import Osusume
import Testing

struct ModelOptionsTests {
  private let line: CommandLine

  init() throws { line = try CommandLine() }

  private func train(_ options: [String]) throws {
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--model", "bias", "--output", "m.st", "--split",
        "random:0.2",
      ]
        + options)
  }

  private func evaluate(_ file: String = "r.csv", _ options: [String] = []) throws
    -> (rows: Int, errors: String)
  {
    let outcome = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", file, "--json", "--resamples", "0"] + options)
    return (try #require(try outcome.json()["n"] as? Int), outcome.errors)
  }

  private func stored() throws -> [String: String]? {
    let report = try line.succeed(["inspect", "m.st", "--json"]).json()
    return (report["provenance"] as? [String: Any])?["data_options"] as? [String: String]
  }

  /// Ratings from −5 to 5, in columns of their own order.
  private func writeScale(_ name: String, shift: Int = 0) throws {
    var text = "what,much,who\n"
    for user in 1...30 {
      for item in 1...20 where (user + item) % 3 != 0 {
        text += "\(item),\((user * item + shift) % 11 - 5),\(user)\n"
      }
    }
    try line.write(text, to: name)
  }

  @Test func evaluateReadsAsTrainingRead() throws {
    try writeScale("r.csv")
    try train(["--columns", "who,what,much", "--duplicates", "first"])
    #expect(
      try stored() == ["columns": "who,what,much", "drop_rating": "none", "duplicates": "first"])
    let (rows, errors) = try evaluate()
    #expect(rows == 80 && !errors.contains("test rows"))
    // A file with no other negative ratings: −1 stays a rating, for the model says so.
    try line.write("what,much,who\n1,-1,1\n2,3,1\n3,4,2\n", to: "few.csv")
    #expect(try evaluate("few.csv", ["--split", "none"]).rows >= 1)
    try line.write("who,what,much\n77,1,-1\n", to: "one.csv")
    #expect(try evaluate("one.csv").rows == 1)
    // Other columns by their own names.
    try line.write("user,item,rating\n77,1,4\n", to: "other.csv")
    #expect(try evaluate("other.csv").rows == 1)
  }

  @Test func subsetsAreTakenAgain() throws {
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,type\n" + (1...40).map { "\($0),T,\($0 % 2 == 0 ? "TV" : "OVA")\n" }.joined(),
      to: "items.csv")
    for options in [
      ["--limit", "900"], ["--max-user-id", "40"], ["--min-item-ratings", "25"],
      ["--drop-rating", "5"],
      ["--drop-rating", "none", "--limit", "800", "--max-user-id", "50", "--duplicates", "first"],
      ["--items", "items.csv", "--only-type", "TV"],
    ] {
      try train(options)
      let (_, errors) = try evaluate()
      #expect(!errors.contains("test rows"), "\(options): \(errors)")
    }
    // On another file, a type that cannot be followed is said.
    try line.write("user_id,anime_id,rating\n99,1,4\n99,2,4\n", to: "other.csv")
    #expect(try evaluate("other.csv").errors.contains("--only-type TV"))
    let followed = try evaluate("other.csv", ["--items", "items.csv"])
    #expect(followed.rows == 1 && !followed.errors.contains("--only-type"))
  }

  @Test func whatIsFoundOutIsSaid() throws {
    try writeScale("r.csv")
    let scale = try line.succeed([
      "data", "describe", "--ratings", "r.csv", "--columns", "who,what,much",
    ])
    #expect(scale.errors.contains("-1 is taken for a rating"), "\(scale.errors)")
    try line.write(
      "user,item,rating,date\n1,2,3,May\n1,3,4,June\n2,3,4,July\n2,2,1,May\n3\n", to: "d.csv")
    let described = try line.succeed([
      "data", "describe", "--ratings", "d.csv", "--skip-bad-lines", "--json",
    ])
    #expect(try described.json()["rows"] as? Int == 5)
    #expect(described.errors.contains("1 line of d.csv left out"), "\(described.errors)")
    #expect(described.errors.contains("the times of d.csv are left alone: 2: column 4: 'May'"))
    try line.fail(
      [
        "data", "split", "--ratings", "d.csv", "--skip-bad-lines", "--split", "temporal:0.5",
        "--output", "s",
      ],
      saying: "d.csv:2: column 4: 'May' is no time")
    try line.fail(
      ["data", "describe", "--ratings", "d.csv", "--skip-bad-lines=0"], saying: "d.csv")
  }
}

// `osusume map`, run as its users run it.
import Foundation
import Testing

struct MapCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes\n"
        + (1...40).map {
          "\($0),\"Title \($0), \"\"=1+1\"\"\",\($0 % 4 == 0 ? "Action" : "Comedy"),TV,\($0)\n"
        }.joined(),
      to: "items.csv")
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "mf", "--factors", "4",
        "--epochs", "3", "--output", "m.st", "--quiet",
      ])
  }

  @Test func csvHasARowForEachItemOfEachMap() throws {
    let report = try line.succeed(
      ["map", "--model", "m.st", "--method", "pca,tsne", "--output", "m.csv", "--json"]
    ).json()
    #expect(report["points"] as? Int == 37 && report["of"] as? String == "items")
    let maps = try #require(report["maps"] as? [[String: Any]])
    #expect(maps.compactMap { $0["method"] as? String } == ["pca", "tsne"])
    #expect(maps[1]["perplexity"] as? Double == 5 && maps[1]["kl_divergence"] is Double)
    #expect((maps[0]["variance_shares"] as? [Double])?.count == 2)
    let text = String(decoding: try line.bytes("m.csv"), as: UTF8.self)
    let rows = text.split(separator: "\n")
    #expect(rows.count == 1 + 2 * 37 && rows[0] == "item,title,x,y,method,perplexity")
    #expect(rows[1].hasPrefix("1,\"Title 1, \"\"=1+1\"\"\","))
    #expect(rows[1].hasSuffix(",pca,") && rows[74].hasSuffix(",tsne,5"))
  }

  @Test func placesAreTheSameForAnyThreadsAndOthersForAnotherSeed() throws {
    let files = try [("1", "42"), ("2", "42"), ("3", "42"), ("2", "7")].map { threads, seed in
      try line.succeed(
        [
          "map", "--model", "m.st", "--perplexity", "5,10", "--output", "m.csv", "--threads",
          threads, "--seed", seed,
        ])
      return try line.bytes("m.csv")
    }
    #expect(files[0] == files[1] && files[0] == files[2] && files[0] != files[3])
  }

  @Test func everyKindAndEveryFormat() throws {
    for (kind, points) in [("items", 37), ("users", 55), ("genres", 2)] {
      for ending in ["csv", "json", "html"] {
        let report = try line.succeed(
          [
            "map", "--model", "m.st", "--method", "pca", "--of", kind, "--output", "m.\(ending)",
            "--json",
          ]
        ).json()
        #expect(report["points"] as? Int == points, "\(kind)")
      }
      let first = String(decoding: try line.bytes("m.csv"), as: UTF8.self).prefix { $0 != "," }
      #expect(first == kind.dropLast())
    }
    let all = try line.succeed(
      ["map", "--model", "m.st", "--method", "pca", "--min-ratings", "25", "--output", "m.csv"])
    #expect(all.output.contains("left out: ") && all.output.contains("with too few ratings"))
    try line.write("anime_id,name\n1,Another\n", to: "other.csv")
    try line.succeed(
      ["map", "--model", "m.st", "--method", "pca", "--items", "other.csv", "--output", "m.csv"])
    let renamed = String(decoding: try line.bytes("m.csv"), as: UTF8.self).split(separator: "\n")
    #expect(renamed[1].hasPrefix("1,Another,") && renamed[2].contains(",,"))
  }

  @Test func whatCannotBeMappedIsSaid() throws {
    try line.fail(
      ["map", "--model", "m.st", "--perplexity", "30", "--output", "m.csv"],
      saying: "a perplexity of 30 needs 92 points or more, and there are 37")
    try line.fail(
      ["map", "--model", "m.st", "--only-type", "Movie", "--output", "m.csv"], saying: "Movie")
    try line.fail(["map", "--model", "none.st", "--output", "m.csv"], saying: "none.st")
    try line.fail(["map", "--model", "m.st", "--output", "no/such/m.csv"], saying: "no/such")
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", "bias", "--output", "b.st", "--quiet",
    ])
    try line.fail(
      ["map", "--model", "b.st", "--output", "m.csv"], saying: "no vectors to place")
    for wrong in [
      ["--output", "m.png"], ["--output", "m.csv", "--method", "isomap"],
      ["--output", "m.csv", "--perplexity", "0"],
      ["--output", "m.csv", "--method", "pca", "--perplexity", "5"],
      ["--output", "m.csv", "--of", "users", "--only-type", "TV"],
    ] {
      #expect(try line.run(["map", "--model", "m.st"] + wrong).code == 64, "\(wrong)")
    }
  }
}

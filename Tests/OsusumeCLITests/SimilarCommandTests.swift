// `osusume similar` and the filters it shares with `recommend`, run as their users run them.
import Foundation
import Testing

struct SimilarCommandTests {
  // Of the 40 items 11, 22 and 33 have no rating at all, so the model knows 37.
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,rating\n"
        + (1...40).map {
          "\($0),\($0 == 7 ? "Cowboy Bebop" : "Title \($0)"),"
            + "\"\($0 % 4 == 0 ? "Action, Drama" : "Comedy")\",\($0 <= 10 ? "TV" : "Movie"),7.5\n"
        }.joined(),
      to: "items.csv")
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "mf", "--factors", "4",
        "--epochs", "3",
        "--output", "m.st", "--quiet",
      ])
  }

  private func similar(_ arguments: String...) throws -> [String: Any] {
    try line.succeed(["similar", "--model", "m.st", "--json"] + arguments).json()
  }

  private func entries(_ answer: [String: Any], _ key: String) throws -> [[String: Any]] {
    try #require(answer[key] as? [[String: Any]], "\(answer)")
  }

  @Test func nearestItemsByIDAndByTitle() throws {
    let answer = try similar("--item", "7", "--top", "3")
    #expect(answer["item"] as? String == "7" && answer["title"] as? String == "Cowboy Bebop")
    #expect(answer["by"] as? String == "cosine" && answer["model_version"] is String)
    let items = try entries(answer, "items")
    #expect(items.map { $0["rank"] as? Int } == [1, 2, 3])
    let values = items.compactMap { $0["similarity"] as? Double }
    #expect(values.count == 3 && values == values.sorted(by: >))
    let byTitle = try similar("--item", "cowboy beb", "--top", "3")
    #expect(byTitle as NSDictionary == answer as NSDictionary)
    let far = try entries(try similar("--item", "7", "--by", "euclid"), "items")
    let distances = far.compactMap { $0["distance"] as? Double }
    #expect(distances.count == 10 && distances == distances.sorted())
    let words = try line.succeed(["similar", "--model", "m.st", "--item", "7"]).output
    #expect(words.hasPrefix("item 7 Cowboy Bebop, 29 ratings: nearest by cosine, times n/(n + 20)"))
  }

  @Test func filtersAreCountedAndAShortAnswerSaysWhy() throws {
    let answer = try similar("--item", "7", "--only-type", "tv", "--only-genre", "Drama,Action")
    let items = try entries(answer, "items")
    #expect(Set(items.compactMap { $0["item"] as? String }) == ["4", "8"])
    #expect((answer["filtered"] as? [String: Int]) == ["only_type": 27, "only_genre": 8])
    #expect((answer["note"] as? String)?.hasPrefix("2 of 10 asked for: no more are left") == true)
    try line.write("1\n2\n3\n999\n", to: "ids.txt")
    for (option, count) in [("--only-items", 3), ("--exclude-items", 34)] {
      let recommended = try line.succeed(
        [
          "recommend", "--model", "m.st", "--user", "3", "--include-seen", "--top", "40", option,
          "ids.txt", "--json",
        ]
      ).json()
      #expect(try entries(recommended, "items").count == count)
      let filtered = try counts(recommended)
      #expect(filtered["seen"] == 0 && filtered.values.reduce(count, +) == 37, "\(filtered)")
      #expect(recommended["note"] is String)
    }
    let seen = try line.succeed(
      ["recommend", "--model", "m.st", "--user", "3", "--exclude-genre", "comedy", "--json"]
    ).json()
    let filtered = try counts(seen)
    #expect(filtered["seen"] ?? 0 > 0)
    #expect(try filtered.values.reduce(entries(seen, "items").count, +) == 37, "\(filtered)")
  }

  /// How many items were left out, by reason; all those that the user has met in one.
  private func counts(_ answer: [String: Any]) throws -> [String: Int] {
    let filtered = try #require(answer["filtered"] as? [String: Any])
    return filtered.compactMapValues {
      $0 as? Int ?? ($0 as? [String: Int])?.values.reduce(0, +)
    }
  }

  @Test func pairsVectorsUsersAndBiases() throws {
    let pair = try similar("--pair", "7", "Title 9")
    #expect((try entries(pair, "pair")).map { $0["item"] as? String } == ["7", "9"])
    for key in ["cosine", "dot", "distance"] { #expect(pair[key] is Double, "\(key)") }
    let vector = try similar("--item", "7", "--vector")
    #expect((vector["vector"] as? [Double])?.count == 4 && vector["norm"] is Double)
    let users = try entries(try similar("--user", "3", "--top", "5"), "users")
    #expect(users.count == 5 && !users.contains { $0["user"] as? String == "3" })
    let biases = try similar("--biases", "items", "--top", "6")
    let best = try entries(biases, "best").compactMap { $0["bias"] as? Double }
    let worst = try entries(biases, "worst").compactMap { $0["bias"] as? Double }
    #expect(best == best.sorted(by: >) && worst == worst.sorted() && best.count == 6)
    #expect((best.last ?? 0) >= (worst.last ?? 1) && worst.count == 6)
  }

  @Test func genresOfAModelThatLearnsThem() throws {
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "genre-dot", "--factors",
        "4", "--epochs", "2", "--output", "g.st", "--quiet",
      ])
    let asked = ["similar", "--model", "g.st"]
    let near = try line.succeed(asked + ["--genre", "drama", "--json"]).json()
    #expect(near["genre"] as? String == "Drama" && near["by"] as? String == "cosine")
    let genres = try entries(near, "genres")
    #expect(Set(genres.compactMap { $0["genre"] as? String }) == ["Action", "Comedy"])
    let values = genres.compactMap { $0["similarity"] as? Double }
    #expect(values.count == 2 && values == values.sorted(by: >))
    // Action and Drama name the same ten items, of which the model knows all.
    #expect(genres.first { $0["genre"] as? String == "Action" }?["items"] as? Int == 10)
    let pair = try line.succeed(asked + ["--genre-pair", "drama", "Action", "--json"]).json()
    #expect(try entries(pair, "pair").map { $0["genre"] as? String } == ["Drama", "Action"])
    let nearness = genres.first { $0["genre"] as? String == "Action" }?["similarity"] as? Double
    #expect(abs((pair["cosine"] as? Double ?? 9) - (nearness ?? 0)) < 1e-9)
    try line.fail(asked + ["--genre-pair", "Drama", "Dramas"], saying: "Drama")
    #expect(try line.run(asked + ["--genre-pair", "Drama"]).code == 64)
    let ranking = try line.succeed(asked + ["--biases", "genres", "--top", "2", "--json"]).json()
    let best = try entries(ranking, "best").compactMap { $0["bias"] as? Double }
    let worst = try entries(ranking, "worst").compactMap { $0["bias"] as? Double }
    #expect(best.count == 2 && worst.count == 1 && best[0] >= best[1] && best[1] >= worst[0])
    try line.fail(asked + ["--genre", "Darma"], saying: "did you mean 'Drama'?")
    try line.succeed(asked + ["--item", "cowboy", "--vector"])
  }

  @Test func whatCannotBeAnsweredIsOneLine() throws {
    let similar = ["similar", "--model", "m.st"]
    try line.fail(similar + ["--item", "Cowboi Bebop"], saying: "did you mean 7 'Cowboy Bebop'?")
    try line.fail(similar + ["--item", "title"], saying: "36 titles match 'title'")
    try line.fail(similar + ["--user", "9999"], saying: "unknown user 9999")
    try line.fail(similar + ["--genre", "Action"], saying: "learns nothing about genres")
    try line.fail(similar + ["--biases", "genres"], saying: "learns nothing about genres")
    try line.fail(similar + ["--item", "7", "--only-type", "OVA"], saying: "did you mean 'TV'?")
    try line.fail(
      similar + ["--item", "7", "--only-items", "no.txt"], saying: "no.txt: No such file")
    try line.succeed(
      ["train", "--ratings", "r.csv", "--model", "bias", "--output", "b.st", "--quiet"])
    try line.fail(["similar", "--model", "b.st", "--item", "7"], saying: "has no vectors")
    try line.fail(
      ["recommend", "--model", "b.st", "--user", "3", "--only-genre", "Drama"],
      saying: "train it with --items FILE")
    for wrong in [[], ["--item", "7", "--user", "3"], ["--pair", "7"], ["--biases", "x"]] {
      #expect(try line.run(similar + wrong).code == 64, "\(wrong)")
    }
  }
}

/// Neighbours that rest on hardly anybody are not offered.
struct SimilarMinimumTests {
  private let line: CommandLine

  /// Item 99 has two raters, both of whom rated item 7; item 98 has five of them.
  init() throws {
    line = try CommandLine()
    var rows = syntheticRatings()
    var raters: [Substring] = []
    for row in rows.split(whereSeparator: \.isNewline) {
      let fields = row.split(separator: ",")
      if fields[1] == "7" && fields[2] != "-1" { raters.append(fields[0]) }
    }
    try #require(raters.count >= 5)
    for rater in raters.prefix(5) { rows += "\(rater),98,9\n" }
    for rater in raters.prefix(2) { rows += "\(rater),99,9\n" }
    try line.write(rows, to: "r.csv")
  }

  @Test(arguments: ["ease", "mf", "item-knn"])
  func titlesOfTwoRatersAreNoNeighboursUnlessAskedFor(model: String) throws {
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--model", model, "--split", "none", "--quiet", "--output",
        "m.st",
      ]
        + (model == "mf" ? ["--factors", "4", "--epochs", "3"] : []))
    let similar = ["similar", "--model", "m.st", "--item", "7", "--top", "50"]
    func neighbours(_ more: [String]) throws -> [String: [String: Any]] {
      let answer = try line.succeed(similar + ["--json"] + more).json()
      let entries = try #require(answer["items"] as? [[String: Any]], "\(answer)")
      return Dictionary(
        entries.map { ($0["item"] as? String ?? "", $0) }, uniquingKeysWith: { $1 })
    }
    let usual = try neighbours([])
    let all = try neighbours(["--min-ratings", "0"])
    #expect(usual["99"] == nil && usual["98"] != nil)
    let rare = try #require(all["99"], "\(all.keys)")
    #expect(rare["in_common"] as? Int == 2 && rare["raters"] as? Int == 2)
    #expect(all["98"]?["in_common"] as? Int == 5 && all["98"]?["ratings"] as? Int == 5)
    let words = try line.succeed(similar).output
    #expect(words.contains("neighbours have 5 ratings or more; --min-ratings 0 lifts that"))
    #expect(words.contains("in common") && words.contains(" ratings: nearest by "))
    let lifted = try line.succeed(similar + ["--min-ratings", "0"]).output
    #expect(!lifted.contains("lifts that"))
    let measure = model == "ease" ? "partial_correlation" : "cosine"
    let answer = try line.succeed(similar + ["--json"]).json()
    #expect(answer["by"] as? String == measure)
    #expect(words.contains("partial correlation") == (model == "ease"))
    #expect(words.contains("cosine") == (model != "ease"))
    if model == "ease" {
      try line.fail(similar + ["--by", "dot"], saying: "keeps partial correlations between items")
    }
  }
}

/// item-knn in every command: it has no vectors, but neighbours of its own.
struct ItemKNNCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.succeed(train("m.st"))
  }

  private func train(_ output: String, _ more: String...) -> [String] {
    ["train", "--ratings", "r.csv", "--model", "item-knn", "--quiet", "--output", output] + more
  }

  @Test func settingsAreTakenAndChecked() throws {
    try line.succeed(train("few.st", "--neighbours", "3", "--shrinkage", "10"))
    let few = try line.succeed(["similar", "--model", "few.st", "--item", "7", "--json"]).json()
    #expect((few["items"] as? [[String: Any]])?.count == 3)
    #expect((few["note"] as? String)?.contains("none of its neighbours") == true)
    for bad in [["--neighbours", "0"], ["--shrinkage=-1"], ["--shrinkage", "nan"]] {
      #expect(try line.run(train("x.st") + bad).code == 64, "\(bad)")
    }
  }

  @Test func filtersAreForItems() throws {
    for asked in [["--user", "1"], ["--pair", "7", "8"], ["--biases", "users"]] {
      let arguments = ["similar", "--model", "m.st", "--min-ratings", "3"] + asked
      #expect(try line.run(arguments).code == 64, "\(asked)")
    }
    let words = try line.succeed(["similar", "--model", "m.st", "--item", "7"]).output
    #expect(!words.contains("title") && !words.contains("genres"), "columns without anything")
  }

  @Test func neighboursAreThoseItKeeps() throws {
    let words = try line.succeed(["similar", "--model", "m.st", "--item", "7"]).output
    #expect(words.hasPrefix("item 7, 29 ratings: nearest by cosine"))
    try line.fail(["similar", "--model", "m.st", "--item", "7", "--by", "dot"], saying: "--by")
    try line.fail(["similar", "--model", "m.st", "--pair", "7", "8"], saying: "no vectors")
  }

  @Test func aPersonWhoIsNotInTheModelIsAnswered() throws {
    let rated = ["--model", "m.st", "--rated", "7=8,8=3"]
    let best = try line.succeed(["recommend", "--json", "--top", "40", "--raw"] + rated).json()
    let items = try #require(best["items"] as? [[String: Any]])
    #expect(items.count == 35)
    let first = try #require(items.first)
    let answer = try line.succeed(
      ["predict", "--json", "--raw", "--item", "\(first["item"] ?? "")"] + rated
    ).json()
    #expect(answer["user"] as? String == "you")
    #expect(answer["score"] as? Double == first["score"] as? Double)
    try line.fail(["predict", "--item", "999"] + rated, saying: "does not know item '999'")
    for bad in [["--user", "1", "--item", "1"], ["--item", "1", "--cold", "mean"], []] {
      #expect(try line.run(["predict"] + rated + bad).code == 64, "\(bad)")
    }
  }
}

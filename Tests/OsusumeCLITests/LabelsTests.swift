// Labels of interactions and distributions over ratings, from the file to the answer.
import Foundation
import Testing

struct LabelsTests {
  private let line: CommandLine

  init() throws { line = try CommandLine() }

  /// What a row says, item by item: 1 and 2 liked, 3 to 5 not, 6 says nothing.
  private static let kinds: [(rating: Int, status: Int, label: Int?)] = [
    (9, 2, 1), (-1, 2, 1), (9, 4, 0), (3, 2, 0), (-1, 4, 0), (9, 1, nil),
  ]

  /// Ratings of items of all kinds, and how many rows are of which.
  ///
  /// Users 1 and 2 complete and rate every item, so that items that nobody else rates are known.
  private func write(statuses: Bool) throws -> (rows: Int, unfinished: Int) {
    var text = "user_id,anime_id,rating" + (statuses ? ",watching_status\n" : "\n")
    var (rows, unfinished) = (0, 0)
    for user in 1...60 {
      for item in 0..<48 where user <= 2 || (user * 7 + item * 3) % 8 < 5 {
        let kind = user <= 2 ? (item % 5 < 2 ? 9 : 3, 2, nil) : Self.kinds[item % 6]
        text += "\(user),\(item),\(kind.0)" + (statuses ? ",\(kind.1)\n" : "\n")
        rows += 1
        unfinished += statuses && kind.1 == 1 ? 1 : 0
      }
    }
    try line.write(text, to: "r.csv")
    return (rows, unfinished)
  }

  private func train(_ model: String) throws -> [String: Any] {
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", model, "--epochs", "30", "--batch-size", "100",
      "--learning-rate", "0.01", "--output", "m.st", "--json",
    ]).json()
  }

  private func probability(_ user: Int, _ item: Int) throws -> Double {
    let answer = try line.succeed([
      "predict", "--model", "m.st", "--user", "\(user)", "--item", "\(item)", "--json",
    ]).json()
    return try #require(answer["score"] as? Double)
  }

  /// A model of two heads gives a rating, and how likely the user is to like the item.
  @Test func bothHeadsAnswer() throws {
    _ = try write(statuses: false)
    _ = try train("keras-hybrid")
    let one = ["predict", "--model", "m.st", "--user", "1", "--item"]
    let answers = try [0, 3].map { try line.succeed(one + ["\($0)", "--json"]).json() }
    let (liked, other) = (answers[0], answers[1])
    let probabilities = try answers.map { try #require($0["probability"] as? Double) }
    #expect(
      probabilities.allSatisfy { (0...1).contains($0) } && probabilities[0] > probabilities[1])
    #expect((liked["score"] as? Double ?? 0) > (other["score"] as? Double ?? 0) + 1)
    let words = try line.succeed(one + ["0"]).output
    #expect(words.contains(String(format: ", liked with probability %.3f", probabilities[0])))
    try line.write("user,item\n1,0\n1,3\n", to: "pairs.csv")
    let pairs = ["predict", "--model", "m.st", "--pairs", "pairs.csv"]
    let rows = try line.succeed(pairs).output.split(separator: "\n")
    #expect(rows[0] == "user,item,score,probability")
    for (row, probability) in zip(rows.dropFirst(), probabilities) {
      let field = try #require(row.split(separator: ",").last.flatMap { Double($0) })
      #expect(abs(field - probability) < 1e-5)
    }
    let json = try line.succeed(pairs + ["--json"]).json()
    let first = try #require(json["predictions"] as? [[String: Any]])[0]
    #expect(abs((first["probability"] as? Double ?? 9) - probabilities[0]) < 1e-5)
    // Of a model of labels alone, the score is the probability.
    _ = try train("keras-nn-interaction")
    #expect(try line.succeed(one + ["0", "--json"]).json()["probability"] == nil)
    #expect(try line.succeed(pairs).output.hasPrefix("user,item,score\n"))
  }

  @Test func watchingStatusMakesLabels() throws {
    let (rows, unfinished) = try write(statuses: true)
    let report = try train("keras-nn-interaction")
    let data = try #require(report["data"] as? [String: Any])
    let dropped = try #require(data["dropped"] as? [String: Int])
    #expect(data["rows"] as? Int == rows)
    #expect(dropped["unfinished"] == unfinished)
    let final = try #require(report["final"] as? [String: Double])
    for key in ["accuracy", "precision", "recall", "f1", "auc"] {
      #expect(final["valid_" + key] ?? 0 > 0.9, "\(key)")
    }
    #expect(final["valid_log_loss"] ?? 1 < 0.3)
    #expect(final["valid_rmse"] == nil)
    for (item, kind) in Self.kinds.enumerated() where kind.label != nil {
      #expect((try probability(20, item + 6) > 0.5) == (kind.label == 1), "kind \(item)")
    }
    let judged = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--resamples", "0", "--json"]
    ).json()
    #expect(judged["accuracy"] as? Double == final["valid_accuracy"])
    #expect(judged["log_loss"] as? Double == final["valid_log_loss"])
  }

  /// Without a status a title seen is one liked, unless it was rated low.
  @Test func ratingsAloneMakeLabels() throws {
    _ = try write(statuses: false)
    let report = try train("keras-hybrid")
    let final = try #require(report["final"] as? [String: Double])
    #expect(final["valid_auc"] ?? 0 > 0.9)
    #expect(final["valid_rmse"] ?? 9 < 2)
  }

  /// Where everybody likes everything, nothing is told apart.
  @Test func whatLabelsOfOneKindCannotTellIsNull() throws {
    try line.write(
      "user_id,anime_id,rating\n"
        + (1...20).flatMap { user in
          (1...12).filter { (user + $0) % 3 > 0 }.map { "\(user),\($0),9\n" }
        }.joined(), to: "liked.csv")
    let options = ["--ratings", "liked.csv", "--json"]
    let report = try line.succeed(
      ["train", "--model", "keras-nn-interaction", "--epochs", "2", "--output", "m.st"] + options
    ).json()
    let final = try #require(report["final"] as? [String: Any])
    let epochs = try #require(report["epochs"] as? [[String: Any]])
    #expect(final["valid_auc"] is NSNull && epochs[0]["valid_auc"] is NSNull)
    #expect(final["valid_accuracy"] is Double)
    let judged = try line.succeed(["evaluate", "--model", "m.st", "--relevant-at", "10"] + options)
      .json()
    #expect(judged["auc"] is NSNull && judged["accuracy"] is Double)
    // Nobody has a relevant row.
    for name in ["ndcg", "mrr", "coverage", "gini", "novelty", "disliked"] {
      #expect(judged[name + "@10"] is NSNull && judged[name + "@10_ci95"] is NSNull, "\(name)")
    }
    let words = try line.succeed(
      ["train", "--model", "keras-nn-interaction", "--epochs", "2", "--output", "m.st"]
        + options.dropLast()
    ).output
    #expect(words.contains(/auc +–/) && !words.contains("nan"))
  }

  @Test func distributionsAddUpAndAgreeWithTheScore() throws {
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes,rating,members\n"
        + (1...40).map { "\($0),t,Drama,TV,\($0 % 9 == 0 ? "Unknown" : "12"),7.5,100\n" }.joined(),
      to: "items.csv")
    let report = try line.succeed([
      "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "metadata-classes",
      "--epochs", "20", "--output", "m.st", "--json",
    ]).json()
    let final = try #require(report["final"] as? [String: Double])
    #expect((0...1).contains(try #require(final["valid_calibration_error"])))
    #expect(final["valid_log_loss"] ?? 9 < log(10), "worse than knowing nothing")
    let judged = try line.succeed(
      ["evaluate", "--model", "m.st", "--ratings", "r.csv", "--resamples", "0", "--json"]
    ).json()
    #expect(judged["calibration_error"] as? Double == final["valid_calibration_error"])

    let one = try line.succeed([
      "predict", "--model", "m.st", "--user", "3", "--item", "4", "--distribution", "--raw",
      "--json",
    ]).json()
    let shares = try #require(one["distribution"] as? [String: Double])
    #expect(Set(shares.keys) == Set((1...10).map(String.init)))
    let expected = shares.reduce(0) { $0 + (Double($1.key) ?? 0) * $1.value }
    // Ten numbers that are rounded to single precision.
    #expect(abs(shares.values.reduce(0, +) - 1) < 1e-5)
    #expect(abs(expected - (one["score"] as? Double ?? 0)) < 1e-4)

    try line.write("user,item\n1,1\n3,4\n5,9\n", to: "pairs.csv")
    let table = try line.succeed([
      "predict", "--model", "m.st", "--pairs", "pairs.csv", "--distribution", "--raw",
    ]).output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(table[0] == ["user", "item", "score"] + (1...10).map { "p\($0)" })
    #expect(table.count == 4)
    for row in table.dropFirst() {
      let numbers = row.dropFirst(2).compactMap(Double.init)
      let shares = numbers.dropFirst()
      // Six decimals each.
      #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
      let mean = zip(1...10, shares).reduce(0) { $0 + Double($1.0) * $1.1 }
      #expect(abs(mean - numbers[0]) < 1e-4)
    }
    try line.succeed(["train", "--ratings", "r.csv", "--output", "mf.st"])
    try line.fail(
      ["predict", "--model", "mf.st", "--user", "3", "--item", "4", "--distribution"],
      saying: "predicts no distribution")
  }
}

// `osusume user`: ratings beside predictions, genres and near people, run as its users run it.
import Foundation
import Testing

struct UserCommandTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre\n"
        + (1...40).map {
          "\($0),Title \($0),\"\($0 % 4 == 0 ? "Action, Drama" : "Comedy")\"\n"
        }.joined(),
      to: "items.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--items", "items.csv", "--factors", "4", "--epochs", "3",
      "--split", "none", "--output", "m.st", "--quiet",
    ])
  }

  /// The rows of the file, by item; of several ratings of one item the last.
  private func ratings(of user: String) -> [String: Double] {
    var ratings: [String: Double] = [:]
    for row in syntheticRatings().split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",")
      guard fields[0] == user, let rating = Double(fields[2]), rating != -1 else { continue }
      ratings[String(fields[1])] = rating
    }
    return ratings
  }

  @Test func ratingsStandBesidePredictions() throws {
    let answer = try line.succeed([
      "user", "3", "--model", "m.st", "--top", "1000", "--neighbours", "4", "--json",
    ]).json()
    let known = ratings(of: "3")
    let rated = try #require(answer["rated"] as? [[String: Any]])
    #expect(answer["user"] as? String == "3" && answer["ratings"] as? Int == known.count)
    #expect(rated.count == known.count)
    let kinds = Set(
      syntheticRatings().split(separator: "\n").dropFirst()
        .compactMap { Double($0.split(separator: ",")[2]) }.filter { $0 != -1 })
    var values: [Double] = []
    for entry in rated {
      let item = try #require(entry["item"] as? String)
      let rating = try #require(entry["rating"] as? Double)
      let predicted = try #require(entry["predicted"] as? Double)
      let rounded = try #require(entry["rounded"] as? Double)
      #expect(rating == known[item] && entry["title"] as? String == "Title \(item)")
      #expect(kinds.contains(rounded))
      #expect(kinds.allSatisfy { abs(rounded - predicted) <= abs($0 - predicted) })
      #expect(abs((entry["error"] as? Double ?? .nan) - (predicted - rating)) < 1e-5)
      values.append(rating)
    }
    #expect(values == values.sorted(by: >))
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(abs((answer["mean"] as? Double ?? .nan) - mean) < 1e-9)
    let tastes = try #require(answer["tastes"] as? [[String: Any]])
    let action = try #require(tastes.first { $0["genre"] as? String == "Action" })
    let own = known.filter { (Int($0.key) ?? 1) % 4 == 0 }.map(\.value)
    let liking = (own.reduce(0, +) - Double(own.count) * mean) / (Double(own.count) + 5)
    #expect(action["ratings"] as? Int == own.count)
    #expect(abs((action["liking"] as? Double ?? .nan) - liking) < 1e-9)
    let near = try #require(answer["neighbours"] as? [[String: Any]])
    #expect(near.count == 4 && near.allSatisfy { $0["user"] as? String != "3" })
    for entry in near {
      let other = ratings(of: try #require(entry["user"] as? String))
      #expect(entry["in_common"] as? Int == other.keys.count { known[$0] != nil })
      #expect(entry["ratings"] as? Int == other.count)
    }
  }

  @Test func anUnknownUserIsAnError() throws {
    let answer = try line.run(["user", "nobody", "--model", "m.st"])
    #expect(answer.code == 1 && answer.errors.contains("unknown user nobody"))
    let words = try line.succeed(["user", "3", "--model", "m.st", "--top", "2"]).output
    #expect(words.hasPrefix("user 3: \(ratings(of: "3").count) ratings, "))
    #expect(words.contains("rated  predicted  rounded"))
  }
}

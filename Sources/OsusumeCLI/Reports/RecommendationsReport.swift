// Recommendations as JSON and as a table for people.
import Foundation
import Osusume

/// What `osusume recommend --json` prints for a user.
struct RecommendationsReport: Report {
  struct Entry: Encodable {
    var item: String
    var title: String?
    var type: String?
    var genres: [String]?
    var averageRating: Double?
    var score: Float
    var rank: Int
  }

  var user: String
  var modelVersion: String
  var items: [Entry]
  /// By reason, `seen` always among them.
  var filtered: [String: Int]
  /// Why fewer came back than asked for.
  var note: String?

  @NotEncoded var answer: Recommendations
  /// Number of items of the model.
  @NotEncoded var itemCount: Int

  var lines: [String] { answer.lines(ofItems: itemCount) }

  init(_ answer: Recommendations, ofItems itemCount: Int, version: String) {
    self.answer = answer
    self.itemCount = itemCount
    user = answer.user
    modelVersion = version
    items = answer.items.map {
      Entry(
        item: $0.id, title: $0.item?.title, type: $0.item?.type, genres: $0.item?.genres,
        averageRating: $0.item?.averageRating, score: $0.score, rank: $0.rank)
    }
    filtered = answer.leftOut.json.merging(["seen": answer.leftOut[.seen]]) { $1 }
    note = answer.leftOut.shortfall(answer.items.count, of: answer.asked)
  }
}

/// What it prints for several users.
struct RecommendationsOfUsers: Report {
  let users: [RecommendationsReport]

  var lines: [String] { users.flatMap(\.lines) }
}

/// What `osusume recommend --output FILE --json` prints.
struct RecommendationsWritten: Encodable {
  var output: String
  var users: Int
  var rows: Int
  var modelVersion: String
  var seconds: Double
}

extension Recommendations {
  /// A heading and a table: rank, item, title, type, genres, average, score.
  fileprivate func lines(ofItems itemCount: Int) -> [String] {
    var table = TextTable(
      ["", "score", "item", "title", "type", "average", "genres"],
      alignments: [.right, .right, .right, .left, .left, .right, .left])
    for entry in items {
      table.add(
        String(entry.rank), String(format: "%.2f", entry.score), entry.id,
        (entry.item?.title ?? "").clipped(to: 48), entry.item?.type ?? "",
        entry.item?.averageRating.map { String(format: "%.2f", $0) } ?? "",
        (entry.item?.genres.joined(separator: ", ") ?? "").clipped(to: 40))
    }
    let heading = "user \(user): \(items.count) of \(itemCount.grouped) items"
    return [heading + leftOut.clause] + table.lines
      + leftOut.shortfallLines(items.count, of: asked)
  }
}

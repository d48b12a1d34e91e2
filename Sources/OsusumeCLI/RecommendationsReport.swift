// Recommendations as JSON and as a table for people.
import Foundation
import Osusume

/// What `osusume recommend --json` prints for a user.
struct RecommendationsReport: Encodable {
  struct Entry: Encodable {
    var item: String
    var title: String?
    var type: String?
    var genres: [String]?
    var averageRating: Double?
    var score: Float
    var rank: Int

    enum CodingKeys: String, CodingKey {
      case item, title, type, genres, score, rank
      case averageRating = "average_rating"
    }
  }

  struct Filtered: Encodable {
    var seen: Int
  }

  var user: String
  var modelVersion: String
  var items: [Entry]
  var filtered: Filtered

  enum CodingKeys: String, CodingKey {
    case user, items, filtered
    case modelVersion = "model_version"
  }

  init(_ answer: Recommendations, version: String) {
    user = answer.user
    modelVersion = version
    items = answer.items.map {
      Entry(
        item: $0.id, title: $0.item?.title, type: $0.item?.type, genres: $0.item?.genres,
        averageRating: $0.item?.averageRating, score: $0.score, rank: $0.rank)
    }
    filtered = Filtered(seen: answer.seenLeftOut)
  }
}

/// What `osusume recommend --output FILE --json` prints.
struct RecommendationsWritten: Encodable {
  var output: String
  var users: Int
  var rows: Int
  var modelVersion: String
  var seconds: Double

  enum CodingKeys: String, CodingKey {
    case output, users, rows, seconds
    case modelVersion = "model_version"
  }
}

extension Recommendations {
  /// A heading and a table: rank, item, title, type, genres, average, score.
  func table(of model: Model) -> String {
    var table = TextTable(
      ["", "score", "item", "title", "type", "average", "genres"],
      alignments: [.right, .right, .right, .left, .left, .right, .left])
    for entry in items {
      table.add(
        String(entry.rank), String(format: "%.2f", entry.score), entry.id,
        Self.clipped(entry.item?.title ?? "", to: 48), entry.item?.type ?? "",
        entry.item?.averageRating.map { String(format: "%.2f", $0) } ?? "",
        Self.clipped(entry.item?.genres.joined(separator: ", ") ?? "", to: 40))
    }
    let seen = seenLeftOut > 0 ? ", \(seenLeftOut.grouped) already rated left out" : ""
    let heading = "user \(user): \(items.count) of \(model.itemIDs.count.grouped) items\(seen)"
    return ([heading] + table.lines).joined(separator: "\n")
  }

  private static func clipped(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}

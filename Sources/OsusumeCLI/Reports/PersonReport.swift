// What `osusume user` prints: ratings beside predictions, genres, near people, as JSON and as tables.
import Foundation
import Osusume

struct PersonReport: Report {
  struct Rated: Encodable {
    var item: String
    var title: String?
    var type: String?
    var genres: [String]?
    var rating: Float?
    var predicted: Float?
    var rounded: Float?
    var error: Float?
  }

  struct Taste: Encodable {
    var genre: String
    var ratings: Int
    var mean: Double
    var liking: Double
  }

  struct Neighbour: Encodable {
    var user: String
    var similarity: Double
    var ratings: Int
    var inCommon: Int
  }

  let command = "user"
  var user: String
  var modelVersion: String
  var ratings: Int
  var testRatings: Int
  var unrated: Int
  var mean: Double?
  var rated: [Rated]
  var tastes: [Taste]
  var neighbours: [Neighbour]

  init(_ person: Person, top: Int, version: String) {
    user = person.id
    modelVersion = version
    ratings = person.rated.count
    testRatings = person.testRatings
    unrated = person.unrated
    mean = person.mean
    rated = person.rated.prefix(top).map { entry in
      Rated(
        item: entry.id, title: entry.item?.title, type: entry.item?.type,
        genres: entry.item?.genres, rating: entry.rating, predicted: entry.predicted,
        rounded: entry.rounded,
        error: entry.rating.flatMap { rating in entry.predicted.map { $0 - rating } })
    }
    tastes = person.tastes.map {
      Taste(genre: $0.genre, ratings: $0.count, mean: $0.mean, liking: $0.liking)
    }
    neighbours = person.neighbours.map {
      Neighbour(
        user: $0.id, similarity: $0.similarity, ratings: $0.ratings, inCommon: $0.inCommon)
    }
  }

  var lines: [String] {
    var heading = "user \(user): \(ratings.grouped("rating"))"
    if let mean { heading += String(format: ", %.2f on average", mean) }
    if testRatings > 0 { heading += "; \(testRatings.grouped) more held out for the test" }
    if unrated > 0 { heading += "; \(unrated.grouped("item")) seen without a rating" }
    let tables = [ratedTable, tasteTable, neighbourTable].filter { !$0.isEmpty }
    return [heading] + tables.flatMap { [""] + $0 }
  }

  private var ratedTable: [String] {
    var table = TextTable(
      ["rated", "predicted", "rounded", "item", "title", "type", "genres"],
      alignments: [.right, .right, .right, .right, .left, .left, .left])
    for entry in rated {
      table.add(
        figure(entry.rating, 1), figure(entry.predicted, 2), figure(entry.rounded, 1), entry.item,
        (entry.title ?? "").clipped(to: 48), entry.type ?? "",
        (entry.genres ?? []).joined(separator: ", ").clipped(to: 40))
    }
    return table.lines
  }

  /// Genres that say most, either way.
  private static let mostTastes = 5

  private var tasteTable: [String] {
    var table = TextTable(
      ["genre", "ratings", "mean", "liking"], alignments: [.left, .right, .right, .right])
    let most = Self.mostTastes
    let shown = tastes.count <= 2 * most ? tastes : Array(tastes.prefix(most) + tastes.suffix(most))
    for taste in shown {
      table.add(
        taste.genre, taste.ratings.grouped, String(format: "%.2f", taste.mean),
        String(format: "%+.2f", taste.liking))
    }
    return table.lines
  }

  private var neighbourTable: [String] {
    var table = TextTable(
      ["near", "similarity", "in common", "ratings"],
      alignments: [.right, .right, .right, .right])
    for near in neighbours {
      table.add(
        near.user, String(format: "%.3f", near.similarity), near.inCommon.grouped,
        near.ratings.grouped)
    }
    return table.lines
  }

  private func figure(_ value: Float?, _ digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}

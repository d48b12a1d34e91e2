// `osusume data describe`: what a ratings file looks like.
import ArgumentParser
import Foundation
import Osusume

struct DataDescribeCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Counts, rating histogram, activity and popularity.",
    discussion: """
      --help-all lists all options.

      Examples:
        osusume data describe --ratings rating.csv --items anime.csv
        osusume data describe --ratings rating.csv --report data.html
      """)

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write a page too: charts, genres and types, the most active users against the most rated items, first rows.",
      valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp("First rows that the page shows, of ratings and of items.", valueName: "n"))
  var head = 5
  @OptionGroup var options: UnseededOptions

  func validate() throws {
    guard (1...1000).contains(head) else {
      throw ValidationError("--head \(head): give a number from 1 to 1000")
    }
  }

  func run() throws {
    if let report { try OutputCheck.canCreate(report, besides: data.files) }
    let loaded = try data.load(threads: options.threads)
    let description = Description(
      summary: try RatingsSummary(loaded.ratings, threads: options.threads),
      popular: PopularItem.top(10, of: loaded.ratings, catalog: loaded.catalog), report: report)
    if let report {
      try RatingsPage(
        loaded.ratings, catalog: loaded.catalog, source: data.file.name, head: head,
        threads: options.threads
      ).page().write(to: report, options)
    }
    options.say(loaded.notes)
    try options.show(description)
  }
}

/// One of the most rated items.
private struct PopularItem: Encodable {
  var item: String
  var title: String?
  var ratings: Int
  var mean: Double

  static func top(_ count: Int, of ratings: Ratings, catalog: ItemCatalog) -> [PopularItem] {
    let groups = Grouping(keys: ratings.rows.items, count: ratings.itemIDs.count)
    let items = (0..<ratings.itemIDs.count).sorted {
      (groups[$1].count, $0) < (groups[$0].count, $1)
    }
    return items.prefix(count).map { item in
      let rows = groups[item]
      let sum = rows.reduce(0.0) { $0 + Double(ratings.rows.values[Int($1)]) }
      let id = ratings.itemIDs[item]
      return PopularItem(
        item: id, title: catalog[id]?.title, ratings: rows.count, mean: sum / Double(rows.count))
    }
  }
}

private struct Description: Report {
  let command = "data describe"
  var summary: RatingsSummary
  var popular: [PopularItem]
  /// The page that was written.
  var report: String?

  private enum CodingKeys: String, CodingKey { case popular, report }

  /// The summary's figures with the most rated items among them.
  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(popular, forKey: .popular)
    try container.encodeIfPresent(report, forKey: .report)
  }

  var lines: [String] {
    let s = summary
    return [
      "rows       \(s.rows): \(s.rated) rated, \(s.sentinel) seen but not rated",
      "ratings    \(s.ratings) kept, \(s.duplicates) duplicates dropped; \(s.notInItems) of items that are "
        + "not in the item file",
      "users      \(s.users): \(s.usersRated) rate, \(s.singleRatingUsers) once only",
      "items      \(s.items): \(s.itemsRated) rated",
      "density    \(fixed(s.density * 100, 3)) %",
      "rating     mean \(fixed(s.mean, 4)), standard deviation \(fixed(s.sd, 4))",
      "per user   \(distribution(s.perUser))",
      "per item   \(distribution(s.perItem)); the top tenth has \(fixed(s.topTenthShare * 100, 1)) %",
      "",
    ] + bars + [""] + popular.map(line) + (report.map { ["", $0] } ?? [])
  }

  private var bars: [String] {
    let lines = summary.histogram.lines(atMost: 20)
    let most = lines.map(\.count).max() ?? 1
    return lines.map { label, count in
      let bar = String(repeating: "█", count: (count * 50 + most - 1) / most)
      return "\(label.padded(to: 6)) \(String(count).padded(to: 9)) \(bar)"
    }
  }

  private func line(_ item: PopularItem) -> String {
    "\(item.item.padded(to: 8)) \(String(item.ratings).padded(to: 8)) ratings, mean "
      + "\(fixed(item.mean, 2))  \(item.title ?? "")"
  }

  private func distribution(_ counts: CountSummary) -> String {
    let quantiles = ["p10", "p25", "p75", "p90", "p99"].compactMap { name in
      counts.quantiles[name].map { "\(name) \($0)" }
    }
    return "mean \(fixed(counts.mean, 2)), median \(fixed(counts.median, 1)), "
      + quantiles.joined(separator: ", ") + ", max \(counts.max)"
  }

  private func fixed(_ number: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", number)
  }
}

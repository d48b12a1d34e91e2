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
        osusume data describe --ratings rating.csv --head 5 --pivot 10
        osusume data describe --ratings rating.csv --report data.html
      """)

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write a page too: charts, genres and types, the most active users against the most rated items, first rows.",
      valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Show the first rows of ratings, of items, and of both joined (the page has 5 of each).",
      valueName: "n"))
  var head: Int?

  @Option(
    help: ArgumentHelp(
      "Show how the most active users rated the most rated items, so many of each (the page has 15).",
      valueName: "n"))
  var pivot: Int?
  @OptionGroup var options: UnseededOptions

  func validate() throws {
    try check("--head", head, in: 1...1000)
    try check("--pivot", pivot, in: 1...100)
  }

  func run() throws {
    if let report { try OutputCheck.canCreate(report, besides: data.files) }
    let loaded = try data.load(threads: options.threads)
    var description = Description(
      summary: try RatingsSummary(loaded.ratings, threads: options.threads),
      popular: PopularItem.top(10, of: loaded.ratings, catalog: loaded.catalog), report: report)
    if report != nil || head != nil || pivot != nil {
      let page = try RatingsPage(
        loaded.ratings, catalog: loaded.catalog, source: data.file.name, head: head ?? 5,
        crossed: pivot ?? 15, threads: options.threads)
      if head != nil { description.firstRows = page.firstRows.map(Rows.init) }
      if pivot != nil { description.pivot = Rows(page.crossTable) }
      if let report { try page.page().write(to: report, options) }
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

/// A table of a page, as JSON and as lines.
private struct Rows: Encodable {
  let caption: String?
  let header: [String]
  let rows: [[String]]
  @NotEncoded private var textColumns: Int

  init(_ table: ReportTable) {
    // Marks that keep a page's texts apart by their direction of writing; a terminal gets none.
    func plain(_ text: String) -> String {
      text.replacing("\u{2068}", with: "").replacing("\u{2069}", with: "")
    }
    caption = table.caption
    header = table.header.map(plain)
    rows = table.rows.map { $0.map(plain) }
    textColumns = table.textColumns
  }

  var lines: [String] {
    var table = TextTable(
      header, alignments: header.indices.map { $0 < textColumns ? .left : .right })
    for row in rows { table.add(row.map { $0.clipped(to: 40) }) }
    return [""] + (caption.map { [$0] } ?? []) + table.lines
  }
}

private struct Description: Report {
  let command = "data describe"
  var summary: RatingsSummary
  var popular: [PopularItem]
  /// The page that was written.
  var report: String?
  /// First ratings, first items, and both joined, where they were asked for.
  var firstRows: [Rows]?
  /// The most active users and the most rated items, where they were asked for.
  var pivot: Rows?

  private enum CodingKeys: String, CodingKey { case popular, report, firstRows, pivot }

  /// The summary's figures with the most rated items among them.
  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(popular, forKey: .popular)
    try container.encodeIfPresent(report, forKey: .report)
    try container.encodeIfPresent(firstRows, forKey: .firstRows)
    try container.encodeIfPresent(pivot, forKey: .pivot)
  }

  var lines: [String] {
    let s = summary
    return [
      "rows       \(s.rows): \(s.rated) rated, \(s.sentinel) seen but not rated\(statuses)",
      "ratings    \(s.ratings) kept, \(s.duplicates) duplicates dropped; \(s.notInItems) of items that are "
        + "not in the item file",
      "users      \(s.users): \(s.usersRated) rate, \(s.singleRatingUsers) once only",
      "items      \(s.items): \(s.itemsRated) rated",
      "density    \(fixed(s.density * 100, 3)) %",
      "rating     mean \(fixed(s.mean, 4)), standard deviation \(fixed(s.sd, 4))",
      "per user   \(distribution(s.perUser))",
      "per item   \(distribution(s.perItem)); the top tenth has \(fixed(s.topTenthShare * 100, 1)) %",
      "",
    ] + bars + [""] + popular.map(line) + (firstRows ?? []).flatMap(\.lines) + (pivot?.lines ?? [])
      + (report.map { ["", $0] } ?? [])
  }

  /// What the rows' watching statuses are, in words; nothing where they have none.
  private var statuses: String {
    guard let counts = summary.statuses else { return "" }
    return "; "
      + counts.map { "\($0.rows) \($0.name ?? "status \($0.status)")" }.joined(separator: ", ")
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

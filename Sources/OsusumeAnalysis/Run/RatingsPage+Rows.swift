// A look at the rows of a ratings file: its most active users against its most rated items, and its first rows.
import Foundation
import OsusumeData

extension RatingsPage {
  /// The ratings that the most active users gave to the most rated items: a column for each user, a line for each
  /// item.
  public var crossTable: ReportTable {
    cross.table
  }

  private var cross: (table: ReportTable, filled: Int, pairs: Int) {
    func most(_ counts: [Int32]) -> [Int] {
      let order = counts.indices.filter { counts[$0] > 0 }
        .sorted { (counts[$1], $0) < (counts[$0], $1) }
      return Array(order.prefix(crossed))
    }
    let (users, items) = (most(userCounts), most(itemCounts))
    let columns = Dictionary(uniqueKeysWithValues: users.enumerated().map { (Int32($1), $0) })
    let lines = Dictionary(uniqueKeysWithValues: items.enumerated().map { (Int32($1), $0) })
    var cells = [[String]](
      repeating: [String](repeating: "", count: users.count), count: items.count)
    for row in 0..<rows.count {
      guard let column = columns[rows.users[row]], let line = lines[rows.items[row]] else {
        continue
      }
      cells[line][column] =
        isRated || ratings.feedback == .counts
        ? RatingHistogram.label(rows.values[row]) : "×"
    }
    return (
      ReportTable(
        ["item", noun] + users.map { ratings.userIDs[$0].shown(12) },
        [["", noun] + users.map { Int(userCounts[$0]).grouped }]
          + zip(items, cells).map { item, cells in
            [name(item, 28), Int(itemCounts[item]).grouped] + cells
          }),
      cells.reduce(0) { $0 + $1.count { !$0.isEmpty } }, users.count * items.count
    )
  }

  /// The same as a part of the page; nil without ratings.
  var crossSection: ReportSection? {
    let (table, filled, pairs) = cross
    guard pairs > 0 else { return nil }
    return ReportSection(
      "The most active users and the most rated items",
      [
        "A column for each user, by number of \(noun), and a line for each item; an empty cell is a pair "
          + "without one. \(filled) of these \(pairs) pairs are filled, where of all pairs "
          + "\(Self.percent(summary.density, 3)) are."
      ], table: table)
  }

  /// The same as a part of the page.
  var firstRowsSection: ReportSection {
    let tables = firstRows
    return ReportSection(
      "The first rows", ["As they were kept, in order of the file."], table: tables[0],
      tables: Array(tables.dropFirst()))
  }

  /// The first ratings, the first items, and both joined, in order of the file and as they were kept.
  public var firstRows: [ReportTable] {
    let rows = self.rows
    let first = 0..<min(head, rows.count)
    let hasTimes = !rows.timestamps.isEmpty
    func rating(_ row: Int) -> [String] {
      [
        ratings.userIDs[Int(rows.users[row])].shown(),
        ratings.itemIDs[Int(rows.items[row])].shown(),
      ]
        + (ratings.feedback == .seen ? [] : [RatingHistogram.label(rows.values[row])])
        + (hasTimes ? [String(rows.timestamps[row])] : [])
    }
    let names =
      ["user", "item"] + (ratings.feedback == .seen ? [] : [isRated ? "rating" : "count"])
      + (hasTimes ? ["time"] : [])
    let facts = ["title", "genres", "type", "episodes", "average", "members"]
    func item(_ item: Item?) -> [String] {
      [
        item?.title.shown() ?? "–", item?.genres.joined(separator: ", ").shown(40) ?? "–",
        item?.type?.shown(20) ?? "–", item?.episodes.map(String.init) ?? "–",
        item?.averageRating.map { String(format: "%.2f", $0) } ?? "–",
        item?.members?.grouped ?? "–",
      ]
    }
    let ofRatings = ReportTable(
      names, first.map(rating), textColumns: 2, caption: noun.capitalized)
    guard !catalog.isEmpty else { return [ofRatings] }
    return [
      ofRatings,
      ReportTable(
        ["id"] + facts, catalog.items.prefix(head).map { [$0.id.shown()] + item($0) },
        textColumns: 4, caption: "Items"),
      ReportTable(
        names + facts,
        first.map { row in
          rating(row) + item(catalog[ratings.itemIDs[Int(rows.items[row])]])
        }, textColumns: 2, caption: "Both joined"),
    ]
  }
}

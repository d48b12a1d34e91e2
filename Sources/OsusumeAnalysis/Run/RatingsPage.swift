// What a ratings file is like, as a page: counts, distributions, genres and types, a look at its rows.
import Foundation
import OsusumeData
import OsusumeModels

/// A page about ratings, and the parts of it that pages about models have too.
public struct RatingsPage: Sendable {
  let ratings: Ratings
  /// The rows that have a rating.
  let rows: IndexedRatings
  let catalog: ItemCatalog
  let summary: RatingsSummary
  /// Ratings of each user and of each item.
  let userCounts: [Int32], itemCounts: [Int32]
  let source: String
  /// Rows that tables of first rows show.
  let head: Int
  /// Users and items of the cross-table.
  let crossed: Int

  /// Looks at ratings.
  ///
  /// - Parameters:
  ///   - source: What was read, as in "rating.csv".
  ///   - head: How many first rows are shown.
  ///   - crossed: How many users and items the cross-table has.
  ///
  /// Errors: `RatingsFault`.
  public init(
    _ ratings: Ratings, catalog: ItemCatalog = .init(), source: String, head: Int = 5,
    crossed: Int = 15, threads: Int = allCores
  ) throws {
    try ratings.check()
    var plain = ratings
    plain.rows = ratings.rows.rated
    self.ratings = ratings
    rows = plain.rows
    self.catalog = catalog
    self.source = source
    self.head = head
    self.crossed = crossed
    summary = try RatingsSummary(plain, threads: threads)
    userCounts = Grouping.counts(rows.users, keys: ratings.userIDs.count)
    itemCounts = Grouping.counts(rows.items, keys: ratings.itemIDs.count)
  }

  /// The page.
  public func page() -> ReportPage {
    ReportPage(
      "Ratings of \(sourceName)", summary: [sentence],
      sections: [card, kinds, crossSection, firstRowsSection].compactMap { $0 },
      colours: Self.colours)
  }

  /// What charts of ratings are drawn in.
  static let colours = [
    (name: "ratings", colour: ReportPage.palette[0]),
    (name: "users", colour: ReportPage.palette[2]), (name: "items", colour: ReportPage.palette[4]),
    (name: "mean rating", colour: ReportPage.palette[1]),
  ]

  /// The file's name as a page shows it.
  var sourceName: String { source.shown() }

  /// What the rows are called.
  var noun: String { ratings.feedback.noun }

  /// Whether the rows say how high something was rated.
  var isRated: Bool { ratings.feedback == .ratings }

  private var sentence: String {
    var sentence =
      "\(summary.ratings.grouped) \(noun) of \(summary.itemsRated.grouped) items by "
      + "\(summary.usersRated.grouped) users, \(Self.percent(summary.density, 3)) of all pairs"
    if isRated {
      sentence += String(
        format: "; %.2f on average, with a standard deviation of %.2f", summary.mean, summary.sd)
    }
    sentence +=
      ". The most rated tenth of the items has \(Self.percent(summary.topTenthShare, 1)) of the "
      + "\(noun)."
    if summary.usersRated > 0 {
      sentence +=
        " \(Self.percent(Double(summary.singleRatingUsers) / Double(summary.usersRated), 1)) of the users "
        + "have one only."
    }
    return sentence
  }

  static func percent(_ share: Double, _ digits: Int = 1) -> String {
    String(format: "%.\(digits)f %%", 100 * share)
  }

  // MARK: The card

  /// Counts and distributions.
  var card: ReportSection {
    ReportSection(
      "The data",
      ratings.feedback == .seen
        ? [] : ["Charts and means are of the \(noun) that were kept after cleaning."],
      charts: [histogram, popularityCurve, activity, overTime].compactMap { $0 }, table: facts,
      details: quantiles)
  }

  private var facts: ReportTable {
    let s = summary
    var facts: [[String]] = [
      ["file", source.shown()], ["rows", s.rows.grouped],
      ["rows with a rating", s.rated.grouped],
    ]
    if s.sentinel > 0 || isRated {
      let share = Self.percent(Double(s.sentinel) / Double(max(1, s.rows)))
      facts.append(["seen but not rated (−1)", "\(s.sentinel.grouped), \(share) of the rows"])
    }
    facts += (s.statuses ?? []).map { status in
      [
        "watching status \(status.status)" + (status.name.map { ", \($0)" } ?? ""),
        "\(status.rows.grouped), \(Self.percent(Double(status.rows) / Double(max(1, s.rows)))) of the rows",
      ]
    }
    facts += [
      ["\(noun) kept", s.ratings.grouped],
      ["repeated, left out", s.duplicates.grouped],
      ["of items that the item file lacks", s.notInItems.grouped],
      [
        "users",
        "\(s.users.grouped); with \(noun) \(s.usersRated.grouped), once only "
          + s.singleRatingUsers.grouped,
      ],
      ["items", "\(s.items.grouped); with \(noun) \(s.itemsRated.grouped)"],
      ["density", Self.percent(s.density, 3)],
    ]
    if isRated {
      facts.append([
        "rating", String(format: "mean %.4f, standard deviation %.4f", s.mean, s.sd),
      ])
    }
    facts.append(["SHA-256", s.sha256])
    return ReportTable(["what", "value"], facts, textColumns: 2)
  }

  private var quantiles: ReportTable {
    let names = ["p10", "p25", "p50", "p75", "p90", "p99"]
    func row(_ name: String, _ counts: CountSummary) -> [String] {
      [name, String(format: "%.2f", counts.mean), counts.min.grouped]
        + names.map { counts.quantiles[$0]?.grouped ?? "–" } + [counts.max.grouped]
    }
    return ReportTable(
      ["\(noun) of", "mean", "least"] + names + ["most"],
      [row("a user", summary.perUser), row("an item", summary.perItem)])
  }

  private var histogram: ReportChart? {
    guard ratings.feedback != .seen else { return nil }
    let total = Double(max(1, summary.histogram.total))
    return ReportChart(
      VegaSpecifications.bars(
        isRated ? "rating" : "count", .init(title: noun, startsAtZero: true, format: ",d")),
      rows: summary.histogram.lines(atMost: 20).map { label, count in
        [
          "group": .text(label), "value": .number(Double(count)), "label": "ratings",
          "tip": .text("\(label): \(count.grouped), \(Self.percent(Double(count) / total))"),
        ]
      }, caption: "How often each \(isRated ? "rating" : "count") was given")
  }

  /// Most points of a curve: a screen shows no more.
  private static let mostPoints = 160

  private var popularityCurve: ReportChart {
    let counts = itemCounts.filter { $0 > 0 }.sorted(by: >)
    // Ranks evenly apart on a logarithmic axis.
    let last = Double(max(1, counts.count))
    var ranks = (0...Self.mostPoints).map {
      Int(pow(last, Double($0) / Double(Self.mostPoints)).rounded())
    }
    ranks = ranks.indices.filter { $0 == 0 || ranks[$0] != ranks[$0 - 1] }.map { ranks[$0] }
    return ReportChart(
      VegaSpecifications.curves(
        .init(title: "rank of the item (logarithmic)", isLogarithmic: true, format: ",d"),
        .init(title: "\(noun) (logarithmic)", isLogarithmic: true, format: ",d")),
      rows: ranks.filter { $0 <= counts.count }.map { rank in
        [
          "label": "items", "x": .number(Double(rank)),
          "y": .number(Double(counts[rank - 1])),
        ]
      }, caption: "Popularity: \(noun) of each item, the most rated first")
  }

  private var activity: ReportChart {
    // Bins whose ends double: 1, 2–3, 4–7 …
    var bins: [Int] = []
    for count in userCounts where count > 0 {
      let bin = Int32.bitWidth - 1 - count.leadingZeroBitCount
      while bins.count <= bin { bins.append(0) }
      bins[bin] += 1
    }
    return ReportChart(
      VegaSpecifications.bars(
        "\(noun) of a user", .init(title: "users", startsAtZero: true, format: ",d")),
      rows: bins.enumerated().map { bin, users in
        let name = bin == 0 ? "1" : "\(1 << bin)–\((2 << bin) - 1)"
        return [
          "group": .text(name), "value": .number(Double(users)), "label": "users",
          "tip": .text("\(name) \(noun): \(users.grouped) users"),
        ]
      }, caption: "Activity: users by number of \(noun)")
  }

  private var overTime: ReportChart? {
    guard !rows.timestamps.isEmpty else { return nil }
    let periods = Period.rows(of: rows.timestamps)
    guard periods.count > 1 else { return nil }
    return ReportChart(
      VegaSpecifications.curves(
        .init(title: "time", format: "d"), .init(title: noun, startsAtZero: true, format: ",d")),
      rows: periods.map { period, rows in
        [
          "label": "ratings", "x": .number(period.middle), "y": .number(Double(rows.count)),
        ]
      }, caption: "\(noun.capitalized) by \(periods[0].period.month == nil ? "year" : "month")")
  }

  // MARK: Genres and types

  /// A genre or type with what was rated of it.
  private struct Kind {
    var name: String
    var items = 0
    var ratings = 0
    var sum = 0.0
  }

  /// Most genres or types that are listed.
  private static let mostKinds = 25

  /// Ratings by genre and type; nil where nothing is known of items.
  var kinds: ReportSection? {
    let known = (0..<ratings.itemIDs.count).map { catalog[ratings.itemIDs[$0]] }
    guard known.contains(where: { $0 != nil }) else { return nil }
    var sums = [Double](repeating: 0, count: known.count)
    for (item, value) in zip(rows.items, rows.values) { sums[Int(item)] += Double(value) }
    func table(_ names: (Item) -> [String], none: String) -> [Kind] {
      var kinds: [String: Kind] = [:]
      for (index, item) in known.enumerated() where itemCounts[index] > 0 {
        let own = item.map { Set(names($0)) } ?? []
        for name in own.isEmpty ? [item == nil ? "(not in the item file)" : none] : own {
          var kind = kinds[name] ?? Kind(name: name)
          kind.items += 1
          kind.ratings += Int(itemCounts[index])
          kind.sum += sums[index]
          kinds[name] = kind
        }
      }
      return kinds.values.sorted { ($1.ratings, $0.name) < ($0.ratings, $1.name) }
    }
    let genres = table({ $0.genres }, none: "(no genre)")
    let types = table({ $0.type.map { [$0] } ?? [] }, none: "(no type)")
    let hasTypes = types.contains { $0.name.first != "(" }
    let hasGenres = genres.contains { $0.name.first != "(" }
    guard hasTypes || hasGenres else { return nil }
    func shown(_ kinds: [Kind]) -> [Kind] { Array(kinds.prefix(Self.mostKinds)) }
    return ReportSection(
      hasTypes && hasGenres ? "By genre and type" : hasGenres ? "By genre" : "By type",
      [
        "An item of several genres counts in each."
          + (genres.count > Self.mostKinds || types.count > Self.mostKinds
            ? " The \(Self.mostKinds) most rated are shown of \(genres.count.grouped) genres and "
              + "\(types.count.grouped) types." : "")
      ],
      charts: (hasGenres ? kindCharts(shown(genres), "genre") : [])
        + (hasTypes ? kindCharts(shown(types), "type") : []),
      details: kindTable(
        (hasGenres ? shown(genres) : []).map { ("genre", $0) }
          + (hasTypes ? shown(types) : []).map { ("type", $0) }))
  }

  private func kindCharts(_ kinds: [Kind], _ what: String) -> [ReportChart] {
    func rows(_ label: String, _ value: (Kind) -> Double) -> [[String: ChartValue]] {
      kinds.map { kind in
        let mean = isRated ? String(format: ", mean %.2f", kind.sum / Double(kind.ratings)) : ""
        return [
          "group": .text(kind.name.shown(24)), "value": .number(value(kind)), "label": .text(label),
          "tip": .text(
            "\(kind.name.shown()): \(kind.ratings.grouped) \(noun) of \(kind.items.grouped) items\(mean)"
          ),
        ]
      }
    }
    let counts = ReportChart(
      VegaSpecifications.lyingBars(
        .init(title: noun, startsAtZero: true, format: ",d"), width: 300),
      rows: rows("ratings") { Double($0.ratings) }, caption: "\(noun.capitalized) by \(what)")
    let means = ReportChart(
      VegaSpecifications.dots(.init(title: "mean rating"), width: 300),
      rows: rows("mean rating") { $0.sum / Double($0.ratings) }, caption: "Mean rating by \(what)")
    return isRated ? [counts, means] : [counts]
  }

  private func kindTable(_ kinds: [(String, Kind)]) -> ReportTable {
    ReportTable(
      ["", "name", "items", noun, "share"] + (isRated ? ["mean"] : []),
      kinds.map { what, kind in
        [
          what, kind.name.shown(), kind.items.grouped, kind.ratings.grouped,
          Self.percent(Double(kind.ratings) / Double(max(1, summary.ratings))),
        ] + (isRated ? [String(format: "%.3f", kind.sum / Double(kind.ratings))] : [])
      }, textColumns: 2)
  }

  /// An item's title, or its id.
  func name(_ item: Int, _ length: Int = 60) -> String {
    let id = ratings.itemIDs[item]
    return (catalog[id]?.title ?? id).shown(length)
  }
}

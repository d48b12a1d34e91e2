// The map of a model's best known items on its page.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending

extension RunPage {
  /// Items on the map: more would be neither told apart nor quickly placed.
  private static let mapped = 1500
  /// Genres that have a colour of their own.
  private static let coloured = 7
  private static let otherLabel = "other or no genre"

  /// The most rated items with training ratings, as indices.
  private var mappedItems: [Int] {
    Array(
      model.itemCounts.indices.filter { model.itemCounts[$0] > 0 }
        .sorted { (model.itemCounts[$1], $0) < (model.itemCounts[$0], $1) }.prefix(Self.mapped))
  }

  private func mainGenre(_ id: String) -> String? {
    (model.catalog[id] ?? data.catalog[id])?.genres.first
  }

  /// The main genres that have a colour of their own, those of most mapped items first.
  private var mainGenres: [String] {
    var counts: [String: Int] = [:]
    for item in mappedItems {
      if let genre = mainGenre(model.itemIDs[item]) { counts[genre, default: 0] += 1 }
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.coloured)
      .map(\.key)
  }

  /// Names of genres as labels, which must not be those of other charts.
  private func mapLabel(_ genre: String) -> String { "genre \(genre.shown(24))" }

  /// The colours of main genres.
  var mapColours: [(name: String, colour: String)] {
    mainGenres.enumerated().map { (mapLabel($1), ReportPage.palette[$0]) }
      + [(Self.otherLabel, "#c8c8c8")]
  }

  /// The map by t-SNE, or of few items by principal axes.
  func mapSection(_ missing: inout [Missing]) throws -> ReportSection? {
    let items = mappedItems
    let subject: MapSubject
    do {
      var filter = ItemFilter()
      filter.onlyItems = items.map { model.itemIDs[$0] }
      subject = try MapSubject(
        model, of: .items, among: model.items(passing: filter), seed: seed, threads: threads)
    } catch let error as MapError {
      missing.append(Missing(part: "map of items", reason: error.description))
      return nil
    }
    var options = MapOptions()
    (options.seed, options.threads) = (seed, threads)
    options.methods = subject.points.count < 100 ? [.pca] : [.tsne]
    options.perplexities = subject.points.count < 100 ? nil : [30]
    let layout = try ModelMap(subject, options).layouts[0]
    let genres = Set(mainGenres)
    let most = Double(subject.points.map(\.ratings).max() ?? 1)
    let size = Double((layout.x + layout.y).map { abs($0) }.max() ?? 1)
    func place(_ value: Float) -> ChartValue {
      // A screen does not show more than one part in a thousand.
      .number(size > 0 ? (Double(value) / size * 1000).rounded() : 0)
    }
    let rows = subject.points.indices.map { place($0, subject.points[$0]) }
    func place(_ index: Int, _ point: MapSubject.Point) -> [String: ChartValue] {
      let genre = mainGenre(point.id)
      let title = point.title ?? data.catalog[point.id]?.title ?? point.id
      return [
        "x": place(layout.x[index]), "y": place(layout.y[index]),
        "size": .number((12 + 140 * Double(point.ratings) / most).rounded()),
        "label": .text(
          genre.flatMap { genres.contains($0) ? mapLabel($0) : nil } ?? Self.otherLabel),
        "tip": .text(
          "\(title.shown()): \(point.ratings.grouped) ratings"
            + (point.genres.isEmpty
              ? "" : "; " + point.genres.prefix(4).joined(separator: ", ").shown(48))),
      ]
    }
    return ReportSection(
      "Map of the items",
      [
        "The \(items.count.grouped) most rated items by \(layout.method.title): \(subject.origin). What stands close is "
          + "alike to the model; dots are the larger the more ratings an item has, and coloured by its first genre, which "
          + "the model need not know. Titles are under the pointer; osusume map makes larger ones to search and zoom."
          + (layout.neighboursKept.isFinite
            ? " Of the ten nearest vectors, \(Int((100 * layout.neighboursKept).rounded())) % are among the ten "
              + "nearest dots." : "")
      ],
      charts: [
        ReportChart(
          VegaSpecifications.places, rows: rows, caption: "Items by \(layout.method.title)")
      ])
  }
}

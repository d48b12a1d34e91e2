// Maps as one HTML file: panels side by side, colours to choose, titles under the pointer, a search.
import Foundation
import OsusumeData
import OsusumeModels

/// The page of a model's maps; it needs nothing else, neither a network nor a folder of assets.
public struct MapPage: Sendable {
  private let map: ModelMap
  private let model: String
  private let version: String

  /// Makes the page of maps of a model.
  public init(_ map: ModelMap, model: String, version: String) {
    (self.map, self.model, self.version) = (map, model, version)
  }

  private var title: String {
    let methods = map.layouts.map(\.method.title).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return "Map of \(map.subject.points.count.grouped) \(map.subject.kind.rawValue): "
      + methods.joined(separator: ", ")
  }

  private var summary: [String] {
    let kind = map.subject.kind.rawValue
    var lines = [
      "Model \(model), version \(version): \(map.subject.origin). "
        + "A dot is one of the \(kind), the larger the more training ratings it has."
    ]
    if map.layouts.contains(where: { $0.method != .pca }) {
      lines.append(
        "t-SNE and UMAP keep neighbours together: what stands close is alike, while empty space, the size of "
          + "a group and its place say little.")
    }
    if map.subject.leftOut.total > 0 {
      lines.append(
        "\(map.subject.leftOut.total.grouped) \(kind) are left out: without training ratings, or not asked for."
      )
    }
    return lines
  }

  /// Writes the page, whole or not at all.
  ///
  /// Errors: `OutputError`.
  public func write(to path: String, vega: VegaLibrary? = .installed) throws {
    let text = try html(vega: vega)
    try WholeFile.write(to: path) { try $0.write(text) }
  }

  /// The file; without Vega it has the table alone, and a line says how to get maps.
  public func html(vega: VegaLibrary? = .installed) throws -> String {
    var body = HTML.element("h1", HTML(title))
    for line in summary { body = body + .element("p", HTML(line)) }
    if vega == nil {
      body = body + ReportPage.withoutVega("The maps are left out")
    } else {
      body = body + HTML(markup: Self.controls) + HTML(markup: Self.panels(map.layouts))
    }
    body = body + HTML.element("h2", HTML("The most rated and what stands next to them"))
    body = body + nearestTable.html
    let scripts =
      try vega.map { vega in
        "<script>\(vega.script)</script>\n<script type=\"application/json\" id=\"map-data\">"
          + (try HTML(json: MapPageData(map)).markup)
          + "</script>\n<script type=\"application/json\" id=\"map-specification\">"
          + Self.specification + "</script>\n<script>\(Self.drawing)</script>"
      } ?? ""
    return ReportPage.file(title: title, style: Self.style, body: body, scripts: scripts)
  }

  /// The most rated, each with its three nearest on the last map of neighbours.
  private var nearestTable: ReportTable {
    let points = map.subject.points
    let order = points.indices.sorted { (points[$1].ratings, $0) < (points[$0].ratings, $1) }
    let layout = map.layouts.last { $0.method != .pca } ?? map.layouts[map.layouts.count - 1]
    let search = NeighbourSearch(layout.vectors.standardised, by: .euclid)
    func name(_ place: Int) -> String { (points[place].title ?? points[place].id).shown() }
    return ReportTable(
      [
        String(map.subject.kind.rawValue.dropLast()), "nearest on the map by \(layout.title)",
        "ratings",
      ],
      order.prefix(30).map { place in
        [
          name(place),
          search.nearest(3, to: place).map { name($0.row) }.joined(separator: " · "),
          points[place].ratings.grouped,
        ]
      }, textColumns: 2)
  }

  private static func panels(_ layouts: [MapLayout]) -> String {
    let panels = layouts.enumerated().map { number, layout in
      var notes: [String] = []
      if layout.neighboursKept.isFinite {
        notes.append(
          "keeps \(Int((100 * layout.neighboursKept).rounded())) % of the ten nearest")
      }
      if let divergence = layout.divergence { notes.append("KL \(divergence.short)") }
      if let shares = layout.shares {
        let words = shares.map { String(format: "%.1f %%", 100 * $0) }.joined(separator: " and ")
        notes.append("\(words) of the variance")
      }
      let caption = HTML(layout.title).markup
      return """
        <figure class="map" data-map="\(number)" role="img" aria-label="\(caption)">
        <figcaption><b>\(caption)</b> <span>\(HTML(notes.joined(separator: "; ")).markup)</span>
        <span class="outside"></span>
        <span class="zoom"><button type="button" data-zoom="0.6" aria-label="nearer">+</button>\
        <button type="button" data-zoom="1.6667" aria-label="farther">−</button>\
        <button type="button" data-zoom="0" aria-label="all">⟲</button></span></figcaption>
        <div class="drawing"></div></figure>
        """
    }
    return "<div class=\"maps\">\(panels.joined(separator: "\n"))</div>"
  }

  private static let controls = """
    <div class="controls">
    <div class="search"><label for="find">Find</label>
    <input id="find" type="search" autocomplete="off" placeholder="a title" aria-controls="found">
    <div id="found" role="listbox" hidden></div></div>
    <div><label for="colour">Colour</label> <select id="colour"></select></div>
    <div id="legend"></div>
    </div>
    """
}

/// What the page's script reads: a column for each fact, in order of falling number of ratings.
private struct MapPageData: Encodable {
  struct Map: Encodable {
    var x: [Float]
    var y: [Float]
  }

  var kind: String
  var title: [String]
  var id: [String]
  var type: [String?]
  var genres: [[String]]
  var episodes: [Int?]
  var rating: [Double?]
  var ratings: [Int]
  var maps: [Map]

  init(_ map: ModelMap) {
    let points = map.subject.points
    let order = points.indices.sorted { (points[$1].ratings, $0) < (points[$0].ratings, $1) }
    kind = map.subject.kind.rawValue
    title = order.map { points[$0].title ?? points[$0].id }
    id = order.map { points[$0].id }
    type = order.map { points[$0].type }
    genres = order.map { points[$0].genres }
    episodes = order.map { points[$0].episodes }
    rating = order.map { points[$0].averageRating.map { ($0 * 100).rounded() / 100 } }
    ratings = order.map { points[$0].ratings }
    maps = map.layouts.map { layout in
      // A screen does not show more than one part in ten thousand.
      let size = Double((layout.x + layout.y).map { abs($0) }.max() ?? 1)
      func short(_ values: [Float]) -> [Float] {
        order.map { size > 0 ? Float((Double(values[$0]) / size * 10_000).rounded()) : 0 }
      }
      return Map(x: short(layout.x), y: short(layout.y))
    }
  }
}

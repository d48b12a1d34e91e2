// A chart of a report: a Vega specification and the rows that it draws.

/// A field of a chart's row.
public enum ChartValue: Encodable, Sendable, Equatable, ExpressibleByStringLiteral {
  /// A number; one that is not finite becomes null, which Vega leaves out.
  case number(Double)
  /// A text.
  case text(String)

  /// A text.
  public init(stringLiteral text: String) { self = .text(text) }

  /// Writes the bare value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number) where number.isFinite: try container.encode(number)
    case .number: try container.encodeNil()
    case .text(let text): try container.encode(text)
    }
  }
}

/// A chart: what is drawn how.
public struct ReportChart: Sendable {
  /// A Vega specification as JSON; its data sets `rows` and `colours` are empty.
  public var specification: String
  /// The data set `rows`.
  public var rows: [[String: ChartValue]]
  /// What it shows, for those who cannot see it.
  public var caption: String

  /// Makes a chart.
  public init(_ specification: String, rows: [[String: ChartValue]], caption: String) {
    self.specification = specification
    self.rows = rows
    self.caption = caption
  }
}

/// A part of a report: words, charts, and the table that says the same.
public struct ReportSection: Sendable {
  /// Its heading.
  public var title: String
  /// Paragraphs.
  public var text: [String]
  /// Charts, side by side where there is room.
  public var charts: [ReportChart]
  /// Figures that are there to be read.
  public var table: ReportTable?
  /// Further such tables, which say by their captions what they hold.
  public var tables: [ReportTable] = []
  /// Further figures, behind a line to be opened: those that the charts show.
  public var details: ReportTable?

  /// Makes a section.
  public init(
    _ title: String, _ text: [String] = [], charts: [ReportChart] = [],
    table: ReportTable? = nil, tables: [ReportTable] = [], details: ReportTable? = nil
  ) {
    self.title = title
    self.text = text
    self.charts = charts
    self.table = table
    self.tables = tables
    self.details = details
  }
}

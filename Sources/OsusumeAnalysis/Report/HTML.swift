// Text as HTML: escaping in one place, and tables of figures.
import Foundation
import OsusumeData

/// A piece of HTML; made of plain text it is escaped, so that no title or id becomes markup.
public struct HTML: Sendable, Equatable {
  /// The markup.
  public let markup: String

  /// Trusts that something is markup.
  public init(markup: String) { self.markup = markup }

  /// Escapes text, for an element's content or an attribute's value in double quotes.
  public init(_ text: String) {
    var markup = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      default: markup.unicodeScalars.append(character)
      }
    }
    self.markup = markup
  }

  /// JSON as the content of a script element: no `<` can end the element.
  public init(json value: some Encodable) throws {
    markup = try String(json: value).replacingOccurrences(of: "<", with: "\\u003c")
  }

  /// An element with content.
  public static func element(_ name: String, _ content: HTML, attributes: String = "") -> HTML {
    HTML(
      markup: "<\(name)\(attributes.isEmpty ? "" : " ")\(attributes)>\(content.markup)</\(name)>")
  }

  /// One piece after the other.
  public static func + (left: HTML, right: HTML) -> HTML {
    HTML(markup: left.markup + "\n" + right.markup)
  }
}

/// A table: its first columns hold text, the others figures.
public struct ReportTable: Sendable, Equatable {
  /// Names of the columns.
  public var header: [String]
  /// Cells, as many in each row as there are columns.
  public var rows: [[String]]
  /// Columns of text, which begin on the left; figures end on the right.
  public var textColumns: Int
  /// Whether long texts go on in a further line.
  public var wraps: Bool
  /// What it holds, where its section has other tables.
  public var caption: String?

  /// Makes a table.
  public init(
    _ header: [String], _ rows: [[String]] = [], textColumns: Int = 1, wraps: Bool = false,
    caption: String? = nil
  ) {
    self.caption = caption
    self.header = header
    self.rows = rows
    self.textColumns = textColumns
    self.wraps = wraps
  }

  /// Texts of more characters may go on in a further line where the window is narrow.
  private static let longText = 16

  /// The table as HTML, without columns of text in which no row has any.
  public var html: HTML {
    let columns = header.indices.filter { column in
      column >= textColumns || rows.isEmpty || rows.contains { !$0[column].isEmpty }
    }
    func row(_ cells: [String], _ name: String) -> String {
      let cells = columns.map { column in
        let kind =
          column >= textColumns ? "" : cells[column].count > Self.longText ? "text long" : "text"
        return HTML.element(
          name, HTML(cells[column]), attributes: kind.isEmpty ? "" : "class=\"\(kind)\""
        ).markup
      }
      return "<tr>\(cells.joined())</tr>"
    }
    let body = rows.map { row($0, "td") }.joined(separator: "\n")
    let caption = caption.map { "<caption>\(HTML($0).markup)</caption>" } ?? ""
    return HTML(
      markup:
        "<div class=\"table\(wraps ? " wrap" : "")\"><table>\(caption)"
        + "<thead>\(row(header, "th"))</thead>\n"
        + "<tbody>\(body)</tbody></table></div>")
  }
}

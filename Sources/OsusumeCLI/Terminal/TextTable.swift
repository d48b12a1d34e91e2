// Aligned tables for people: columns of text on the left, of numbers on the right.
import Osusume

/// Rows of cells under a header, padded to columns.
struct TextTable {
  /// How a column is aligned.
  enum Alignment { case left, right }

  private let alignments: [Alignment]
  private let header: [String]
  private var rows: [[String]] = []

  /// A table with a header; an empty header prints none, and without rows nothing is printed.
  init(_ header: [String] = [], alignments: [Alignment]) {
    precondition(header.isEmpty || header.count == alignments.count)
    self.alignments = alignments
    self.header = header
  }

  /// Adds a row with as many cells as there are columns.
  mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row with as many cells as there are columns.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == alignments.count)
    rows.append(cells)
  }

  /// The table's lines, two spaces between columns, none at the end of a line; under a header, columns
  /// without anything in them are left out.
  var lines: [String] {
    let columns = alignments.indices.filter { column in
      header.isEmpty || rows.contains { !$0[column].isEmpty }
    }
    let shown = header.isEmpty || rows.isEmpty ? rows : [header] + rows
    let widths = alignments.indices.map { column in shown.map { $0[column].columns }.max() ?? 0 }
    return shown.map { row in
      let cells = columns.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].columns)
        return alignments[column] == .left ? row[column] + padding : padding + row[column]
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension Int {
  /// The number and what it counts, whose plural ends in s: 1 row, 6,337,241 ratings.
  func grouped(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

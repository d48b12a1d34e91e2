// Where an item file keeps what, and an item out of its fields.
import Foundation

/// The columns of an item file.
struct ItemColumns {
  /// Whether the first record names them.
  let hasHeader: Bool
  private let id: Int
  private let title: Int?
  private var genres: Int?
  private let type: Int?
  private let episodes: Int?
  private let rating: Int?
  private let members: Int?
  /// Columns that hold 1 where the item is of the genre, else 0.
  private var flags: [(column: Int, genre: String)] = []
  /// Whether the words that say that an item has no genre are a genre.
  private let keepsNoGenres: Bool

  /// Finds the columns by the first record.
  init(
    first: [String], file: String, keepsNoGenres: Bool, genreNames: () throws -> [String],
    notes: inout [String]
  ) throws {
    self.keepsNoGenres = keepsNoGenres
    func column(_ names: String...) -> Int? {
      names.lazy.compactMap { ColumnNames.column(named: $0, in: first) }.first
    }
    if let id = ColumnNames.itemColumn(in: first) {
      self.id = id
      hasHeader = true
      title = column("name", "title", "booktitle", "movietitle")
      genres = column("genre", "genres")
      type = column("type")
      episodes = column("episodes")
      rating = ColumnNames.column(of: .rating, in: first)
      members = column("members")
      return
    }
    guard let text = first.first, !text.isEmpty, text.utf8.allSatisfy({ (48..<58).contains($0) })
    else { throw ItemFileError.noIDColumn(file: file, columns: first) }
    (hasHeader, id, type, episodes, rating, members) = (false, 0, nil, nil, nil, nil)
    title = first.count > 1 ? 1 : nil
    let flagged = first.dropFirst(2).reversed().prefix { $0 == "0" || $0 == "1" }.count
    guard flagged > 1 else {
      genres = first.count > 2 ? 2 : nil
      return
    }
    let names = try genreNames()
    if names.isEmpty || names.count > flagged {
      notes.append(
        "\(file): its last \(flagged) columns look like genres, 1 or 0 each, but nothing names them; put a "
          + "file of their names beside it, ending in .genre (ML-100K: u.genre)")
      return
    }
    // "unknown" is ML-100K's word for none.
    flags = zip(first.count - names.count..<first.count, names).map { ($0, $1) }
      .filter { $0.genre != "unknown" }
  }

  /// The item of a record; fields that are not there are nil.
  ///
  /// Errors: `ItemFileError`.
  func item(
    _ fields: [Records.Field], _ delimiter: Delimiter, _ file: String, _ line: Int
  ) throws -> Item {
    func field(_ column: Int?) -> String? {
      guard let column, column < fields.count, !fields[column].bytes.isEmpty else { return nil }
      return fields[column].text
    }
    func number(_ column: Int?) -> Double? {
      guard let text = field(column) else { return nil }
      let number = Double(delimiter.allowsDecimalComma ? text.replacing(",", with: ".") : text)
      return number.flatMap { $0.isFinite ? $0 : nil }
    }
    guard let id = field(id) else { throw ItemFileError.missingID(file: file, line: line) }
    if fields[self.id].fault != nil {
      throw ItemFileError.badID(file: file, line: line, text: LineFault.excerpt(id.utf8))
    }
    return Item(
      id: id, title: field(title)?.decodingHTMLEntities.withoutControls ?? id,
      genres: field(genres).map(genres(in:))
        ?? flags.filter { field($0.column) == "1" }.map(\.genre),
      type: field(type)?.withoutControls, episodes: number(episodes).flatMap { Int(exactly: $0) },
      averageRating: number(rating), members: number(members).flatMap { Int(exactly: $0) })
  }

  private func genres(in text: String) -> [String] {
    if text == "(no genres listed)" { return keepsNoGenres ? [text] : [] }
    let bar = UInt8(ascii: "|")
    let parts = text.utf8.split(separator: text.utf8.contains(bar) ? bar : UInt8(ascii: ","))
    return parts.compactMap { part in
      let genre = String(Substring(part)).decodingHTMLEntities.withoutControls
      let start = genre.drop(while: \.isWhitespace)
      guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return nil }
      return String(start[...end])
    }
  }
}

/// A file that names genres beside one that has a column for each.
enum GenreFile {
  /// The names, in the order of the columns.
  ///
  /// `u.genre` beside `u.item` has lines of `Action|1`. None where there is no such file.
  ///
  /// Errors: `RatingsFileError`, `DelimitedTextError`.
  static func names(beside path: String) throws -> [String] {
    guard path != "-" else { return [] }
    let beside = URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("genre")
      .path
    guard FileManager.default.fileExists(atPath: beside) else { return [] }
    let rows = try DelimitedRows(beside).rows
    let numbered = rows.enumerated().map { place, row in
      (number: row.fields.count > 1 ? Int(row.fields[1]) ?? place : place, name: row.fields[0])
    }
    return numbered.sorted { $0.number < $1.number }.map(\.name.withoutControls)
  }
}

extension String {
  /// The text with a space for each run of control characters, none at either end.
  fileprivate var withoutControls: String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      // Unicode's category Cc, which never changes.
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
    guard unicodeScalars.contains(where: isControl) else { return self }
    return unicodeScalars.split(whereSeparator: isControl).map { String($0) }.joined(separator: " ")
  }
}

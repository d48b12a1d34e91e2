// Reads item metadata from a delimited file.

extension ItemCatalog {
  /// Reads an item file in any form that ratings files may have, and returns its SHA-256 (of the bytes on
  /// disk) and what is to be said of it beside it.
  ///
  /// A header names the columns (`ColumnNames`): an id, and of the rest what there is: title, genres (split
  /// at `|` or `,`), type, episodes, rating, members. A file that begins with a number has no header: id,
  /// title and genres, as ML-1M's `movies.dat`, or id, title and, behind what else there is, a column of 0
  /// and 1 for each genre, as ML-100K's `u.item`, whose names stand in a file of the same name but `.genre`
  /// beside it. Numbers that are none ("Unknown") are nil. Of rows with the same id the last counts.
  ///
  /// - Parameter keepsNoGenres: Whether MovieLens' "(no genres listed)" is a genre; else such items have none.
  /// - Throws: `ItemFileError`, `TextFileError`.
  public static func read(_ path: String, keepsNoGenres: Bool = false) throws -> (
    catalog: ItemCatalog, sha256: String, notes: [String]
  ) {
    do {
      let file = try TextFile(path)
      var notes = file.note.map { [$0] } ?? []
      let catalog = try parse(
        file, keepsNoGenres: keepsNoGenres, genreNames: GenreFile.names(beside: path), notes: &notes
      )
      return (catalog, SHA256.hexadecimal(of: file.stored.bytes), notes)
    } catch let error as RatingsFileError {
      throw ItemFileError.unreadable(error)
    }
  }

  /// Reads the text of an item file, called `file` in messages.
  package static func parse(
    _ text: [UInt8], file: String, genreNames: [String] = []
  ) throws -> ItemCatalog {
    var notes: [String] = []
    return try parse(
      TextFile(FileBytes(file, text)), keepsNoGenres: false, genreNames: genreNames, notes: &notes)
  }

  private static func parse(
    _ file: TextFile, keepsNoGenres: Bool, genreNames: @autoclosure () throws -> [String],
    notes: inout [String]
  ) throws -> ItemCatalog {
    let name = file.text.name
    let delimiter = Delimiter(of: file.text.bytes)
    var records = Records(file.text.bytes, delimiter)
    do {
      guard let first = try records.next() else { throw ItemFileError.empty(file: name) }
      let columns = try ItemColumns(
        first: first.map(\.text), file: name, keepsNoGenres: keepsNoGenres,
        genreNames: genreNames, notes: &notes)
      var items = [Item]()
      if !columns.hasHeader { items.append(try columns.item(first, delimiter, name, records.line)) }
      while let fields = try records.next() {
        items.append(try columns.item(fields, delimiter, name, records.line))
      }
      guard !items.isEmpty else { throw ItemFileError.noItems(file: name) }
      return ItemCatalog(items)
    } catch let quote as Records.OpenQuote {
      throw ItemFileError.unterminatedQuote(file: name, line: quote.line)
    }
  }
}

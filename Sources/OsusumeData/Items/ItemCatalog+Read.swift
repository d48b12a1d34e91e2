// Reads item metadata from a delimited file.

extension ItemCatalog {
  /// Reads an item file, plain or gzip, and returns its SHA-256 (of the bytes on disk) beside it.
  ///
  /// The header names the columns: an id (`anime_id`, `movieId`, `item_id`, `item`, `id`), and of the
  /// rest what there is: `name` or `title`, `genre` or `genres` (split at `|` or `,`), `type`,
  /// `episodes`, `rating`, `members`. Numbers that are none ("Unknown") are nil. Of rows with the same
  /// id the last counts.
  /// - Throws: `ItemFileError`.
  public static func read(_ path: String) throws -> (catalog: ItemCatalog, sha256: String) {
    do {
      let file = try FileBytes.open(path)
      let bytes = file.isGzip ? try file.inflated() : file
      let catalog = try parse(Array(bytes.bytes), file: file.name)
      return (catalog, SHA256.hexadecimal(of: file.bytes))
    } catch let error as RatingsFileError {
      throw ItemFileError.unreadable(error)
    }
  }

  /// Reads the text of an item file, called `file` in messages.
  static func parse(_ text: [UInt8], file: String) throws -> ItemCatalog {
    var reader = CSVReader(text)
    do {
      guard let header = try reader.next() else { throw ItemFileError.empty(file: file) }
      let columns = try ItemColumns(header: header, file: file)
      var items = [Item]()
      while let fields = try reader.next() {
        guard let item = columns.item(fields) else {
          throw ItemFileError.missingID(file: file, line: reader.line)
        }
        items.append(item)
      }
      guard !items.isEmpty else { throw ItemFileError.noItems(file: file) }
      return ItemCatalog(items)
    } catch let quote as CSVReader.UnterminatedQuote {
      throw ItemFileError.unterminatedQuote(file: file, line: quote.line)
    }
  }
}

/// Where an item file keeps what.
private struct ItemColumns {
  private let id: Int
  private let title: Int?
  private let genres: Int?
  private let type: Int?
  private let episodes: Int?
  private let rating: Int?
  private let members: Int?

  init(header: [String], file: String) throws {
    // `movieId`, `movie_id` and `Movie ID` are one name.
    let names = header.map { $0.lowercased().filter { $0.isLetter || $0.isNumber } }
    func column(_ known: String...) -> Int? {
      known.lazy.compactMap { names.firstIndex(of: $0) }.first
    }
    guard let id = column("animeid", "movieid", "itemid", "item", "id") else {
      throw ItemFileError.noIDColumn(file: file, columns: header)
    }
    self.id = id
    title = column("name", "title")
    genres = column("genre", "genres")
    type = column("type")
    episodes = column("episodes")
    rating = column("rating", "score")
    members = column("members")
  }

  /// The item of a record, or nil when it has no id; fields that are not there are nil.
  func item(_ fields: [String]) -> Item? {
    func field(_ column: Int?) -> String? {
      guard let column, column < fields.count, !fields[column].isEmpty else { return nil }
      return fields[column]
    }
    guard let id = field(id) else { return nil }
    return Item(
      id: id, title: field(title)?.decodingHTMLEntities ?? id,
      genres: field(genres).map(Self.genres) ?? [], type: field(type),
      episodes: field(episodes).flatMap { Int($0) },
      averageRating: field(rating).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil },
      members: field(members).flatMap { Int($0) })
  }

  private static func genres(_ text: String) -> [String] {
    if text == "(no genres listed)" { return [] }
    let bar = UInt8(ascii: "|")
    let parts = text.utf8.split(separator: text.utf8.contains(bar) ? bar : UInt8(ascii: ","))
    return parts.compactMap { part in
      let genre = part.drop { $0 == UInt8(ascii: " ") }
      return genre.isEmpty ? nil : String(Substring(genre)).decodingHTMLEntities
    }
  }
}

/// Why an item file cannot be read.
public enum ItemFileError: OsusumeError, Equatable {
  /// The file cannot be opened, read or inflated.
  case unreadable(RatingsFileError)
  /// There is nothing in it.
  case empty(file: String)
  /// There is a header and nothing else.
  case noItems(file: String)
  /// The header names no id.
  case noIDColumn(file: String, columns: [String])
  /// A record has no id.
  case missingID(file: String, line: Int)
  /// A quote opens on this line and never closes.
  case unterminatedQuote(file: String, line: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let error):
      error.description
    case .empty(let file):
      "\(file): the file is empty; give item metadata with a header, or leave out `items`"
    case .noItems(let file):
      "\(file): there are no items after the header; give a file with rows, or leave out `items`"
    case .noIDColumn(let file, let columns):
      "\(file):1: no id among the columns \(columns.prefix(12).joined(separator: ", ")); name it "
        + "anime_id, movieId, item_id or id"
    case .missingID(let file, let line):
      "\(file):\(line): the item has no id; give it one or remove the line"
    case .unterminatedQuote(let file, let line):
      "\(file):\(line): a quote opens here and never closes; close it or double it"
    }
  }
}

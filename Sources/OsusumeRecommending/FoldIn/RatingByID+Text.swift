// One person's ratings as text: id=rating lists, and files.
import CKernels
import OsusumeData

/// Why a person's ratings cannot be read.
public enum PersonalRatingsError: OsusumeError, Equatable {
  /// The file cannot be read as a table.
  case table(file: String, reason: String)
  /// An entry of a list, or a line of a file, is no id with a rating.
  case entry(String, place: String)
  /// A rating's magnitude is beyond `RatingTable.largestRating`.
  case tooLarge(String, place: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .table(let file, let reason):
      "\(file): \(reason); give lines of item,rating"
    case .tooLarge(let text, let place):
      "\(place): the rating in '\(text.shortened)' is beyond \(RatingTable.largestRating), the largest "
        + "there is either way; correct it"
    case .entry(let text, let place):
      "\(place): '\(text.shortened)' is no item with a rating; write \(place.hasPrefix("`") ? "5114=10" : "5114,10")"
    }
  }
}

extension RatingByID {
  /// Reads `5114=10,9253=9`.
  ///
  /// Errors: `PersonalRatingsError`.
  public static func list(_ text: String, option: String = "`rated`") throws -> [RatingByID] {
    try DelimitedRows.entries(of: text).map { entry in
      // Split at the last =: ids may hold any character, in quotes commas too.
      guard let sign = entry.lastIndex(of: "=") else {
        throw PersonalRatingsError.entry(entry, place: option)
      }
      let id = try DelimitedRows.entry(String(entry[..<sign]))
      guard !id.isEmpty else { throw PersonalRatingsError.entry(entry, place: option) }
      let rating = try rating(
        String(entry[entry.index(after: sign)...]), .comma, entry: entry, place: option)
      return RatingByID(id, rating)
    }
  }

  /// Reads a file of one person's ratings: columns named like those of a ratings file, or item and
  /// rating, the last two of two or three columns; a column of users is ignored.
  ///
  /// Items rated −1, the sentinel of ratings files, come back as seen, not as rated, where no other rating is
  /// negative.
  ///
  /// Errors: `PersonalRatingsError`.
  public static func read(_ path: String) throws -> (rated: [RatingByID], seen: [String]) {
    let file = try DelimitedRows(path)
    var rows = file.rows
    let columns = try Columns(rows.first?.fields ?? [], file)
    if columns.hasHeader { rows.removeFirst() }
    let all = try rows.map { row in
      let entry = row.fields.joined(separator: ",")
      let place = "\(file.file):\(row.line)"
      guard let id = try row.needed(columns.item), let text = try row.needed(columns.rating),
        !id.isEmpty
      else { throw PersonalRatingsError.entry(entry, place: place) }
      return RatingByID(id, try rating(text, file.delimiter, entry: entry, place: place))
    }
    guard !all.contains(where: { $0.rating < 0 && $0.rating != -1 }) else { return (all, []) }
    return (all.filter { $0.rating != -1 }, all.filter { $0.rating == -1 }.map(\.id))
  }

  /// A rating as it is written in an entry.
  private static func rating(
    _ text: String, _ delimiter: Delimiter, entry: String, place: String
  ) throws -> Float {
    let (value, status) = delimiter.rating(text)
    switch status {
    case CK_INGEST_OK: return value
    case CK_INGEST_NUMBER_RANGE: throw PersonalRatingsError.tooLarge(entry, place: place)
    default: throw PersonalRatingsError.entry(entry, place: place)
    }
  }

  /// The columns of item and rating.
  private struct Columns {
    var item: Int
    var rating: Int
    var hasHeader = true

    init(_ fields: [String], _ file: DelimitedRows) throws {
      if let item = ColumnNames.itemColumn(in: fields),
        let rating = ColumnNames.column(of: .rating, in: fields)
      {
        (self.item, self.rating) = (item, rating)
      } else if fields.count == 2 || fields.count == 3, let last = fields.last,
        file.delimiter.rating(last).status == CK_INGEST_OK
      {
        (item, rating, hasHeader) = (fields.count - 2, fields.count - 1, false)
      } else {
        throw PersonalRatingsError.table(
          file: file.file, reason: "it has no item and rating columns")
      }
    }
  }
}

// One person's ratings as text: id=rating lists, and files.
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
      "\(place): the rating in '\(text.prefix(60))' is beyond \(RatingTable.largestRating), the largest "
        + "there is either way; correct it"
    case .entry(let text, let place):
      "\(place): '\(text.prefix(60))' is no item with a rating; write \(place.hasPrefix("--") ? "5114=10" : "5114,10")"
    }
  }
}

extension RatingByID {
  /// Reads `5114=10,9253=9`.
  ///
  /// Errors: `PersonalRatingsError`.
  public static func list(_ text: String, option: String = "`rated`") throws -> [RatingByID] {
    try text.split(separator: ",").map { entry in
      // Split at the last =: ids may hold any character but a comma.
      guard let sign = entry.lastIndex(of: "="), sign > entry.startIndex,
        let rating = Float(entry[entry.index(after: sign)...]), rating.isFinite
      else { throw PersonalRatingsError.entry(String(entry), place: option) }
      guard rating.magnitude <= RatingTable.largestRating else {
        throw PersonalRatingsError.tooLarge(String(entry), place: option)
      }
      return RatingByID(String(entry[..<sign]), rating)
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
    var rows = try DelimitedRows(path).rows
    let columns = try Columns(rows.first?.fields ?? [], file: path)
    if columns.hasHeader { rows.removeFirst() }
    let all = try rows.map { row in
      guard row.fields.count > max(columns.item, columns.rating),
        let rating = Float(row.fields[columns.rating].filter { $0 != " " }), rating.isFinite
      else {
        throw PersonalRatingsError.entry(
          row.fields.joined(separator: ","), place: "\(path):\(row.line)")
      }
      guard rating.magnitude <= RatingTable.largestRating else {
        throw PersonalRatingsError.tooLarge(
          row.fields.joined(separator: ","), place: "\(path):\(row.line)")
      }
      return RatingByID(row.fields[columns.item], rating)
    }
    guard !all.contains(where: { $0.rating < 0 && $0.rating != -1 }) else { return (all, []) }
    return (all.filter { $0.rating != -1 }, all.filter { $0.rating == -1 }.map(\.id))
  }

  /// The columns of item and rating.
  private struct Columns {
    var item: Int
    var rating: Int
    var hasHeader = true

    init(_ fields: [String], file: String) throws {
      let named = ColumnNames.column(of: .item, in: fields)
      if let item = named ?? ColumnNames.column(named: "id", in: fields),
        let rating = ColumnNames.column(of: .rating, in: fields)
      {
        (self.item, self.rating) = (item, rating)
      } else if fields.count == 2 || fields.count == 3, let last = fields.last, Float(last) != nil {
        (item, rating, hasHeader) = (fields.count - 2, fields.count - 1, false)
      } else {
        throw PersonalRatingsError.table(file: file, reason: "it has no item and rating columns")
      }
    }
  }
}

// Which columns of a ratings file mean what: as chosen, by the header's names, or the first ones.
import CKernels

/// The columns of a ratings file.
struct RatingColumns: Equatable {
  /// The 0-based column of user, item, rating, timestamp and watching status; -1: there is none.
  private(set) var places = [Int32](repeating: -1, count: Int(CK_INGEST_ROLES.rawValue))
  /// Whether the first line is a header.
  private(set) var hasHeader: Bool
  /// What the rows say.
  private(set) var feedback = Feedback.ratings
  /// Whether a column of timestamps was asked for, so that it has to be read.
  private(set) var needsTimes = false

  /// Finds the columns by the fields of the first line.
  ///
  /// Errors: `RatingsFileError`.
  init(_ fields: [String], delimiter: Delimiter?, format: TableFormat, file: String) throws {
    guard fields.count >= 2 else { throw RatingsFileError.noColumns(file: file) }
    hasHeader = true
    if let chosen = format.columns {
      try choose(chosen, in: fields, delimiter: delimiter, format: format, file: file)
    } else if try !find(in: fields, format: format, file: file) {
      hasHeader = false
      try takeFirst(of: fields, delimiter: delimiter, format: format, file: file)
    }
    if feedback == .ratings { feedback = format.feedback ?? .ratings }
    if feedback == .seen, let wanted = format.feedback, wanted != .seen {
      throw RatingsFileError.columnNotFound(
        file: file, column: wanted == .counts ? "count" : "rating", available: fields)
    }
  }

  /// Columns as somebody chose them; one chosen by name means that there is a header.
  private mutating func choose(
    _ chosen: TableFormat.Columns, in fields: [String], delimiter: Delimiter?,
    format: TableFormat, file: String
  ) throws {
    func place(_ column: TableFormat.Column) throws -> Int32 {
      let index =
        switch column {
        case .named(let name): ColumnNames.column(named: name, in: fields)
        case .position(let position): position - 1
        }
      guard let index, fields.indices.contains(index) else {
        throw RatingsFileError.columnNotFound(
          file: file, column: column.description, available: fields)
      }
      return Int32(index)
    }
    // Of interactions, the third is the time.
    let isSeen = format.feedback == .seen || chosen.rating == nil
    let rating = isSeen ? nil : chosen.rating
    let timestamp = isSeen ? chosen.timestamp ?? chosen.rating : chosen.timestamp
    places[0] = try place(chosen.user)
    places[1] = try place(chosen.item)
    places[2] = try rating.map(place) ?? -1
    places[3] = try timestamp.map(place) ?? -1
    needsTimes = timestamp != nil
    feedback = isSeen ? .seen : .ratings
    if format.feedback == nil, let rating, case .named(let name) = rating,
      ColumnNames.column(of: .count, in: [name]) != nil
    {
      feedback = .counts
    }
    let isNamed = chosen.all.contains { if case .named = $0 { true } else { false } }
    hasHeader = isNamed || isHeader(fields, delimiter)
  }

  /// Whether the first line, of columns chosen by position, names columns: text where a rating belongs, or
  /// names that are known.
  private func isHeader(_ fields: [String], _ delimiter: Delimiter?) -> Bool {
    guard places[2] < 0 else { return !Self.isNumber(fields[Int(places[2])], delimiter) }
    return ColumnNames.column(of: .user, in: [fields[Int(places[0])]]) != nil
      && ColumnNames.column(of: .item, in: [fields[Int(places[1])]]) != nil
  }

  /// Columns by the header's names; false where this is no header.
  private mutating func find(in fields: [String], format: TableFormat, file: String) throws -> Bool
  {
    func place(_ role: ColumnNames.Role) -> Int32 {
      Int32(ColumnNames.column(of: role, in: fields) ?? -1)
    }
    places = [
      place(.user), place(.item), place(.rating), place(.timestamp), place(.watchingStatus),
    ]
    guard places[0] >= 0 && places[1] >= 0 else { return false }
    let count = place(.count)
    if format.feedback == .seen || places[2] < 0 && count < 0 && fields.count == 2 {
      places[2] = -1
      feedback = .seen
    } else if count >= 0 && (places[2] < 0 || format.feedback == .counts) {
      places[2] = count
      feedback = format.feedback ?? .counts
    }
    return places[2] >= 0 || feedback == .seen
  }

  /// The first columns of a file without a header.
  private mutating func takeFirst(
    of fields: [String], delimiter: Delimiter?, format: TableFormat, file: String
  ) throws {
    let missing = ColumnNames.Role.allCases.prefix(3).enumerated().first { places[$0.offset] < 0 }
    let isData =
      fields.count == 2 ? fields.contains { Int64($0) != nil } : Self.isNumber(fields[2], delimiter)
    guard isData else {
      throw RatingsFileError.columnNotFound(
        file: file, column: missing?.element.rawValue ?? "user", available: fields)
    }
    places = [0, 1, fields.count == 2 ? -1 : 2, -1, -1]
    if fields.count == 2 || format.feedback == .seen {
      places[2] = -1
      feedback = .seen
    }
    // MovieLens's u.data and ratings.dat; Amazon's ratings, where the fourth number is a time of our time.
    let isSpreadsheet = delimiter == .comma || delimiter == .semicolon
    if fields.count == 4, let time = Int64(fields[3]), !isSpreadsheet || time >= 100_000_000 {
      places[3] = 3
    }
  }

  /// Whether a field is a number or means to be one: nan, inf and 1e400 are no header.
  private static func isNumber(_ field: String, _ delimiter: Delimiter?) -> Bool {
    let status = (delimiter ?? .comma).rating(field).status
    return status != CK_INGEST_NOT_A_NUMBER && status != CK_INGEST_MISSING
  }
}

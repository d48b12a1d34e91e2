// What a check of a ratings file found.

/// The findings of `RatingTable.validate`; lists are cut at a limit, numbers are of everything.
public struct ValidationReport: Sendable, Codable, Equatable {
  /// A row that rates what an earlier row rated.
  public struct Repeat: Sendable, Codable, Equatable {
    /// Line of the row.
    public var line: Int
    /// Line of the earlier row.
    public var firstLine: Int
    /// Who rated, as text.
    public var user: String
    /// What was rated, as text.
    public var item: String
    /// The row's rating.
    public var rating: Float
    /// The earlier row's rating.
    public var firstRating: Float

    private enum CodingKeys: String, CodingKey {
      case line
      case firstLine = "first_line"
      case user, item, rating
      case firstRating = "first_rating"
    }
  }

  /// A rating outside the scale.
  public struct Outlier: Sendable, Codable, Equatable {
    /// Line of the row.
    public var line: Int
    /// The rating.
    public var rating: Float
  }

  /// The file's name.
  public var file: String
  /// SHA-256 of the file's bytes.
  public var sha256: String
  /// Rows that could be read, sentinel rows included.
  public var rows = 0
  /// Rows whose rating is the sentinel.
  public var sentinel = 0
  /// Whether user ids were read as strings, because a line's is no integer.
  public var userIDsAreStrings = false
  /// Whether item ids were read as strings, because a line's is no integer.
  public var itemIDsAreStrings = false
  /// Numbers that ids of users write in several ways, each with its texts, as 1 and 1.0; the first.
  public var userIDsInSeveralForms: [[String]] = []
  /// The same of items.
  public var itemIDsInSeveralForms: [[String]] = []
  /// What the text was in, where that was not UTF-8.
  public var encodingNote: String?
  /// Lines that could not be read.
  public var badLines = 0
  /// The same by reason.
  public var badLinesByReason: [String: Int] = [:]
  /// The first bad lines, in order.
  public var faults: [LineFault] = []
  /// Why the column of timestamps is left alone, by a line of it; nil: there is none, or it can be read.
  public var unreadTimestamp: LineFault?
  /// Rows whose user and item an earlier row has.
  public var duplicates = 0
  /// Duplicates whose rating differs from the earlier one; sentinel rows contradict nothing.
  public var conflictingDuplicates = 0
  /// The first duplicates, in order of line.
  public var repeats: [Repeat] = []
  /// The lowest rating of the scale, if one was given or is evident.
  public var scaleLow: Float?
  /// The highest rating of the scale, if one was given or is evident.
  public var scaleHigh: Float?
  /// Rows with a rating outside the scale.
  public var outOfScale = 0
  /// The first of them, in order of line.
  public var outliers: [Outlier] = []

  /// Whether there is nothing that makes training on the file doubtful: no bad line, no two ratings of
  /// one pair, no rating outside the scale.
  ///
  /// Exact duplicates and sentinel rows are no errors.
  public var isValid: Bool { badLines == 0 && conflictingDuplicates == 0 && outOfScale == 0 }

  /// Makes an empty report.
  init(file: String, sha256: String) {
    self.file = file
    self.sha256 = sha256
  }

  private enum CodingKeys: String, CodingKey {
    case file, sha256, rows, sentinel
    case userIDsAreStrings = "user_ids_are_strings"
    case itemIDsAreStrings = "item_ids_are_strings"
    case userIDsInSeveralForms = "user_ids_in_several_forms"
    case itemIDsInSeveralForms = "item_ids_in_several_forms"
    case encodingNote = "encoding_note"
    case badLines = "bad_lines"
    case badLinesByReason = "bad_lines_by_reason"
    case faults, duplicates
    case unreadTimestamp = "unread_timestamp"
    case conflictingDuplicates = "conflicting_duplicates"
    case repeats
    case scaleLow = "scale_low"
    case scaleHigh = "scale_high"
    case outOfScale = "out_of_scale"
    case outliers
  }
}

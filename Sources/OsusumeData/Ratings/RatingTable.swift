// A ratings file's rows as columns, as read and before any cleaning.
import CKernels

/// A column of ids as read.
public enum IDColumn: Sendable, Equatable {
  /// One integer a row.
  case integers([Int64])
  /// One code a row, an index into `names`, which ascend by their UTF-8 bytes; each name occurs.
  case strings(codes: [Int32], names: [String])

  /// Number of rows.
  public var count: Int {
    switch self {
    case .integers(let ids): ids.count
    case .strings(let codes, _): codes.count
    }
  }
}

/// A ratings file's rows as read: in file order, nothing dropped, ids not yet numbered.
public struct RatingTable: Sendable, Equatable {
  /// User id of each row.
  public var users: IDColumn
  /// Item id of each row.
  public var items: IDColumn
  /// Rating of each row, at most `largestRating` in magnitude.
  public var values: [Float]
  /// Seconds since 1970 of each row; empty when the file has none, or none that can be read.
  public var timestamps: [Int64]
  /// Watching status of each row; empty when the file has none.
  public var statuses: [Int16]
  /// SHA-256 of the file's bytes as they are on disk (compressed where it is), lower-case hexadecimal; of columns
  /// from memory, that of what they hold.
  public var sha256: String
  /// What the values are.
  public var feedback = Feedback.ratings
  /// Lines left out because they could not be read.
  public var badLines = 0
  /// The first of them.
  public var firstBadLine: LineFault?
  /// What to say of the text's encoding; nil where it was UTF-8.
  public var encodingNote: String?
  /// Why the column of timestamps was left alone, by a line of it; nil: there is none, or it was read.
  public var unreadTimestamp: LineFault?

  /// Makes a table from columns of equal length (timestamps and statuses may be empty); `Ratings` checks
  /// that.
  ///
  /// Without a checksum, it gets that of the columns.
  public init(
    users: IDColumn, items: IDColumn, values: [Float], timestamps: [Int64] = [],
    statuses: [Int16] = [], sha256: String? = nil
  ) {
    self.users = users
    self.items = items
    self.values = values
    self.timestamps = timestamps
    self.statuses = statuses
    self.sha256 =
      sha256 ?? Self.checksum(users, items, values, timestamps, statuses)
  }

  /// Number of rows.
  public var count: Int { values.count }

  /// The largest magnitude of a rating: 10⁹, whose square summed over 2³¹ rows is 2·10²⁷, so that means,
  /// medians, squared errors and normal equations stay far below the largest float32, 3.4·10³⁸.
  public static let largestRating = Float(CK_INGEST_RATING_LIMIT)
}

extension [Float] {
  /// The first place that holds no rating: a magnitude beyond `RatingTable.largestRating`, or, unless rows
  /// may be unrated, what is not a number.
  package func firstThatIsNoRating(unrated: Bool = false) -> Int? {
    // The place is looked for only where there is one.
    guard RatingSurvey(self).isBeyond else { return nil }
    return withUnsafeBufferPointer { values in
      values.firstIndex { !($0.magnitude <= RatingTable.largestRating || unrated && $0.isNaN) }
    }
  }
}

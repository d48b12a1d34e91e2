// Ratings as dense columns: who rated what, how high, and when; ids mapped to indices both ways.

/// Rows of ratings as parallel columns; users and items are dense indices into an `IDMap`.
public struct IndexedRatings: Sendable, Equatable {
  /// User index of each row.
  public var users: [Int32]
  /// Item index of each row.
  public var items: [Int32]
  /// Rating of each row.
  public var values: [Float]
  /// Seconds since 1970 of each row; empty when the file has no timestamps.
  public var timestamps: [Int64]
  /// 1 where the user liked the item, else 0; empty where nobody asked.
  public var labels: [Float] = []

  /// Makes rows from columns of equal length (timestamps may be empty); whoever uses them checks that
  /// (`check`).
  public init(users: [Int32], items: [Int32], values: [Float], timestamps: [Int64] = []) {
    self.users = users
    self.items = items
    self.values = values
    self.timestamps = timestamps
  }

  /// Number of rows.
  public var count: Int { users.count }
}

/// Rows that say a user saw an item without rating it (the Kaggle set's −1 rows).
public struct UnratedRows: Sendable, Equatable {
  /// User index of each row.
  public var users: [Int32]
  /// Item index of each row.
  public var items: [Int32]

  /// Makes rows from columns of equal length; whoever uses them checks that (`check`).
  public init(users: [Int32] = [], items: [Int32] = []) {
    self.users = users
    self.items = items
  }
}

/// A ratings file after cleaning: dense indices, maps to the original ids, and what was left out.
public struct Ratings: Sendable {
  /// The original ids of users, in order of index (ascending id).
  public var userIDs: IDMap
  /// The original ids of items, in order of index (ascending id).
  public var itemIDs: IDMap
  /// The ratings, in file order.
  public var rows: IndexedRatings
  /// Rows of a test file of their own, numbered by the same maps; nil when no such file was read.
  public var testRows: IndexedRatings?
  /// Rows without a rating whose user and item are both known here: implicit feedback.
  ///
  /// In file order, each pair once, and never a pair that is rated too (so never a test row).
  public var unrated: UnratedRows
  /// How many rows the file held and how many were dropped for which reason.
  public var counts: IngestCounts
  /// SHA-256 of the ratings file's bytes, lower-case hexadecimal.
  public var sha256: String
  /// What the values of rows are.
  public var feedback = Feedback.ratings
  /// How many of the rows read have each watching status; empty where the file has none.
  public var statuses: [StatusCount] = []
  /// The rating that stood for none when rows were dropped for it; nil: none did.
  public var sentinel: Float?
  /// Whether −1 was among the ratings and kept, because it may be one.
  public var keptMinusOne = false
  /// Whether −1 was among the ratings and dropped, because it cannot be one.
  public var droppedMinusOne = false
  /// Whether a fifth of the ratings or more are 0 and no other is below 1: 0 may mean that there is none.
  public var mayBeUnratedAtZero = false
  /// The options they were read with, for a model's provenance.
  public var options: [String: String] = [:]

  /// Makes ratings from their parts, ids in ascending order; whoever uses them checks that (`check`).
  public init(
    userIDs: IDMap, itemIDs: IDMap, rows: IndexedRatings, testRows: IndexedRatings? = nil,
    unrated: UnratedRows = .init(), counts: IngestCounts = .init(), sha256: String = ""
  ) {
    self.userIDs = userIDs
    self.itemIDs = itemIDs
    self.rows = rows
    self.testRows = testRows
    self.unrated = unrated
    self.counts = counts
    self.sha256 = sha256
  }
}

/// What became of a file's rows.
public struct IngestCounts: Sendable, Equatable, Codable {
  /// Data rows, header excluded and bad lines included; with a limit, up to it.
  public var rows = 0
  /// Rows dropped because their rating is the sentinel (−1: seen, not rated).
  public var sentinel = 0
  /// Rows dropped because their user has fewer ratings than asked for.
  public var minUserRatings = 0
  /// Rated rows dropped because their item is missing from the item file (only when joined inner).
  public var notInItems = 0
  /// Rated rows whose item is missing from the item file, dropped or not.
  public var unlisted = 0
  /// Rows dropped as duplicates of a (user, item) pair.
  public var duplicates = 0
  /// Rows left out by a subset option (type, popularity, largest user id).
  public var subset = 0
  /// Lines left out because they could not be read.
  public var badLines = 0
  /// Rows whose count is not more than 0, so that nobody met anything.
  public var zeroCounts = 0
  /// Rows of titles neither completed nor dropped, which labels of interactions say nothing of.
  public var unfinished = 0
  /// Distinct users of these rows, those who rated nothing included.
  public var users = 0
  /// Distinct items of these rows, those never rated included.
  public var items = 0

  /// Makes empty counts.
  public init() {}
}

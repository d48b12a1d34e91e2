// How a table of ratings is cleaned: what is dropped, joined, cut to a subset and merged.

/// Which row of a (user, item) pair is kept when the file holds several.
public enum DuplicatePolicy: String, Sendable, CaseIterable {
  /// The last one in the file.
  case last
  /// The first one in the file.
  case first
  /// The last one, with the mean of the pair's ratings.
  case mean
  /// The one with the latest timestamp, of several the last; needs timestamps.
  case newest
  /// None: a duplicate is an error.
  case error
}

/// Which rating means "seen, not rated".
public enum Sentinel: Sendable, Hashable {
  /// −1 where it cannot be a rating: where no other rating is negative.
  case automatic
  /// None does: every value is a rating.
  case never
  /// This one.
  case rating(Float)
}

/// What happens to ratings of items that the item file lacks.
public enum ItemJoin: String, Sendable, CaseIterable {
  /// They stay (and are counted).
  case keep
  /// They go (and are counted).
  case inner
}

/// How a table of ratings becomes `Ratings`.
///
/// A row is judged in this order, and counted under the first reason that drops it: sentinel; missing from the item
/// file (`join`); outside the subset (`onlyType`, `minItemRatings`, `maxUserID`); duplicate; too few ratings left
/// for its user.
public struct RatingsOptions: Sendable, Equatable {
  /// The rating that means "seen, not rated".
  public var sentinel = Sentinel.automatic
  /// Users with fewer ratings, after the join and without duplicates, are dropped.
  public var minUserRatings = 1
  /// Which of several ratings of a pair counts; nil: the newest where there are timestamps, else the last.
  public var duplicates: DuplicatePolicy?
  /// What happens to ratings of items that the item file lacks.
  public var join = ItemJoin.keep
  /// Only items of this type (compared without regard to case); needs an item file.
  public var onlyType: String?
  /// Only items with at least this many rows in the file, rows without a rating included.
  public var minItemRatings = 0
  /// Only users up to this id; needs integer user ids.
  public var maxUserID: Int64?
  /// Only this many rows from the start of the file, as if it ended there.
  public var limit: Int?

  /// The options of a plain read: −1 is dropped where it cannot be a rating, the newest or last duplicate
  /// counts, nothing else goes.
  public init() {}
}

/// Why a table of ratings cannot be used as asked.
public enum RatingsError: OsusumeError, Equatable {
  /// More rows than 32-bit row numbers can name.
  case tooManyRows(Int)
  /// Nothing is left.
  case nothingLeft(rows: Int)
  /// A pair is rated twice, and duplicates were declared an error.
  case duplicate(user: String, item: String, row: Int)
  /// `maxUserID` was given, but ids are text.
  case maxUserIDNeedsIntegers
  /// `onlyType` or an inner join was asked for without an item file.
  case needsItems(String)
  /// The newest of several ratings was asked for, and the file has no timestamps.
  case newestNeedsTimestamps
  /// The test file holds another kind of feedback than the file to train on.
  case otherFeedback(Feedback, test: Feedback)
  /// A rating is not a number, or its magnitude is beyond `RatingTable.largestRating`.
  case notARating(Float, row: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .tooManyRows(let rows):
      "\(rows) rows are more than the 2147483647 that fit; cut the file with `limit`"
    case .nothingLeft(let rows):
      "none of the \(rows) rows is left as a rating after cleaning; see what was dropped with "
        + "'osusume data describe', or ask for less with `min_user_ratings` and the subset options"
    case .duplicate(let user, let item, let row):
      "row \(row) of the ratings rates user \(user), item \(item) again; choose which counts with "
        + "`duplicates newest, last, first or mean`"
    case .otherFeedback(let feedback, let test):
      "the file to train on holds \(feedback.noun), the test file \(test.noun); give `columns` or "
        + "`feedback` that hold for both"
    case .newestNeedsTimestamps:
      "`duplicates newest` needs timestamps, and the ratings have none; give their column with "
        + "`columns user,item,rating,timestamp`, or `duplicates last`"
    case .maxUserIDNeedsIntegers:
      "`max_user_id` needs integer user ids, but these are text; leave it out"
    case .notARating(let rating, let row):
      "row \(row) has the rating \(rating), and ratings are numbers of at most "
        + "\(RatingTable.largestRating) either way; correct it, or divide all ratings by one number"
    case .needsItems(let option):
      "`\(option)` needs item metadata; give it with `items FILE`"
    }
  }
}

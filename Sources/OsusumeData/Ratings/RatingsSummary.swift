// What a set of ratings looks like: counts, histogram, activity of users, popularity of items.

/// Figures about `Ratings`, with the names of `osusume data describe --json`.
public struct RatingsSummary: Sendable, Equatable, Encodable {
  /// Data rows read.
  public var rows: Int
  /// Rows with a rating, whatever became of them.
  public var rated: Int
  /// Rows with the sentinel instead of a rating.
  public var sentinel: Int
  /// Ratings left after cleaning; all figures below are about these.
  public var ratings: Int
  /// Distinct users in the file.
  public var users: Int
  /// Users with a rating.
  public var usersRated: Int
  /// Distinct items in the file.
  public var items: Int
  /// Items with a rating.
  public var itemsRated: Int
  /// Users with exactly one rating.
  public var singleRatingUsers: Int
  /// Number of ratings of each value.
  public var histogram: RatingHistogram
  /// Mean rating.
  public var mean: Double
  /// Standard deviation of the ratings (of the population).
  public var sd: Double
  /// Ratings a user.
  public var perUser: CountSummary
  /// Ratings an item.
  public var perItem: CountSummary
  /// Ratings over users × items with a rating.
  public var density: Double
  /// Share of the ratings that fall on the most rated tenth of the items.
  public var topTenthShare: Double
  /// Ratings of items missing from the item file, dropped or not.
  public var notInItems: Int
  /// Rows dropped as duplicates.
  public var duplicates: Int
  /// Rows read by watching status; nil where the file has none.
  public var statuses: [StatusCount]?
  /// SHA-256 of the ratings file.
  public var sha256: String

  /// Takes the figures of ratings.
  ///
  /// Errors: `RatingsFault`.
  public init(_ ratings: Ratings, threads: Int = 1) throws {
    try ratings.check()
    let count = ratings.rows.count
    let counts = ratings.counts
    let userCounts = Grouping.counts(ratings.rows.users, keys: ratings.userIDs.count)
      .filter { $0 > 0 }
    let itemCounts = Grouping.counts(ratings.rows.items, keys: ratings.itemIDs.count)
      .filter { $0 > 0 }
    rows = counts.rows
    rated = counts.rows - counts.sentinel
    sentinel = counts.sentinel
    self.ratings = count
    users = counts.users
    usersRated = userCounts.count
    items = counts.items
    itemsRated = itemCounts.count
    singleRatingUsers = userCounts.count { $0 == 1 }
    histogram = RatingHistogram(ratings.rows.values, threads: threads)
    mean = histogram.mean
    sd = histogram.standardDeviation
    perUser = CountSummary(userCounts)
    perItem = CountSummary(itemCounts)
    density = Double(count) / max(1, Double(userCounts.count) * Double(itemCounts.count))
    let most = itemCounts.sorted(by: >).prefix((itemCounts.count + 9) / 10)
    topTenthShare = Double(most.reduce(0, +)) / Double(max(1, count))
    notInItems = counts.unlisted
    duplicates = counts.duplicates
    statuses = ratings.statuses.isEmpty ? nil : ratings.statuses
    sha256 = ratings.sha256
  }

  private enum CodingKeys: String, CodingKey {
    case rows, rated, sentinel, ratings, users, items, histogram, mean, sd, density, duplicates
    case statuses
    case sha256
    case usersRated = "users_rated"
    case itemsRated = "items_rated"
    case singleRatingUsers = "single_rating_users"
    case perUser = "per_user"
    case perItem = "per_item"
    case topTenthShare = "top_tenth_share"
    case notInItems = "not_in_items"
  }
}

/// How a set of counts is spread.
public struct CountSummary: Sendable, Equatable, Encodable {
  /// Arithmetic mean.
  public var mean: Double
  /// The middle count; the mean of the two middle ones where there is no middle.
  public var median: Double
  /// The smallest count.
  public var min: Int
  /// The largest count.
  public var max: Int
  /// Counts by percentile: the smallest count with at least this share of all at or below it.
  public var quantiles: [String: Int]

  /// Summarises counts; of none, everything is 0.
  public init(_ counts: [Int32]) {
    let sorted = counts.sorted().map { Int($0) }
    let middle = sorted.count / 2
    mean = Double(sorted.reduce(0, +)) / Double(Swift.max(1, sorted.count))
    median =
      sorted.isEmpty
      ? 0
      : sorted.count % 2 == 1
        ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
    min = sorted.first ?? 0
    max = sorted.last ?? 0
    quantiles = [:]
    for percent in [10, 25, 50, 75, 90, 99] where !sorted.isEmpty {
      quantiles["p\(percent)"] = sorted[(sorted.count * percent + 99) / 100 - 1]
    }
  }
}

// How many users, items and rows a synthesized set has: the Kaggle set's numbers, scaled.
import Foundation

/// The sizes of a synthesized set.
///
/// At scale 1 they are those of the Kaggle set. Users and rows grow with the scale, items with its cube
/// root: a part of the users still meets most of the items, and few users must not run out of them.
public struct SynthesisSizes: Sendable, Equatable {
  /// Users, numbered from 1.
  public let users: Int
  /// Users with at least one rating.
  public let raters: Int
  /// Users with exactly one rating.
  public let singleRaters: Int
  /// Rows with a rating whose item is in `anime.csv`.
  public let joinedRatings: Int
  /// Rows without a rating (−1).
  public let unrated: Int
  /// Of these, rows of users without any rating.
  public let unratedOfNonraters: Int
  /// Test rows of `per-user:0.1` when single raters are left out.
  public let testRows: Int
  /// Items with a rating, all of them in `anime.csv`.
  public let ratedItems: Int
  /// Items in the ratings file.
  public let seenItems: Int
  /// Rows in `anime.csv`.
  public let catalogItems: Int
  /// Items rated once that are missing from `anime.csv`.
  public let missingItems = 2
  /// Rows of `anime.csv` without genre.
  public let withoutGenre: Int
  /// Rows of `anime.csv` without type.
  public let withoutType: Int
  /// Rows of `anime.csv` without rating.
  public let withoutRating: Int
  /// The largest item id.
  public let largestItemID: Int

  /// Sizes at a scale, 0.001 to 10.
  package init(scale: Double) {
    func rows(_ count: Int) -> Int { Int((Double(count) * scale).rounded()) }
    func items(_ count: Int) -> Int { max(1, Int((Double(count) * cbrt(scale)).rounded())) }
    raters = rows(69_600)
    singleRaters = rows(3_249)
    users = raters + rows(3_915)
    joinedRatings = rows(6_337_239)
    unrated = rows(1_476_496)
    // 87.3 rows each on average, as in the published part.
    unratedOfNonraters = rows(341_780)
    testRows = rows(664_221)
    ratedItems = items(9_926)
    seenItems = ratedItems + missingItems + items(1_272)
    catalogItems = items(12_294)
    withoutGenre = items(62)
    withoutType = items(25)
    withoutRating = items(230)
    largestItemID = items(34_527)
  }

  /// Rows with a rating.
  public var ratings: Int { joinedRatings + missingItems }
  /// All rows.
  public var rows: Int { ratings + unrated }
  /// Users with at least two ratings.
  public var keptUsers: Int { raters - singleRaters }
  /// Most rated rows a user may have: what leaves a choice of items.
  var mostRated: Int { ratedItems * 36 / 100 }
  /// Most unrated rows a user may have.
  var mostUnrated: Int { ratedItems * 25 / 100 }
}

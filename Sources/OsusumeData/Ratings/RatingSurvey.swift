// What one pass over ratings tells of them: whether all are numbers, and whether −1 may be one of them.
import CKernels

/// Facts about a column of ratings.
struct RatingSurvey: Sendable, Equatable {
  /// Whether one is no rating: not a number, or of a magnitude beyond `RatingTable.largestRating`.
  let isBeyond: Bool
  /// Whether one is −1.
  let hasMinusOne: Bool
  /// Whether another one is negative, so that the scale goes below 0.
  let hasOtherNegatives: Bool
  /// Whether a fifth or more are 0 and no other lies between −1 and 1: Book-Crossing's and MyAnimeList's way
  /// of saying that there is no rating.
  let mayBeUnratedAtZero: Bool

  /// Looks at all of them once.
  init(_ ratings: [Float]) {
    let found = ck_columns_look(ratings, 0, ratings.count, RatingTable.largestRating)
    isBeyond = found.beyond != 0
    hasMinusOne = found.minus_one != 0
    hasOtherNegatives = found.negative != 0
    mayBeUnratedAtZero =
      found.fraction == 0 && found.zeros * 5 >= ratings.count && found.zeros > 0
  }
}

extension Sentinel {
  /// The rating that stands for none in columns of these facts; nil: none does.
  func rating(where surveys: [RatingSurvey]) -> Float? {
    switch self {
    case .never: nil
    case .rating(let rating): rating
    case .automatic: surveys.contains(where: \.hasOtherNegatives) ? nil : -1
    }
  }
}

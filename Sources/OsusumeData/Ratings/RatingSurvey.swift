// What one pass over ratings tells of them: whether all are numbers, and whether −1 may be one of them.

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

  /// Looks at all of them once, without a branch, so that it vectorises.
  init(_ ratings: [Float]) {
    var (beyond, minusOne, negative, small): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    var zeros: UInt32 = 0
    ratings.withUnsafeBufferPointer { ratings in
      for rating in ratings {
        beyond |= rating.magnitude <= RatingTable.largestRating ? 0 : 1
        minusOne |= rating == -1 ? 1 : 0
        negative |= rating < 0 && rating != -1 ? 1 : 0
        small |= rating.magnitude < 1 && rating != 0 ? 1 : 0
        zeros &+= rating == 0 ? 1 : 0
      }
    }
    isBeyond = beyond != 0
    hasMinusOne = minusOne != 0
    hasOtherNegatives = negative != 0
    mayBeUnratedAtZero = small == 0 && Int(zeros) * 5 >= ratings.count && zeros > 0
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

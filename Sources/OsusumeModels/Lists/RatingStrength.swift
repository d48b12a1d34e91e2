// How much a rating counts among what a user has met: a user's entries in the matrix that lists are made by.
import OsusumeData

/// A user's entry for an item they have rated: 1 for one they like, less the lower the rating is.
///
///   x(r) = min(1.1, max(0, 1 + ½(r − `likedFrom`)/`deviation`)),  in hundredths
///
/// 1 at the median, a half at a standard deviation below it. An item seen without being rated counts a half.
public struct RatingStrength: Sendable, Equatable {
  /// The rating from which on an item is liked: the median.
  public let likedFrom: Float
  /// Standard deviation of the ratings, above 0.
  public let deviation: Float

  /// Makes a rule from its parts.
  package init(likedFrom: Float, deviation: Float) {
    (self.likedFrom, self.deviation) = (likedFrom, deviation)
  }

  /// The largest strength, in hundredths.
  package static let largest: UInt8 = 110
  /// That of an item seen without being rated.
  package static let unrated: UInt8 = 50
  /// That of an item rated at the median: from here on it is liked.
  package static let liked: UInt8 = 100

  /// The strength of a rating, in hundredths; of what is no number, that of a rating at the median.
  package func hundredths(_ rating: Float) -> UInt8 {
    let strength = 1 + (rating - likedFrom) / (2 * deviation)
    guard !strength.isNaN else { return Self.liked }
    return UInt8((100 * min(1.1, max(0, strength))).rounded())
  }

  /// A strength from its hundredths.
  package static func value(_ hundredths: UInt8) -> Float { Float(hundredths) / 100 }
}

extension RatingStrength {
  /// For each entry of lists that hold all of these ratings, what it counts, in hundredths; of several
  /// ratings of one item by one user the last counts.
  package func hundredths(
    of rows: IndexedRatings, in seen: SeenItems, threads: Int
  ) -> [UInt8] {
    let strengths = [UInt8](count: rows.count, chunk: 1 << 16, threads: threads) { rated, out in
      for (offset, row) in rated.enumerated() { out[offset] = hundredths(rows.values[row]) }
    }
    return seen.byPlace(strengths, of: rows, threads: threads)
  }
}

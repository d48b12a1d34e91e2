// Which scale a file's ratings are on, as far as they show it.

/// The usual scales of ratings.
enum RatingScale {
  /// Scales in use, narrowest first.
  static let usual: [ClosedRange<Float>] = [
    0...1, 1...5, 0.5...5, 0...5, 1...10, 0...10, -10...10, 0...100,
  ]

  /// The narrowest usual scale that holds all ratings but one in a thousand; nil when none does.
  ///
  /// One stray rating is allowed for from 20 ratings on; below, a scale must hold all of them.
  static func evident(in ratings: RatingHistogram) -> ClosedRange<Float>? {
    let total = ratings.total
    guard total > 0 else { return nil }
    let strays = total < 20 ? 0 : max(1, total / 1000)
    return usual.first { ratings.count(outside: $0) <= strays }
  }
}

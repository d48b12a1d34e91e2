// Which scale a file's ratings are on, as far as they show it.

/// The usual scales of ratings.
public enum RatingScale {
  /// Scales in use, narrowest first.
  static let usual: [ClosedRange<Float>] = [
    0...1, 1...5, 0.5...5, 0...5, 1...10, 0...10, -10...10, 0...100,
  ]

  /// The narrowest usual scale that holds all ratings but one in a thousand; nil when none does.
  ///
  /// One stray rating is allowed for from 20 ratings on; below, a scale must hold all of them.
  public static func evident(in counts: [Float: Int]) -> ClosedRange<Float>? {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return nil }
    let strays = total < 20 ? 0 : max(1, total / 1000)
    return usual.first { scale in
      counts.reduce(0) { $0 + (scale.contains($1.key) ? 0 : $1.value) } <= strays
    }
  }

  /// How often each rating occurs.
  static func counts(of values: [Float]) -> [Float: Int] {
    // Runs of equal ratings and few distinct ones are the rule, so look up the last one first.
    var counts: [Float: Int] = [:]
    var last: Float = .nan
    var run = 0
    for value in values {
      if value == last {
        run += 1
        continue
      }
      if run > 0 { counts[last, default: 0] += run }
      last = value
      run = 1
    }
    if run > 0 { counts[last, default: 0] += run }
    return counts
  }
}

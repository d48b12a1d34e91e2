// How often each rating was given.

/// Number of ratings of each distinct value, ascending by value.
public struct RatingHistogram: Sendable, Equatable, Encodable {
  /// The distinct ratings, ascending.
  public private(set) var values: [Float]
  /// How often each was given.
  public private(set) var counts: [Int]

  /// Counts the values; most files hold few distinct ones, whole or halves, and those are counted fast.
  public init(_ ratings: [Float], threads: Int = 1) {
    let parts = Columns.mapRanges(ratings.count, threads: threads) { Self.count(ratings[$0]) }
    var total = [Float: Int]()
    for part in parts { total.merge(part, uniquingKeysWith: +) }
    let sorted = total.sorted { $0.key < $1.key }
    values = sorted.map(\.key)
    counts = sorted.map(\.value)
  }

  private static func count(_ ratings: ArraySlice<Float>) -> [Float: Int] {
    // Halves from 0 to 127.5 have a place of their own.
    var halves = [Int](repeating: 0, count: 256)
    var others = [Float: Int]()
    for rating in ratings {
      let doubled = rating * 2
      if doubled >= 0 && doubled < 256 && doubled == doubled.rounded(.towardZero) {
        halves[Int(doubled)] += 1
      } else {
        others[rating, default: 0] += 1
      }
    }
    for (half, count) in halves.enumerated() where count > 0 { others[Float(half) / 2] = count }
    return others
  }

  /// Number of ratings.
  public var total: Int { counts.reduce(0, +) }

  /// Number of ratings outside a scale.
  func count(outside scale: ClosedRange<Float>) -> Int {
    zip(values, counts).reduce(0) { $0 + (scale.contains($1.0) ? 0 : $1.1) }
  }

  /// Takes out all ratings of a value and returns how many there were.
  mutating func remove(_ value: Float) -> Int {
    guard let place = values.firstIndex(of: value) else { return 0 }
    values.remove(at: place)
    return counts.remove(at: place)
  }

  /// Mean rating; 0 when there is none.
  public var mean: Double {
    zip(values, counts).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(max(1, total))
  }

  /// Standard deviation, of the population.
  public var standardDeviation: Double {
    let mean = mean
    let squares = zip(values, counts).reduce(0) {
      $0 + (Double($1.0) - mean) * (Double($1.0) - mean) * Double($1.1)
    }
    return (squares / Double(max(1, total))).squareRoot()
  }

  /// The values with their counts, in at most `bins` lines.
  ///
  /// Each value has a line of its own if they fit, else lines are intervals of equal width named by
  /// where they start.
  package func lines(atMost bins: Int) -> [(label: String, count: Int)] {
    guard values.count > bins, let low = values.first, let high = values.last else {
      return zip(values, counts).map { (Self.label($0), $1) }
    }
    // In double: the span of two float32 numbers need not fit into one.
    let width = (Double(high) - Double(low)) / Double(bins)
    var sums = [Int](repeating: 0, count: bins)
    for (value, count) in zip(values, counts) {
      sums[min(bins - 1, Int((Double(value) - Double(low)) / width))] += count
    }
    return sums.enumerated().map {
      (Self.label(Float(Double(low) + Double($0.offset) * width)), $0.element)
    }
  }

  /// A rating as people write it: 7, not 7.0.
  public static func label(_ rating: Float) -> String {
    rating == rating.rounded() && abs(rating) < 1e9 ? String(Int(rating)) : String(rating)
  }

  /// An object from rating to count; beyond 1,000 distinct ratings, from where an interval starts.
  public func encode(to encoder: any Encoder) throws {
    let pairs = lines(atMost: 1000).map { ($0.label, $0.count) }
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(pairs, uniquingKeysWith: +))
  }
}

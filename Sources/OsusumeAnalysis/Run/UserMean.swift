// A mean over rows with its 95 % interval over users: the rows of one user are not independent.
import OsusumeData

/// The mean of a figure of some rows, and how far it would move had other users been asked.
///
/// The mean over rows is a ratio of sums over users; its variance is that of the ratio linearised
/// (Σ(a − r·n)²/(Σn)², a and n a user's sum and rows; Cochran 1977, 6.4). No draws, so that many groups cost little.
struct UserMean: Sendable {
  /// The mean.
  var value: Double
  /// How far the interval reaches to either side; not a number where one user has all rows.
  var reach: Double
  /// Number of rows.
  var rows: Int
  /// Number of users.
  var users: Int

  /// Takes the mean of a figure over some rows, at least one.
  ///
  /// - Parameters:
  ///   - rows: Numbers of rows.
  ///   - users: The user of every row there is.
  ///   - figure: The figure of a row.
  init(_ rows: [Int], users: [Int32], _ figure: (Int) -> Double) {
    var sums: [Int32: (sum: Double, rows: Double)] = [:]
    for row in rows {
      let own = sums[users[row]] ?? (0, 0)
      sums[users[row]] = (own.sum + figure(row), own.rows + 1)
    }
    // In order of user: a sum over a dictionary would differ from run to run.
    self.init(sums: sums.sorted { $0.key < $1.key }.map { ($0.value.sum, $0.value.rows) })
  }

  /// Takes the mean from each user's sum and number of rows, which may be weighted.
  init(sums: [(sum: Double, rows: Double)]) {
    let own = sums.filter { $0.rows > 0 }
    let count = own.reduce(0) { $0 + $1.rows }
    let mean = own.reduce(0) { $0 + $1.sum } / count
    let squares = own.reduce(0) { sum, user in
      let distance = user.sum - mean * user.rows
      return sum + distance * distance
    }
    value = mean
    rows = Int(count)
    users = own.count
    let correction = Double(own.count) / Double(own.count - 1)
    reach = own.count > 1 ? 1.96 * (squares * correction).squareRoot() / count : .nan
  }

  /// The interval; the value alone where there is none.
  var interval: ClosedRange<Double> {
    reach.isFinite ? (value - reach)...(value + reach) : value...value
  }

  /// The root of a mean of squares, with the interval's ends likewise.
  var root: (value: Double, interval: ClosedRange<Double>) {
    (
      value.squareRoot(),
      max(0, interval.lowerBound).squareRoot()...interval.upperBound.squareRoot()
    )
  }
}

/// Groups of rows by a figure that each row has.
struct RowGroup: Sendable {
  /// The least and the largest figure in it.
  var range: ClosedRange<Double>
  /// Numbers of rows, ascending.
  var rows: [Int]

  /// At most `count` groups of about equally many rows, in order of the figure; equal figures stay together.
  static func equal(_ count: Int, of figures: [Double]) -> [RowGroup] {
    let order = figures.indices.filter { figures[$0].isFinite }
      .sorted { (figures[$0], $0) < (figures[$1], $1) }
    var groups: [RowGroup] = []
    var start = 0
    for group in 0..<count {
      var end = max(start, order.count * (group + 1) / count)
      while end > 0, end < order.count, figures[order[end]] == figures[order[end - 1]] { end += 1 }
      guard end > start else { continue }
      groups.append(
        RowGroup(
          range: figures[order[start]]...figures[order[end - 1]],
          rows: order[start..<end].sorted()))
      start = end
    }
    return groups
  }

  /// A group for each value where there are few, else groups of equal width.
  static func values(_ figures: [Double], atMost count: Int) -> [RowGroup] {
    let kinds = Set(figures.filter(\.isFinite)).sorted()
    guard let low = kinds.first, let high = kinds.last else { return [] }
    let width = (high - low) / Double(count)
    let isEach = kinds.count <= count
    var rows: [Int: [Int]] = [:]
    let places = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
    for (row, figure) in figures.enumerated() where figure.isFinite {
      let place = isEach ? places[figure] ?? 0 : min(count - 1, Int((figure - low) / width))
      rows[place, default: []].append(row)
    }
    return rows.sorted { $0.key < $1.key }.map { place, rows in
      isEach
        ? RowGroup(range: kinds[place]...kinds[place], rows: rows)
        : RowGroup(
          range: (low + Double(place) * width)...(low + Double(place + 1) * width), rows: rows)
    }
  }
}

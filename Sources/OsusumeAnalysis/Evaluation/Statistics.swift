// What each user adds to each metric: sums from which any metric of any resample is a ratio.
import CKernels
import OsusumeData
import OsusumeModels

/// A ratio of two sums over users, or the root of one: what every metric here is.
struct Ratio {
  var name: String
  var numerator: Int
  var denominator: Int
  var isRoot = false

  /// The metric from sums over users; not a number where the denominator is 0.
  func value(of sums: some RandomAccessCollection<Double>) -> Double {
    func sum(_ column: Int) -> Double { sums[sums.index(sums.startIndex, offsetBy: column)] }
    let mean = sum(denominator) == 0 ? .nan : sum(numerator) / sum(denominator)
    return isRoot ? mean.squareRoot() : mean
  }
}

/// A table of users × columns sums.
///
/// Columns: test rows; Σe², Σ|e|, Σc², Σ|c|; 1 for a ranked user; then NDCG, recall
/// and average precision at each cutoff.
struct Statistics {
  let cutoffs: [Int]
  /// Columns, rounded up to the even number that the bootstrap's kernel wants.
  let columns: Int
  private(set) var values: [Double]

  private static let rankedColumn = 5
  private static let firstRankingColumn = 6

  init(users: Int, cutoffs: [Int]) {
    self.cutoffs = cutoffs
    columns = (Self.firstRankingColumn + 3 * cutoffs.count + 1) / 2 * 2
    values = [Double](repeating: 0, count: users * columns)
  }

  /// The metrics that these columns give.
  var ratios: [Ratio] {
    [
      Ratio(name: "rmse", numerator: 1, denominator: 0, isRoot: true),
      Ratio(name: "mae", numerator: 2, denominator: 0),
      Ratio(name: "rmse_clipped", numerator: 3, denominator: 0, isRoot: true),
      Ratio(name: "mae_clipped", numerator: 4, denominator: 0),
    ]
      + cutoffs.enumerated().flatMap { place, cutoff in
        ["ndcg", "recall", "map"].enumerated().map { offset, name in
          Ratio(
            name: "\(name)@\(cutoff)", numerator: Self.firstRankingColumn + 3 * place + offset,
            denominator: Self.rankedColumn)
        }
      }
  }

  /// Sums over all users, in order.
  var totals: [Double] {
    var totals = [Double](repeating: 0, count: columns)
    for start in stride(from: 0, to: values.count, by: columns) {
      for column in 0..<columns { totals[column] += values[start + column] }
    }
    return totals
  }

  /// Adds the errors of predictions, `positions[r]` being the user of row r.
  mutating func addErrors(
    _ predictions: [Float], of test: IndexedRatings, at positions: [Int32],
    scale: ClosedRange<Float>
  ) {
    let users = values.count / columns
    var sums = [Double](repeating: 0, count: 4 * users)
    ck_error_sums_by_user(
      predictions, test.values, positions, test.count, scale.lowerBound, scale.upperBound, &sums)
    for position in positions { values[Int(position) * columns] += 1 }
    for user in 0..<users {
      for lane in 0..<4 { values[user * columns + 1 + lane] = sums[4 * user + lane] }
    }
  }

  /// Adds the quality of rankings, row r of which belongs to the r-th ranked user; returns for each
  /// cutoff the users by item recommended to them.
  mutating func addRankings(_ top: TopItems, _ evaluated: EvaluatedUsers, items: Int, threads: Int)
    -> [CompressedRows]
  {
    for (row, user) in evaluated.ranked.enumerated() where top.width > 0 {
      let relevant = evaluated.relevant[user]
      let hits = top.items[row * top.width..<(row + 1) * top.width].map { relevant.holds($0) }
      let start = user * columns
      values[start + Self.rankedColumn] = 1
      for (place, cutoff) in cutoffs.enumerated() {
        let quality = RankingMetrics(hits: hits, relevant: relevant.count, cutoff: cutoff)
        let column = start + Self.firstRankingColumn + 3 * place
        values[column] = quality.ndcg
        values[column + 1] = quality.recall
        values[column + 2] = quality.averagePrecision
      }
    }
    return cutoffs.map { cutoff in
      let places = top.items.indices.filter { $0 % top.width < cutoff && top.items[$0] >= 0 }
      return CompressedRows(
        keys: places.map { top.items[$0] },
        columns: places.map { Int32(evaluated.ranked[$0 / top.width]) }, count: items,
        threads: threads)
    }
  }
}

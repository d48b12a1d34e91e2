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
/// Columns: test rows; Σe², Σ|e|, Σc², Σ|c|; 1 for a ranked user; 1 for a ranked user with a disliked
/// test row; then for each cutoff those of `ListColumn`.
struct Statistics {
  let cutoffs: [Int]
  /// Columns, rounded up to the even number that the bootstrap's kernel wants.
  let columns: Int
  private(set) var values: [Double]

  private static let rankedColumn = 5
  private static let dislikingColumn = 6
  private static let firstListColumn = 7

  /// What a user's list cut at one rank adds up to; the raw values are the metrics' names.
  private enum ListColumn: String, CaseIterable {
    case ndcg, recall, map, mrr, precision
    case hitRate = "hit_rate"
    /// The fraction of the disliked test rows.
    case disliked
    // Of these the sums over the list, that they may be divided by its length.
    case gini, novelty
    case popularity = "mean_popularity"
    case length
    case distance = "intra_list_distance"
    case miscalibration
    // 1 for a list that has the one before.
    case hasDistance, hasGenres

    /// What a metric's sum is divided by; nil for what is no metric.
    var divisor: ListColumn? {
      switch self {
      case .gini, .novelty, .popularity: .length
      case .distance: .hasDistance
      case .miscalibration: .hasGenres
      default: nil
      }
    }

    /// Whether it is no metric, but counts what others are divided by.
    var isCount: Bool { Self.allCases.contains { $0.divisor == self } }

    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  init(users: Int, cutoffs: [Int]) {
    self.cutoffs = cutoffs
    columns = (Self.firstListColumn + ListColumn.allCases.count * cutoffs.count + 1) / 2 * 2
    values = [Double](repeating: 0, count: users * columns)
  }

  private static func column(_ kind: ListColumn, ofCutoff place: Int) -> Int {
    firstListColumn + place * ListColumn.allCases.count + kind.place
  }

  /// The metrics that these columns give.
  var ratios: [Ratio] {
    [
      Ratio(name: "rmse", numerator: 1, denominator: 0, isRoot: true),
      Ratio(name: "mae", numerator: 2, denominator: 0),
      Ratio(name: "rmse_clipped", numerator: 3, denominator: 0, isRoot: true),
      Ratio(name: "mae_clipped", numerator: 4, denominator: 0),
    ]
      + cutoffs.indices.flatMap { place in
        ListColumn.allCases.filter { !$0.isCount }.map { kind in
          let denominator =
            kind.divisor.map { Self.column($0, ofCutoff: place) }
            ?? (kind == .disliked ? Self.dislikingColumn : Self.rankedColumn)
          return Ratio(
            name: "\(kind.rawValue)@\(cutoffs[place])",
            numerator: Self.column(kind, ofCutoff: place), denominator: denominator)
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

  /// How many users have a part in a column.
  func users(in column: Int) -> Int {
    stride(from: column, to: values.count, by: columns).count { values[$0] != 0 }
  }

  /// How many users have a ranking.
  var rankedUsers: Int { users(in: Self.rankedColumn) }

  /// Adds one user's row of another table to a row of this one.
  mutating func add(_ other: Statistics, row: Int, to own: Int) {
    precondition(columns == other.columns)
    for column in 0..<columns {
      values[own * columns + column] += other.values[row * columns + column]
    }
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

  /// Adds the quality of rankings, row r of which belongs to the r-th ranked user.
  ///
  /// `exposures` are of the lists at each cutoff; of items of one score those count for genres that come first in
  /// the random order of `key`.
  mutating func addRankings(
    _ lists: RankedLists, _ evaluated: EvaluatedUsers, _ exposures: [Exposure],
    _ popularity: ItemPopularity, _ genres: ListGenres?, key: UInt64, threads: Int
  ) {
    let gini = exposures.map { ItemWeights($0.giniShares) }
    let weights = cutoffs.indices.map { place in
      [
        (ListColumn.gini, gini[place]), (.novelty, ItemWeights(popularity.novelty)),
        (.popularity, ItemWeights(popularity.fractions)),
      ]
    }
    let chunk = 256
    let byRow = mapChunks((lists.count + chunk - 1) / chunk, threads: threads) { part in
      (part * chunk..<min(lists.count, (part + 1) * chunk)).map { row in
        let wanted = genres?.wanted(by: evaluated.users[evaluated.ranked[row]])
        return cutoffs.indices.map { place in
          Self.sums(lists, row, evaluated, cutoff: cutoffs[place], weights[place])
            + (genres.map {
              Self.sums($0, lists.drawn(row, cutoff: cutoffs[place], key: key), wanted)
            } ?? [])
        }
      }
    }
    for (row, sums) in byRow.joined().enumerated() {
      let user = evaluated.ranked[row]
      values[user * columns + Self.rankedColumn] = 1
      values[user * columns + Self.dislikingColumn] = evaluated.disliked[user].isEmpty ? 0 : 1
      for (place, sums) in sums.enumerated() {
        for (kind, value) in sums {
          values[user * columns + Self.column(kind, ofCutoff: place)] = value
        }
      }
    }
  }

  /// What one user's list adds up to.
  private static func sums(
    _ lists: RankedLists, _ row: Int, _ evaluated: EvaluatedUsers, cutoff: Int,
    _ weights: [(ListColumn, ItemWeights)]
  ) -> [(ListColumn, Double)] {
    let user = evaluated.ranked[row]
    let (relevant, disliked) = (evaluated.relevant[user], evaluated.disliked[user])
    let runs = lists.runs(row, cutoff: cutoff)
    let quality = RankingMetrics(
      runs: runs.map { run, _ in
        .init(items: run.count, relevant: run.count(of: relevant, items: lists.items))
      }, relevant: relevant.count, cutoff: cutoff)
    /// The expected sum over the list of what each run's items add up to.
    func expected(_ sum: (TiedItems) -> Double) -> Double {
      runs.reduce(0) { $0 + Double($1.places) / Double($1.run.count) * sum($1.run) }
    }
    let met = expected { Double($0.count(of: disliked, items: lists.items)) }
    return [
      (.ndcg, quality.ndcg), (.recall, quality.recall), (.map, quality.averagePrecision),
      (.mrr, quality.reciprocalRank), (.precision, quality.precision), (.hitRate, quality.hitRate),
      (.disliked, disliked.isEmpty ? 0 : met / Double(disliked.count)),
      (.length, Double(runs.reduce(0) { $0 + $1.places })),
    ] + weights.map { kind, weights in (kind, expected(weights.sum)) }
  }
}

extension Statistics {
  /// What the genres of one user's list add up to.
  private static func sums(
    _ genres: ListGenres, _ list: [Int32], _ wanted: [Double]?
  ) -> [(ListColumn, Double)] {
    let distance = genres.distance(list)
    let miscalibration = wanted.flatMap { genres.miscalibration(list, from: $0) }
    return [
      (.distance, distance ?? 0), (.hasDistance, distance == nil ? 0 : 1),
      (.miscalibration, miscalibration ?? 0), (.hasGenres, miscalibration == nil ? 0 : 1),
    ]
  }
}

/// A weight of each item, and their sum.
private struct ItemWeights {
  let values: [Double]
  let total: Double

  init(_ values: [Double]) {
    self.values = values
    total = values.reduce(0, +)
  }

  /// The sum of the weights of some items.
  func sum(_ run: TiedItems) -> Double { run.sum(values, total: total) }
}

// The evaluation of a model on test rows: errors and ranking metrics, each with a 95 % interval over users.
import CKernels
import OsusumeData
import OsusumeModels

/// One metric: its value over all users, and its values over resampled ones.
public struct Metric: Sendable, Equatable, Encodable {
  /// Its name, as in JSON: `rmse`, `ndcg@10`.
  public var name: String
  /// The value over all users; not a finite number where scores are none.
  public var value: Double
  /// The value in each bootstrap resample; not a number where a resample drew nobody.
  ///
  /// None where only one user has a part in the metric, which says nothing of others.
  public var resamples: [Double]
  /// Bounds of the middle 95 % of the resamples; nil without resamples.
  public var interval: ClosedRange<Double>?
  /// Whether less is better, as with errors.
  public var lowerIsBetter: Bool {
    ["rmse", "mae", "disliked", "gini", "log_loss", "miscalibration"].contains {
      name.hasPrefix($0)
    }
  }

  /// Whether more, or less, of it is better by itself: random lists cover everything.
  public var isQuality: Bool {
    !["coverage", "novelty", "mean_popularity", "intra_list_distance"].contains {
      name.hasPrefix($0)
    }
  }

  private enum CodingKeys: CodingKey { case name, value, interval }

  /// Writes the name, the value, and the bounds of the interval as two numbers; null where they are not finite.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(value.isFinite ? value : nil, forKey: .value)
    let bounds = interval.map { [$0.lowerBound, $0.upperBound] }
    try values.encode(
      bounds.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }, forKey: .interval)
  }

  init(name: String, value: Double, resamples: [Double], users: Int) {
    self.name = name
    self.value = value
    self.resamples = users > 1 ? resamples : []
    interval = middle95(self.resamples)
  }
}

/// Errors and ranking metrics of a model on test rows.
///
/// Ranking metrics: candidates are all items but those that the ranking leaves out; relevant are test rows rated at
/// or above a bound; users without a relevant row are omitted and counted. Where scores tie, a metric is its
/// expected value over all orders of the tied items (`RankingMetrics`).
///
/// Of the lists cut at k: `coverage` is the fraction of all items that at least one user is recommended;
/// `gini` the Gini coefficient of how often each item is recommended, 0 where all are alike often;
/// `mean_popularity` and `novelty` the means over recommendations of `ItemPopularity`; `disliked` the
/// fraction of a user's disliked test rows that the list holds, over users who have any. By genres, where items have
/// any (`ListGenres`): `intra_list_distance` is the mean over pairs of a list's items of 1 − the cosine of
/// their genres, `miscalibration` the divergence of a list's genres from those of what the user has met.
public struct Evaluation: Sendable, Encodable {
  /// Metrics in the order they are shown; those that mean nothing here (errors of a model that only
  /// ranks, rankings where no test row is relevant) are absent.
  public internal(set) var metrics: [Metric]
  /// Number of test rows.
  public let rows: Int
  /// Number of users with test rows.
  public let users: Int
  /// Of those, how many have no relevant test row.
  public let usersWithoutRelevant: Int
  /// The rating down from which a test row is disliked.
  public let dislikedAt: Float
  /// How resamples were drawn.
  public let bootstrap: Bootstrap
  /// What metrics are ratios of, by user; nil unless asked for (`EvaluationOptions.keepsSums`).
  private(set) var sums: UserSums?

  private enum CodingKeys: CodingKey {
    case metrics, rows, users, usersWithoutRelevant, dislikedAt
  }

  /// Writes all metrics and what they are of, without resamples.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(metrics, forKey: .metrics)
    try values.encode(rows, forKey: .rows)
    try values.encode(users, forKey: .users)
    try values.encode(usersWithoutRelevant, forKey: .usersWithoutRelevant)
    try values.encode(dislikedAt.isFinite ? dislikedAt : nil, forKey: .dislikedAt)
  }

  /// The metric of a name, or nil.
  public subscript(name: String) -> Metric? { metrics.first { $0.name == name } }

  /// The names of all metrics that a model may have.
  public static func names(cutoffs: [Int]) -> [String] {
    Statistics(users: 0, cutoffs: cutoffs).ratios.map(\.name) + cutoffs.map { "coverage@\($0)" }
  }

  /// NDCG cut at a rank, or nil when it was not asked for.
  public func ndcg(at cutoff: Int) -> Double? { self["ndcg@\(cutoff)"]?.value }

  /// Evaluates the scores and rankings of any model.
  ///
  /// - Parameters:
  ///   - test: Test rows; an item index at or beyond the number of items is relevant but out of reach.
  ///   - predictions: One predicted rating a test row; nil for a model that only ranks.
  ///   - scale: The scale that predictions are clipped to in the clipped errors.
  ///   - relevantAt: The rating from which on a test row is relevant.
  ///   - dislikedAt: The rating down from which a test row is disliked.
  ///   - popularity: Of each item that a model could recommend.
  ///   - genres: Of these items, and what users have met; nil: no metrics by genre.
  ///   - cutoffs: Ranks at which rankings are cut.
  ///   - keepsSums: Whether `sums` are kept.
  ///   - ranking: Each user's ranking of these items.
  package init(
    test: IndexedRatings, predictions: [Float]?, scale: ClosedRange<Float>, relevantAt: Float,
    dislikedAt: Float, popularity: ItemPopularity, genres: ListGenres? = nil, cutoffs: [Int],
    bootstrap: Bootstrap, threads: Int, keepsSums: Bool = false, ranking: some ItemRanking
  ) {
    let evaluated = EvaluatedUsers(
      test: test, relevantAt: relevantAt, dislikedAt: dislikedAt, threads: threads)
    let lists = RankedLists(
      ranking, users: evaluated.ranked.map { evaluated.users[$0] }, length: cutoffs.max() ?? 0,
      items: popularity.fractions.count, threads: threads)
    let exposures = cutoffs.map { Exposure(lists, cutoff: $0) }
    var table = Statistics(users: evaluated.users.count, cutoffs: cutoffs)
    if let predictions {
      table.addErrors(predictions, of: test, at: evaluated.positions, scale: scale)
    }
    let key = ck_random_key(bootstrap.seed, RandomStream.ties)
    table.addRankings(
      lists, evaluated, exposures, popularity, genres, key: key, threads: threads)
    let draws = bootstrap.draw(
      statistics: table.values, columns: table.columns,
      recommended: bootstrap.resamples == 0
        ? []
        : cutoffs.map {
          lists.drawn(cutoff: $0, positions: evaluated.ranked, key: key, threads: threads)
        }, threads: threads)
    metrics = table.metrics(draws, resamples: bootstrap.resamples)
    for (place, cutoff) in cutoffs.enumerated() where !evaluated.ranked.isEmpty {
      metrics.append(
        .coverage(
          at: cutoff, exposures[place].coverage, items: popularity.fractions.count,
          resampled: draws.covered.isEmpty ? [] : draws.covered[place],
          users: evaluated.ranked.count))
    }
    rows = test.count
    users = evaluated.users.count
    usersWithoutRelevant = evaluated.users.count - evaluated.ranked.count
    self.dislikedAt = dislikedAt
    self.bootstrap = bootstrap
    if keepsSums { sums = UserSums(users: evaluated.users, table: table) }
  }
}

extension Statistics {
  /// The metrics of all users and of resamples of them; those that mean nothing here are absent.
  func metrics(_ draws: Bootstrap.Draws, resamples: Int) -> [Metric] {
    let totals = totals
    return ratios.compactMap { ratio in
      totals[ratio.denominator] == 0
        ? nil
        : Metric(
          name: ratio.name, value: ratio.value(of: totals),
          resamples: (0..<resamples).map {
            ratio.value(of: draws.sums[$0 * columns..<($0 + 1) * columns])
          }, users: users(in: ratio.denominator))
    }
  }
}

extension Metric {
  /// Coverage, and counts of items that were recommended to somebody in each resample.
  ///
  /// A resample holds only 63 % of the distinct users and so reaches fewer items than all of them do:
  /// its values are moved by the mean shortfall, that the interval may surround the value.
  fileprivate static func coverage(
    at cutoff: Int, _ value: Double, items: Int, resampled: [Int], users: Int
  ) -> Metric {
    let fractions = resampled.map { Double($0) / Double(max(1, items)) }
    let shift = value - fractions.reduce(0, +) / Double(max(1, fractions.count))
    return Metric(
      name: "coverage@\(cutoff)", value: value,
      resamples: fractions.map { min(1, max(0, $0 + shift)) }, users: users)
  }
}

extension Evaluation {
  /// An evaluation of metrics that are known; without rankings there is nobody without relevant rows.
  init(
    metrics: [Metric], rows: Int, users: Int, usersWithoutRelevant: Int = 0,
    dislikedAt: Float = -.infinity, bootstrap: Bootstrap
  ) {
    self.metrics = metrics
    self.rows = rows
    self.users = users
    self.usersWithoutRelevant = usersWithoutRelevant
    self.dislikedAt = dislikedAt
    self.bootstrap = bootstrap
  }
}

/// Whose rows are whose: users by position, ascending index.
struct RowOwners {
  /// User index at each position.
  let users: [Int32]
  /// Position of each row's user.
  let positions: [Int32]

  init(_ rows: IndexedRatings) {
    var position = [Int32](repeating: -1, count: Int(rows.users.max() ?? -1) + 1)
    for user in rows.users { position[Int(user)] = 0 }
    users = position.indices.filter { position[$0] == 0 }.map { Int32($0) }
    for (place, user) in users.enumerated() { position[Int(user)] = Int32(place) }
    positions = rows.users.map { position[Int($0)] }
  }
}

/// The users of the test rows, by position: ascending index.
struct EvaluatedUsers {
  /// User index at each position.
  let users: [Int32]
  /// Position of each test row's user.
  let positions: [Int32]
  /// Relevant items by position, ascending.
  let relevant: SeenItems
  /// Disliked items by position, ascending.
  let disliked: SeenItems
  /// Positions of users with a relevant item.
  let ranked: [Int]

  init(test: IndexedRatings, relevantAt: Float, dislikedAt: Float, threads: Int) {
    let owners = RowOwners(test)
    let (users, positions) = (owners.users, owners.positions)
    func items(where isWanted: (Float) -> Bool) -> SeenItems {
      let rows = test.values.indices.filter { isWanted(test.values[$0]) }
      return SeenItems(
        rows: IndexedRatings(
          users: rows.map { positions[$0] }, items: rows.map { test.items[$0] },
          values: rows.map { test.values[$0] }),
        users: users.count, threads: threads)
    }
    let relevant = items { $0 >= relevantAt }
    self.users = users
    self.positions = positions
    self.relevant = relevant
    disliked = items { $0 <= dislikedAt && $0 < relevantAt }
    ranked = users.indices.filter { !relevant[$0].isEmpty }
  }
}

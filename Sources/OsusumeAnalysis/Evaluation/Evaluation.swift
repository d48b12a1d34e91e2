// The evaluation of a model on test rows: errors and ranking metrics, each with a 95 % interval over users.
import OsusumeData
import OsusumeModels

/// One metric: its value over all users, and its values over resampled ones.
public struct Metric: Sendable, Equatable {
  /// Its name, as in JSON: `rmse`, `ndcg@10`.
  public var name: String
  /// The value over all users; not a finite number where scores are none.
  public var value: Double
  /// The value in each bootstrap resample; not a number where a resample drew nobody.
  public var resamples: [Double]
  /// Bounds of the middle 95 % of the resamples; nil without resamples.
  public var interval: ClosedRange<Double>?
  /// Whether less is better, as with errors.
  public var lowerIsBetter: Bool { name.hasPrefix("rmse") || name.hasPrefix("mae") }

  init(name: String, value: Double, resamples: [Double]) {
    self.name = name
    self.value = value
    self.resamples = resamples
    interval = middle95(resamples)
  }
}

/// Errors and ranking metrics of a model on test rows.
///
/// Ranking metrics: candidates are all items outside the user's training rows; relevant are test rows
/// rated at or above a bound; users without a relevant row are omitted and counted. Coverage is the
/// fraction of all items that at least one of the remaining users is recommended.
public struct Evaluation: Sendable {
  /// Metrics in the order they are shown; those that mean nothing here (errors of a model that only
  /// ranks, rankings where no test row is relevant) are absent.
  public private(set) var metrics: [Metric]
  /// Number of test rows.
  public let rows: Int
  /// Number of users with test rows.
  public let users: Int
  /// Of those, how many have no relevant test row.
  public let usersWithoutRelevant: Int
  /// How resamples were drawn.
  public let bootstrap: Bootstrap

  /// The metric of a name, or nil.
  public subscript(name: String) -> Metric? { metrics.first { $0.name == name } }

  /// NDCG cut at a rank, or nil when it was not asked for.
  public func ndcg(at cutoff: Int) -> Double? { self["ndcg@\(cutoff)"]?.value }

  /// Evaluates the scores and rankings of any model.
  ///
  /// - Parameters:
  ///   - test: Test rows; an item index at or beyond `items` is relevant but out of reach.
  ///   - predictions: One predicted rating a test row; nil for a model that only ranks.
  ///   - scale: The scale that predictions are clipped to in the clipped errors.
  ///   - relevantAt: The rating from which on a test row is relevant.
  ///   - items: Number of items a model could recommend.
  ///   - cutoffs: Ranks at which rankings are cut.
  ///   - rank: Ranks as many items for the given users as the largest cutoff.
  public init(
    test: IndexedRatings, predictions: [Float]?, scale: ClosedRange<Float>, relevantAt: Float,
    items: Int, cutoffs: [Int], bootstrap: Bootstrap, threads: Int,
    rank: (_ users: [Int32], _ count: Int) throws -> TopItems
  ) rethrows {
    let evaluated = EvaluatedUsers(test: test, relevantAt: relevantAt, threads: threads)
    let top =
      try evaluated.ranked.isEmpty || cutoffs.isEmpty
      ? TopItems(width: 0, items: [], scores: [])
      : rank(evaluated.ranked.map { evaluated.users[$0] }, cutoffs.max() ?? 0)
    var table = Statistics(users: evaluated.users.count, cutoffs: cutoffs)
    if let predictions {
      table.addErrors(predictions, of: test, at: evaluated.positions, scale: scale)
    }
    let recommended = table.addRankings(top, evaluated, items: items, threads: threads)
    let draws = bootstrap.draw(
      statistics: table.values, columns: table.columns, recommended: recommended,
      threads: threads)
    let totals = table.totals
    metrics = table.ratios.compactMap { ratio in
      totals[ratio.denominator] == 0
        ? nil
        : Metric(
          name: ratio.name, value: ratio.value(of: totals),
          resamples: (0..<bootstrap.resamples).map {
            ratio.value(of: draws.sums[$0 * table.columns..<($0 + 1) * table.columns])
          })
    }
    for (place, cutoff) in cutoffs.enumerated() where !evaluated.ranked.isEmpty {
      let reached = recommended[place].offsets.indices.dropLast()
        .count { !recommended[place][$0].isEmpty }
      metrics.append(
        .coverage(
          at: cutoff, reached: reached, items: items, resampled: draws.covered[place]))
    }
    rows = test.count
    users = evaluated.users.count
    usersWithoutRelevant = evaluated.users.count - evaluated.ranked.count
    self.bootstrap = bootstrap
  }
}

extension Metric {
  /// Coverage from counts of items that were recommended to somebody.
  ///
  /// A resample holds only 63 % of the distinct users and so reaches fewer items than all of them do:
  /// its values are moved by the mean shortfall, that the interval may surround the value.
  fileprivate static func coverage(at cutoff: Int, reached: Int, items: Int, resampled: [Int])
    -> Metric
  {
    let value = Double(reached) / Double(max(1, items))
    let fractions = resampled.map { Double($0) / Double(max(1, items)) }
    let shift = value - fractions.reduce(0, +) / Double(max(1, fractions.count))
    return Metric(
      name: "coverage@\(cutoff)", value: value,
      resamples: fractions.map { min(1, max(0, $0 + shift)) })
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
  /// Positions of users with a relevant item.
  let ranked: [Int]

  init(test: IndexedRatings, relevantAt: Float, threads: Int) {
    var position = [Int32](repeating: -1, count: Int(test.users.max() ?? -1) + 1)
    for user in test.users { position[Int(user)] = 0 }
    let users = position.indices.filter { position[$0] == 0 }.map { Int32($0) }
    for (place, user) in users.enumerated() { position[Int(user)] = Int32(place) }
    let positions = test.users.map { position[Int($0)] }
    let liked = test.values.indices.filter { test.values[$0] >= relevantAt }
    let relevant = SeenItems(
      rows: IndexedRatings(
        users: liked.map { positions[$0] }, items: liked.map { test.items[$0] },
        values: liked.map { test.values[$0] }),
      users: users.count, threads: threads)
    self.users = users
    self.positions = positions
    self.relevant = relevant
    ranked = users.indices.filter { !relevant[$0].isEmpty }
  }
}

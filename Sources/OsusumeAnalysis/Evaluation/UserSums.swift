// What each user adds to an evaluation, and evaluations of several parts of the ratings joined into one.
import OsusumeData

/// The statistics of the users of some test rows.
struct UserSums: Sendable {
  /// User indices, ascending.
  let users: [Int32]
  /// A row for each of them.
  let table: Statistics

  /// The sums of users over several parts.
  init(joining parts: [UserSums], cutoffs: [Int]) {
    var place = [Int32](repeating: -1, count: Int(parts.compactMap(\.users.last).max() ?? -1) + 1)
    for user in parts.flatMap(\.users) { place[Int(user)] = 0 }
    users = place.indices.filter { place[$0] == 0 }.map { Int32($0) }
    for (number, user) in users.enumerated() { place[Int(user)] = Int32(number) }
    var table = Statistics(users: users.count, cutoffs: cutoffs)
    for part in parts {
      for (row, user) in part.users.enumerated() {
        table.add(part.table, row: row, to: Int(place[Int(user)]))
      }
    }
    self.table = table
  }

  init(users: [Int32], table: Statistics) {
    self.users = users
    self.table = table
  }
}

extension Evaluation {
  /// One evaluation of several parts of the ratings, each judged by a model of its own.
  ///
  /// A metric is the ratio of what all parts add up to, so that every row, and every list, counts once; its
  /// interval draws users with all their parts. Coverage is the mean of the parts', without an interval.
  ///
  /// - Parameter parts: At least one, of the same users and items, options that keep sums, and the same cutoffs.
  init(joining parts: [Evaluation], cutoffs: [Int], bootstrap: Bootstrap, threads: Int) {
    let sums = UserSums(joining: parts.compactMap(\.sums), cutoffs: cutoffs)
    let table = sums.table
    let draws = bootstrap.draw(
      statistics: table.values, columns: table.columns, recommended: [], threads: threads)
    let coverage = cutoffs.compactMap { cutoff -> Metric? in
      let found = parts.compactMap { $0["coverage@\(cutoff)"]?.value }
      guard !found.isEmpty else { return nil }
      return Metric(
        name: "coverage@\(cutoff)", value: found.reduce(0, +) / Double(found.count), resamples: [],
        users: sums.users.count)
    }
    self.init(
      metrics: table.metrics(draws, resamples: bootstrap.resamples) + coverage,
      rows: parts.reduce(0) { $0 + $1.rows }, users: sums.users.count,
      usersWithoutRelevant: sums.users.count - table.rankedUsers,
      dislikedAt: parts.map(\.dislikedAt).max() ?? -.infinity, bootstrap: bootstrap)
  }
}

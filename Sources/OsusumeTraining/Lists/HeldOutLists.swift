// How well a fit ranks held-out ratings, epoch by epoch.
import Foundation
import OsusumeData
import OsusumeModels

/// Lists of users with held-out ratings, and how many of those that they liked come first.
///
/// NDCG at 10 as `evaluate` has it: candidates are all items outside the user's training ratings, relevant are
/// held-out ratings from the median up. Of many users, 2,000 are asked, evenly spread: an epoch should
/// not take longer to look at than to run.
struct HeldOutLists {
  private let users: [Int32]
  private let relevant: SeenItems
  private let seen: SeenItems
  private let threads: Int

  private static let mostUsers = 2000
  private static let cutoff = 10

  /// The lists of a task's validation ratings; nil where none of them is relevant.
  init?(_ task: FitTask) {
    guard let rows = task.validation else { return nil }
    let median = RatingSummary(rows: task.ratings, items: task.items).median
    let liked = rows.values.indices.filter { rows.values[$0] >= median }
    let relevant = SeenItems(
      rows: IndexedRatings(
        users: liked.map { rows.users[$0] }, items: liked.map { rows.items[$0] },
        values: liked.map { rows.values[$0] }),
      users: task.users, threads: task.threads)
    let asked = (0..<task.users).filter { !relevant[$0].isEmpty }
    guard !asked.isEmpty else { return nil }
    let count = min(asked.count, Self.mostUsers)
    users = (0..<count).map { Int32(asked[$0 * asked.count / count]) }
    self.relevant = relevant
    seen = SeenItems(rows: task.train, users: task.users, threads: task.threads)
    threads = task.threads
  }

  /// The mean NDCG of a scorer's lists.
  func ndcg(of scorer: any Scorer) -> Double {
    let top = scorer.topItems(
      for: users, count: Self.cutoff, excluding: seen, threads: threads)
    let gains = users.enumerated().map { place, user in
      let relevant = relevant[Int(user)]
      let list = top.items[place * Self.cutoff..<(place + 1) * Self.cutoff]
      let gain = zip(0..., list).reduce(0) { sum, entry in
        relevant.contains(entry.1) ? sum + Self.discount(entry.0) : sum
      }
      let ideal = (0..<min(relevant.count, Self.cutoff)).reduce(0) { $0 + Self.discount($1) }
      return gain / ideal
    }
    return gains.reduce(0, +) / Double(gains.count)
  }

  /// 1/log2(rank + 1), rank = place + 1.
  private static func discount(_ place: Int) -> Double { 1 / log2(Double(place + 2)) }
}

extension FitTask {
  /// The training ratings with weights in place of values, 1 from the median up and `dislikeWeight` below; those of
  /// weight 0 are left out.
  func weightedRatings() -> IndexedRatings {
    let median = RatingSummary(rows: ratings, items: items).median
    let weights = train.values.map { Float(settings.weight(of: $0, likedFrom: median)) }
    guard settings.dislikeWeight == 0 else {
      return IndexedRatings(users: train.users, items: train.items, values: weights)
    }
    let kept = weights.indices.filter { weights[$0] > 0 }
    return IndexedRatings(
      users: kept.map { train.users[$0] }, items: kept.map { train.items[$0] },
      values: kept.map { weights[$0] })
  }
}

// Whole numbers that follow a given distribution and add up to a given sum.
import Foundation

/// A distribution of positive counts, as the values at some shares of the population.
struct CountDistribution {
  /// Share of the population (ascending from 0 to 1) and the count there.
  let quantiles: [(share: Double, count: Double)]

  /// The count at a share: log-linear between the given ones.
  func count(at share: Double) -> Double {
    let next = quantiles.firstIndex { $0.share >= share } ?? quantiles.count - 1
    guard next > 0 else { return quantiles[0].count }
    let (low, high) = (quantiles[next - 1], quantiles[next])
    let part = (share - low.share) / (high.share - low.share)
    return exp(log(low.count) * (1 - part) + log(high.count) * part)
  }

  /// `members` counts from `least` to `most`, ascending, that add up to `total`; the distribution is
  /// stretched above `least` as far as that takes.
  ///
  /// Needs members · least ≤ total ≤ members · most.
  func counts(_ members: Int, total: Int, least: Int, most: Int) -> [Int] {
    let shape = (0..<members).map {
      count(at: (Double($0) + 0.5) / Double(members)) - Double(least)
    }
    func stretched(_ above: Double, _ factor: Double) -> Int {
      min(most, max(least, least + Int((above * factor).rounded())))
    }
    var low = 0.0
    var high = 64.0
    while high - low > 1e-6 {
      let middle = (low + high) / 2
      let sum = shape.reduce(0) { $0 + stretched($1, middle) }
      if sum <= total { low = middle } else { high = middle }
    }
    var counts = shape.map { stretched($0, low) }
    var rest = total - counts.reduce(0, +)
    // Rounding leaves fewer than one each; the largest get it, unless they are full.
    while rest > 0 {
      let before = rest
      for member in counts.indices.reversed() where rest > 0 && counts[member] < most {
        counts[member] += 1
        rest -= 1
      }
      precondition(rest < before, "\(members) counts of at most \(most) cannot add up to \(total)")
    }
    return counts
  }
}

extension CountDistribution {
  /// Ratings a user, of users with at least two: the published part of the Kaggle set; the largest
  /// count is the whole set's.
  static let ratings = CountDistribution(quantiles: [
    (0, 2), (0.03, 2), (0.05, 3), (0.1, 5), (0.15, 8), (0.2, 12), (0.25, 15), (0.3, 20), (0.4, 32),
    (0.5, 48), (0.6, 69), (0.7, 96), (0.75, 115), (0.8, 143), (0.85, 180), (0.9, 230),
    (0.95, 335.5),
    (0.98, 498), (0.99, 619), (0.995, 804), (0.999, 1091), (0.9998, 1991), (1, 3747),
  ])
  /// Unrated rows a user, of raters who have any: from the same part.
  static let unratedOfRaters = CountDistribution(quantiles: [
    (0, 1), (0.25, 1), (0.3, 2), (0.4, 3), (0.5, 5), (0.6, 8.2), (0.7, 17), (0.75, 25), (0.8, 36.6),
    (0.85, 59), (0.9, 95), (0.95, 161), (0.97, 235), (0.98, 287), (0.99, 398), (0.995, 500),
    (0.999, 767), (1, 2000),
  ])
  /// Unrated rows a user, of users who rate nothing: from the same part.
  static let unratedOfNonraters = CountDistribution(quantiles: [
    (0, 1), (0.05, 1), (0.1, 2), (0.15, 5), (0.2, 8), (0.25, 14), (0.3, 18), (0.4, 28), (0.5, 43),
    (0.6, 58.2), (0.7, 88.8), (0.8, 125), (0.85, 163), (0.9, 230), (0.95, 306), (0.97, 424),
    (0.99, 620), (0.999, 1224), (1, 2000),
  ])
  /// Share of raters who have unrated rows.
  static let shareWithUnrated = 0.482
}

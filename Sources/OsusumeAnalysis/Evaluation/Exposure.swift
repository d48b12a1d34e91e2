// How often each item is recommended: coverage of the items, and concentration on few.
import CKernels
import Foundation
import OsusumeData

/// The lists of many users, cut at one rank, by item; items of one score come in random order.
struct Exposure {
  /// The expected number of lists that hold the item.
  private(set) var expected: [Double]
  /// The expected fraction of items that at least one list holds.
  let coverage: Double

  init(_ lists: RankedLists, cutoff: Int) {
    expected = [Double](repeating: 0, count: lists.items)
    var isCertain = [Bool](repeating: false, count: lists.items)
    // Σ log of the chances that a list lacks the item; what all items share is set apart.
    var missing = [Double](repeating: 0, count: lists.items)
    var shared = (expected: 0.0, missing: 0.0)
    for row in 0..<lists.count {
      for (run, places) in lists.runs(row, cutoff: cutoff) {
        guard places < run.count else {
          for item in run.members(of: lists.items) {
            expected[Int(item)] += 1
            isCertain[Int(item)] = true
          }
          continue
        }
        let chance = Double(places) / Double(run.count)
        let sign = run.isInverted ? -1.0 : 1
        for item in run.listed {
          expected[Int(item)] += sign * chance
          missing[Int(item)] += sign * log1p(-chance)
        }
        guard run.isInverted else { continue }
        shared.expected += chance
        shared.missing += log1p(-chance)
      }
    }
    var covered = 0.0
    for item in expected.indices {
      expected[item] = max(0, expected[item] + shared.expected)
      covered += isCertain[item] ? 1 : max(0, -expm1(missing[item] + shared.missing))
    }
    coverage = covered / Double(max(1, lists.items))
  }

  /// What a recommendation of each item adds to the Gini coefficient of `expected`: 2·rank/n − 1, rank −
  /// ½ counted from the least recommended of n items; the coefficient is the mean over recommendations.
  ///
  /// Ranks fixed, that mean moves with small changes of the lists as the coefficient does: of all orders
  /// the sorted one has the largest sum. So its resamples give the coefficient's interval.
  var giniShares: [Double] {
    let count = Double(expected.count)
    return Correlation.ranks(expected).map { (2 * $0 + 1 - count) / count }
  }
}

extension RankedLists {
  /// One user's list; of items of one score, those that come first in a random order.
  func drawn(_ row: Int, cutoff: Int, key: UInt64) -> [Int32] {
    runs(row, cutoff: cutoff).flatMap { run, places in
      run.drawn(places, of: items, key: ck_random_bits(key, UInt64(row)))
    }
  }

  /// The users by item recommended to them, as `positions` has them; of items of one score, those that
  /// come first in one random order.
  func drawn(cutoff: Int, positions: [Int], key: UInt64, threads: Int) -> CompressedRows {
    var (keys, columns) = ([Int32](), [Int32]())
    for row in 0..<count {
      let drawn = drawn(row, cutoff: cutoff, key: key)
      keys += drawn
      columns += repeatElement(Int32(positions[row]), count: drawn.count)
    }
    return CompressedRows(keys: keys, columns: columns, count: items, threads: threads)
  }
}

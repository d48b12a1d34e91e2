// The bootstrap over users: how much a metric would move had other users been asked.
import CKernels
import OsusumeData

/// A percentile bootstrap over users, by Poisson weights (`ck_bootstrap.h`).
///
/// Users are drawn, not rows: the ratings of one user are not independent. Two evaluations of the same
/// users under the same seed see the same resamples, which is what makes their differences paired.
public struct Bootstrap: Sendable, Equatable {
  /// Number of resamples.
  public var resamples: Int
  /// Seed of the draws.
  public var seed: UInt64

  /// Makes a bootstrap; 0 resamples: no intervals.
  public init(resamples: Int = 1000, seed: UInt64 = 42) {
    self.resamples = resamples
    self.seed = seed
  }

  /// Resamples that walk over the users' statistics together.
  private static let resamplesAChunk = 8

  /// What the resamples add up to.
  struct Draws {
    /// resamples × columns weighted sums.
    var sums: [Double]
    /// For each list of recommendations, in each resample, how many items reached a drawn user.
    var covered: [[Int]]
  }

  /// Draws all resamples.
  ///
  /// - Parameters:
  ///   - statistics: users × columns, columns even.
  ///   - recommended: Lists of who was recommended each item: rows are items, columns users.
  func draw(
    statistics: [Double], columns: Int, recommended: [CompressedRows], threads: Int
  ) -> Draws {
    let users = statistics.count / columns
    let key = ck_random_key(seed, RandomStream.bootstrap)
    var sums = [Double](repeating: 0, count: resamples * columns)
    var covered = [Int](repeating: 0, count: resamples * recommended.count)
    let chunks = (resamples + Self.resamplesAChunk - 1) / Self.resamplesAChunk
    sums.withUnsafeMutableBufferPointer { sums in
      covered.withUnsafeMutableBufferPointer { covered in
        forEachChunk(chunks, threads: threads) { chunk in
          let first = chunk * Self.resamplesAChunk
          let count = min(Self.resamplesAChunk, resamples - first)
          var weights = [UInt8](repeating: 0, count: count * users)
          weights.withUnsafeMutableBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for resample in 0..<count {
              let own = weights + resample * users
              ck_bootstrap_weights(key, UInt64(first + resample), users, own)
              for (list, rows) in recommended.enumerated() {
                covered[list * resamples + first + resample] = ck_bootstrap_covered(
                  rows.offsets, rows.columns, rows.count, own)
              }
            }
            ck_bootstrap_sums(
              weights, count, statistics, users, columns,
              sums.baseAddress.map { $0 + first * columns })
          }
        }
      }
    }
    return Draws(
      sums: sums,
      covered: recommended.indices.map { Array(covered[$0 * resamples..<($0 + 1) * resamples]) })
  }

  /// A statistic of each resample that is no ratio of sums, from how often each user is drawn.
  func weighted(
    users: Int, threads: Int, _ statistic: (UnsafeMutableBufferPointer<UInt8>) -> Double
  ) -> [Double] {
    let key = ck_random_key(seed, RandomStream.bootstrap)
    return mapChunks(resamples, threads: threads) { resample in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: users) { weights in
        guard let base = weights.baseAddress else { return .nan }
        ck_bootstrap_weights(key, UInt64(resample), users, base)
        return statistic(weights)
      }
    }
  }
}

/// The range that holds the middle 95 % of values; nil without values, and where one is infinite.
///
/// Bounds interpolate linearly between order statistics. Values that are not numbers (a resample without users) are
/// omitted.
func middle95(_ values: [Double]) -> ClosedRange<Double>? {
  let sorted = values.filter { !$0.isNaN }.sorted()
  guard let least = sorted.first, let most = sorted.last, (most - least).isFinite else {
    return nil
  }
  return sorted.quantile(0.025)...sorted.quantile(0.975)
}

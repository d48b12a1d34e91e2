// Baselines: the mean, damped biases, popularity. A model that does not beat them has learned nothing.
import CKernels
import OsusumeData
import OsusumeModels

/// Fits `mean`, `bias` or `popularity`: the models whose score has no factors and is fitted in closed
/// form.
///
/// - Parameters:
///   - train: The training rows, with at least one rating.
///   - users: Number of users; those without a rating get bias 0.
///   - items: Number of items; those without a rating get bias 0.
///   - hyperparameters: `biasRegularization` is the damping of the biases; nothing else counts.
/// - Returns: Parameters without factors; popularity's item bias is the item's number of ratings.
public func fitBaseline(
  _ spec: ModelSpec, train: RatingRows, users: Int, items: Int, hyperparameters: Hyperparameters,
  threads: Int
) -> FactorParameters {
  let terms = spec.score.terms
  precondition(!terms.contains(.dot), "\(spec.name) has factors and is no baseline")
  let layout = RowLayout(factors: 0, biased: true)
  var parameters = FactorParameters(layout: layout, users: users, items: items)
  if terms.contains(.itemCount) {
    let counts = RatingSummary(rows: train, items: items).itemCounts
    for item in 0..<items { parameters.items[item][layout.itemBiasLane] = Float(counts[item]) }
    return parameters
  }
  guard terms.contains(where: { if case .bias = $0 { true } else { false } }) else {
    parameters.mean = train.values.mean
    return parameters
  }
  let biases = DampedBiases(
    rows: train, users: users, items: items, damping: hyperparameters.biasRegularization,
    threads: threads)
  parameters.mean = Float(biases.mean)
  for user in 0..<users { parameters.users[user][layout.userBiasLane] = biases.users[user] }
  for item in 0..<items { parameters.items[item][layout.itemBiasLane] = biases.items[item] }
  return parameters
}

/// μ, b_u and b_i that minimise Σ (r − μ − b_u − b_i)² + damping·(Σ b_u² + Σ b_i²), with μ the mean
/// rating (Koren, Factor in the Neighbors, TKDD 2010, section 2.1, but alternated to convergence).
public struct DampedBiases: Sendable {
  /// The mean rating.
  public private(set) var mean: Double
  /// b_u by user; 0 without ratings.
  public private(set) var users: [Float]
  /// b_i by item; 0 without ratings.
  public private(set) var items: [Float]
  /// Sweeps over items and users that it took.
  public private(set) var sweeps = 0

  /// Fits biases by alternating the two sides until no bias moves by 1e-4 in a sweep, or for 200 sweeps.
  public init(rows: RatingRows, users: Int, items: Int, damping: Double, threads: Int) {
    var byUser = Side(keys: rows.users, others: rows.items, rows: rows, count: users, threads)
    var byItem = Side(keys: rows.items, others: rows.users, rows: rows, count: items, threads)
    mean = byUser.sums.reduce(0, +) / Double(max(1, rows.count))
    var change = Double.infinity
    while change >= 1e-4 && sweeps < 200 {
      let itemChange = byItem.sweep(mean: mean, damping: damping, other: byUser.biases, threads)
      let userChange = byUser.sweep(mean: mean, damping: damping, other: byItem.biases, threads)
      change = max(itemChange, userChange)
      sweeps += 1
    }
    self.users = byUser.biases
    self.items = byItem.biases
  }
}

/// One side of the alternation: its ratings' sums, whom they share them with, and its biases.
private struct Side {
  var groups: CompressedRows
  var sums: [Double]
  var biases: [Float]
  var ranges: [Range<Int>]

  init(keys: [Int32], others: [Int32], rows: RatingRows, count: Int, _ threads: Int) {
    groups = CompressedRows(keys: keys, columns: others, count: count, threads: threads)
    sums = [Double](repeating: 0, count: count)
    ck_bias_sums(keys, rows.values, rows.count, &sums)
    biases = [Float](repeating: 0, count: count)
    ranges = groups.ranges(parts: 64)
  }

  /// Sets every bias to its minimiser and returns the largest change.
  mutating func sweep(mean: Double, damping: Double, other: [Float], _ threads: Int) -> Double {
    var changes = [Double](repeating: 0, count: ranges.count)
    biases.withUnsafeMutableBufferPointer { biases in
      changes.withUnsafeMutableBufferPointer { changes in
        forEachChunk(ranges.count, threads: threads) { part in
          changes[part] = ck_bias_sweep(
            groups.offsets, groups.columns, ranges[part].lowerBound, ranges[part].upperBound, sums,
            mean, damping, other, biases.baseAddress)
        }
      }
    }
    return changes.max() ?? 0
  }
}

extension [Float] {
  /// The mean, summed in double; 0 when empty.
  fileprivate var mean: Float {
    Float(reduce(0.0) { $0 + Double($1) } / Double(Swift.max(1, count)))
  }
}

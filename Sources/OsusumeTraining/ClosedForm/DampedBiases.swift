// The biases of μ + b_u + b_i, by alternation that conjugate gradients accelerate.
import CKernels
import OsusumeData
import OsusumeModels

/// μ, b_u and b_i that minimise Σ (r − μ − b_u − b_i)² + damping·(Σ b_u² + Σ b_i²), with μ the mean
/// rating (Koren, Factor in the Neighbors, TKDD 2010, section 2.1, but to convergence).
///
/// Alternation, each side's minimiser given the other, is a linear iteration b_i ← M·b_i + c that takes
/// some 60 sweeps on anime ratings: little but the damping holds back a shift from one side to the other.
/// M is symmetric in the inner product weighted by n_i + damping, so conjugate gradients find its fixed
/// point, the same biases: a sweep a step, and some 7 of them.
public struct DampedBiases: Sendable {
  /// The mean rating.
  public private(set) var mean: Double
  /// b_u by user; 0 without ratings.
  public private(set) var users: [Float]
  /// b_i by item; 0 without ratings.
  public private(set) var items: [Float]
  /// Sweeps over users and items that it took.
  public private(set) var sweeps = 1

  /// A sweep that moves biases by less than this many standard deviations of the ratings changes nothing
  /// that counts.
  private static let tolerance = 1e-4

  /// Fits biases until another sweep would move no item's by `tolerance`, or for 200 sweeps.
  ///
  /// Of ratings in another unit they are the same biases in that unit.
  package init(rows: IndexedRatings, users: Int, items: Int, damping: Double, threads: Int) {
    let sums = ratingSums(rows, users: users, items: items, threads: threads)
    let byUser = Side(
      sums: sums.users, damping: damping, threads: threads,
      CompressedRows(keys: rows.users, columns: rows.items, count: users, threads: threads))
    let byItem = Side(
      sums: sums.items, damping: damping, threads: threads,
      CompressedRows(keys: rows.items, columns: rows.users, count: items, threads: threads))
    mean = byUser.sums.reduce(0, +) / Double(max(1, rows.count))
    // Of ratings that are all equal there is nothing left but what rounding leaves of the mean.
    let smallest = Self.tolerance * max(rows.values.deviation(from: mean), abs(mean) * 0x1p-20)
    let weights = (0..<items).map { Double(byItem.groups[$0].count) + damping }

    var biases = [Double](repeating: 0, count: items)
    var residual = byItem.biases(given: byUser.biases(given: biases.floats, mean), mean).doubles
    var direction = residual
    var norm = dot(residual, residual, weights)
    while sweeps < 200 && residual.contains(where: { abs($0) > smallest }) {
      let moved = byItem.response(to: byUser.response(to: direction.floats)).doubles
      let image = zip(direction, moved).map { $0 - $1 }
      let curvature = dot(direction, image, weights)
      guard curvature > 0 else { break }
      let step = norm / curvature
      for item in 0..<items {
        biases[item] += step * direction[item]
        residual[item] -= step * image[item]
      }
      let previous = norm
      norm = dot(residual, residual, weights)
      for item in 0..<items {
        direction[item] = residual[item] + norm / previous * direction[item]
      }
      sweeps += 1
    }
    self.items = biases.floats
    self.users = byUser.biases(given: self.items, mean)
  }
}

/// One side of the alternation: the sums of its ratings, and the users or items on the other side.
private struct Side {
  let groups: CompressedRows
  let sums: [Double]
  private let ranges: [Range<Int>]
  private let damping: Double
  private let threads: Int

  init(sums: [Double], damping: Double, threads: Int, _ groups: CompressedRows) {
    self.sums = sums
    self.groups = groups
    self.damping = damping
    self.threads = threads
    ranges = groups.ranges(parts: 64)
  }

  /// The minimising biases of this side given the other's.
  func biases(given other: [Float], _ mean: Double) -> [Float] {
    sums.withUnsafeBufferPointer { sweep(sums: $0.baseAddress, mean: mean, other: other) }
  }

  /// How they move with the other side's: the linear part.
  func response(to other: [Float]) -> [Float] { sweep(sums: nil, mean: 0, other: other) }

  private func sweep(sums: UnsafePointer<Double>?, mean: Double, other: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: groups.count) { biases, filled in
      let biases = biases
      forEachChunk(ranges.count, threads: threads) { part in
        ck_bias_sweep(
          groups.offsets, groups.columns, ranges[part].lowerBound, ranges[part].upperBound, sums,
          mean, damping, other, biases.baseAddress)
      }
      filled = groups.count
    }
  }
}

/// The sums of each user's and of each item's ratings, each side in the order of the rows.
private func ratingSums(_ rows: IndexedRatings, users: Int, items: Int, threads: Int) -> (
  users: [Double], items: [Double]
) {
  var byUser = [Double](repeating: 0, count: users)
  var byItem = [Double](repeating: 0, count: items)
  byUser.withUnsafeMutableBufferPointer { byUser in
    byItem.withUnsafeMutableBufferPointer { byItem in
      forEachChunk(2, threads: threads) { side in
        ck_bias_sums(
          side == 0 ? rows.users : rows.items, rows.values, rows.count,
          side == 0 ? byUser.baseAddress : byItem.baseAddress)
      }
    }
  }
  return (byUser, byItem)
}

/// Σ a·b·weight.
private func dot(_ a: [Double], _ b: [Double], _ weights: [Double]) -> Double {
  a.indices.reduce(0) { $0 + a[$1] * b[$1] * weights[$1] }
}

extension FactorParameters {
  /// Takes over the mean and the biases; vectors stay.
  mutating func set(_ biases: DampedBiases) {
    mean = Float(biases.mean)
    for (user, bias) in biases.users.enumerated() { users[user][layout.userBiasLane] = bias }
    for (item, bias) in biases.items.enumerated() { items[item][layout.itemBiasLane] = bias }
  }
}

extension [Double] {
  fileprivate var floats: [Float] { map { Float($0) } }
}

extension [Float] {
  fileprivate var doubles: [Double] { map { Double($0) } }
}

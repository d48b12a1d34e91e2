// The law by which biases drift: memories and variances under which ratings are likeliest.
import CKernels
import Foundation
import OsusumeData

/// A sum of processes that forget, each with a memory and a variance, and noise (`ck_drift.h`).
package struct DriftLaw: Sendable, Equatable {
  /// Seconds after which each process has forgotten all but 1/e.
  package var memories: [Double]
  /// Variance of each process.
  package var variances: [Double]
  /// Variance of the noise.
  package var noise: Double

  /// Makes a law of its parts.
  package init(memories: [Double], variances: [Double], noise: Double) {
    precondition(memories.count == variances.count)
    precondition((1...Int(CK_DRIFT_PARTS)).contains(memories.count))
    (self.memories, self.variances, self.noise) = (memories, variances, noise)
  }

  /// The law as kernels read it.
  package var kernel: ck_drift_law {
    var law = ck_drift_law()
    law.parts = memories.count
    law.noise = noise
    withUnsafeMutableBytes(of: &law.rate) { rates in
      let rates = rates.bindMemory(to: Double.self)
      for (part, memory) in memories.enumerated() { rates[part] = 1 / memory }
    }
    withUnsafeMutableBytes(of: &law.variance) { kept in
      let kept = kept.bindMemory(to: Double.self)
      for (part, variance) in variances.enumerated() { kept[part] = variance }
    }
    return law
  }

  /// The law of these memories, as a start, and variances under which values are likeliest.
  ///
  /// A search along one setting after the other, each by its logarithm, with steps that shrink when none
  /// helps: a hundred looks at the values or two. Variances are searched for in units of the noise, which
  /// the values then tell. What is shorter than all gaps between values is noise by another name, which the
  /// likelihood cannot tell from noise: variances cost a little, so that it is called noise.
  package init(
    startingAt memories: [Double], noneBelow shortest: Double = 1,
    fittedTo series: DriftSeries, _ values: [Float], threads: Int
  ) {
    let parts = memories.count
    let sample = series.sample(of: Self.sampleSize)
    var best = (law: Self(memories, memories.map { _ in 0 }), cost: Double.infinity)
    var place = memories.map(log) + memories.map { _ in log(0.25 / Double(parts)) }
    var steps = place.map { _ in 1.0 }

    /// Moves to a place if it is allowed and better than the best so far.
    func moves(to trial: [Double]) -> Bool {
      guard trial.prefix(parts).allSatisfy({ (log(shortest)...Self.longest).contains($0) }),
        trial.dropFirst(parts).allSatisfy({ (Self.least ... -Self.least).contains($0) })
      else { return false }
      let ratios = Self(trial.prefix(parts).map(exp), trial.dropFirst(parts).map(exp))
      let (law, cost) = series.scaled(ratios, values, sample, threads: threads)
      let total = law.variances.reduce(law.noise, +)
      let charged = cost + Self.price * (1 - law.noise / total)
      guard charged < best.cost else { return false }
      (place, best) = (trial, (law, charged))
      return true
    }

    _ = moves(to: place)
    for _ in 0..<Self.rounds where steps.contains(where: { $0 > Self.finest }) {
      for setting in place.indices where steps[setting] > Self.finest {
        let moved = [1.0, -1].contains { sign in
          var trial = place
          trial[setting] += sign * steps[setting]
          return moves(to: trial)
        }
        if !moved { steps[setting] /= 2 }
      }
    }
    self = best.law
  }

  /// A law whose noise has the variance 1.
  private init(_ memories: [Double], _ ratios: [Double]) {
    self.init(memories: memories, variances: ratios, noise: 1)
  }

  /// The law times a number.
  func times(_ scale: Double) -> DriftLaw {
    DriftLaw(memories: memories, variances: variances.map { scale * $0 }, noise: scale * noise)
  }

  /// Values looked at: what a hundred looks take a second or two for.
  private static let sampleSize = 200_000
  private static let rounds = 60
  /// Steps of logarithms at which the search ends.
  private static let finest = 0.1
  /// Logarithm of the least share in the noise that a variance may have.
  private static let least = log(1e-6)
  /// A thousand years, by its logarithm.
  private static let longest = log(3e10)
  /// What processes that are all there is would have to gain, in log-likelihood a value.
  private static let price = 1e-3
}

/// Ratings of users, or of items, one behind the other in order of time.
package struct DriftSeries: Sendable {
  /// Rows by user or item, in time within each.
  package let grouping: Grouping
  /// Seconds since 1970 of each place of the grouping.
  package let times: [Int64]
  private let ranges: [Range<Int>]
  private let longest: Int

  /// Groups rows, which are in order of time, by key; `times` are theirs.
  package init(keys: [Int32], times: [Int64], count: Int, threads: Int) {
    grouping = Grouping(keys: keys, count: count, threads: threads)
    self.times = grouping.order.map { times[Int($0)] }
    ranges = CompressedRows(offsets: grouping.offsets, columns: grouping.order).ranges(parts: 512)
    longest = zip(grouping.offsets, grouping.offsets.dropFirst()).map { Int($1 - $0) }.max() ?? 0
  }

  /// Evenly spread ranges of series that hold some number of values, or all.
  func sample(of size: Int) -> [Range<Int>] {
    let every = max(1, times.count / size)
    return ranges.indices.filter { $0.isMultiple(of: every) }.map { ranges[$0] }
  }

  /// Number of values of some ranges of series.
  func values(in ranges: [Range<Int>]) -> Int {
    ranges.reduce(0) {
      $0 + Int(grouping.offsets[$1.upperBound] - grouping.offsets[$1.lowerBound])
    }
  }

  /// Values by row, put in the order of the series.
  package func arranged(_ values: [Float]) -> [Float] {
    values.withUnsafeBufferPointer { values in grouping.order.map { values[Int($0)] } }
  }

  /// The law times the number under which arranged values of some ranges of series are likeliest, and minus
  /// their log-likelihood a value, but for a constant.
  func scaled(
    _ law: DriftLaw, _ values: [Float], _ ranges: [Range<Int>], threads: Int
  ) -> (law: DriftLaw, cost: Double) {
    let sums = mapChunks(ranges.count, threads: threads) { part in
      var sums = [0.0, 0.0]
      withUnsafePointer(to: law.kernel) {
        ck_drift_surprise(
          $0, grouping.offsets, times, values, ranges[part].lowerBound, ranges[part].upperBound,
          &sums)
      }
      return sums
    }
    let count = Double(max(1, self.values(in: ranges)))
    // Values that are all 0 have no scale.
    let scale = max(sums.reduce(0) { $0 + $1[1] } / count, 1e-12)
    let logarithms = sums.reduce(0) { $0 + $1[0] } / count
    return (law.times(scale), 0.5 * (logarithms + log(scale)))
  }

  /// The processes at each place given all arranged values, [places, processes].
  package func smoothed(_ values: [Float], by law: DriftLaw, threads: Int) -> [Float] {
    let parts = law.memories.count
    return [Float](unsafeUninitializedCapacity: parts * values.count) { states, filled in
      nonisolated(unsafe) let base = states.baseAddress
      withUnsafePointer(to: law.kernel) { kernel in
        nonisolated(unsafe) let kernel = kernel
        forEachChunk(ranges.count, threads: threads) { part in
          withUnsafeTemporaryAllocation(
            byteCount: ck_drift_scratch_bytes(kernel, longest), alignment: 16
          ) { scratch in
            ck_drift_smooth(
              kernel, grouping.offsets, times, values, ranges[part].lowerBound,
              ranges[part].upperBound, base, scratch.baseAddress)
          }
        }
      }
      filled = parts * values.count
    }
  }
}

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
  /// helps: a hundred looks at the values or two.
  package init(
    startingAt memories: [Double], fittedTo series: DriftSeries, _ values: [Float], threads: Int
  ) {
    let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count))
    let spread = max(square, 1e-12)
    let parts = memories.count
    var place = memories.map(log) + memories.map { _ in log(0.2 * spread / Double(parts)) }
    place.append(log(0.8 * spread))
    let sample = series.sample(of: Self.sampleSize)
    func surprise(_ place: [Double]) -> Double {
      series.surprise(Self(place), values, sample, threads: threads)
    }
    func isAllowed(_ place: [Double]) -> Bool {
      place.prefix(parts).allSatisfy { $0 >= 0 && $0 <= log(Self.longestMemory) }
        && place.dropFirst(parts).allSatisfy { $0 >= log(1e-6 * spread) }
    }
    var best = surprise(place)
    var steps = place.map { _ in 1.0 }
    for _ in 0..<Self.rounds where steps.contains(where: { $0 > 0.1 }) {
      for setting in place.indices where steps[setting] > 0.1 {
        let trials = [steps[setting], -steps[setting]].map { step in
          var trial = place
          trial[setting] += step
          return trial
        }
        let better = trials.lazy.filter(isAllowed).map { ($0, surprise($0)) }.first { $0.1 < best }
        if let better { (place, best) = better } else { steps[setting] /= 2 }
      }
    }
    self.init(place)
  }

  /// The law at a place of the search: logarithms of memories, variances and noise.
  private init(_ place: [Double]) {
    let parts = place.count / 2
    self.init(
      memories: place.prefix(parts).map(exp), variances: place[parts..<2 * parts].map(exp),
      noise: exp(place[2 * parts]))
  }

  /// Values looked at: what a hundred looks take a second or two for.
  private static let sampleSize = 200_000
  private static let rounds = 40
  /// A thousand years.
  private static let longestMemory = 3e10
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

  /// Values by row, put in the order of the series.
  package func arranged(_ values: [Float]) -> [Float] {
    values.withUnsafeBufferPointer { values in grouping.order.map { values[Int($0)] } }
  }

  /// Minus the log-likelihood of arranged values of some ranges of series.
  func surprise(
    _ law: DriftLaw, _ values: [Float], _ ranges: [Range<Int>], threads: Int
  ) -> Double {
    mapChunks(ranges.count, threads: threads) { part in
      withUnsafePointer(to: law.kernel) {
        ck_drift_surprise(
          $0, grouping.offsets, times, values, ranges[part].lowerBound, ranges[part].upperBound)
      }
    }.reduce(0, +)
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

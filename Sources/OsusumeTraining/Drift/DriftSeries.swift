// Ratings as series in time: their likelihood under a drift law, and the processes smoothed under it.
import CKernels
import OsusumeData

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

  /// Evenly spaced ranges of series that hold some number of values, or all.
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

  /// The law, scaled so that arranged values of some ranges of series are likeliest, and minus
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
    guard parts > 0 else { return [] }
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

// Timestamps of any unit, brought to seconds.
import CKernels

extension ParsedRows {
  /// Brings timestamps to seconds: they are in the unit that most of them look like.
  ///
  /// Seconds of our time have at most 11 digits, milliseconds 14, microseconds 17; one unit holds for a
  /// column, and of two that are equally many it is the longer one.
  package mutating func timesToSeconds(threads: Int) {
    guard !timestamps.isEmpty else { return }
    let parts = Columns.mapRanges(timestamps.count, threads: threads) { range in
      var counts = [Int](repeating: 0, count: 4)
      ck_ingest_time_units(timestamps, range.lowerBound, range.upperBound, &counts)
      return counts
    }
    let counts = (0..<4).map { unit in parts.reduce(0) { $0 + $1[unit] } }
    guard let most = counts.max(), let unit = counts.firstIndex(of: most), unit > 0 else { return }
    let divisor = [1, 1_000, 1_000_000, 1_000_000_000][unit] as Int64
    let count = timestamps.count
    timestamps.withUnsafeMutableBufferPointer { times in
      nonisolated(unsafe) let times = times.baseAddress
      Columns.forEachRange(count, threads: threads) { range in
        ck_ingest_time_scale(times, range.lowerBound, range.upperBound, divisor)
      }
    }
  }
}

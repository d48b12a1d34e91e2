// Pairs of indices grouped by the first: compressed sparse rows, built on several threads.
import CKernels
import Synchronization

/// Columns grouped by row: `columns[offsets[r] ..< offsets[r + 1]]` are the columns of row `r`.
public struct CompressedRows: Sendable, Equatable {
  /// rows + 1 offsets into `columns`.
  public var offsets: [Int32]
  /// Column indices, row after row.
  public var columns: [Int32]

  /// Number of rows.
  public var count: Int { offsets.count - 1 }

  /// Makes compressed rows from their parts.
  package init(offsets: [Int32], columns: [Int32]) {
    self.offsets = offsets
    self.columns = columns
  }

  /// Groups pairs (keys[j], columns[j]) by key, 0 ≤ key < count; within a row, columns keep the order
  /// of the pairs.
  package init(keys: [Int32], columns: [Int32], count: Int, threads: Int) {
    precondition(keys.count == columns.count && keys.count <= Int32.max)
    // Pairs a part: enough that its counters, one a row, are a small cost beside them.
    let parts = max(1, min(16, keys.count / max(1 << 18, count)))
    let (offsets, grouped) = Columns.group(keys, count: count, parts: parts, threads: threads) {
      ck_csr_place(keys, columns, $0.lowerBound, $0.upperBound, $1, $2)
    }
    self.init(offsets: offsets, columns: grouped)
  }

  /// The columns of one row.
  public subscript(row: Int) -> ArraySlice<Int32> {
    columns[Int(offsets[row])..<Int(offsets[row + 1])]
  }

  /// Sorts the columns of every row, 0 ≤ column < count, and drops repeats.
  package mutating func sortRows(columns count: Int, threads: Int) {
    let ranges = ranges(parts: 64)
    let repeats = Mutex(0)
    columns.withUnsafeMutableBufferPointer { columns in
      forEachChunk(ranges.count, threads: threads) { part in
        var bits = [UInt64](repeating: 0, count: count / 64 + count / 4096 + 2)
        let found = ck_csr_sort(
          offsets, ranges[part].lowerBound, ranges[part].upperBound, count, columns.baseAddress,
          &bits)
        if found > 0 { repeats.withLock { $0 += found } }
      }
    }
    guard repeats.withLock({ $0 }) > 0 else { return }
    let kept = ck_csr_unique(&offsets, self.count, &columns)
    columns.removeLast(columns.count - kept)
  }

  /// Ranges of rows that hold about equally many pairs, at most `parts` of them; a function of the data
  /// alone.
  package func ranges(parts: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for part in 1...max(1, parts) {
      let end =
        part >= parts
        ? count : (0..<count).firstPlace { Int(offsets[$0]) >= columns.count / parts * part }
      if end > start { ranges.append(start..<end) }
      start = max(start, end)
    }
    return ranges
  }
}

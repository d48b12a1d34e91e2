// The rows of a ratings file parsed in parallel: columns, line by line faults, nothing numbered yet.
import CKernels
import Foundation

/// Columns as the ingest kernel fills them, and what it found wrong.
package struct ParsedRows {
  /// Ids, or, of text, where each lies (`text`).
  package var users: [Int64] = []
  /// Likewise.
  package var items: [Int64] = []
  /// Ratings; 1 where the layout has none.
  var values: [Float] = []
  /// Times; empty where the layout has none.
  package var timestamps: [Int64] = []
  var statuses: [Int16] = []
  /// Line number of each row; empty when not asked for.
  package var lines: [Int64] = []
  /// Bad lines in order, the first of them.
  package var faults: [ck_ingest_fault] = []
  /// Number of bad lines for each status.
  var faultCounts = [Int](repeating: 0, count: Int(CK_INGEST_STATUSES.rawValue))
  /// Number of ids that are no integers and of timestamps that are no times, by role.
  var unread = [Int](repeating: 0, count: Int(CK_INGEST_ROLES.rawValue))

  /// No rows.
  init() {}

  /// Bytes a chunk: work is cut by these whatever the number of threads; large enough to make the
  /// handing out of chunks free, small enough to balance.
  static let chunkSize = 1 << 20

  /// Makes columns for `count` rows, to be filled by the kernel.
  private init(count: Int, layout: ck_ingest_layout, keepLines: Bool) {
    users = .unfilled(count)
    items = .unfilled(count)
    values = .unfilled(count)
    if layout.column.3 >= 0 { timestamps = .unfilled(count) }
    if layout.column.4 >= 0 { statuses = .unfilled(count) }
    if keepLines { lines = .unfilled(count) }
  }

  /// Parses a file's rows.
  ///
  /// - Parameters:
  ///   - keepLines: whether to keep the line number of each row.
  ///   - faultLimit: how many faults to list; 0 lists the first alone and stops each chunk at its first.
  ///   - meanwhile: work to be done beside the parsing.
  package static func parse(
    _ text: UnsafeRawBufferPointer, _ layout: TableLayout, keepLines: Bool = false,
    faultLimit: Int = 0, threads: Int, meanwhile: () -> Void = {}
  ) -> ParsedRows {
    let body = UnsafeRawBufferPointer(rebasing: text[layout.body...])
    let bytes = body.assumingMemoryBound(to: CChar.self).baseAddress
    let chunks = (body.count + chunkSize - 1) / chunkSize
    var starts = [Int](repeating: 0, count: chunks + 1)
    starts.withUnsafeMutableBufferPointer { starts in
      nonisolated(unsafe) let starts = starts
      forEachChunk(chunks, threads: threads) { chunk in
        starts[chunk + 1] = ck_ingest_count(
          bytes, body.count, chunk * chunkSize, (chunk + 1) * chunkSize)
      }
    }
    for chunk in 0..<chunks { starts[chunk + 1] += starts[chunk] }

    var parsed = ParsedRows(count: starts[chunks], layout: layout.kernel, keepLines: keepLines)
    var results = [ChunkResult](repeating: ChunkResult(), count: chunks)
    parsed.withColumns { columns in
      results.withUnsafeMutableBufferPointer { results in
        nonisolated(unsafe) let results = results
        withUnsafePointer(to: layout.kernel) { kernel in
          forEachChunk(chunks + 1, threads: threads) { task in
            guard task > 0 else { return meanwhile() }
            let chunk = task - 1
            var place = columns.advanced(by: starts[chunk])
            results[chunk] = ChunkResult(
              lines: starts[chunk + 1] - starts[chunk], faultLimit: faultLimit
            ) { faults in
              ck_ingest_parse(
                bytes, body.count, chunk * chunkSize, (chunk + 1) * chunkSize, kernel,
                Int64(layout.firstLine + starts[chunk]), &place, &faults)
            }
          }
        }
      }
    }
    parsed.collect(results, faultLimit: faultLimit)
    parsed.closeGaps(results, starts: starts)
    return parsed
  }

  /// Takes over the first faults of all chunks, and their numbers.
  private mutating func collect(_ results: [ChunkResult], faultLimit: Int) {
    for result in results {
      faults += result.faults.prefix(max(1, faultLimit) - faults.count)
      for (status, count) in result.counts.enumerated() { faultCounts[status] += count }
      for (role, count) in result.unread.enumerated() { unread[role] += count }
    }
  }

  /// Moves rows together where blank or bad lines left room at the end of a chunk's place.
  private mutating func closeGaps(_ results: [ChunkResult], starts: [Int]) {
    let count = results.reduce(0) { $0 + $1.rows }
    guard count < users.count else { return }
    func close<T>(_ column: inout [T]) {
      guard !column.isEmpty else { return }
      var next = 0
      for (chunk, result) in results.enumerated() {
        let rows = starts[chunk]..<(starts[chunk] + result.rows)
        if next < rows.lowerBound { column.move(rows, to: next) }
        next += result.rows
      }
      column.removeLast(column.count - count)
    }
    close(&users)
    close(&items)
    close(&values)
    close(&timestamps)
    close(&statuses)
    close(&lines)
  }

  /// The columns as the kernel wants them.
  private mutating func withColumns(_ body: (ck_ingest_columns) -> Void) {
    users.withUnsafeMutableBufferPointer { users in
      items.withUnsafeMutableBufferPointer { items in
        values.withUnsafeMutableBufferPointer { values in
          timestamps.withUnsafeMutableBufferPointer { timestamps in
            statuses.withUnsafeMutableBufferPointer { statuses in
              lines.withUnsafeMutableBufferPointer { lines in
                body(
                  ck_ingest_columns(
                    user: users.baseAddress, item: items.baseAddress,
                    rating: values.baseAddress,
                    timestamp: timestamps.isEmpty ? nil : timestamps.baseAddress,
                    watching: statuses.isEmpty ? nil : statuses.baseAddress,
                    line: lines.isEmpty ? nil : lines.baseAddress))
              }
            }
          }
        }
      }
    }
  }
}

extension ParsedRows {
  /// The text of an id, as `users` and `items` have it, in the bytes that were parsed.
  package static func text(_ packed: Int64, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let start = bytes.startIndex + Int(packed >> 16)
    let field = bytes[start..<start + Int(packed & 0xffff)]
    return field.first == UInt8(ascii: "\"") ? unquoted(field)[...] : field
  }

  /// A field's text: the kernel leaves quotes around a field only where quotes in it are doubled.
  static func unquoted(_ field: some BidirectionalCollection<UInt8>) -> [UInt8] {
    guard field.first == UInt8(ascii: "\"") else { return Array(field) }
    return Records.Field.halvingQuotes(field.dropFirst().dropLast())
  }
}

/// What became of one chunk.
private struct ChunkResult {
  var rows = 0
  var faults: [ck_ingest_fault] = []
  var counts: [Int] = []
  var unread: [Int] = []

  init() {}

  /// Parses a chunk of so many lines; `faultLimit` as in `ParsedRows.parse`.
  init(lines: Int, faultLimit: Int, _ parse: (inout ck_ingest_faults) -> Int) {
    var report = ck_ingest_faults()
    report.stop = faultLimit == 0 ? 1 : 0
    let capacity = min(max(1, faultLimit), lines)
    var rows = 0
    faults = Array(unsafeUninitializedCapacity: capacity) { list, filled in
      report.list = list.baseAddress
      report.capacity = capacity
      rows = parse(&report)
      counts = withUnsafeBytes(of: report.counts) { Array($0.bindMemory(to: Int.self)) }
      unread = withUnsafeBytes(of: report.unread) { Array($0.bindMemory(to: Int.self)) }
      filled = min(capacity, counts.reduce(0, +))
    }
    self.rows = rows
  }
}

extension ck_ingest_columns {
  /// The same columns from a row on.
  fileprivate func advanced(by rows: Int) -> Self {
    Self(
      user: user + rows, item: item + rows, rating: rating + rows,
      timestamp: timestamp.map { $0 + rows }, watching: watching.map { $0 + rows },
      line: line.map { $0 + rows })
  }
}

extension Array where Element: BitwiseCopyable {
  /// An array whose elements are yet to be written, by a kernel.
  ///
  /// Huge pages spare a large one most of the faults of its first touch.
  static func unfilled(_ count: Int) -> Self {
    Self(unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      preferHugePages(.init(buffer))
    }
  }
}

extension Array {
  /// Copies elements towards the front.
  fileprivate mutating func move(_ rows: Range<Int>, to start: Int) {
    withUnsafeMutableBufferPointer { buffer in
      for row in rows { buffer[start + row - rows.lowerBound] = buffer[row] }
    }
  }
}

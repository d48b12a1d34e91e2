// Text in memory to columns: lines counted, then parsed.
import CKernels
import Osusume

/// A ratings file's lines and room for their rows.
final class IngestWork {
  private let text: [UInt8]
  private let header: Int
  private let bandwidth: Bandwidth
  private let users: Column<Int64>, items: Column<Int64>, ratings: Column<Float>
  private let rows: Int
  private var parsed = 0

  init(_ data: BenchData) {
    text = data.text
    bandwidth = data.bandwidth(of: 2 * text.count)
    header = (text.firstIndex(of: 0x0a) ?? -1) + 1
    rows =
      data.text.withUnsafeBytes { bytes in
        ck_ingest_count(
          bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, 0, bytes.count)
      } - 1
    users = Column(repeating: 0, count: rows)
    items = Column(repeating: 0, count: rows)
    ratings = Column(repeating: 0, count: rows)
  }

  /// `ck_ingest_count` and `ck_ingest_parse` on pieces of a megabyte.
  var bench: KernelBench {
    KernelBench(
      "ingest.parse", unit: "row", units: rows,
      bytes: 2 * Double(text.count) / Double(max(1, rows)) + 20, bandwidth: bandwidth,
      remark: "some 45 instructions a line",
      run: { self.run(threads: $0) }, isRight: { _ in self.isRight() })
  }

  private func run(threads: Int) {
    let size = text.count - header
    let chunks = (size + (1 << 20) - 1) >> 20
    var starts = [Int](repeating: 0, count: chunks + 1)
    var counts = starts
    text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let body = (base + header).assumingMemoryBound(to: CChar.self)
      starts.withUnsafeMutableBufferPointer { starts in
        nonisolated(unsafe) let starts = starts
        forEachChunk(chunks, threads: threads) { chunk in
          starts[chunk + 1] = ck_ingest_count(body, size, chunk << 20, (chunk + 1) << 20)
        }
      }
      for chunk in 0..<chunks { starts[chunk + 1] += starts[chunk] }
      counts.withUnsafeMutableBufferPointer { counts in
        nonisolated(unsafe) let counts = counts
        forEachChunk(chunks, threads: threads) { chunk in
          counts[chunk] = self.parse(body, size, chunk, firstRow: starts[chunk])
        }
      }
    }
    parsed = counts.reduce(0, +)
  }

  private func parse(
    _ body: UnsafePointer<CChar>, _ size: Int, _ chunk: Int, firstRow: Int
  ) -> Int {
    var layout = ck_ingest_layout(
      columns: 3, column: (0, 1, 2, -1, -1), delimiter: CChar(UInt8(ascii: ",")),
      delimiter_width: 1, user_text: 0, item_text: 0, time_text: 0, decimal_comma: 0)
    var columns = ck_ingest_columns(
      user: users.base + firstRow, item: items.base + firstRow, rating: ratings.base + firstRow,
      timestamp: nil, watching: nil, line: nil)
    var faults = ck_ingest_faults()
    return ck_ingest_parse(
      body, size, chunk << 20, (chunk + 1) << 20, &layout, Int64(firstRow), &columns, &faults)
  }

  /// Whether there are as many rows as lines, and those of the first and last lines are right.
  private func isRight() -> Bool {
    guard parsed == rows else { return false }
    let sample = 64 << 10
    let front = text[header...].prefix(sample).split(separator: 0x0a).dropLast()
    let back = text[header...].suffix(sample).split(separator: 0x0a).dropFirst()
    return zip(0..., front).allSatisfy { isRight($0, $1) }
      && zip((rows - back.count)..., back).allSatisfy { isRight($0, $1) }
  }

  private func isRight(_ row: Int, _ line: ArraySlice<UInt8>) -> Bool {
    let fields = String(decoding: line, as: UTF8.self).split(separator: ",")
    return fields.count == 3 && users[row] == Int64(fields[0]) && items[row] == Int64(fields[1])
      && ratings[row] == Float(fields[2])
  }
}

// Line ends inside quotes taken out of the way of readers that go line by line, and the lines' numbers.
import CKernels

/// The lines of a text whose records may go over several: after it is joined, each record is one.
package struct JoinedLines {
  /// For each line end that was overwritten, the number of the line that it is in now, ascending.
  private var lines: [Int64] = []
  /// Where the record starts at which the joining ended.
  ///
  /// Its quote is never closed, or it is none of the table's; the text's size where there is no such record.
  package private(set) var open: Int

  /// Overwrites the line ends inside quoted fields of a text, from some place on.
  ///
  /// - Parameter firstLine: the number of the line there.
  package init(
    joining text: UnsafeMutableRawBufferPointer, from start: Int, _ layout: ck_ingest_layout,
    firstLine: Int
  ) {
    let base = text.assumingMemoryBound(to: CChar.self).baseAddress
    let delimiter = ck_delimiter(byte: layout.delimiter, width: layout.delimiter_width)
    var walk = ck_fields_walk(at: start, line: Int64(firstLine), open: text.count)
    let limit = Int(CK_INGEST_LINE_LIMIT)
    while walk.at < text.count {
      lines += [Int64](unsafeUninitializedCapacity: limit) { buffer, filled in
        filled = ck_fields_join(
          base, text.count, delimiter, Int(layout.columns), limit, &walk, buffer.baseAddress, limit)
      }
    }
    open = walk.open
  }

  /// How many line ends were overwritten.
  package var count: Int { lines.count }

  /// The number that a line has in the file.
  package func number(_ line: Int) -> Int {
    var (low, high) = (0, lines.count)
    while low < high {
      let middle = (low + high) / 2
      if lines[middle] < Int64(line) { low = middle + 1 } else { high = middle }
    }
    return line + low
  }
}

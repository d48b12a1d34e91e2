// Reads a ratings file into a table.
import CKernels

extension RatingTable {
  /// Reads a ratings file: CSV, TSV or `::`, plain or gzip, with a header or without.
  ///
  /// Work is cut by bytes, so the result, and which error is reported (the first in the file), do not
  /// depend on `threads`.
  ///
  /// - Parameters:
  ///   - path: the file, or `-` for stdin.
  ///   - format: which columns mean what; the default finds out.
  ///   - threads: how many threads may work at once.
  /// - Throws: `RatingsFileError`.
  public static func read(
    _ path: String, format: TableFormat = .init(), threads: Int = allCores
  ) throws -> RatingTable {
    let file = try RatingsFile(path, format: format)
    let parsed = try file.parse(threads: threads)
    guard !parsed.rows.values.isEmpty else { throw RatingsFileError.noRows(file: file.text.name) }
    return try file.table(parsed)
  }
}

/// A ratings file in memory, ready to be parsed.
struct RatingsFile {
  /// Its bytes, inflated where they were compressed.
  let text: FileBytes
  /// Its bytes as on disk.
  let stored: FileBytes
  /// Its layout, ids read as integers unless the format forbids it.
  let layout: TableLayout
  /// How it is to be read.
  let format: TableFormat

  /// A parse that found no reason to read ids in another way.
  struct Parsed {
    var rows: ParsedRows
    var layout: TableLayout
    var sha256: String
  }

  init(_ path: String, format: TableFormat) throws {
    self.format = format
    stored = try FileBytes.open(path)
    text = stored.isGzip ? try stored.inflated() : stored
    layout = try TableLayout(text, format: format)
  }

  /// Parses the rows; throws the first fault unless faults are to be listed.
  ///
  /// A column of ids that holds anything but integers is read as text, which takes another pass.
  func parse(keepLines: Bool = false, faultLimit: Int = 0, threads: Int) throws -> Parsed {
    var layout = layout
    var listed = faultLimit
    var sha256 = ""
    while true {
      let rows = ParsedRows.parse(
        text.bytes, layout, keepLines: keepLines, faultLimit: listed, threads: threads
      ) {
        if sha256.isEmpty { sha256 = SHA256.hexadecimal(of: stored.bytes) }
      }
      if format.ids == .automatic {
        if layout.readAsText(after: rows.faults) { continue }
        if faultLimit > 0 && rows.hidesText {
          // Text in an id comes after more faults than are to be listed: list all to see its column.
          listed = rows.faultCounts.reduce(0, +)
          continue
        }
      }
      if faultLimit == 0, let fault = rows.faults.first {
        throw RatingsFileError.line(file: text.name, lineFault(fault, layout))
      }
      return Parsed(rows: rows, layout: layout, sha256: sha256)
    }
  }

  /// A kernel's fault with the text it is about.
  func lineFault(_ fault: ck_ingest_fault, _ layout: TableLayout) -> LineFault {
    let start = layout.body + Int(fault.offset)
    return LineFault(
      line: Int(fault.line), column: fault.column == 0 ? nil : Int(fault.column),
      reason: LineFault.Reason(rawValue: fault.status.rawValue) ?? .columns,
      text: LineFault.excerpt(text.bytes[start..<(start + Int(fault.length))]))
  }

  /// The table of parsed rows.
  func table(_ parsed: Parsed) throws -> RatingTable {
    RatingTable(
      users: try ids(parsed.rows.users, isText: parsed.layout.kernel.user_text == 1, parsed),
      items: try ids(parsed.rows.items, isText: parsed.layout.kernel.item_text == 1, parsed),
      values: parsed.rows.values, timestamps: parsed.rows.timestamps,
      statuses: parsed.rows.statuses, sha256: parsed.sha256)
  }

  private func ids(_ column: [Int64], isText: Bool, _ parsed: Parsed) throws -> IDColumn {
    guard isText else { return .integers(column) }
    let body = UnsafeRawBufferPointer(rebasing: text.bytes[parsed.layout.body...])
    do {
      return try IDColumn(texts: column, in: body)
    } catch let error as NotUTF8 {
      let start = Int(column[error.row] >> 16)
      let line = parsed.layout.firstLine + body[..<start].count { $0 == UInt8(ascii: "\n") }
      let bytes = body[start..<(start + Int(column[error.row] & 0xffff))]
      throw RatingsFileError.line(
        file: text.name,
        LineFault(line: line, column: nil, reason: .notUTF8, text: LineFault.excerpt(bytes)))
    }
  }
}

extension ParsedRows {
  /// Whether a field that holds text instead of an integer is among the faults not listed.
  fileprivate var hidesText: Bool {
    let text = CK_INGEST_NOT_AN_INTEGER
    return faultCounts[Int(text.rawValue)] > faults.count { $0.status == text }
  }
}

extension TableLayout {
  /// Turns id columns to text where a fault says that one holds no integers; whether one was turned.
  ///
  /// Only the first such fault of each column counts, and faults come in order of line.
  fileprivate mutating func readAsText(after faults: [ck_ingest_fault]) -> Bool {
    var turned = false
    for fault in faults where fault.status == CK_INGEST_NOT_AN_INTEGER {
      let column = Int32(fault.column) - 1
      if column == kernel.column.0 && kernel.user_text == 0 {
        kernel.user_text = 1
        turned = true
      } else if column == kernel.column.1 && kernel.item_text == 0 {
        kernel.item_text = 1
        turned = true
      }
    }
    return turned
  }
}

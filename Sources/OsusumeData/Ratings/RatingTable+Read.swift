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
    var file = try RatingsFile(path, format: format)
    let (parsed, table) = try file.read(threads: threads)
    guard !parsed.rows.users.isEmpty else { throw RatingsFileError.noRows(file: file.name) }
    return table
  }
}

/// A ratings file in memory, ready to be parsed.
struct RatingsFile {
  /// Its text.
  private(set) var file: TextFile
  /// Its layout, ids read as integers unless the format forbids it.
  private(set) var layout: TableLayout
  /// How it is to be read.
  let format: TableFormat
  /// The lines of a text whose records go over several of them.
  private var joined: JoinedLines?

  /// A parse that found no reason to read the text in another way.
  struct Parsed {
    var rows: ParsedRows
    var layout: TableLayout
    var sha256: String
  }

  init(_ path: String, format: TableFormat) throws {
    self.format = format
    // Bytes that are not UTF-8 matter in ids alone, where they are found as ids are numbered.
    file = try TextFile(path, lookAhead: 1 << 16)
    layout = try TableLayout(file.text, format: format)
  }

  /// What messages call it.
  var name: String { file.text.name }

  /// Parses the rows and numbers text ids; throws the first fault unless faults are to be listed.
  ///
  /// Where an id turns out not to be UTF-8, the text is converted and read anew.
  mutating func read(
    keepLines: Bool = false, faultLimit: Int = 0, threads: Int
  ) throws -> (parsed: Parsed, table: RatingTable) {
    let parsed = try parse(keepLines: keepLines, faultLimit: faultLimit, threads: threads)
    do {
      return (parsed, try table(parsed))
    } catch let error as NotUTF8 {
      guard try file.convert() else { throw RatingsFileError.line(file: name, fault(error, parsed)) }
      joined = nil
      layout = try TableLayout(file.text, format: format)
      return try read(keepLines: keepLines, faultLimit: faultLimit, threads: threads)
    }
  }

  /// Parses the rows; throws the first fault unless faults are to be listed.
  ///
  /// A column of ids that holds anything but integers is read as text, which takes another pass; so do line
  /// ends inside quotes.
  private mutating func parse(keepLines: Bool = false, faultLimit: Int = 0, threads: Int) throws -> Parsed {
    var layout = layout
    var listed = faultLimit
    var sha256 = ""
    while true {
      let rows = ParsedRows.parse(
        file.text.bytes, layout, keepLines: keepLines, faultLimit: listed, threads: threads
      ) {
        if sha256.isEmpty { sha256 = SHA256.hexadecimal(of: file.stored.bytes) }
      }
      if joined == nil && rows.hasOpenQuote && join(layout) { continue }
      if format.ids == .automatic {
        if layout.readAsText(after: rows.faults) { continue }
        if faultLimit > 0 && rows.hidesText {
          // Text in an id comes after more faults than are to be listed: list all to see its column.
          listed = rows.faultCounts.reduce(0, +)
          continue
        }
      }
      if faultLimit == 0, let fault = rows.faults.first {
        throw RatingsFileError.line(file: name, lineFault(fault, layout))
      }
      var parsed = Parsed(rows: rows, layout: layout, sha256: sha256)
      if let joined { parsed.rows.renumber(joined) }
      return parsed
    }
  }

  /// Takes line ends inside quotes out of the parser's way; whether there were any.
  private mutating func join(_ layout: TableLayout) -> Bool {
    let copy = FileBytes(name, copying: file.text.bytes)
    let lines = JoinedLines(
      joining: .init(mutating: copy.bytes), from: layout.body, layout.kernel,
      firstLine: layout.firstLine)
    joined = lines
    if lines.count > 0 { file.replace(copy) }
    return lines.count > 0
  }

  /// A kernel's fault with the text it is about.
  func lineFault(_ fault: ck_ingest_fault, _ layout: TableLayout) -> LineFault {
    var found = LineFault(fault, in: file.text.bytes, from: layout.body)
    if let joined { found.line = joined.number(found.line) }
    return found
  }

  /// The table of parsed rows.
  ///
  /// - Throws: `NotUTF8`.
  private func table(_ parsed: Parsed) throws -> RatingTable {
    RatingTable(
      users: try ids(parsed.rows.users, isText: parsed.layout.kernel.user_text == 1, parsed),
      items: try ids(parsed.rows.items, isText: parsed.layout.kernel.item_text == 1, parsed),
      values: parsed.rows.values, timestamps: parsed.rows.timestamps,
      statuses: parsed.rows.statuses, sha256: parsed.sha256)
  }

  private func ids(_ column: [Int64], isText: Bool, _ parsed: Parsed) throws -> IDColumn {
    guard isText else { return .integers(column) }
    return try IDColumn(texts: column, in: body(parsed))
  }

  private func body(_ parsed: Parsed) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: file.text.bytes[parsed.layout.body...])
  }

  /// An id that is not UTF-8, with its line.
  private func fault(_ error: NotUTF8, _ parsed: Parsed) -> LineFault {
    let (start, length) = (Int(error.text >> 16), Int(error.text & 0xffff))
    let body = body(parsed)
    let line = parsed.layout.firstLine + body[..<start].count { $0 == UInt8(ascii: "\n") }
    return LineFault(
      line: joined?.number(line) ?? line, column: nil, reason: .notUTF8,
      text: LineFault.excerpt(body[start..<start + length]))
  }
}

extension ParsedRows {
  /// Whether a line has a quote that is not closed: among the faults listed, or those counted.
  fileprivate var hasOpenQuote: Bool {
    faultCounts[Int(CK_INGEST_QUOTE.rawValue)] > 0
  }

  /// Gives rows the numbers that their lines have in the file.
  fileprivate mutating func renumber(_ joined: JoinedLines) {
    for row in lines.indices { lines[row] = Int64(joined.number(Int(lines[row]))) }
  }

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

// Reads a ratings file into a table.
import CKernels

extension RatingTable {
  /// Reads a ratings file: CSV, TSV or `::`, with a header or without, JSON, one object a line, or files of
  /// the Netflix Prize, which may be a folder; plain or gzip.
  ///
  /// Timestamps come out in seconds since 1970, whatever their unit; a column of them that cannot be read
  /// and is not needed is left alone.
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
    var file = try RatingsFile(path, format: format, threads: threads)
    let (parsed, table) = try file.read(threads: threads)
    guard !parsed.rows.values.isEmpty else {
      guard let (name, fault) = parsed.faults.first.map(file.text.located) else {
        throw RatingsFileError.noRows(file: file.text.name)
      }
      throw RatingsFileError.line(file: name, fault)
    }
    return table
  }
}

/// A ratings file in memory, ready to be parsed.
struct RatingsFile {
  /// Its text.
  private(set) var text: RatingsText
  /// How it is to be read.
  let format: TableFormat
  /// How many faults are to be listed; 0: the first is an error.
  private let faultLimit: Int

  /// A parse that found no reason to read columns in another way.
  struct Parsed {
    var rows: ParsedRows
    var layout: TableLayout
    var sha256: String
    /// The first bad lines, in order.
    var faults: [LineFault] = []
    /// Number of bad lines for each status.
    var faultCounts: [Int] = []
    /// Why the timestamps were left alone, if they were.
    var unreadTimestamp: LineFault?
  }

  init(_ path: String, format: TableFormat, faultLimit: Int = 0, threads: Int) throws {
    self.format = format
    self.faultLimit = faultLimit
    text = try RatingsText(
      path, format: format, faultLimit: max(faultLimit, format.badLinesAllowed == nil ? 0 : 1),
      threads: threads)
  }

  /// Parses the rows and numbers text ids; throws the first fault unless faults are to be listed or left out.
  ///
  /// Where an id turns out not to be UTF-8, the text is converted and read anew.
  mutating func read(
    keepLines: Bool = false, threads: Int
  ) throws -> (parsed: Parsed, table: RatingTable) {
    let parsed = try parse(keepLines: keepLines, threads: threads)
    do {
      return (parsed, try table(parsed))
    } catch let error as NotUTF8 {
      guard try text.convert(format) else {
        let (file, fault) = text.located(fault(error, parsed))
        throw RatingsFileError.line(file: file, fault)
      }
      return try read(keepLines: keepLines, threads: threads)
    }
  }

  /// Parses the rows; throws the first fault unless faults are to be listed or left out.
  ///
  /// A column of ids that holds anything but integers is read as text, and one of times that holds anything
  /// but integers as times of any kind, which takes another pass; a third leaves times alone that are none.
  /// Another takes line ends inside quotes away.
  private mutating func parse(keepLines: Bool, threads: Int) throws -> Parsed {
    var layout = text.layout
    var parsed = Parsed(rows: ParsedRows(), layout: layout, sha256: text.sha256 ?? "")
    let listed = max(faultLimit, format.badLinesAllowed == nil ? 0 : 1)
    while true {
      parsed.rows = ParsedRows.parse(
        text.bytes.bytes, layout, keepLines: keepLines, faultLimit: listed, threads: threads
      ) {
        if parsed.sha256.isEmpty, let stored = text.stored {
          parsed.sha256 = SHA256.hexadecimal(of: stored.bytes)
        }
      }
      if parsed.rows.faultCounts[Int(CK_INGEST_QUOTE.rawValue)] > 0, text.join() { continue }
      if format.ids == .automatic, layout.readAsText(parsed.rows.unread) { continue }
      if layout.readTimes(parsed.rows.unread) { continue }
      if layout.leavesTimesAlone(parsed.rows, canSkip: format.badLinesAllowed) {
        let column = UInt32(layout.kernel.column.3 + 1)
        parsed.unreadTimestamp = parsed.rows.faults.first { $0.column == column }
          .map { text.located(lineFault($0, layout)).fault }
        layout.kernel.column.3 = -1
        continue
      }
      parsed.layout = layout
      collectFaults(of: &parsed, limit: max(1, listed))
      try check(parsed)
      parsed.rows.timesToSeconds(threads: threads)
      if text.isJoined {
        for row in parsed.rows.lines.indices {
          parsed.rows.lines[row] = Int64(text.number(Int(parsed.rows.lines[row])))
        }
      }
      return parsed
    }
  }

  /// Joins the faults of the translation with those of the parse.
  private func collectFaults(of parsed: inout Parsed, limit: Int) {
    let all = text.faults + parsed.rows.faults.map { lineFault($0, parsed.layout) }
    parsed.faults = Array(all.sorted { $0.line < $1.line }.prefix(limit))
    parsed.faultCounts = zip(text.faultCounts, parsed.rows.faultCounts).map { $0 + $1 }
  }

  /// Throws where there are more faults than are to be listed or left out.
  private func check(_ parsed: Parsed) throws {
    guard faultLimit == 0, let first = parsed.faults.first else { return }
    let (file, fault) = text.located(first)
    guard let allowed = format.badLinesAllowed else {
      throw RatingsFileError.line(file: file, fault)
    }
    let count = parsed.faultCounts.reduce(0, +)
    if count > allowed {
      throw RatingsFileError.badLines(file: file, count: count, allowed: allowed, first: fault)
    }
  }

  /// A kernel's fault with the text it is about.
  private func lineFault(_ fault: ck_ingest_fault, _ layout: TableLayout) -> LineFault {
    LineFault(fault, in: text.bytes.bytes, from: layout.body)
  }

  /// The table of parsed rows.
  ///
  /// - Throws: `NotUTF8`.
  private func table(_ parsed: Parsed) throws -> RatingTable {
    var table = RatingTable(
      users: try ids(parsed.rows.users, isText: parsed.layout.kernel.user_text == 1, parsed),
      items: try ids(parsed.rows.items, isText: parsed.layout.kernel.item_text == 1, parsed),
      values: parsed.rows.values, timestamps: parsed.rows.timestamps,
      statuses: parsed.rows.statuses, sha256: parsed.sha256)
    table.feedback = parsed.layout.feedback
    table.encodingNote = text.note
    table.badLines = parsed.faultCounts.reduce(0, +)
    table.firstBadLine = parsed.faults.first.map { text.located($0).fault }
    table.unreadTimestamp = parsed.unreadTimestamp
    return table
  }

  private func ids(_ column: [Int64], isText: Bool, _ parsed: Parsed) throws -> IDColumn {
    guard isText else { return .integers(column) }
    return try IDColumn(texts: column, in: body(parsed))
  }

  private func body(_ parsed: Parsed) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text.bytes.bytes[parsed.layout.body...])
  }

  /// An id that is not UTF-8, with its line.
  private func fault(_ error: NotUTF8, _ parsed: Parsed) -> LineFault {
    let (start, length) = (Int(error.text >> 16), Int(error.text & 0xffff))
    let body = body(parsed)
    let line = parsed.layout.firstLine + body[..<start].count { $0 == UInt8(ascii: "\n") }
    return LineFault(
      line: line, column: nil, reason: .notUTF8,
      text: LineFault.excerpt(body[start..<start + length]))
  }
}

extension TableLayout {
  /// Turns id columns to text that hold anything but integers; whether one was turned.
  fileprivate mutating func readAsText(_ unread: [Int]) -> Bool {
    let turnsUsers = unread[0] > 0 && kernel.user_text == 0
    let turnsItems = unread[1] > 0 && kernel.item_text == 0
    if turnsUsers { kernel.user_text = 1 }
    if turnsItems { kernel.item_text = 1 }
    return turnsUsers || turnsItems
  }

  /// Reads times of any kind from here on, where some are no integers; whether that is new.
  fileprivate mutating func readTimes(_ unread: [Int]) -> Bool {
    guard unread[3] > 0 && kernel.time_text == 0 else { return false }
    kernel.time_text = 1
    return true
  }

  /// Whether the column of times is to be left alone: some are none, and nobody asked for them.
  ///
  /// Where bad lines may be left out, those are that have no time, unless that is more than one in ten.
  fileprivate func leavesTimesAlone(_ rows: ParsedRows, canSkip allowed: Int?) -> Bool {
    let unread = rows.unread[3]
    guard unread > 0 && !needsTimes else { return false }
    guard let allowed else { return true }
    return unread > min(allowed, (rows.values.count + unread) / 10)
  }
}

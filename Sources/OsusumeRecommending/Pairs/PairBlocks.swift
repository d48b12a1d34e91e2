// Pairs block by block, read as ratings are.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// Reads the pairs of a text in blocks; memory does not grow with its length.
struct PairBlocks {
  private let text: LineBlocks
  private let integerIDs: Bool
  private let isTimed: Bool
  private var layout: TableLayout?
  /// The layout with ratings for items; nil where none are named, or nobody wants them.
  private var ratingsLayout: TableLayout?
  /// What stands between the fields: where it is no comma, a rating may have one for its point.
  private var delimiter = Delimiter.comma
  private let wantsRatings: Bool
  /// The number of the next line.
  private var line = 1
  /// The start of a record that goes on in the next block.
  private var carried: [UInt8] = []

  /// Reads a text whose ids are looked up in a model, with times where its scores depend on them, and with the
  /// ratings that a header names where they are wanted.
  init(_ text: LineBlocks, integerIDs: Bool, isTimed: Bool, wantsRatings: Bool = false) {
    self.wantsRatings = wantsRatings
    self.text = text
    self.integerIDs = integerIDs
    self.isTimed = isTimed
  }

  /// Whether the pairs have ratings, once the first have been read.
  var hasRatings: Bool { ratingsLayout != nil }

  /// The next pairs, at least one or a fault; nil at the end.
  ///
  /// Errors: `PairError`, `TextError`, `TextFileError`.
  mutating func next(threads: Int) throws -> PairBlock? {
    while true {
      let more = try text.next()
      if more == nil && carried.isEmpty { return nil }
      let bytes = carried.isEmpty ? more ?? [] : carried + (more ?? [])
      carried = []
      let block = try parse(bytes, isLast: more == nil, threads: threads)
      if let block, block.count > 0 || block.fault != nil { return block }
    }
  }

  private mutating func parse(
    _ block: [UInt8], isLast: Bool, threads: Int
  ) throws -> PairBlock? {
    var bytes = block
    guard var layout = try layout(for: bytes) else { return nil }
    var joined: JoinedLines?
    if bytes.contains(UInt8(ascii: "\"")) {
      let lines = bytes.withUnsafeMutableBytes {
        JoinedLines(joining: $0, from: layout.body, layout.kernel, firstLine: layout.firstLine)
      }
      if lines.open < bytes.count && !isLast && bytes.count - lines.open < CK_INGEST_LINE_LIMIT {
        carried = Array(bytes[lines.open...])
        bytes.removeSubrange(lines.open...)
      }
      joined = lines.count > 0 ? lines : nil
    }
    var rows = bytes.withUnsafeBytes {
      ParsedRows.parse($0, layout, keepLines: true, threads: threads)
    }
    rows.timesToSeconds(threads: threads)
    line =
      layout.firstLine + (joined?.count ?? 0)
      + bytes[layout.body...].withUnsafeBufferPointer { bytes in
        bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
      }
    let fault = rows.faults.first.map { fault in
      var fault = bytes.withUnsafeBytes { LineFault(fault, in: $0, from: layout.body) }
      fault.line = joined?.number(fault.line) ?? fault.line
      return fault
    }
    let body = layout.body
    let ratings = ratings(in: bytes, of: rows, layout, threads: threads)
    layout.firstLine = line
    layout.body = 0
    self.layout = layout
    return PairBlock(
      bytes, body: body, rows, ratings: ratings, delimiter: delimiter, joined: joined, fault: fault)
  }

  /// Where the rating of each row lies, −1 where it has none; empty where there are no ratings.
  private func ratings(
    in bytes: [UInt8], of rows: ParsedRows, _ layout: TableLayout, threads: Int
  ) -> [Int64] {
    guard var own = ratingsLayout else { return [] }
    (own.firstLine, own.body) = (layout.firstLine, layout.body)
    // A row without a rating is a fault here; every other row is met again by its line.
    let found = bytes.withUnsafeBytes {
      ParsedRows.parse($0, own, keepLines: true, faultLimit: 1, threads: threads)
    }
    var place = 0
    return rows.lines.map { line in
      while place < found.lines.count, found.lines[place] < line { place += 1 }
      return place < found.lines.count && found.lines[place] == line ? found.items[place] : -1
    }
  }

  /// The layout, found in the first block that has a record; nil where this one has none.
  private mutating func layout(for block: [UInt8]) throws -> TableLayout? {
    if let layout { return layout }
    let found = try block.withUnsafeBytes {
      try TableLayout.ofPairs($0, file: text.name, integerIDs: integerIDs, isTimed: isTimed)
    }
    ratingsLayout = wantsRatings ? found?.ratings : nil
    delimiter = found?.delimiter ?? .comma
    return found?.pairs
  }
}

/// Some pairs, in the order of their lines.
struct PairBlock {
  private let bytes: [UInt8]
  private let body: Int
  private let users: [Int64], items: [Int64], ratings: [Int64]
  /// What stands between the fields of the text.
  let delimiter: Delimiter
  /// The time of each pair; empty where there is none.
  let times: [Int64]
  /// The line of each pair.
  let lines: [Int]
  /// What is wrong with the line behind the last pair, if anything.
  let fault: LineFault?

  /// - Parameters:
  ///   - bytes: the text that the fields lie in, counted from `body` on.
  ///   - joined: the lines of the file, where they are not those of the text.
  init(
    _ bytes: [UInt8], body: Int, _ rows: ParsedRows, ratings: [Int64], delimiter: Delimiter,
    joined: JoinedLines?, fault: LineFault?
  ) {
    self.delimiter = delimiter
    self.bytes = bytes
    self.body = body
    self.fault = fault
    let all = rows.lines.map { joined?.number(Int($0)) ?? Int($0) }
    // What follows the first fault was read by other threads.
    let count = fault.map { fault in all.prefix { $0 < fault.line }.count } ?? all.count
    lines = Array(all.prefix(count))
    users = Array(rows.users.prefix(count))
    items = Array(rows.items.prefix(count))
    times = Array(rows.timestamps.prefix(count))
    self.ratings = Array(ratings.prefix(count))
  }

  /// Number of pairs.
  var count: Int { lines.count }

  /// A user's id.
  func user(_ row: Int) -> ArraySlice<UInt8> { text(users[row]) }

  /// An item's id.
  func item(_ row: Int) -> ArraySlice<UInt8> { text(items[row]) }

  /// The rating of a pair as it is written; nil where it has none.
  func rating(_ row: Int) -> ArraySlice<UInt8>? {
    ratings.isEmpty || ratings[row] < 0 ? nil : text(ratings[row])
  }

  private func text(_ packed: Int64) -> ArraySlice<UInt8> {
    ParsedRows.text(packed, in: bytes[body...])
  }
}

// The lines of a file of pairs: finds the columns of user and item, and their fields in each line.
import OsusumeData
import OsusumeModels

/// How a file of pairs is laid out, found from its first line.
struct PairLayout {
  /// 0-based columns.
  var user = 0
  var item = 1
  /// Of the time at which a score is wanted, if there is such a column.
  var time: Int?
  var delimiter = UInt8(ascii: ",")
  var hasHeader = false

  /// Header names, lower-case.
  private static let userNames = ["user_id", "userid", "user"]
  private static let itemNames = ["item_id", "anime_id", "movieid", "movie_id", "item"]

  /// Looks at a first line, byte-order mark and line end taken off.
  ///
  /// It is a header if it names a user column, or if the model's user ids are integers and the first
  /// field is none.
  init(firstLine: ArraySlice<UInt8>, file: String, integerIDs: Bool) throws {
    let candidates = "\t,;".utf8
    let counts = candidates.map { byte in firstLine.count { $0 == byte } }
    delimiter = zip(candidates, counts).max { $0.1 < $1.1 }?.0 ?? delimiter
    let fields = firstLine.split(separator: delimiter, omittingEmptySubsequences: false).map {
      $0.trimmed.filter { $0 != UInt8(ascii: "\"") }
    }
    let names = fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
    let userColumn = names.firstIndex { Self.userNames.contains($0) }
    hasHeader = userColumn != nil || integerIDs && fields.first.flatMap { integer($0[...]) } == nil
    guard hasHeader else { return }
    guard let userColumn else { throw PairError.noColumn(.user, file: file, columns: names) }
    guard let itemColumn = names.firstIndex(where: { Self.itemNames.contains($0) }) else {
      throw PairError.noColumn(.item, file: file, columns: names)
    }
    (user, item) = (userColumn, itemColumn)
    time = names.firstIndex(of: "timestamp")
  }
}

/// Walks the lines of a range of bytes and finds each pair's fields.
struct PairLines {
  /// Why a line is refused.
  enum Fault: Error { case columns, quote }

  /// A field as it was written.
  struct Field {
    var raw: ArraySlice<UInt8>
    var isQuoted = false

    /// The field's text without quotes.
    var text: ArraySlice<UInt8> {
      guard isQuoted else { return raw }
      var text: [UInt8] = []
      var isSecond = false  // Of two quotes the second is dropped.
      for byte in raw.dropFirst().dropLast() {
        isSecond = byte == UInt8(ascii: "\"") && !isSecond
        if byte != UInt8(ascii: "\"") || isSecond { text.append(byte) }
      }
      return text[...]
    }
  }

  /// Number of the line read last, blank ones included.
  private(set) var line: Int
  private let bytes: [UInt8]
  private let layout: PairLayout
  private var position: Int
  private let end: Int

  /// Lines that start in a range of bytes, which ends at a line end or the end of the text.
  init(_ bytes: [UInt8], _ range: Range<Int>, _ layout: PairLayout, firstLine: Int) {
    line = firstLine - 1
    self.bytes = bytes
    self.layout = layout
    position = range.lowerBound
    end = range.upperBound
  }

  /// The fields of a line.
  struct Pair {
    var user: Field
    var item: Field
    var time: Field?
  }

  /// The pair of the next line that is not blank; nil at the end.
  mutating func next() throws -> Pair? {
    while position < end {
      line += 1
      if let pair = try nextLine() { return pair }
    }
    return nil
  }

  /// Reads one line and moves behind it; nil when it is blank.
  private mutating func nextLine() throws -> Pair? {
    let start = position
    var user: Field?
    var item: Field?
    var time: Field?
    var column = 0
    var atEnd = false
    while !atEnd {
      let field = try field(&atEnd)
      if column == layout.user { user = field }
      if column == layout.item { item = field }
      if column == layout.time { time = field }
      column += 1
    }
    if let user, let item, (time == nil) == (layout.time == nil) {
      return Pair(user: user, item: item, time: time)
    }
    let isBlank = bytes[start..<position].allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x0A }
    guard isBlank else { throw Fault.columns }
    return nil
  }

  /// Reads one field and moves behind the delimiter or line end after it.
  private mutating func field(_ atEnd: inout Bool) throws -> Field {
    let start = position
    if start < end, bytes[start] == UInt8(ascii: "\"") { return try quoted(&atEnd) }
    while position < end {
      let byte = bytes[position]
      if byte == layout.delimiter || byte == UInt8(ascii: "\n") { break }
      position += 1
    }
    let raw = bytes[start..<position].trimmed
    close(&atEnd)
    return Field(raw: raw)
  }

  private mutating func quoted(_ atEnd: inout Bool) throws -> Field {
    let start = position
    position += 1
    var open = true
    while position < end, bytes[position] != UInt8(ascii: "\n") {
      if bytes[position] == UInt8(ascii: "\"") {
        open.toggle()
      } else if !open {
        break
      }
      position += 1
    }
    guard !open else { throw Fault.quote }
    let raw = bytes[start..<position]
    while position < end, bytes[position] == 0x20 || bytes[position] == 0x0D { position += 1 }
    guard position == end || bytes[position] == layout.delimiter || bytes[position] == 0x0A else {
      throw Fault.quote
    }
    close(&atEnd)
    return Field(raw: raw, isQuoted: true)
  }

  /// Moves behind a delimiter, or behind a line end, which ends the line.
  private mutating func close(_ atEnd: inout Bool) {
    atEnd = position == end || bytes[position] == UInt8(ascii: "\n")
    if position < end { position += 1 }
  }
}

extension ArraySlice<UInt8> {
  /// Without spaces and carriage returns around it.
  var trimmed: Self {
    var low = startIndex
    var high = endIndex
    while low < high, self[low] == 0x20 || self[low] == 0x0D { low += 1 }
    while low < high, self[high - 1] == 0x20 || self[high - 1] == 0x0D { high -= 1 }
    return self[low..<high]
  }
}

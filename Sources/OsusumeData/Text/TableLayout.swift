// Finds out how a ratings file is laid out: delimiter, header, and which column means what.
import CKernels

/// The layout of a ratings file, found from its first line.
struct TableLayout {
  /// What the kernels need to know.
  var kernel: ck_ingest_layout
  /// Where the rows start: after a byte-order mark and the header.
  var body: Int
  /// Number of the first row's line.
  var firstLine: Int

  /// What the rows say.
  var feedback: Feedback
  /// Whether timestamps have to be read where there is a column of them.
  var needsTimes: Bool

  /// Looks at the first line of a file.
  init(_ file: FileBytes, format: TableFormat) throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = file.bytes.starts(with: mark) ? mark.count : 0
    let text = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
    guard !text.isEmpty else { throw RatingsFileError.empty(file: file.name) }
    var line = text.prefix(Int(CK_INGEST_LINE_LIMIT) + 2).prefix { $0 != UInt8(ascii: "\n") }
    let lineEnd = line.endIndex
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    guard line.count <= Int(CK_INGEST_LINE_LIMIT) else {
      throw RatingsFileError.line(
        file: file.name,
        LineFault(line: 1, column: nil, reason: .lineLength, text: LineFault.excerpt(line)))
    }
    let delimiter = Self.delimiter(of: line)
    let fields = try Self.fields(of: line, delimiter: delimiter, file: file.name)
    let columns = try RatingColumns(fields, delimiter: delimiter, format: format, file: file.name)

    kernel = ck_ingest_layout()
    kernel.columns = UInt32(fields.count)
    let places = columns.places
    kernel.column = (places[0], places[1], places[2], places[3], places[4])
    kernel.delimiter = CChar(bitPattern: delimiter[0])
    kernel.delimiter_width = UInt8(delimiter.count)
    kernel.user_text = format.ids == .strings ? 1 : 0
    kernel.item_text = kernel.user_text
    body = start + (columns.hasHeader ? min(lineEnd + 1, text.count) : 0)
    firstLine = columns.hasHeader ? 2 : 1
    feedback = columns.feedback
    needsTimes = columns.needsTimes || format.needsTimes
  }

  /// The layout of a table made of something else: commas between the columns, no header.
  init(columns: [Int32], feedback: Feedback, needsTimes: Bool, format: TableFormat) {
    kernel = ck_ingest_layout()
    kernel.columns = UInt32(columns.count { $0 >= 0 })
    kernel.column = (columns[0], columns[1], columns[2], columns[3], columns[4])
    kernel.delimiter = CChar(bitPattern: UInt8(ascii: ","))
    kernel.delimiter_width = 1
    kernel.user_text = format.ids == .strings ? 1 : 0
    kernel.item_text = kernel.user_text
    body = 0
    firstLine = 1
    self.feedback = feedback
    self.needsTimes = needsTimes || format.needsTimes
  }

  /// "::" where it occurs, two tabs where all come in twos (Jester), else the most frequent of tab, comma and semicolon.
  private static func delimiter(of line: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    let colon = UInt8(ascii: ":")
    if zip(line, line.dropFirst()).contains(where: { $0 == colon && $1 == colon }) {
      return [colon, colon]
    }
    let tab = UInt8(ascii: "\t")
    let tabs = line.split(omittingEmptySubsequences: false) { $0 != tab }.map(\.count)
    if tabs.contains(2), tabs.allSatisfy({ $0 == 0 || $0 == 2 }) { return [tab, tab] }
    let candidates = "\t,;".utf8.map { byte in (byte, line.count { $0 == byte }) }
    let best = candidates.max { $0.1 < $1.1 }
    return [best?.0 ?? UInt8(ascii: ",")]
  }

  /// The fields of the first line, quotes and spaces around them taken off.
  private static func fields(
    of line: Slice<UnsafeRawBufferPointer>, delimiter: [UInt8], file: String
  ) throws -> [String] {
    var fields: [[UInt8]] = [[]]
    var quoted = false
    var rest = line[...]
    func fault(_ reason: LineFault.Reason, _ text: some Collection<UInt8>) -> RatingsFileError {
      .line(
        file: file,
        LineFault(
          line: 1, column: fields.count, reason: reason, text: LineFault.excerpt(text)))
    }
    while let byte = rest.first {
      if !quoted && rest.starts(with: delimiter) {
        fields.append([])
        rest = rest.dropFirst(delimiter.count)
        continue
      }
      guard byte >= 0x20 || [byte] == delimiter else { throw fault(.control, [byte]) }
      if byte == UInt8(ascii: "\"") { quoted.toggle() }
      fields[fields.count - 1].append(byte)
      rest = rest.dropFirst()
    }
    if quoted { throw fault(.quote, fields[fields.count - 1]) }
    return fields.map { field in
      var field = field[...]
      let space = UInt8(ascii: " ")
      field = field.drop { $0 == space }
      while field.last == space { field = field.dropLast() }
      if field.count >= 2, field.first == UInt8(ascii: "\""), field.last == UInt8(ascii: "\"") {
        field = field.dropFirst().dropLast()
      }
      return String(decoding: field, as: UTF8.self)
    }
  }
}

extension LineFault {
  /// At most 40 characters of some bytes, control characters escaped.
  static func excerpt(_ bytes: some Collection<UInt8>) -> String {
    // 160: four bytes a character at most.
    let characters = String(decoding: bytes.prefix(160), as: UTF8.self).unicodeScalars
    let shown = characters.prefix(40).map { scalar in
      scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return shown.joined() + (bytes.count > 160 || characters.count > 40 ? "…" : "")
  }
}

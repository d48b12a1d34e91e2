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

  /// Header names of the columns, best first.
  private static let names: [[String]] = [
    ["user_id", "userid", "user"],
    ["item_id", "anime_id", "movieid", "movie_id", "item"],
    ["rating", "score"],
    ["timestamp"],
    ["watching_status"],
  ]
  private static let roles = ["user", "item", "rating", "timestamp", "watching_status"]

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
    guard fields.count >= 3 else { throw RatingsFileError.noColumns(file: file.name) }
    let (columns, hasHeader) = try Self.columns(
      in: fields, delimiter: delimiter, format: format, file: file.name)

    kernel = ck_ingest_layout()
    kernel.columns = UInt32(fields.count)
    kernel.column = (columns[0], columns[1], columns[2], columns[3], columns[4])
    kernel.delimiter = CChar(bitPattern: delimiter[0])
    kernel.delimiter_width = UInt8(delimiter.count)
    kernel.user_text = format.ids == .strings ? 1 : 0
    kernel.item_text = kernel.user_text
    body = start + (hasHeader ? min(lineEnd + 1, text.count) : 0)
    firstLine = hasHeader ? 2 : 1
  }

  /// "::" where it occurs, else the most frequent of tab, comma and semicolon.
  private static func delimiter(of line: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    let colon = UInt8(ascii: ":")
    if zip(line, line.dropFirst()).contains(where: { $0 == colon && $1 == colon }) {
      return [colon, colon]
    }
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

  /// The 0-based column of each role, −1 where there is none, and whether the first line is a header.
  private static func columns(
    in fields: [String], delimiter: [UInt8], format: TableFormat, file: String
  ) throws -> ([Int32], Bool) {
    if let chosen = format.columns {
      return try columns(chosen, in: fields, file: file)
    }
    let lowercased = fields.map { $0.lowercased() }
    let found = names.map { names in
      Int32(names.lazy.compactMap { lowercased.firstIndex(of: $0) }.first ?? -1)
    }
    if found.prefix(3).allSatisfy({ $0 >= 0 }) { return (found, true) }
    guard isNumber(fields[2]) else {
      let role = roles[found.firstIndex(of: -1) ?? 0]
      throw RatingsFileError.columnNotFound(file: file, column: role, available: fields)
    }
    // MovieLens's u.data and ratings.dat.
    let stamped =
      fields.count == 4 && delimiter != Array(",".utf8) && delimiter != Array(";".utf8)
      && Int64(fields[3]) != nil
    return ([0, 1, 2, stamped ? 3 : -1, -1], false)
  }

  /// Columns as the user chose them; one chosen by name means that there is a header.
  private static func columns(
    _ chosen: TableFormat.Columns, in fields: [String], file: String
  ) throws -> ([Int32], Bool) {
    let chosen = [chosen.user, chosen.item, chosen.rating, chosen.timestamp]
    let columns = try chosen.map { column -> Int32 in
      let index: Int?
      switch column {
      case nil: return -1
      case .named(let name): index = fields.firstIndex(of: name)
      case .position(let position): index = position - 1
      }
      guard let index, fields.indices.contains(index) else {
        throw RatingsFileError.columnNotFound(
          file: file, column: column?.description ?? "", available: fields)
      }
      return Int32(index)
    }
    let named = chosen.contains { if case .named = $0 { true } else { false } }
    return (columns + [-1], named || !isNumber(fields[Int(columns[2])]))
  }

  /// Whether a field is a number or means to be one: nan, inf and 1e400 are no header.
  private static func isNumber(_ field: String) -> Bool {
    var field = field
    var value: Float = 0
    let status = field.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        ck_ingest_rating($0.baseAddress, $0.count, &value)
      }
    }
    return status != CK_INGEST_NOT_A_NUMBER && status != CK_INGEST_MISSING
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

// Finds out how a table is laid out: delimiter, header, and which column means what.
import CKernels

/// The first record of a text, from which its layout is told.
package struct FirstRecord {
  /// Its fields' texts.
  package let fields: [String]
  /// What parts them.
  package let delimiter: Delimiter
  /// Where it starts and ends, and on which lines: itself, and what follows it.
  let start: Int, end: Int
  let line: Int, nextLine: Int

  /// Finds out what parts fields, and cuts the first record; it has no fields where there is none.
  ///
  /// - Throws: `LineFault`.
  package init(_ text: UnsafeRawBufferPointer) throws(LineFault) {
    let body = text.prefix(Int(CK_INGEST_LINE_LIMIT) + 2)
    let line = body.prefix { $0 != UInt8(ascii: "\n") }
    guard line.count <= Int(CK_INGEST_LINE_LIMIT) + 1 else {
      throw LineFault(line: 1, column: nil, reason: .lineLength, text: LineFault.excerpt(line))
    }
    delimiter = Delimiter(of: text)
    var records = Records(text, delimiter)
    let first: [Records.Field]
    do {
      first = try records.next() ?? []
    } catch {
      throw LineFault(line: error.line, column: error.column, reason: .quote, text: error.text)
    }
    (start, self.line) = (records.start, records.line)
    (end, nextLine) = (records.position, records.nextLine)
    for (column, field) in first.enumerated() {
      let tab = delimiter == .tab ? UInt8(ascii: "\t") : 0xFF
      if let control = field.bytes.first(where: { ($0 < 0x20 || $0 == 0x7F) && $0 != tab }) {
        throw LineFault(
          line: records.line, column: column + 1, reason: .control,
          text: LineFault.excerpt([control]))
      }
    }
    fields = first.map(\.text)
  }

  /// A layout of such records that has no columns yet.
  package var kernel: ck_ingest_layout {
    var kernel = ck_ingest_layout()
    kernel.columns = UInt32(fields.count)
    kernel.column = (-1, -1, -1, -1, -1)
    kernel.delimiter = delimiter.kernel.byte
    kernel.delimiter_width = delimiter.kernel.width
    kernel.decimal_comma = delimiter.allowsDecimalComma ? 1 : 0
    return kernel
  }
}

/// The layout of a file of ratings or pairs, found from its first record.
package struct TableLayout {
  /// What the kernels need to know.
  package var kernel: ck_ingest_layout
  /// Where the rows start: after the header.
  package var body: Int
  /// Number of the first row's line.
  package var firstLine: Int

  private static let roles = ["user", "item", "rating", "timestamp", "watching_status"]

  /// A layout whose rows start at the first record, or behind it where it is a header.
  package init(_ kernel: ck_ingest_layout, behind first: FirstRecord, hasHeader: Bool) {
    self.kernel = kernel
    body = hasHeader ? first.end : first.start
    firstLine = hasHeader ? first.nextLine : first.line
  }

  /// Looks at the first record of a ratings file.
  init(_ file: FileBytes, format: TableFormat) throws {
    guard !file.bytes.isEmpty else { throw RatingsFileError.empty(file: file.name) }
    let first: FirstRecord
    do {
      first = try FirstRecord(file.bytes)
    } catch {
      throw RatingsFileError.line(file: file.name, error)
    }
    guard first.fields.count >= 3 else { throw RatingsFileError.noColumns(file: file.name) }
    let (columns, hasHeader) = try Self.columns(
      in: first.fields, delimiter: first.delimiter, format: format, file: file.name)
    var kernel = first.kernel
    kernel.column = (columns[0], columns[1], columns[2], columns[3], columns[4])
    kernel.user_text = format.ids == .strings ? 1 : 0
    kernel.item_text = kernel.user_text
    self.init(kernel, behind: first, hasHeader: hasHeader)
  }

  /// The 0-based column of each role, −1 where there is none, and whether the first line is a header.
  private static func columns(
    in fields: [String], delimiter: Delimiter, format: TableFormat, file: String
  ) throws -> ([Int32], Bool) {
    if let chosen = format.columns {
      return try columns(chosen, in: fields, delimiter: delimiter, file: file)
    }
    let found = [
      ColumnNames.user, ColumnNames.item, ColumnNames.rating, ColumnNames.timestamp,
      ColumnNames.watchingStatus,
    ].map { Int32(ColumnNames.column($0, in: fields) ?? -1) }
    if found.prefix(3).allSatisfy({ $0 >= 0 }) { return (found, true) }
    guard isNumber(fields[2], delimiter) else {
      let role = roles[found.firstIndex(of: -1) ?? 0]
      throw RatingsFileError.columnNotFound(file: file, column: role, available: fields)
    }
    // MovieLens's u.data and ratings.dat.
    let stamped =
      fields.count == 4 && delimiter != .comma && delimiter != .semicolon
      && Int64(fields[3]) != nil
    return ([0, 1, 2, stamped ? 3 : -1, -1], false)
  }

  /// Columns as the user chose them; one chosen by name means that there is a header.
  private static func columns(
    _ chosen: TableFormat.Columns, in fields: [String], delimiter: Delimiter, file: String
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
    return (columns + [-1], named || !isNumber(fields[Int(columns[2])], delimiter))
  }

  /// Whether a field is a number or means to be one: nan, inf and 1e400 are no header.
  private static func isNumber(_ field: String, _ delimiter: Delimiter) -> Bool {
    let status = delimiter.rating(field).status
    return status != CK_INGEST_NOT_A_NUMBER && status != CK_INGEST_MISSING
  }
}

extension Delimiter {
  /// A field of such a file as a rating, and why it is none.
  package func rating(_ field: String) -> (value: Float, status: ck_ingest_status) {
    var field = field
    var value: Float = 0
    let status = field.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        allowsDecimalComma
          ? ck_ingest_decimal($0.baseAddress, $0.count, &value)
          : ck_ingest_rating($0.baseAddress, $0.count, &value)
      }
    }
    return (value, status)
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

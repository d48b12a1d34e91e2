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
    // Line ends may stand in quotes; the parser refuses them where the field is needed.
    let allowed = [0x0A, 0x0D] + (delimiter == .tab ? [UInt8(ascii: "\t")] : [])
    for (column, field) in first.enumerated() {
      if let control = field.bytes.first(where: {
        ($0 < 0x20 || $0 == 0x7F) && !allowed.contains($0)
      }) {
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

  /// What the rows say.
  var feedback = Feedback.ratings
  /// Whether timestamps have to be read where there is a column of them.
  var needsTimes = true

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
    let columns = try RatingColumns(
      first.fields, delimiter: first.delimiter, format: format, file: file.name)
    let places = columns.places
    var kernel = first.kernel
    kernel.column = (places[0], places[1], places[2], places[3], places[4])
    kernel.user_text = format.ids == .strings ? 1 : 0
    kernel.item_text = kernel.user_text
    self.init(kernel, behind: first, hasHeader: columns.hasHeader)
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
  package static func excerpt(_ bytes: some Collection<UInt8>) -> String {
    // 160: four bytes a character at most.
    let characters = String(decoding: bytes.prefix(160), as: UTF8.self).unicodeScalars
    let shown = characters.prefix(40).map { scalar in
      scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return shown.joined() + (bytes.count > 160 || characters.count > 40 ? "…" : "")
  }
}

// The records of a delimited text one after the other, cut by the kernel that all files are cut by.
import CKernels

/// Reads records in a text that outlives it; blank lines are none.
package struct Records {
  /// A field of a record.
  package struct Field {
    /// Its bytes, without the quotes around it.
    let bytes: UnsafeRawBufferPointer
    let kind: ck_field_kind

    /// Its text, doubled quotes halved; bytes that are not UTF-8 become U+FFFD.
    package var text: String {
      kind == CK_FIELD_DOUBLED
        ? String(decoding: Self.halvingQuotes(bytes), as: UTF8.self)
        : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether text follows its closing quote, so that it was taken as it stands.
    package var isRagged: Bool { kind == CK_FIELD_RAGGED }

    /// Bytes with one quote for each two.
    static func halvingQuotes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
      var text: [UInt8] = []
      var isSecond = false
      for byte in bytes {
        isSecond = byte == UInt8(ascii: "\"") && !isSecond
        if !isSecond { text.append(byte) }
      }
      return text
    }
  }

  /// A quote that the text never closes.
  package struct OpenQuote: Error {
    /// The line it opens on.
    package var line: Int
    /// Its field's number, 1 for the first.
    package var column: Int
    /// What follows on its line.
    package var text: String
  }

  /// The line on which the record last read starts, 1 for the first of the text.
  package private(set) var line = 0
  /// Where the record last read starts.
  private(set) var start = 0
  /// Where the next one starts.
  private(set) var position = 0
  /// The line on which it does.
  private(set) var nextLine = 1
  private let bytes: UnsafeRawBufferPointer
  private let delimiter: Delimiter

  /// Starts at the first byte.
  package init(_ bytes: UnsafeRawBufferPointer, _ delimiter: Delimiter) {
    // A line may end in "\r" at the end of the text, too.
    self.bytes = bytes.last == UInt8(ascii: "\r") ? .init(rebasing: bytes.dropLast()) : bytes
    self.delimiter = delimiter
  }

  /// Whether there is nothing left.
  var isAtEnd: Bool { position >= bytes.count }

  /// The fields of the next record, or nil at the end.
  package mutating func next() throws(OpenQuote) -> [Field]? {
    guard let fields = nextEvenOpen() else { return nil }
    if let last = fields.last, last.kind == CK_FIELD_OPEN {
      throw OpenQuote(
        line: line, column: fields.count,
        text: LineFault.excerpt(last.bytes.prefix { $0 != UInt8(ascii: "\n") }))
    }
    return fields
  }

  /// The same where the last field may have a quote that is never closed; it reaches to the end then.
  mutating func nextEvenOpen() -> [Field]? {
    while !isAtEnd {
      (start, line) = (position, nextLine)
      let fields = record()
      if fields.count > 1 || fields[0].kind != CK_FIELD_PLAIN || !fields[0].bytes.isEmpty {
        return fields
      }
    }
    return nil
  }

  private mutating func record() -> [Field] {
    let kernel = delimiter.kernel
    let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    var fields: [Field] = []
    while true {
      var field = ck_field()
      position = ck_fields_next(base, bytes.count, position, kernel, &field)
      fields.append(
        Field(bytes: .init(rebasing: bytes[field.begin..<field.end]), kind: field.kind))
      nextLine += field.breaks
      guard position < bytes.count else { return fields }
      switch bytes[position] {
      case UInt8(ascii: "\n"): position += 1
      case UInt8(ascii: "\r"): position += 2
      default:
        position += Int(kernel.width)
        // A delimiter at the very end has an empty field behind it.
        continue
      }
      nextLine += 1
      return fields
    }
  }
}

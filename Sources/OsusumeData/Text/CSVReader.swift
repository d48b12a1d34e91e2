// Records of a delimited text with quoted fields (RFC 4180), for files of thousands of lines.

/// Reads records one after the other; a field may be quoted and then hold delimiters and line ends.
///
/// Ours rather than SwiftCSV's because that one (0.10.0) takes an unterminated quote for the rest of the
/// file without a word, refuses a quote inside a plain field, and ends lines at U+2028. Lenient where
/// that is harmless: text after a closing quote is kept; `\n`, `\r\n` and `\r` all end a line.
struct CSVReader {
  /// A quote that the file never closes, by the line it opens on.
  struct UnterminatedQuote: Error {
    var line: Int
  }

  /// The line on which the record last read starts, 1 for the first.
  private(set) var line = 0
  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position = 0
  private var nextLine = 1

  /// Starts at the first byte, or after a byte-order mark.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    delimiter = Self.delimiter(of: bytes)
  }

  /// Whichever of comma, tab and semicolon the first line has most of.
  private static func delimiter(of bytes: [UInt8]) -> UInt8 {
    let line = bytes.prefix { $0 != Byte.newline }
    func count(_ delimiter: Character) -> Int { line.count { $0 == delimiter.asciiValue } }
    let best = ([",", "\t", ";"] as [Character]).max { count($0) < count($1) }
    return best.flatMap { count($0) > 0 ? $0.asciiValue : nil } ?? Byte.comma
  }

  /// The fields of the next record that is not a blank line, or nil at the end.
  mutating func next() throws -> [String]? {
    while position < bytes.count {
      line = nextLine
      let fields = try record()
      if fields.count > 1 || !fields[0].isEmpty { return fields }
    }
    return nil
  }

  private mutating func record() throws -> [String] {
    var fields = [String]()
    while true {
      fields.append(try field())
      guard position < bytes.count else { return fields }
      let end = bytes[position]
      position += 1
      if end == delimiter { continue }
      if end == Byte.carriageReturn, position < bytes.count, bytes[position] == Byte.newline {
        position += 1
      }
      nextLine += 1
      return fields
    }
  }

  private mutating func field() throws -> String {
    guard position < bytes.count, bytes[position] == Byte.quote else { return text(plain()) }
    let opening = nextLine
    var content = [UInt8]()
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte != Byte.quote {
        if byte == Byte.newline { nextLine += 1 }
        content.append(byte)
      } else if position < bytes.count, bytes[position] == Byte.quote {
        position += 1
        content.append(byte)
      } else {
        return text(content + plain())
      }
    }
    throw UnterminatedQuote(line: opening)
  }

  /// Bytes up to the end of the field.
  private mutating func plain() -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == delimiter || byte == Byte.newline || byte == Byte.carriageReturn { break }
      position += 1
    }
    return bytes[start..<position]
  }

  /// As text; what is not UTF-8 becomes U+FFFD.
  private func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}

private enum Byte {
  static let quote = UInt8(ascii: "\"")
  static let comma = UInt8(ascii: ",")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
}

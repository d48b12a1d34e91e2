// Which characters the bytes of a text stand for, and the same text in UTF-8.
import CKernels

/// How bytes stand for characters.
public enum TextEncoding: String, Sendable, Hashable, Codable, CustomStringConvertible {
  /// UTF-8, of which ASCII is a part.
  case utf8 = "UTF-8"
  /// Two bytes a character, the low one first, behind a byte-order mark.
  case utf16LittleEndian = "UTF-16LE"
  /// Two bytes a character, the high one first, behind a byte-order mark.
  case utf16BigEndian = "UTF-16BE"
  /// ISO 8859-1.
  case latin1 = "Latin-1"
  /// Latin-1 with punctuation where that has control characters.
  case windows1252 = "Windows-1252"
  /// None of these.
  case unknown

  /// Its name.
  public var description: String { rawValue }

  /// The encoding that a byte-order mark tells, and the mark's length.
  static func marked(_ bytes: UnsafeRawBufferPointer) -> (encoding: TextEncoding, length: Int)? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    return nil
  }

  /// The encoding of text without a mark; nil where it is all ASCII.
  ///
  /// Text that is UTF-8 but for fewer places than it has characters beyond ASCII is damaged UTF-8: in other
  /// encodings next to nothing looks like such a character.
  static func unmarked(_ bytes: UnsafeRawBufferPointer) -> TextEncoding? {
    var counts = ck_encoding()
    ck_fields_encoding(
      bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, &counts)
    if counts.wide == 0 && counts.wrong == 0 { return nil }
    if counts.wide > counts.wrong { return .utf8 }
    let high = bytes.filter { $0 >= 0x80 && $0 < 0xA0 }
    if high.isEmpty { return .latin1 }
    return high.allSatisfy { Self.punctuation[Int($0) - 0x80] != 0 } ? .windows1252 : .unknown
  }

  /// The text in UTF-8, or nil where it is UTF-8 as it stands or nobody knows; without its mark.
  func utf8(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    switch self {
    case .utf8, .unknown: return nil
    case .utf16LittleEndian, .utf16BigEndian:
      let low = self == .utf16LittleEndian ? 0 : 1
      let units = (0..<bytes.count / 2).map {
        UInt16(bytes[2 * $0 + low]) | UInt16(bytes[2 * $0 + 1 - low]) << 8
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    case .latin1, .windows1252:
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count + bytes.count / 8)
      for byte in bytes {
        if byte < 0x80 {
          text.append(byte)
        } else {
          let code = byte < 0xA0 ? Self.punctuation[Int(byte) - 0x80] : UInt16(byte)
          if code >= 0x800 { text.append(0xE0 | UInt8(code >> 12)) }
          text.append(code >= 0x800 ? 0x80 | UInt8(code >> 6 & 0x3F) : 0xC0 | UInt8(code >> 6))
          text.append(0x80 | UInt8(code & 0x3F))
        }
      }
      return text
    }
  }

  /// Windows-1252 from 0x80 to 0x9F; 0 where it has no character.
  private static let punctuation: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]
}

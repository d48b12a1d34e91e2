// A strict reader of JSON text for file headers: linear, no recursion of its own, duplicates refused.

/// Reads JSON from bytes, value by value, as its caller expects them.
///
/// Nesting is as deep as the caller's calls and no deeper, so hostile text cannot exhaust the stack.
/// Numbers are unsigned integers: headers hold no others. Errors: `JSONFault`.
struct JSONScanner {
  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads an object; `member` gets each name and must read the value.
  mutating func object(_ member: (String, inout Self) throws -> Void) throws {
    try expect("{")
    if take("}") { return }
    var names = Set<String>()
    repeat {
      let start = position
      let name = try string()
      guard names.insert(name).inserted else { throw JSONFault.duplicate(name, at: start) }
      try expect(":")
      try member(name, &self)
    } while take(",")
    try expect("}")
  }

  /// Reads an array; `element` must read each value.
  mutating func array(_ element: (inout Self) throws -> Void) throws {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  /// Reads an integer from 0 to Int.max without sign, fraction, exponent or leading zeros.
  mutating func unsigned() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let digit = peek().flatMap({ $0 &- 48 < 10 ? Int($0 &- 48) : nil }) {
      let (tens, tooBig) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooLarge) = tens.addingReportingOverflow(digit)
      if tooBig || tooLarge { throw JSONFault.expected("a smaller number", at: start) }
      value = sum
      position += 1
    }
    let zeroLed = position > start + 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start, !zeroLed else { throw JSONFault.expected("a number", at: start) }
    return value
  }

  /// Reads a string.
  mutating func string() throws -> String {
    try expect("\"")
    let start = position
    var text: [UInt8] = []
    var run = position  // Start of the bytes that are copied unchanged.
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw JSONFault.expected("no control character", at: position) }
      position += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      text += bytes[run..<(position - 1)]
      try escape(into: &text)
      run = position
    }
    text += bytes[run..<position]
    try expect("\"")
    guard let string = String(validating: text, as: UTF8.self) else {
      throw JSONFault.expected("UTF-8", at: start)
    }
    return string
  }

  /// Skips white space and demands that nothing follows.
  mutating func end() throws {
    skipSpace()
    if position < bytes.endIndex { throw JSONFault.expected("nothing more", at: position) }
  }

  /// Appends the character that an escape after a backslash encodes.
  private mutating func escape(into text: inout [UInt8]) throws {
    let start = position
    guard let byte = peek() else { throw JSONFault.expected("an escape", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "u"): text += try unicode().utf8
    default: throw JSONFault.expected("an escape", at: start)
    }
  }

  /// Reads the rest of \uXXXX, or of a pair of surrogates.
  private mutating func unicode() throws -> String {
    let start = position
    let first = try hex4()
    if let scalar = Unicode.Scalar(UInt32(first)) { return String(Character(scalar)) }
    guard position + 1 < bytes.endIndex, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw JSONFault.expected("a pair of surrogates", at: start) }
    position += 2
    guard let text = String(validating: [first, try hex4()], as: UTF16.self) else {
      throw JSONFault.expected("a pair of surrogates", at: start)
    }
    return text
  }

  private mutating func hex4() throws -> UInt16 {
    guard position + 4 <= bytes.endIndex,
      let digits = String(validating: bytes[position..<(position + 4)], as: UTF8.self),
      digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let value = UInt16(digits, radix: 16)
    else { throw JSONFault.expected("four hexadecimal digits", at: position) }
    position += 4
    return value
  }

  private func peek() -> UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard take(character) else { throw JSONFault.expected("'\(character)'", at: position) }
  }
}

/// Why JSON text was refused, and at which byte.
enum JSONFault: Error, Equatable {
  /// Something else is where this should be.
  case expected(String, at: Int)
  /// A name occurs twice in one object.
  case duplicate(String, at: Int)
}

extension String {
  /// The text as a JSON string, quotes included; UTF-8 stays as it is.
  package var quotedAsJSON: String {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    quoted.reserveCapacity(utf8.count + 2)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        quoted += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: quoted.append(byte)
      }
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }
}

/// The deepest nesting of arrays and objects in JSON text; brackets inside strings do not count.
func nestingOfJSON(_ text: String) -> Int {
  var depth = 0
  var deepest = 0
  var inString = false
  var escaped = false
  for byte in text.utf8 {
    if inString {
      inString = escaped || byte != UInt8(ascii: "\"")
      escaped = !escaped && byte == UInt8(ascii: "\\")
    } else if byte == UInt8(ascii: "\"") {
      inString = true
    } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
      depth += 1
      deepest = max(deepest, depth)
    } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
      depth -= 1
    }
  }
  return deepest
}

// Decodes HTML character references, which published item files carry in their titles.

extension String {
  /// The text with `&amp;`, `&#039;`, `&#x27;` and their kin replaced by what they stand for.
  ///
  /// One pass; a reference that is unknown or lacks its semicolon stays as it is.
  var decodingHTMLEntities: String {
    guard utf8.contains(UInt8(ascii: "&")) else { return self }
    var decoded = ""
    var rest = self[...]
    while let start = rest.firstIndex(of: "&") {
      decoded += rest[..<start]
      rest = rest[start...]
      // The longest reference understood is `&#x10ffff;`.
      guard let end = rest.prefix(12).firstIndex(of: ";"),
        let character = Self.character(named: rest[rest.index(after: start)..<end])
      else {
        decoded.append(rest.removeFirst())
        continue
      }
      decoded.append(character)
      rest = rest[rest.index(after: end)...]
    }
    return decoded + rest
  }

  private static func character(named name: Substring) -> Character? {
    guard name.first == "#" else { return named[String(name)] }
    let digits = name.dropFirst()
    let hexadecimal = digits.first == "x" || digits.first == "X"
    let code = hexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return code.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }.map { Character($0) }
  }

  /// XML's five, the space, and the punctuation and letters met in titles.
  private static let named: [String: Character] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{a0}",
    "ndash": "–", "mdash": "—", "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“",
    "rdquo": "”", "laquo": "«", "raquo": "»", "middot": "·", "bull": "•", "deg": "°",
    "times": "×", "frac12": "½", "sup2": "²", "copy": "©", "reg": "®", "trade": "™",
    "hearts": "♥", "star": "☆", "aacute": "á", "agrave": "à", "acirc": "â", "auml": "ä",
    "aring": "å", "ccedil": "ç", "eacute": "é", "egrave": "è", "ecirc": "ê", "euml": "ë",
    "iacute": "í", "ntilde": "ñ", "oacute": "ó", "ocirc": "ô", "ouml": "ö", "oslash": "ø",
    "uacute": "ú", "uuml": "ü", "szlig": "ß",
  ]
}

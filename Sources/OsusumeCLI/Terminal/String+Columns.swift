// How many columns of a terminal a text takes: letters of East Asia and emoji take two, marks on letters none.

extension Character {
  /// Columns of a terminal, 0 to 2.
  var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    // A letter and a mark that asks for its picture, or letters joined to one picture, are as wide as a picture.
    let isPicture =
      first.properties.isEmojiPresentation
      || unicodeScalars.count > 1 && first.properties.isEmoji
        && unicodeScalars.contains { $0.value == 0xFE0F || $0.value == 0x200D }
    if isPicture || first.isWide { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return 1
    }
  }
}

extension Unicode.Scalar {
  /// Whether it is wide or full-width by UAX 11, by blocks.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

extension String {
  /// Columns of a terminal.
  var columns: Int {
    // Most text is ASCII, a column a byte.
    utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.columns }
  }

  /// The text, cut to so many columns where it takes more.
  func clipped(to width: Int) -> String {
    guard columns > width else { return self }
    var (text, used) = ("", 0)
    for character in self {
      guard used + character.columns < width else { break }
      text.append(character)
      used += character.columns
    }
    return text + "…"
  }

  /// The text with blanks in front, so many columns wide at least.
  func padded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns)) + self
  }
}

// Titles and ids as a page shows them: short, on one line, and each in its own direction of writing.
import OsusumeData

extension String {
  /// The text as a cell or a tip of a page can hold it.
  ///
  /// What turns the direction of writing or is no printable character is replaced. A text with letters that are
  /// written from right to left is isolated (UAX 9), so that those around it keep their places.
  func shown(_ length: Int = 60) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in unicodeScalars { scalars.append(scalar.isSteering ? "\u{FFFD}" : scalar) }
    let text = String(scalars)
    let short = text.count <= length ? text : text.prefix(length - 1) + "…"
    return short.unicodeScalars.contains(where: \.runsLeft) ? "\u{2068}\(short)\u{2069}" : short
  }
}

extension Unicode.Scalar {
  /// Whether it is of a block of letters that are written from right to left.
  fileprivate var runsLeft: Bool {
    switch value {
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }
}

// Colour on a terminal: blocks and bars, and words that warn. Elsewhere, and under NO_COLOR, there is none.
import Foundation

enum Colour {
  /// Whether what goes to a descriptor may be coloured (no-color.org).
  static func isWanted(
    on descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Bool {
    environment["NO_COLOR"]?.isEmpty ?? true && environment["TERM"] != "dumb"
      && isatty(descriptor) != 0
  }

  private static let warnings = ["DOES NOT BEAT", "WRONG"]

  /// A line that is safe to print, with its runs of blocks blue and its warnings red.
  static func paint(_ line: String) -> String {
    var painted = ""
    var isBlue = false
    for character in line {
      let isBlock = ("▁"..."█").contains(character) || character == "░"
      if isBlock != isBlue {
        painted += isBlock ? "\u{1B}[34m" : "\u{1B}[0m"
        isBlue = isBlock
      }
      painted.append(character)
    }
    if isBlue { painted += "\u{1B}[0m" }
    for warning in warnings {
      painted = painted.replacing(warning, with: "\u{1B}[1;31m\(warning)\u{1B}[0m")
    }
    return painted
  }
}

// Text from files made safe to print: no character of an id or a title may steer a terminal.
import Osusume

extension String {
  /// The text on one line: white space that is not printable becomes a space, every other character
  /// that would steer a terminal becomes U+FFFD.
  var printable: String {
    replacingSteering { $0.properties.isWhitespace ? " " : "\u{FFFD}" }
  }

  /// The JSON text with characters that would steer a terminal written as `\uXXXX`: another spelling of
  /// the same value, since outside strings JSON has none of them.
  var printableJSON: String {
    replacingSteering {
      let digits = String($0.value, radix: 16, uppercase: true)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private func replacingSteering(by replacement: (Unicode.Scalar) -> String) -> String {
    guard unicodeScalars.contains(where: \.isSteering) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isSteering {
        text.append(contentsOf: replacement(scalar).unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }
}

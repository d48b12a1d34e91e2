// A text as a field of a CSV file that we write: read back, it is the same text.

extension [UInt8] {
  /// Appends a text as a CSV field, in quotes where it would not be read back as it is without them: where
  /// it holds delimiters, quotes or line ends, or begins or ends in a blank.
  package mutating func append(csvField text: some BidirectionalCollection<UInt8>) {
    let quote = UInt8(ascii: "\"")
    // By bytes: a quote and a combining mark after it are one character, but two in the file.
    let needsQuotes =
      isBlank(text.first) || isBlank(text.last)
      || text.contains { $0 == quote || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return append(contentsOf: text) }
    append(quote)
    for byte in text {
      if byte == quote { append(quote) }
      append(byte)
    }
    append(quote)
  }
}

private func isBlank(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 }

extension String {
  /// The text as such a field.
  package var csvField: String {
    var field: [UInt8] = []
    field.append(csvField: utf8)
    return String(decoding: field, as: UTF8.self)
  }
}

// Text as a field of CSV.

extension String {
  /// The text as a CSV field, quoted where it has to be (RFC 4180).
  package var csvField: String {
    guard utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else {
      return self
    }
    return "\"\(replacing("\"", with: "\"\""))\""
  }
}

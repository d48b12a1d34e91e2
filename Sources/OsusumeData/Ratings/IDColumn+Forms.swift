// Numbers that a column of ids writes in several ways, which makes them several ids.

extension IDColumn {
  /// The ids that are one number written in several ways, as `1` and `1.0`.
  ///
  /// For each number its texts, in order of the texts; a column of integers has none.
  func numbersInSeveralForms() -> [[String]] {
    guard case .strings(_, let names) = self else { return [] }
    var forms: [String: [String]] = [:]
    for name in names {
      if let number = Self.number(name) { forms[number, default: []].append(name) }
    }
    return forms.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  /// The text of a whole number without a plus, zeros in front, and a fraction of zeros; nil for other text.
  private static func number(_ text: String) -> String? {
    var rest = text.utf8[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    let whole = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest[whole.endIndex...]
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop { $0 == 0x30 } }
    guard !whole.isEmpty && rest.isEmpty else { return nil }
    let digits = whole.drop { $0 == 0x30 }
    return digits.isEmpty ? "0" : (isNegative ? "-" : "") + String(Substring(digits))
  }
}

// The settings of a training run as aligned lines, by the names they have in JSON.
import Foundation
import Osusume

/// Any encodable value of named fields, one line a field, sorted by name.
struct SettingsTable {
  /// The lines.
  let lines: [String]

  /// Shows a value as its JSON says it, so that a new field needs no line here; of named fields only, where
  /// names are given.
  init(_ value: some Encodable, only names: Set<String>? = nil) {
    var table = TextTable(alignments: [.left, .left])
    for (name, text) in Self.fields(of: value).sorted(by: { $0.key < $1.key })
    where names?.contains(name) ?? true {
      table.add(name, text)
    }
    lines = table.lines.map { "  " + $0 }
  }

  /// The fields of a value with their texts in JSON.
  private static func fields(of value: some Encodable) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let object = try? JSONSerialization.jsonObject(with: encoder.encode(value)) as? [String: Any]
    return (object ?? [:]).mapValues(text)
  }

  /// The value as JSON, strings without their quotes.
  private static func text(_ value: Any) -> String {
    if let text = value as? String { return text }
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
  }
}

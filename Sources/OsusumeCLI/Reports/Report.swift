// What commands print: a report as one JSON object, or as lines for people.

/// The answer of a command: its properties are the JSON, with names in snake case (`Output.json`).
protocol Report: Encodable {
  /// The command that it answers, as it is typed: `data describe`.
  var command: String { get }
  /// The report for people.
  var lines: [String] { get }
}

extension CommandOptions {
  /// Prints a report as JSON where `--json` was given, as lines otherwise.
  func show(_ report: some Report) throws {
    if json { try Output.json(report, of: report.command) } else { try Output.lines(report.lines) }
  }
}

extension CommandOptions {
  /// Says what is to be known of the models on stderr, one line each.
  func warn(_ warnings: [String]) {
    for warning in warnings where !quiet { Output.note("osusume: \(warning)") }
  }
}

/// A property that JSON leaves out.
@propertyWrapper
struct NotEncoded<Value>: Encodable {
  var wrappedValue: Value

  func encode(to encoder: any Encoder) {}
}

extension KeyedEncodingContainer {
  /// Encodes nothing: synthesised `encode(to:)` calls this overload, so that no key is written.
  mutating func encode<Value>(_ value: NotEncoded<Value>, forKey key: Key) {}
}

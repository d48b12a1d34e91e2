// How commands print: one JSON object, or lines for people; progress goes to stderr.
import Foundation
import Osusume

enum Output {
  /// Prints one JSON object and a newline.
  static func json(_ value: some Encodable) throws { try lines([try text(of: value)]) }

  /// A value as a JSON object, its keys sorted and in snake case.
  static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self).printableJSON
  }

  /// Prints lines on stdout, whatever would steer a terminal replaced.
  ///
  /// Errors: `OutputError` when stdout is a full disk, say, which `print` would pass over.
  static func lines(_ lines: [String]) throws {
    let output = ByteOutput.standardOutput()
    let isColoured = Colour.isWanted(on: STDOUT_FILENO)
    for line in lines {
      try output.write((isColoured ? Colour.paint(line.printable) : line.printable) + "\n")
    }
    try output.flush()
  }

  /// Says which ids a model does not know, the first five by name; nothing where it knows all.
  static func noteUnknown(_ ids: [String], of kind: String) {
    guard !ids.isEmpty else { return }
    let shown = ids.prefix(5).joined(separator: ", ") + (ids.count > 5 ? ", …" : "")
    note("osusume: the model does not know \(ids.count) of \(kind): \(shown)")
  }

  /// Writes a line to stderr, whatever would steer a terminal replaced.
  static func note(_ line: String) {
    // A closed stderr is no reason to stop.
    let output = ByteOutput(descriptor: STDERR_FILENO, name: "standard error")
    try? output.write(line.printable + "\n")
    try? output.flush()
  }
}

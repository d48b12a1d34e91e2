// How commands print: one JSON object, or lines for people; progress goes to stderr.
import Foundation
import Osusume

enum Output {
  /// The version of the shapes in docs/json: a new one for a shape that old readers would misread.
  static let schema = 1

  /// Prints the answer of a command as one JSON object, with `command` and `schema`, and a newline.
  static func json(_ value: some Encodable, of command: String) throws {
    try lines([try text(of: Answer(value: value, command: command))])
  }

  /// A value, and what it answers.
  private struct Answer<Value: Encodable>: Encodable {
    let value: Value
    let command: String

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
      var container = encoder.container(keyedBy: JSONKey.self)
      try container.encode(command, forKey: "command")
      try container.encode(Output.schema, forKey: "schema")
    }
  }

  /// A value as a JSON object, its keys sorted and in snake case.
  static func text(of value: some Encodable) throws -> String {
    try String(json: value, snakeCase: true).printableJSON
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
    let shown =
      ids.prefix(5).map(\.shortened).joined(separator: ", ") + (ids.count > 5 ? ", …" : "")
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

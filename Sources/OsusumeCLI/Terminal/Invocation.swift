// Command lines as a shell would take them again, for pages that say how they were made.

enum Invocation {
  /// The command line that this process was started with, the program under its own name.
  static var text: String { (["osusume"] + CommandLine.arguments.dropFirst()).shellLine }
}

extension [String] {
  /// The words as a line for a POSIX shell, each in quotes where a shell would take it apart.
  var shellLine: String { map(\.quotedForShell).joined(separator: " ") }
}

extension String {
  /// The text as one word of a POSIX shell.
  var quotedForShell: String {
    wholeMatch(of: /[A-Za-z0-9_.\/:,=+@%-]+/) != nil
      ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

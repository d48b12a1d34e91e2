// The command line that this process was started with, for pages that say how they were made.

/// The command line.
enum Invocation {
  /// As a shell would take it again, the program under its own name.
  static var text: String {
    (["osusume"] + CommandLine.arguments.dropFirst()).map(\.quotedForShell).joined(separator: " ")
  }
}

extension String {
  /// The text as one word of a POSIX shell.
  var quotedForShell: String {
    let plain =
      !isEmpty
      && unicodeScalars.allSatisfy {
        ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
          || "-_./:,=+@%".unicodeScalars.contains($0)
      }
    return plain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

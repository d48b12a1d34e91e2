// Names of settings in the library's sentences, written as flags of the command line.

extension String {
  /// The text with what it names in backticks as a flag: `` `batch_size 10` `` becomes `--batch-size 10`.
  ///
  /// Commands in backticks, `osusume` first, stay as they are.
  var namingFlags: String {
    replacing(/`(?!osusume\b)([a-z][a-z0-9_]*)((?: [^`]*)?)`/) { match in
      "--" + match.output.1.replacing("_", with: "-") + match.output.2
    }
  }
}

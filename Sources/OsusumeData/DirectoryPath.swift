// Directories that output goes into: made when missing, removed when nothing came of it.
import Foundation

/// Makes and removes directories.
public enum DirectoryPath {
  /// Makes a directory and the missing ones above it; returns those made, outermost first.
  ///
  /// Errors: `OutputError.cannotCreate`, and nothing is left.
  @discardableResult
  public static func make(_ path: String) throws -> [String] {
    var missing: [String] = []
    var parent = path
    while !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) {
      missing.append(parent)
      parent = (parent as NSString).deletingLastPathComponent
    }
    var status = stat()
    let above = parent.isEmpty ? "." : parent
    guard stat(above, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw OutputError.cannotCreate(path: path, code: ENOTDIR)
    }
    var made: [String] = []
    for directory in missing.reversed() {
      guard mkdir(directory, 0o777) == 0 else {
        let code = errno
        remove(made)
        throw OutputError.cannotCreate(path: path, code: code)
      }
      made.append(directory)
    }
    return made
  }

  /// Removes directories, given outermost first, as far as they are empty.
  public static func remove(_ directories: [String]) {
    for directory in directories.reversed() { rmdir(directory) }
  }
}

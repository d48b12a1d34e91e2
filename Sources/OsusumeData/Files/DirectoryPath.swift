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
    while !FileManager.default.fileExists(atPath: parent) {
      missing.append(parent)
      parent = Self.parent(of: parent)
    }
    var status = stat()
    guard stat(parent, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
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

  /// The directory that a path's last part lies in: `.` for a name alone.
  ///
  /// (Foundation's `deletingLastPathComponent` crashes on `.`, as of Swift 6.3.)
  public static func parent(of path: String) -> String {
    let last = path.lastIndex { $0 != "/" }
    guard let last, let slash = path[...last].lastIndex(of: "/") else {
      return path.hasPrefix("/") ? "/" : "."
    }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Removes directories, given outermost first, as far as they are empty.
  public static func remove(_ directories: [String]) {
    for directory in directories.reversed() { rmdir(directory) }
  }
}

// Whether a result could be written, asked before any work is done for it.
import Foundation
import Osusume

enum OutputCheck {
  /// Whether there is a file of this name, which a result would replace.
  static func isFile(_ path: String) -> Bool {
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type]
    return type as? FileAttributeType == .typeRegular
  }

  /// How many bytes a file has.
  static func bytes(_ path: String) -> Int {
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size]
    return (size as? Int) ?? 0
  }

  /// Whether two paths are of one regular file, there or yet to be made; devices and streams may be both read and
  /// written.
  private static func isOneFile(_ one: String, _ other: String) -> Bool {
    var (mine, theirs) = (stat(), stat())
    guard stat(one, &mine) == 0, stat(other, &theirs) == 0 else {
      return URL(fileURLWithPath: one).standardizedFileURL
        == URL(fileURLWithPath: other).standardizedFileURL
    }
    return mine.st_mode & S_IFMT == S_IFREG && mine.st_dev == theirs.st_dev
      && mine.st_ino == theirs.st_ino
  }

  /// Fails where a result that is no text for a pipe would go to standard output.
  static func isNamed(_ path: String) throws {
    guard path != "-" else { throw UnnamedOutputError() }
  }

  /// Fails when a file could not be made or replaced, or is one of some others: those that a command reads,
  /// and its other results.
  ///
  /// What killed writers of the file have left goes.
  ///
  /// Errors: `OutputError`.
  static func canCreate(_ path: String, besides others: [String?] = []) throws {
    try isNamed(path)
    guard !path.isEmpty else { throw OutputError.cannotCreate(path: "''", code: ENOENT) }
    if others.contains(where: { $0.map { isOneFile(path, $0) } ?? false }) {
      throw OutputError.taken(path: path)
    }
    var isDirectory: ObjCBool = false
    let parent = DirectoryPath.parent(of: path)
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      if isDirectory.boolValue { throw OutputError.cannotCreate(path: path, code: EISDIR) }
    } else if !FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory) {
      throw OutputError.cannotCreate(path: path, code: ENOENT)
    }
    guard access(parent, W_OK) == 0 || access(path, W_OK) == 0 else {
      throw OutputError.cannotCreate(path: path, code: errno)
    }
    WholeFile.removeUnfinished(path)
  }
}

/// Why `-` is no place for a result: models, pages and folders are files.
struct UnnamedOutputError: OsusumeError {
  var description: String {
    "- is standard output, which takes tables, CSV and JSON alone: give this result the name of a file or folder (./- for "
      + "one that is called so)"
  }
}

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

  /// Fails when a file could not be made or replaced.
  ///
  /// Errors: `OutputError`.
  static func canCreate(_ path: String) throws {
    var isDirectory: ObjCBool = false
    let parent = DirectoryPath.parent(of: path)
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      if isDirectory.boolValue { throw OutputError.cannotCreate(path: path, code: EISDIR) }
    } else if !FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory) {
      throw OutputError.cannotCreate(path: path, code: ENOENT)
    }
    guard !path.isEmpty else { throw OutputError.cannotCreate(path: "''", code: ENOENT) }
    guard access(parent, W_OK) == 0 || access(path, W_OK) == 0 else {
      throw OutputError.cannotCreate(path: path, code: errno)
    }
  }
}

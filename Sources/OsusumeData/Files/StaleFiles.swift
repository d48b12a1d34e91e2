// Temporary files of writers that were killed: found by their names, told from files in use by their locks.
import Foundation

/// The temporary files that `WholeFile` writes before it renames them to what was asked for.
///
/// A writer locks its file (flock(2)) and the system gives the lock back when the process ends, however it
/// ends: a temporary file that can be locked belongs to nobody.
enum StaleFiles {
  /// A name for a temporary file in the folder of `target`: `TARGET.PROCESS.RANDOM.tmp`.
  static func name(for target: String) -> String {
    "\(target).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
  }

  /// Creates a file under such a name, and locks it.
  ///
  /// Returns a descriptor, or -1 with `errno`.
  static func create(_ path: String) -> Int32 {
    while true {
      let descriptor = uninterrupted { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      guard descriptor >= 0 else { return -1 }
      _ = uninterrupted { flock(descriptor, LOCK_EX) }
      var status = stat()
      // Another process may have removed it before the lock was held.
      if fstat(descriptor, &status) != 0 || status.st_nlink > 0 { return descriptor }
      close(descriptor)
    }
  }

  /// Removes the temporary files for `target` that no process is writing any more.
  static func remove(beside target: String) {
    let folder = DirectoryPath.parent(of: target)
    let prefix = (target as NSString).lastPathComponent + "."
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(prefix) && isTemporary(name.dropFirst(prefix.count)) {
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  /// Whether the end of a name is `PROCESS.RANDOM.tmp`.
  private static func isTemporary(_ ending: Substring) -> Bool {
    let parts = ending.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[2] == "tmp"
      && parts[..<2].allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

// Files that are there whole or not at all: written without a name or under another, then renamed.
import Foundation

/// Writes a file so that its path never shows a half-written one, whatever happens meanwhile.
public enum WholeFile {
  /// Writes what `body` writes; the file appears under `path` only when everything is on disk.
  ///
  /// An existing file keeps its permissions, a link stays a link to the new contents. A path that is
  /// not a file (a terminal, a pipe, /dev/null) is written to directly. When `body` or the disk fails,
  /// the temporary file is removed, an existing file stays as it was, and the error is thrown.
  ///
  /// Errors: `OutputError`, and whatever `body` throws.
  @discardableResult
  public static func write<Result>(
    to path: String, _ body: (ByteOutput) throws -> Result
  ) throws -> Result {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      throw OutputError.cannotCreate(path: path, code: EISDIR)
    }
    if exists && status.st_mode & S_IFMT != S_IFREG { return try stream(to: path, body) }
    let mode = exists ? status.st_mode & 0o777 : nil
    return try replace(exists ? resolved(path) : path, shownAs: path, mode: mode, body)
  }

  /// Removes what writers of this file that were killed have left beside it: temporary files that no process holds.
  ///
  /// `write` does so too; long work does it before it starts.
  public static func removeUnfinished(_ path: String) {
    StaleFiles.remove(beside: resolved(path))
  }

  /// Writes to something that cannot be renamed over.
  private static func stream<Result>(
    to path: String, _ body: (ByteOutput) throws -> Result
  ) throws -> Result {
    let descriptor = uninterrupted { open(path, O_WRONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw OutputError.cannotCreate(path: path, code: errno) }
    defer { close(descriptor) }
    return try fill(descriptor, name: path, body)
  }

  private static func replace<Result>(
    _ target: String, shownAs path: String, mode: mode_t?, _ body: (ByteOutput) throws -> Result
  ) throws -> Result {
    StaleFiles.remove(beside: target)
    let temporary = StaleFiles.name(for: target)
    let nameless = openNameless(beside: target)
    let descriptor = nameless ?? StaleFiles.create(temporary)
    guard descriptor >= 0 else { throw OutputError.cannotCreate(path: path, code: errno) }
    do {
      defer { close(descriptor) }
      if let mode { fchmod(descriptor, mode) }
      let result = try fill(descriptor, name: path, body)
      guard uninterrupted({ fsync(descriptor) }) == 0,
        nameless == nil || give(descriptor, name: temporary),
        uninterrupted({ rename(temporary, target) }) == 0
      else { throw OutputError.cannotWrite(path: path, code: errno) }
      syncDirectory(of: target)
      return result
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Opens a file that has no name yet, in the folder of `target`.
  ///
  /// The system removes it with the process, however that ends. Nil where there is no such thing (NFS,
  /// systems other than Linux).
  private static func openNameless(beside target: String) -> Int32? {
    #if os(Linux)
      // O_TMPFILE of <fcntl.h>, which Glibc's module leaves out: __O_TMPFILE | O_DIRECTORY.
      let folder = DirectoryPath.parent(of: target)
      let descriptor = uninterrupted {
        open(folder, O_WRONLY | 0o20_000_000 | O_DIRECTORY | O_CLOEXEC, 0o666)
      }
      // A name is given through /proc, so that has to be there too.
      guard descriptor >= 0 else { return nil }
      if access("/proc/self/fd/\(descriptor)", F_OK) == 0 { return descriptor }
      close(descriptor)
    #endif
    return nil
  }

  /// Gives a file that was opened without a name a name in the same folder (open(2), O_TMPFILE).
  private static func give(_ descriptor: Int32, name: String) -> Bool {
    // Locked while it has this name, so that nobody takes it for the file of a process that was killed.
    _ = uninterrupted { flock(descriptor, LOCK_EX) }
    let link = "/proc/self/fd/\(descriptor)"
    return uninterrupted { linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) } == 0
  }

  private static func fill<Result>(
    _ descriptor: Int32, name: String, _ body: (ByteOutput) throws -> Result
  ) throws -> Result {
    let output = ByteOutput(descriptor: descriptor, name: name)
    let result = try body(output)
    try output.flush()
    return result
  }

  /// The file a chain of links leads to.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Makes the rename itself survive a power cut; file systems that cannot say so are let be.
  private static func syncDirectory(of path: String) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

// A file of lines that grows while a long job runs, and tells the next process how far this one came.
import Foundation

/// Lines appended one at a time, each on disk before the next.
///
/// Whoever is killed while a line is being written leaves a piece of it at the end, which the next to append to the
/// file cuts off: a line is there whole or not at all. To open a file changes nothing in it. One process at a time
/// has the file. For one thread at a time.
public final class LineLog {
  /// Where it is.
  public let path: String
  /// The lines that were there when it was opened, without their ends.
  public let lines: [String]
  /// What follows the last of them: the piece of a line that was not finished, or a file that was never one of
  /// lines.
  public let unfinished: [UInt8]
  /// Where that begins; nil once it is cut off.
  private var cut: off_t?
  private let descriptor: Int32
  private let output: ByteOutput

  /// Far beyond what any job here writes.
  private static let mostBytes = 256 << 20

  /// Opens a file, made where there is none.
  ///
  /// Errors: `LineLogError`, `OutputError`.
  public init(_ path: String) throws {
    self.path = path
    descriptor = uninterrupted {
      open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
    }
    guard descriptor >= 0 else { throw OutputError.cannotCreate(path: path, code: errno) }
    output = ByteOutput(descriptor: descriptor, name: path)
    do {
      let bytes = try Self.contents(of: descriptor, path)
      let whole = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
      lines = bytes[..<whole].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .dropLast().map { String(decoding: $0, as: UTF8.self) }
      unfinished = Array(bytes[whole...])
      cut = unfinished.isEmpty ? nil : off_t(whole)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  private static func contents(of descriptor: Int32, _ path: String) throws -> [UInt8] {
    guard uninterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      throw LineLogError.inUse(path)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw LineLogError.noFile(path)
    }
    guard Int(status.st_size) <= mostBytes else {
      throw LineLogError.tooLarge(path, bytes: Int(status.st_size))
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled, off_t(filled))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw LineLogError.noFile(path) }
      filled += count
    }
    return bytes
  }

  /// Appends a line, which holds no line end; it is on disk when this returns.
  ///
  /// Errors: `OutputError`.
  public func append(_ line: String) throws {
    if let whole = cut {
      guard uninterrupted({ ftruncate(descriptor, whole) }) == 0 else {
        throw OutputError.cannotWrite(path: path, code: errno)
      }
      cut = nil
    }
    try output.write(line + "\n")
    try output.flush()
    guard uninterrupted({ fsync(descriptor) }) == 0 else {
      throw OutputError.cannotWrite(path: path, code: errno)
    }
  }
}

/// Why a file of lines cannot be gone on with.
public enum LineLogError: OsusumeError, Equatable {
  /// Another process has it.
  case inUse(String)
  /// It is a folder, say, or cannot be read.
  case noFile(String)
  /// It cannot be one that was written here.
  case tooLarge(String, bytes: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .inUse(let path): "another process is writing \(path): wait for it, or name another place"
    case .noFile(let path): "\(path) is no file that can be read: name another place"
    case .tooLarge(let path, let bytes):
      "\(path) has \(bytes) bytes, more than any journal: name another place"
    }
  }
}

// Buffered bytes to a file descriptor: one place for partial writes, interrupts and full disks.
import Foundation

/// Collects bytes and hands them to a file descriptor in large pieces.
///
/// For one thread at a time. Nothing is written at the end of its life: call `flush()`.
public final class ByteOutput {
  /// What errors call it: a path, or "standard output".
  public let name: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// A few hundred KiB: system calls stop mattering, and the buffer stays in L2.
  private static let capacity = 256 << 10

  /// Makes an output onto an open descriptor, which stays the caller's to close.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    buffer.reserveCapacity(Self.capacity)
  }

  /// An output onto the process's standard output.
  public static func standardOutput() -> ByteOutput {
    ByteOutput(descriptor: STDOUT_FILENO, name: "standard output")
  }

  /// Writes the UTF-8 bytes of a text.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes the bytes of an array's elements as they lie in memory.
  public func write<Element: BitwiseCopyable>(_ elements: [Element]) throws {
    try elements.withUnsafeBytes { try write($0) }
  }

  /// Writes bytes; pieces larger than the buffer go straight to the descriptor.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count >= Self.capacity {
      try send(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Hands everything collected so far to the descriptor.
  public func flush() throws {
    try buffer.withUnsafeBytes { try send($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func send(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = Foundation.write(
        descriptor, rest.base.baseAddress.map { $0 + rest.startIndex }, rest.count)
      if sent < 0 && errno == EINTR { continue }
      guard sent > 0 else { throw OutputError.cannotWrite(path: name, code: errno) }
      rest = rest.dropFirst(sent)
    }
  }
}

/// Why a file could not be written.
public enum OutputError: OsusumeError, Equatable {
  /// The file, or the temporary file beside it, could not be made.
  case cannotCreate(path: String, code: Int32)
  /// Bytes could not be written; the target is as it was.
  case cannotWrite(path: String, code: Int32)
  /// The place is that of a file that is read, or of another output.
  case taken(path: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .cannotCreate(let path, let code):
      "cannot create \(path): \(Self.reason(code)); \(Self.advice(code))"
    case .cannotWrite(let path, let code):
      "cannot write \(path): \(Self.reason(code)); \(Self.advice(code))"
    case .taken(let path):
      "cannot write \(path): this command reads it, or writes another result there; choose another place"
    }
  }

  /// What may help against an error of the system.
  private static func advice(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "free some space or choose another place"
    case EXDEV: "choose a folder that lies on one file system, or copy the file there afterwards"
    case EBUSY: "something else is mounted there or in use; choose another name"
    case EFBIG: "raise the limit on the size of files (ulimit -f), or choose another file system"
    case EMFILE, ENFILE: "close some files, or raise the limit on open ones (ulimit -n)"
    case ENOMEM: "free some memory and try again"
    case EINTR, EAGAIN: "try again"
    case EPIPE: "what reads it has ended"
    case EIO: "the disk may be failing; choose another place"
    case ENAMETOOLONG, EINVAL, ELOOP: "choose another name"
    default: "choose a place that can be written to"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

// A whole file's bytes in memory: mapped where that is possible, else read until it ends.
import Foundation

/// Bytes that live as long as this object.
final class FileBytes: @unchecked Sendable {
  /// The bytes; they must not be used after the object is gone.
  let bytes: UnsafeRawBufferPointer
  /// What to call the file in messages.
  let name: String
  private let release: (UnsafeRawBufferPointer) -> Void

  /// Bytes read from a pipe, or inflated, beyond this are refused: half of the machine's memory, so that
  /// a stream without end, or a file that inflates to one, ends in an error.
  static let limit = Int(min(1 << 46, ProcessInfo.processInfo.physicalMemory / 2))

  init(
    name: String, bytes: UnsafeRawBufferPointer,
    release: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    self.name = name
    self.bytes = bytes
    self.release = release
  }

  deinit { release(bytes) }

  /// Opens a file, or stdin for a dash.
  ///
  /// Regular files are mapped; they must not be cut short while in use.
  static func open(_ path: String) throws -> FileBytes {
    let name = path == "-" ? "stdin" : path
    let descriptor =
      path == "-" ? STDIN_FILENO : uninterrupted { Foundation.open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw RatingsFileError.unreadable(name) }
    defer { if path != "-" { close(descriptor) } }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw RatingsFileError.unreadable(name) }
    let size = Int(status.st_size)
    // Files of /proc say 0; a redirected stdin may already be half read.
    if status.st_mode & S_IFMT == S_IFREG, size > 0, lseek(descriptor, 0, SEEK_CUR) == 0,
      let map = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED
    {
      return FileBytes(name: name, bytes: .init(start: map, count: size)) {
        munmap(.init(mutating: $0.baseAddress), $0.count)
      }
    }
    return try readAll(descriptor, name: name)
  }

  private static func readAll(_ descriptor: Int32, name: String) throws -> FileBytes {
    var buffer = GrowingBytes(name: name)
    while true {
      let space = try buffer.space(atLeast: 1 << 16)
      let count = read(descriptor, space.baseAddress, space.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw RatingsFileError.unreadable(name) }
      if count == 0 { return buffer.finish() }
      buffer.count += count
    }
  }
}

/// Bytes of unknown number, in memory that doubles as they arrive.
struct GrowingBytes: ~Copyable {
  /// Bytes in use.
  var count = 0
  private let name: String
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init(name: String) { self.name = name }

  deinit { free(memory.baseAddress) }

  /// The free space after the bytes in use.
  mutating func space(atLeast needed: Int) throws -> UnsafeMutableRawBufferPointer {
    guard count <= FileBytes.limit else {
      throw RatingsFileError.tooLarge(file: name, limit: FileBytes.limit)
    }
    if memory.count - count < needed {
      let size = max(1 << 20, memory.count * 2)
      guard let larger = realloc(memory.baseAddress, size) else {
        throw RatingsFileError.unreadable(file: name, reason: "out of memory after \(count) bytes")
      }
      memory = .init(start: larger, count: size)
    }
    return .init(rebasing: memory[count...])
  }

  /// Hands the bytes over.
  consuming func finish() -> FileBytes {
    let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: count)
    memory = .init(start: nil, count: 0)
    return FileBytes(name: name, bytes: bytes) { free(.init(mutating: $0.baseAddress)) }
  }
}

extension RatingsFileError {
  /// The last system call on a file failed.
  static func unreadable(_ file: String) -> Self {
    .unreadable(file: file, reason: String(cString: strerror(errno)))
  }
}

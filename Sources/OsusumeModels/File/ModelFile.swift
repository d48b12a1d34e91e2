// A model file that was read and whose checksum was verified.
import Foundation
import OsusumeData

/// A model file in memory: its bytes are those that were written; `model()` checks what they mean.
public struct ModelFile: Sendable {
  /// The tensors, in the order of their bytes.
  public var tensors: [Safetensors.Entry] { contents.tensors }
  /// SHA-256 over tensors and header, as the header states it: names the model's version.
  public let checksum: String
  /// Length of the file.
  public var byteCount: Int { contents.file.count }
  /// Header and bytes.
  public let contents: Safetensors

  /// Reads a file and verifies its checksum.
  ///
  /// Errors: `ModelFileError`.
  public init(_ path: String) throws {
    let bytes = try Self.bytes(of: path)
    do {
      try self.init(bytes: bytes)
    } catch let fault as ModelFileFault {
      throw ModelFileError.invalid(path: path, fault)
    }
  }

  /// Checks the bytes of a whole file.
  ///
  /// Errors: `ModelFileFault`.
  ///
  /// `verifyChecksum` is false in the fuzz target alone, which wants to get past it.
  package init(bytes: [UInt8], verifyChecksum: Bool = true) throws {
    contents = try Safetensors(bytes)
    guard let stated = contents.metadata["checksum"], let computed = contents.computedChecksum()
    else {
      throw ModelFileFault.noChecksum
    }
    guard stated == computed || !verifyChecksum else { throw ModelFileFault.checksum }
    checksum = stated
  }

  /// SHA-256 of the whole file.
  public func sha256() -> String {
    contents.file.withUnsafeBytes { SHA256.hexadecimal(of: $0) }
  }

  /// The bytes of a regular file, read rather than mapped: a file that shrinks meanwhile is an error
  /// then, not a signal.
  private static func bytes(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelFileError.unreadable(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ModelFileError.unreadable(path: path, code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw ModelFileError.unreadable(path: path, code: isDirectory ? EISDIR : ESPIPE)
    }
    let size = Int(status.st_size)
    guard size <= Int(ProcessInfo.processInfo.physicalMemory / 2) else {
      throw ModelFileError.tooLarge(path: path, bytes: size)
    }
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let count = Foundation.read(
          descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw ModelFileError.unreadable(path: path, code: errno) }
        if count == 0 { return }
        filled += count
      }
    }
  }
}

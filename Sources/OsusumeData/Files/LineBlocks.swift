// A file or standard input as large blocks of whole lines, so that text of any length streams.
import Foundation

/// Why text could not be read.
public enum TextError: OsusumeError, Equatable {
  /// The file could not be opened or read.
  case unreadable(path: String, code: Int32)
  /// A line does not fit into a block.
  case lineTooLong(path: String, line: Int, limit: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let code):
      "cannot read \(path): \(String(cString: strerror(code))); check the path"
    case .lineTooLong(let path, let line, let limit):
      "\(path):\(line): the line is longer than \(limit) bytes; check that this is a text file"
    }
  }
}

/// Reads text in blocks that end at line ends.
public final class LineBlocks {
  /// What errors call the text.
  public let name: String
  private let descriptor: Int32
  private let blockSize: Int
  private var rest: [UInt8] = []
  private var ended = false
  private var lines = 0

  /// Opens a file, or standard input for `-`.
  public init(_ path: String, blockSize: Int = 8 << 20) throws {
    name = path == "-" ? "standard input" : path
    self.blockSize = blockSize
    descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TextError.unreadable(path: name, code: errno) }
  }

  deinit { close(descriptor) }

  /// The next lines, the last without its line end where the text lacks it; nil at the end.
  public func next() throws -> [UInt8]? {
    if ended { return nil }
    var block = try [UInt8](unsafeUninitializedCapacity: blockSize) { buffer, filled in
      filled = buffer.update(fromContentsOf: rest)
      while filled < blockSize && !ended { filled += try read(into: buffer[filled...]) }
    }
    rest = []
    if ended { return block.isEmpty ? nil : block }
    guard let lineEnd = block.lastIndex(of: UInt8(ascii: "\n")) else {
      throw TextError.lineTooLong(path: name, line: lines + 1, limit: blockSize)
    }
    rest = Array(block[(lineEnd + 1)...])
    block.removeSubrange((lineEnd + 1)...)
    lines += block.count { $0 == UInt8(ascii: "\n") }
    return block
  }

  private func read(into space: Slice<UnsafeMutableBufferPointer<UInt8>>) throws -> Int {
    let space = UnsafeMutableBufferPointer(rebasing: space)
    while true {
      let count = Foundation.read(descriptor, space.baseAddress, space.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw TextError.unreadable(path: name, code: errno) }
      ended = count == 0
      return count
    }
  }
}

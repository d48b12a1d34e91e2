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

/// Reads text in blocks that end at line ends: UTF-8 whatever it was on disk (`TextFile`), inflated,
/// without a byte-order mark.
///
/// The first block that holds more than ASCII decides the encoding of all.
public final class LineBlocks {
  /// What errors call the text.
  public let name: String
  /// What the text is in; UTF-8 as long as nothing else is known.
  public private(set) var encoding = TextEncoding.utf8
  private var isDecided = false
  private var endsLinesInCR: Bool?
  private let source: ByteSource
  private let blockSize: Int
  private var rest: [UInt8] = []
  private var ended = false
  private var lines = 0

  /// Opens a file, or standard input for `-`.
  ///
  /// - Throws: `TextError`, `TextFileError`, `RatingsFileError` where it is gzip and damaged.
  package init(_ path: String, blockSize: Int = 8 << 20) throws {
    name = path == "-" ? "standard input" : path
    self.blockSize = blockSize
    source = try ByteSource(path, name: name)
  }

  /// The next lines, the last without its line end where the text lacks it; nil at the end.
  public func next() throws -> [UInt8]? {
    if ended { return nil }
    let isFirst = lines == 0 && rest.isEmpty
    var block = try [UInt8](unsafeUninitializedCapacity: blockSize) { buffer, filled in
      let space = UnsafeMutableRawBufferPointer(buffer)
      filled = buffer.update(fromContentsOf: rest)
      while filled < blockSize && !ended {
        let count = try source.read(into: .init(rebasing: space[filled..<blockSize]))
        filled += count
        ended = count == 0
      }
    }
    rest = []
    if isFirst {
      // What was compressed may be an archive in turn.
      try block.withUnsafeBytes { try TextFileError.refuseArchives($0, file: name) }
      block.removeFirst(takeMark(block))
    }
    if !ended {
      guard let end = lastLineEnd(block) else {
        throw TextError.lineTooLong(path: name, line: lines + 1, limit: blockSize)
      }
      rest = Array(block[end...])
      block.removeSubrange(end...)
    }
    let text = try decoded(block)
    lines += text.count { $0 == UInt8(ascii: "\n") }
    return text.isEmpty ? nil : text
  }

  /// What to say of a text that is not in UTF-8; nil where it is.
  public var note: String? {
    encoding == .utf8 ? nil : "\(name): the text is in \(encoding), and was converted"
  }

  /// Looks for a byte-order mark at the start of the text; returns its length.
  private func takeMark(_ block: [UInt8]) -> Int {
    guard let mark = block.withUnsafeBytes({ TextEncoding.marked($0) }) else { return 0 }
    encoding = mark.encoding
    isDecided = encoding != .utf8
    return mark.length
  }

  /// Where the last line of a block ends that does.
  private func lastLineEnd(_ block: [UInt8]) -> Int? {
    switch encoding {
    case .utf16LittleEndian, .utf16BigEndian:
      let low = encoding == .utf16LittleEndian ? 0 : 1
      return stride(from: block.count / 2 * 2 - 2, through: 0, by: -2)
        .first { block[$0 + low] == 0x0A && block[$0 + 1 - low] == 0 }.map { $0 + 2 }
    default:
      if endsLinesInCR == nil { endsLinesInCR = block.withUnsafeBytes(\.endsLinesInCR) }
      let end: UInt8 = endsLinesInCR == true ? 0x0D : 0x0A
      return block.lastIndex(of: end).map { $0 + 1 }
    }
  }

  /// A block of whole lines in UTF-8, each of them ended by a line feed.
  private func decoded(_ block: [UInt8]) throws -> [UInt8] {
    var text = block
    try block.withUnsafeBytes { bytes in
      if !isDecided, let found = TextEncoding.unmarked(bytes) {
        encoding = found
        isDecided = true
        if encoding == .unknown { throw TextFileError.unknownEncoding(file: name) }
      }
      if let converted = encoding.utf8(bytes) { text = converted }
    }
    if endsLinesInCR == nil { endsLinesInCR = text.withUnsafeBytes(\.endsLinesInCR) }
    return endsLinesInCR == true ? text.map { $0 == 0x0D ? 0x0A : $0 } : text
  }
}

/// The bytes of a file or standard input, inflated where they are gzip.
private final class ByteSource {
  private let descriptor: Int32
  private let name: String
  private var inflater: Inflater?
  /// Read and not yet handed on.
  private var pending: [UInt8] = []

  init(_ path: String, name: String) throws {
    self.name = name
    descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TextError.unreadable(path: name, code: errno) }
    // Enough to see what kind of file it is.
    while pending.count < 512, try fill(512) {}
    let isGzip = try pending.withUnsafeBytes {
      try TextFileError.refuseArchives($0, file: name)
      return $0.isGzip
    }
    if isGzip { inflater = try Inflater(name: name) }
  }

  deinit { close(descriptor) }

  /// Reads some bytes into a space that is not empty; 0 at the end.
  func read(into space: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let inflater else {
      guard pending.isEmpty else { return take(space) }
      return try readBytes(into: space)
    }
    while true {
      let count = try pending.withUnsafeBytes { bytes in
        var rest = bytes[...]
        let count = try inflater.inflate(&rest, into: space)
        used = bytes.count - rest.count
        return count
      }
      pending.removeFirst(used)
      if count > 0 { return count }
      if try !fill(256 << 10) {
        try inflater.finish()
        return 0
      }
    }
  }

  private var used = 0

  private func take(_ space: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(space.count, pending.count)
    space.copyBytes(from: pending[..<count])
    pending.removeFirst(count)
    return count
  }

  /// Reads some more bytes to those pending; whether there were any.
  private func fill(_ count: Int) throws -> Bool {
    let more = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = try readBytes(into: .init(buffer))
    }
    pending += more
    return !more.isEmpty
  }

  private func readBytes(into space: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Foundation.read(descriptor, space.baseAddress, space.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw TextError.unreadable(path: name, code: errno) }
      return count
    }
  }
}

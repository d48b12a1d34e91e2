// A file of text in memory, whatever it was on disk: gzip, UTF-16, Latin-1, lines that end in CR.

/// A file of text, in UTF-8 and without a byte-order mark.
struct TextFile {
  /// Its bytes as on disk.
  let stored: FileBytes
  /// Its text.
  private(set) var text: FileBytes
  /// What the text was in.
  private(set) var encoding = TextEncoding.utf8

  /// Opens a file, or stdin for a dash.
  ///
  /// - Parameter lookAhead: how many bytes decide whether the text is UTF-8. Where all of it has to be, give
  ///   nothing; else bytes that are not UTF-8 may turn up later (`readAsWesternEuropean`).
  /// - Throws: `RatingsFileError`, `TextFileError`.
  init(_ path: String, lookAhead: Int = .max) throws {
    try self.init(FileBytes.open(path), lookAhead: lookAhead)
  }

  /// The same of bytes that have been read.
  init(_ stored: FileBytes, lookAhead: Int = .max) throws {
    self.stored = stored
    try TextFileError.refuseArchives(stored.bytes, file: stored.name)
    text = stored
    if stored.bytes.isGzip {
      text = try stored.inflated()
      try TextFileError.refuseArchives(text.bytes, file: text.name)
    }
    if let mark = TextEncoding.marked(text.bytes) {
      text = text.dropFirst(mark.length)
      encoding = mark.encoding
      if let converted = encoding.utf8(text.bytes) { text = FileBytes(text.name, converted) }
    } else {
      try decode(by: lookAhead)
    }
    if text.bytes.endsLinesInCR {
      text = FileBytes(text.name, text.bytes.map { $0 == 0x0D ? 0x0A : $0 })
    }
  }

  /// Converts the text where its first bytes are no UTF-8.
  private mutating func decode(by lookAhead: Int) throws {
    var seen = text.bytes.prefix(lookAhead)
    // Not in the midst of a character.
    if seen.count < text.bytes.count {
      seen = seen[...(seen.lastIndex { $0 < 0x80 } ?? seen.startIndex)]
    }
    guard let found = TextEncoding.unmarked(.init(rebasing: seen)), found != .utf8 else { return }
    try convert()
  }

  /// Converts a text in which bytes have turned up that are not UTF-8; whether it was in another encoding.
  ///
  /// - Throws: `TextFileError`.
  @discardableResult mutating func convert() throws -> Bool {
    guard encoding == .utf8, let found = TextEncoding.unmarked(text.bytes) else { return false }
    encoding = found
    if encoding == .unknown { throw TextFileError.unknownEncoding(file: text.name) }
    guard let converted = encoding.utf8(text.bytes) else { return false }
    text = FileBytes(text.name, converted)
    return true
  }

  /// Puts a text of the same records in place of this one.
  mutating func replace(_ text: FileBytes) { self.text = text }

  /// What to say of a text that was not in UTF-8; nil where it was.
  var note: String? {
    encoding == .utf8 ? nil : "\(text.name): the text is in \(encoding), and was converted"
  }
}

extension FileBytes {
  /// A copy of some bytes.
  convenience init(_ name: String, copying bytes: UnsafeRawBufferPointer) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    memory.copyMemory(from: bytes)
    self.init(name: name, bytes: .init(memory)) { _ in memory.deallocate() }
  }

  /// Bytes of an array.
  convenience init(_ name: String, _ bytes: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    memory.copyBytes(from: bytes)
    self.init(name: name, bytes: .init(memory)) { _ in memory.deallocate() }
  }

  /// The same bytes without the first ones.
  func dropFirst(_ count: Int) -> FileBytes {
    FileBytes(name: name, bytes: .init(rebasing: bytes.dropFirst(count))) { _ in
      withExtendedLifetime(self) {}
    }
  }

}

extension UnsafeRawBufferPointer {
  /// Whether lines end in CR alone, as on the Macintosh before 2001: the first one does.
  var endsLinesInCR: Bool {
    guard let end = firstIndex(where: { $0 == 0x0D || $0 == 0x0A }), self[end] == 0x0D
    else { return false }
    return end + 1 < count && self[end + 1] != 0x0A && self[end + 1] != 0x0D
  }
}

/// A file that is no text, or not one that is understood.
public enum TextFileError: OsusumeError, Equatable {
  /// It is an archive, or compressed in a way that is not read.
  case packed(file: String, kind: String, command: String)
  /// It is in none of the encodings that are understood.
  case unknownEncoding(file: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .packed(let file, let kind, let command):
      "\(file): this is \(kind); unpack it first (\(command)) and give the file in it"
    case .unknownEncoding(let file):
      "\(file): the text is neither UTF-8, UTF-16 with a byte-order mark, Latin-1 nor Windows-1252; "
        + "convert it, for example with: iconv -f SHIFT_JIS -t UTF-8"
    }
  }

  /// Throws where bytes start like an archive.
  static func refuseArchives(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    for (magic, offset, kind, command) in archives
    where bytes.dropFirst(offset).starts(with: magic) {
      throw packed(file: file, kind: kind, command: command)
    }
  }

  /// How archives begin: bytes, where they stand, what it is, what unpacks it.
  private static let archives: [([UInt8], Int, String, String)] = [
    ([0x50, 0x4B, 0x03, 0x04], 0, "a zip file", "unzip"),
    ([0x50, 0x4B, 0x05, 0x06], 0, "a zip file with nothing in it", "unzip"),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, "a 7-Zip file", "7z x"),
    ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59], 0, "a bzip2 file", "bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], 0, "an xz file", "unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD], 0, "a Zstandard file", "unzstd"),
    (Array("ustar".utf8), 257, "a tar archive", "tar -xf"),
  ]
}

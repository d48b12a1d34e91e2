// Inflates gzip data, of one or several members, piece by piece, by zlib.
import CZlib

/// A stream of gzip data being inflated.
final class Inflater {
  private var stream = z_stream()
  private let name: String
  /// Whether a member has begun that has not ended.
  private var isInMember = false

  /// - Parameter name: what errors call the data.
  init(name: String) throws {
    self.name = name
    // 15: the largest window; 16: a gzip header and trailer.
    guard
      inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw RatingsFileError.unreadable(file: name, reason: "out of memory") }
  }

  deinit { inflateEnd(&stream) }

  /// Inflates what it can of `input`, from which it takes that, and returns how many bytes it wrote.
  ///
  /// Zeros between members and behind the last are passed over: tape archives leave them there.
  func inflate(
    _ input: inout Slice<UnsafeRawBufferPointer>, into output: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    var written = 0
    while written < output.count {
      if !isInMember { input = input.drop { $0 == 0 } }
      guard !input.isEmpty else { break }
      isInMember = true
      // zlib counts in 32 bits.
      let source = UnsafeRawBufferPointer(rebasing: input.prefix(1 << 30))
      let target = UnsafeMutableRawBufferPointer(rebasing: output[written...].prefix(1 << 30))
      stream.next_in = .init(mutating: source.assumingMemoryBound(to: Bytef.self).baseAddress)
      stream.avail_in = uInt(source.count)
      stream.next_out = target.assumingMemoryBound(to: Bytef.self).baseAddress
      stream.avail_out = uInt(target.count)
      let status = CZlib.inflate(&stream, Z_NO_FLUSH)
      input = input.dropFirst(source.count - Int(stream.avail_in))
      written += target.count - Int(stream.avail_out)
      switch status {
      case Z_STREAM_END:
        isInMember = false
        inflateReset(&stream)
      case Z_OK: continue
      case Z_BUF_ERROR: return written
      default:
        throw RatingsFileError.damagedGzip(
          file: name, reason: stream.msg.map { String(cString: $0) } ?? "zlib error \(status)")
      }
    }
    return written
  }

  /// Throws unless the data have come to an end.
  func finish() throws {
    if isInMember { throw RatingsFileError.damagedGzip(file: name, reason: "they end too early") }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes start like a gzip file.
  var isGzip: Bool { count >= 2 && self[0] == 0x1f && self[1] == 0x8b }
}

extension FileBytes {
  /// The bytes that these gzip data stand for.
  ///
  /// Memory grows with what comes out, never by what the data claim; beyond `limit` it is an error.
  func inflated() throws -> FileBytes {
    let inflater = try Inflater(name: name)
    var buffer = GrowingBytes(name: name)
    var rest = bytes[...]
    while true {
      let count = try inflater.inflate(&rest, into: buffer.space(atLeast: 1 << 16))
      if count == 0 { break }
      buffer.count += count
    }
    try inflater.finish()
    return buffer.finish()
  }
}

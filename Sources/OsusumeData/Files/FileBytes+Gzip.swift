// Inflates gzip data, of one or several members, by zlib.
import CZlib

extension FileBytes {
  /// Whether the bytes start like a gzip file.
  var isGzip: Bool { bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b }

  /// The bytes that these gzip data stand for.
  ///
  /// Memory grows with what comes out, never by what the data claim; beyond `limit` it is an error.
  func inflated() throws -> FileBytes {
    var stream = z_stream()
    // 15: the largest window; 16: a gzip header and trailer.
    guard
      inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw RatingsFileError.unreadable(file: name, reason: "out of memory") }
    defer { inflateEnd(&stream) }
    var buffer = GrowingBytes(name: name)
    var rest = bytes[...]
    while !rest.isEmpty {
      let space = try buffer.space(atLeast: 1 << 16)
      // zlib counts in 32 bits.
      let input = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let output = UnsafeMutableRawBufferPointer(rebasing: space.prefix(1 << 30))
      stream.next_in = .init(mutating: input.assumingMemoryBound(to: Bytef.self).baseAddress)
      stream.avail_in = uInt(input.count)
      stream.next_out = output.assumingMemoryBound(to: Bytef.self).baseAddress
      stream.avail_out = uInt(output.count)
      let status = inflate(&stream, Z_NO_FLUSH)
      rest = rest.dropFirst(input.count - Int(stream.avail_in))
      buffer.count += output.count - Int(stream.avail_out)
      switch status {
      case Z_STREAM_END:
        // Another member follows, or padding with zeros as tape archives leave it.
        if rest.allSatisfy({ $0 == 0 }) { return buffer.finish() }
        inflateReset(&stream)
      case Z_OK, Z_BUF_ERROR: continue
      default:
        throw RatingsFileError.damagedGzip(
          file: name, reason: stream.msg.map { String(cString: $0) } ?? "zlib error \(status)")
      }
    }
    throw RatingsFileError.damagedGzip(file: name, reason: "they end too early")
  }
}

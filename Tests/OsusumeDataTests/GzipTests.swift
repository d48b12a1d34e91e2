// Reading compressed ratings, and ratings from a pipe.
import CZlib
import Foundation
import OsusumeData
import Testing

struct GzipTests {
  /// The bytes as one gzip member.
  static func gzip(_ data: Data) -> Data {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(data.count))))
    var input = [UInt8](data)
    input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        _ = deflate(&stream, Z_FINISH)
      }
    }
    return Data(output.prefix(Int(stream.total_out)))
  }

  static let rows = (0..<20_000).map { "\($0 % 977),\($0),\($0 % 10)\n" }.joined()

  @Test func compressedEqualsPlain() throws {
    let plain = Data("user,item,rating\n".utf8)
    let rows = Data(Self.rows.utf8)
    var expected = try read(plain + rows)
    for compressed in [
      Self.gzip(plain + rows), Self.gzip(plain) + Self.gzip(rows),
      Self.gzip(plain + rows) + Data(count: 512),
    ] {
      let table = try read(compressed)
      expected.sha256 = table.sha256
      #expect(table == expected)
    }
  }

  @Test func damagedDataAreAnError() throws {
    let whole = Self.gzip(Data(Self.rows.utf8))
    var flipped = whole
    flipped[flipped.count / 2] ^= 0x40
    for data in [whole.prefix(whole.count / 2), whole.prefix(2), whole.dropLast(4), flipped] {
      let error = #expect(throws: RatingsFileError.self) { try read(Data(data)) }
      #expect("\(String(describing: error))".contains("gzip"))
    }
    #expect(throws: RatingsFileError.self) { try read(whole + Data("more".utf8)) }
  }

  @Test func pipesAreReadToTheirEnd() throws {
    let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { try? FileManager.default.removeItem(atPath: pipe) }
    DispatchQueue.global().async {
      guard let handle = FileHandle(forWritingAtPath: pipe) else { return }
      try? handle.write(contentsOf: Data(Self.rows.utf8))
      try? handle.close()
    }
    let table = try RatingTable.read(pipe, threads: 2)
    #expect(try table == read(Self.rows))
  }
}

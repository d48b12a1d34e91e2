// Writes the safetensors format, with a checksum in its metadata.
import OsusumeData

extension Safetensors {
  /// Where the checksum's digits are: "checksum" sorts before all other names of a model's metadata,
  /// and `__metadata__` before all tensors.
  static let checksumPrefix = #"{"__metadata__":{"checksum":""#

  /// Writes tensors and metadata as a whole file, largest tensor first, and returns the file's SHA-256.
  ///
  /// The metadata gains "checksum": SHA-256, in hexadecimal, over the tensors' bytes and then the header
  /// without those digits. Tensors start at a multiple of 64 bytes. Errors: `OutputError`, or
  /// `ModelFileFault.headerTooLong` when metadata make the header larger than the format allows.
  public static func write(_ tensors: [Tensor], metadata: [String: String], to path: String) throws
    -> String
  {
    let tensors = tensors.sorted { ($1.byteCount, $0.name) < ($0.byteCount, $1.name) }
    let rest = try encodeHeader(tensors, metadata)
    let checksum = SHA256()
    for tensor in tensors { try tensor.withBytes { checksum.update($0) } }
    checksum.update(checksumPrefix)
    checksum.update(rest)
    let header = checksumPrefix + checksum.hexadecimal() + rest
    return try WholeFile.write(to: path) { output in
      let digest = SHA256()
      try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) {
        digest.update($0)
        try output.write($0)
      }
      digest.update(header)
      try output.write(header)
      for tensor in tensors {
        try tensor.withBytes {
          digest.update($0)
          try output.write($0)
        }
      }
      return digest.hexadecimal()
    }
  }

  /// The checksum that `write` would have put into a file, computed from what the file holds; nil when
  /// its header has no place for one.
  func computedChecksum() -> String? {
    guard let digits = checksumDigits else { return nil }
    let digest = SHA256()
    file.withUnsafeBytes {
      digest.update(UnsafeRawBufferPointer(rebasing: $0[header.upperBound...]))
      digest.update(UnsafeRawBufferPointer(rebasing: $0[header.lowerBound..<digits.lowerBound]))
      digest.update(UnsafeRawBufferPointer(rebasing: $0[digits.upperBound..<header.upperBound]))
    }
    return digest.hexadecimal()
  }

  /// Where in the file the checksum's 64 digits are.
  var checksumDigits: Range<Int>? {
    let start = header.lowerBound + Self.checksumPrefix.utf8.count
    let end = start + 64
    guard end < header.upperBound,
      file[header.lowerBound..<start].elementsEqual(Self.checksumPrefix.utf8),
      file[end] == UInt8(ascii: "\"")
    else { return nil }
    return start..<end
  }

  /// The header after the checksum's digits, padded so that the tensors start at a multiple of
  /// `alignment`.
  private static func encodeHeader(
    _ tensors: [Tensor], _ metadata: [String: String]
  ) throws -> String {
    precondition(metadata.keys.allSatisfy { $0 > "checksum" })
    var rest = "\""
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      rest += ",\(key.quotedAsJSON):\(value.quotedAsJSON)"
    }
    rest += "}"
    var begins: [String: Int] = [:]
    var end = 0
    for tensor in tensors {
      begins[tensor.name] = end
      end += tensor.byteCount
    }
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      let begin = begins[tensor.name, default: 0]
      rest +=
        ",\(tensor.name.quotedAsJSON):{\"data_offsets\":[\(begin),\(begin + tensor.byteCount)],"
      rest += "\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":\(tensor.shape)}"
    }
    rest += "}"
    let unpadded = 8 + checksumPrefix.utf8.count + 64 + rest.utf8.count
    let padding = (alignment - unpadded % alignment) % alignment
    guard unpadded + padding - 8 <= largestHeader else {
      throw ModelFileFault.headerTooLong(unpadded + padding - 8)
    }
    return rest + String(repeating: " ", count: padding)
  }
}

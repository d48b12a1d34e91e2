// Reads the safetensors format: 8 bytes of header length, a JSON header, tensors without gaps.
//
// https://github.com/huggingface/safetensors: the header maps names to
// {"dtype", "shape", "data_offsets": [begin, end)}, offsets count from the end of the header, and
// "__metadata__" maps strings to strings.

/// A safetensors file in memory whose header has been checked against its length.
public struct Safetensors: Sendable {
  /// The header's entry for one tensor.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Type of its elements.
    public let dtype: Dtype
    /// Its extents, outermost first; empty for a scalar.
    public let shape: [Int]
    /// Its bytes, counted from the first tensor.
    public let bytes: Range<Int>
    /// Number of elements: the product of the extents.
    public var count: Int { bytes.count / dtype.size }
  }

  /// The format's own limit.
  static let largestHeader = 100_000_000
  /// Tensors start at a multiple of this many bytes: a cache line, enough for any vector load.
  static let alignment = 64

  /// The strings of `__metadata__`.
  public let metadata: [String: String]
  /// The tensors, in the order of their bytes.
  public let tensors: [Entry]
  /// The whole file.
  let file: [UInt8]
  /// Where in `file` the header lies, padding included.
  let header: Range<Int>

  /// Reads and checks the header of a whole file.
  ///
  /// Errors: `ModelFileFault`.
  ///
  /// Every extent and offset is checked against the file's length before anything of that size is
  /// made: names are unique, tensors follow one another without gap or overlap and end with the file.
  public init(_ file: [UInt8]) throws {
    guard file.count >= 8 else { throw ModelFileFault.tooShort(bytes: file.count) }
    let length = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length >= 2, length <= Self.largestHeader, length <= file.count - 8 else {
      throw ModelFileFault.headerLength(length, fileBytes: file.count)
    }
    self.file = file
    header = 8..<(8 + Int(length))
    (metadata, tensors) = try Self.parse(file[header])
    try Self.checkLayout(tensors, dataBytes: file.count - header.upperBound)
  }

  /// The elements of a tensor in memory of their own; nil when the file has no tensor of that name.
  ///
  /// Errors: `ModelFileFault.tensorType` when its elements are of another type.
  public func elements<Element: TensorElement>(_ name: String, as: Element.Type) throws
    -> [Element]?
  {
    guard let entry = tensors.first(where: { $0.name == name }) else { return nil }
    guard entry.dtype == Element.dtype else {
      throw ModelFileFault.tensorType(name, entry.dtype, expected: Element.dtype)
    }
    return [Element](unsafeUninitializedCapacity: entry.count) { buffer, filled in
      file.withUnsafeBytes {
        let start = header.upperBound
        let bytes = $0[(start + entry.bytes.lowerBound)..<(start + entry.bytes.upperBound)]
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes))
      }
      filled = entry.count
    }
  }

  private static func parse(_ header: ArraySlice<UInt8>) throws -> ([String: String], [Entry]) {
    var metadata: [String: String] = [:]
    var tensors: [Entry] = []
    do {
      var scanner = JSONScanner(header)
      guard header.first == UInt8(ascii: "{") else {
        throw JSONFault.expected("'{'", at: header.startIndex)
      }
      try scanner.object { name, scanner in
        if name == "__metadata__" {
          try scanner.object { key, scanner in metadata[key] = try scanner.string() }
        } else {
          tensors.append(try entry(name, &scanner))
        }
      }
      try scanner.end()
    } catch JSONFault.expected(let text, let at) {
      throw ModelFileFault.header(text: text, at: at - header.startIndex)
    } catch JSONFault.duplicate(let name, let at) {
      throw ModelFileFault.duplicate(name, at: at - header.startIndex)
    }
    // Empty tensors share their offset with the next one: the end decides.
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    return (metadata, tensors)
  }

  private static func entry(_ name: String, _ scanner: inout JSONScanner) throws -> Entry {
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { key, scanner in
      switch key {
      case "dtype": dtype = try scanner.string()
      case "shape": shape = try scanner.numbers()
      case "data_offsets": offsets = try scanner.numbers()
      default: throw ModelFileFault.tensorField(name, key)
      }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw ModelFileFault.tensorField(name, "dtype, shape and data_offsets")
    }
    guard let type = Dtype(rawValue: dtype) else { throw ModelFileFault.dtype(name, dtype) }
    guard let bytes = byteCount(of: shape, type), offsets[0] <= offsets[1],
      offsets[1] - offsets[0] == bytes
    else { throw ModelFileFault.tensorSize(name, shape: shape, offsets: offsets) }
    return Entry(name: name, dtype: type, shape: shape, bytes: offsets[0]..<offsets[1])
  }

  /// Bytes of a tensor, or nil when they cannot be counted in an Int.
  private static func byteCount(of shape: [Int], _ dtype: Dtype) -> Int? {
    var bytes = dtype.size
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      bytes = product
    }
    return bytes
  }

  private static func checkLayout(_ tensors: [Entry], dataBytes: Int) throws {
    var end = 0
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        throw ModelFileFault.gap(tensor.name, begin: tensor.bytes.lowerBound, expected: end)
      }
      end = tensor.bytes.upperBound
    }
    guard end == dataBytes else { throw ModelFileFault.dataLength(dataBytes, expected: end) }
  }
}

extension JSONScanner {
  /// Reads an array of unsigned integers.
  fileprivate mutating func numbers() throws -> [Int] {
    var numbers: [Int] = []
    try array { numbers.append(try $0.unsigned()) }
    return numbers
  }
}

// Ratings as JSON, one object a line, as Yelp and Amazon ship them.
import CKernels
import Foundation

/// A file of objects, and which of their fields make a row.
struct JSONLines: TranslatedShape {
  let name: String
  let columns: [Int32]
  let feedback: Feedback
  let needsTimes: Bool
  let fields: [String]

  /// Looks at the first objects of a file; nil where it holds none.
  ///
  /// Errors: `RatingsFileError`.
  init?(_ file: FileBytes, format: TableFormat) throws {
    let text = file.bytes.drop { Self.isBlank($0) }
    guard let first = text.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return nil
    }
    if first == UInt8(ascii: "[") { throw RatingsFileError.jsonList(file: file.name) }
    name = file.name
    let names = Self.names(in: text)
    let found = try RatingColumns(names, delimiter: nil, format: format, file: file.name)
    // Fields in the order of roles, those there are.
    let roles = found.places.indices.filter { found.places[$0] >= 0 }
    fields = roles.map { names[Int(found.places[$0])] }
    columns = found.places.indices.map { role in
      Int32(roles.firstIndex(of: role) ?? -1)
    }
    feedback = found.feedback
    needsTimes = found.needsTimes
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  /// The names of all fields of the first objects, sorted: some objects lack some.
  private static func names(in text: Slice<UnsafeRawBufferPointer>) -> [String] {
    var names: Set<String> = []
    for line in text.prefix(1 << 20).split(separator: UInt8(ascii: "\n"), maxSplits: 20).prefix(20)
    {
      let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      names.formUnion((object ?? [:]).keys)
    }
    return names.sorted()
  }

  func starts(of chunks: [Chunk], in texts: [FileBytes], threads: Int) -> [Int64] { [] }

  var room: Int { ParsedRows.chunkSize + Int(CK_JSON_LINE_LIMIT) + 2 }

  func translate(
    _ chunk: Chunk, of text: UnsafeRawBufferPointer, start: Int64,
    to out: UnsafeMutablePointer<CChar>,
    _ faults: inout ck_ingest_faults
  ) -> Int {
    withKeys { keys in
      ck_json_rows(
        text.assumingMemoryBound(to: CChar.self).baseAddress, text.count, chunk.begin, chunk.end,
        keys, out, &faults)
    }
  }

  /// Calls `body` with the names of the fields, one behind the other in memory.
  private func withKeys<Result>(_ body: (UnsafePointer<ck_json_keys>) -> Result) -> Result {
    let bytes = fields.map { Array($0.utf8) }
    return bytes.flatMap { $0 }.withUnsafeBytes { all in
      var keys = ck_json_keys()
      var place = all.assumingMemoryBound(to: CChar.self).baseAddress
      withUnsafeMutableBytes(of: &keys.text) { texts in
        withUnsafeMutableBytes(of: &keys.length) { lengths in
          for (key, name) in bytes.enumerated() {
            texts.bindMemory(to: UnsafePointer<CChar>?.self)[key] = UnsafePointer(place)
            lengths.bindMemory(to: UInt32.self)[key] = UInt32(name.count)
            place = place.map { $0 + name.count }
          }
        }
      }
      keys.count = UInt32(bytes.count)
      return withUnsafePointer(to: keys, body)
    }
  }
}

// Fuzz target for the readers of small texts (libFuzzer): item files, lists of ids, pairs' layouts. Whatever
// the bytes are, reading ends in what it promises or in an error, and what is written is read back.
import OsusumeData

/// Called by libFuzzer for each input: its first byte says how many names of genres there are beside it.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = UnsafeBufferPointer(start: bytes, count: count)
  guard let choice = input.first else { return 0 }
  let text = Array(input.dropFirst())
  let genres = (0..<Int(choice % 8)).map { "genre \($0)" }
  if let catalog = try? ItemCatalog.parse(text, file: "items", genreNames: genres) {
    for item in catalog.items {
      precondition(!item.id.isEmpty && !item.id.utf8.contains { $0 < 0x20 || $0 == 0x7F })
      let words = [item.title, item.type ?? ""] + item.genres
      precondition(
        words.allSatisfy { word in
          word == item.id
            || word.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        })
      precondition(item.averageRating?.isFinite ?? true)
    }
  }
  if let list = try? DelimitedRows(text: text, file: "list") {
    for row in list.rows { writtenFieldsAreReadBack(row.fields) }
  }
  _ = text.withUnsafeBytes { try? FirstRecord($0) }
  return 0
}

/// A line of fields of ours is cut into the same fields.
private func writtenFieldsAreReadBack(_ fields: [String]) {
  guard fields.count > 1 else { return }
  var line: [UInt8] = []
  for (place, field) in fields.enumerated() {
    if place > 0 { line.append(UInt8(ascii: ",")) }
    line.append(csvField: field.utf8)
  }
  let found = line.withUnsafeBytes { bytes in
    var records = Records(bytes, .comma)
    return try? records.next()?.map(\.text)
  }
  precondition(found == fields || found == nil && fields.allSatisfy(\.isEmpty))
}

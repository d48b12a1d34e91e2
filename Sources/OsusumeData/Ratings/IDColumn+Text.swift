// Numbers text ids by their names in ascending order.
import CKernels

/// An id that is not UTF-8, by the first place that has it.
struct NotUTF8: Error {
  /// Packed as the parser packs texts.
  var text: Int64
}

extension IDColumn {
  /// Numbers the texts of a column, each packed as offset << 16 | length in `bytes`.
  init(texts: [Int64], in bytes: UnsafeRawBufferPointer) throws {
    var (codes, firsts) = Self.intern(texts, in: bytes)
    let texts = try firsts.map { row in
      let start = Int(texts[Int(row)] >> 16)
      let field = bytes[start..<(start + Int(texts[Int(row)] & 0xffff))]
      guard let text = String(validating: ParsedRows.unquoted(field), as: UTF8.self) else {
        throw NotUTF8(text: texts[Int(row)])
      }
      return text
    }
    let order = texts.indices.sorted {
      texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8)
    }
    var names = [String]()
    var rank = [Int32](repeating: 0, count: texts.count)
    for text in order {
      // One id may be written in two ways: a"b and "a""b".
      if !(names.last?.utf8.elementsEqual(texts[text].utf8) ?? false) { names.append(texts[text]) }
      rank[text] = Int32(names.count - 1)
    }
    ck_columns_renumber(&codes, 0, codes.count, rank)
    self = .strings(codes: codes, names: names)
  }

  /// The number of each row's text in order of first appearance, and the first row of each number.
  private static func intern(_ texts: [Int64], in bytes: UnsafeRawBufferPointer)
    -> (codes: [Int32], firsts: [Int64])
  {
    let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    var codes = [Int32].unfilled(texts.count)
    // Random, so that nobody can write a file whose ids collide; what comes out does not show it.
    let key = UInt64.random(in: 0 ... .max)
    var capacity = 1 << 16
    while true {
      var table = [UInt32].unfilled(capacity)
      var firsts = [Int64].unfilled(capacity / 2)
      let count = ck_ingest_intern(
        base, texts, texts.count, key, &table, capacity, &codes, &firsts)
      if count <= capacity / 2 {
        firsts.removeLast(firsts.count - count)
        return (codes, firsts)
      }
      capacity *= 4
    }
  }
}

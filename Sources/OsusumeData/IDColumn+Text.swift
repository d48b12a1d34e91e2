// Numbers text ids by their names in ascending order.
import CKernels

/// An id that is not UTF-8, by the first row that has it.
struct NotUTF8: Error {
  var row: Int
}

extension IDColumn {
  /// Numbers the texts of a column, each packed as offset << 16 | length in `bytes`.
  init(texts: [Int64], in bytes: UnsafeRawBufferPointer) throws {
    var (codes, firsts) = Self.intern(texts, in: bytes)
    let names = try firsts.map { row in
      let start = Int(texts[Int(row)] >> 16)
      let name = bytes[start..<(start + Int(texts[Int(row)] & 0xffff))]
      guard let text = String(validating: name, as: UTF8.self) else {
        throw NotUTF8(row: Int(row))
      }
      return text
    }
    let order = names.indices.sorted {
      names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8)
    }
    var rank = [Int32](repeating: 0, count: names.count)
    for (position, name) in order.enumerated() { rank[name] = Int32(position) }
    codes.withUnsafeMutableBufferPointer { codes in
      for row in codes.indices { codes[row] = rank[Int(codes[row])] }
    }
    self = .strings(codes: codes, names: order.map { names[$0] })
  }

  /// The number of each row's text in order of first appearance, and the first row of each number.
  private static func intern(_ texts: [Int64], in bytes: UnsafeRawBufferPointer)
    -> (codes: [Int32], firsts: [Int64])
  {
    let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    var codes = [Int32].unfilled(texts.count)
    var capacity = 1 << 16
    while true {
      var table = [UInt32].unfilled(capacity)
      var firsts = [Int64].unfilled(capacity / 2)
      let count = ck_ingest_intern(
        base, texts, texts.count, &table, capacity, &codes, &firsts)
      if count <= capacity / 2 {
        firsts.removeLast(firsts.count - count)
        return (codes, firsts)
      }
      capacity *= 4
    }
  }
}

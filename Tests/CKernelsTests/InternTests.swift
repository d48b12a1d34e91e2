// Numbering texts in order of first appearance, against a dictionary.
import CKernels
import Testing

/// Texts in a block of bytes, packed as the parser packs them, with other bytes between.
private struct PackedTexts {
  let bytes: [CChar]
  let texts: [Int64]
  let strings: [[UInt8]]

  /// `count` texts out of some, of lengths around words; many differ in their last byte alone.
  init(count: Int, distinct: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 922))
    let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 65_535]
    let pool = (0..<distinct).map { number -> [UInt8] in
      let length = lengths[number % (number < 9 ? 9 : 8)]
      return (0..<length).map { UInt8(truncatingIfNeeded: $0 == length - 1 ? number / 8 : 0) }
    }
    strings = (0..<count).map { _ in pool[random.below(distinct)] }
    var bytes = [UInt8](repeating: 0xee, count: 3)
    texts = strings.map { string in
      let text = Int64(bytes.count) << 16 | Int64(string.count)
      bytes += string + [UInt8(truncatingIfNeeded: bytes.count)]
      return text
    }
    self.bytes = bytes.map { CChar(bitPattern: $0) }
  }
}

struct InternTests {
  @Test(arguments: [0, 1, 2, 15, 16, 17, 33, 127, 1000], [1, 2, 20, 700])
  func textsGetTheNumberOfTheirFirstAppearance(count: Int, distinct: Int) {
    let example = PackedTexts(count: count, distinct: distinct)
    var numbers = [[UInt8]: Int32]()
    var firsts = [Int64]()
    let codes = example.strings.enumerated().map { row, string -> Int32 in
      if let number = numbers[string] { return number }
      numbers[string] = Int32(firsts.count)
      firsts.append(Int64(row))
      return Int32(firsts.count - 1)
    }
    for capacity in [2, 4, 64, 2048] {
      for key in [0, 0x0123_4567_89ab_cdef] as [UInt64] {
        let table = Guarded<UInt32>(repeating: 9, count: capacity)
        let found = Guarded<Int32>(repeating: -1, count: count)
        let rows = Guarded<Int64>(repeating: -1, count: capacity / 2)
        let number = ck_ingest_intern(
          example.bytes, example.texts, count, key, table.base, capacity, found.base, rows.base)
        let note = "\(count) texts of \(distinct), capacity \(capacity), key \(key)"
        #expect(table.isIntact && found.isIntact && rows.isIntact, "\(note)")
        guard firsts.count <= capacity / 2 else {
          #expect(number == capacity, "\(note)")
          continue
        }
        #expect(number == firsts.count && found.values == codes, "\(note)")
        #expect(rows.values.prefix(number) == firsts[...], "\(note)")
        #expect(rows.values.dropFirst(number).allSatisfy { $0 == -1 }, "\(note)")
      }
    }
  }
}

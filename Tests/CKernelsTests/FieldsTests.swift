// Text cut into fields, against a naive cutter; line ends joined; encodings told apart.
import CKernels
import Testing

/// A cut field: its text, how it is written, line ends in it, and where it ends.
private struct Cut: Equatable {
  var text: [UInt8]
  var kind: ck_field_kind
  var breaks = 0
  var next: Int
}

/// The field at a place, found by looking at prefixes of what is left.
private func naive(_ text: [UInt8], at start: Int, delimiter: String) -> Cut {
  let mark = Array(delimiter.utf8)
  func blank(_ place: Int) -> Bool {
    text[place] == 0x20 || text[place] == 0x09 && delimiter != "\t"
  }
  func stops(_ place: Int) -> Bool {
    let rest = text[place...]
    return rest.isEmpty || rest.starts(with: [0x0A]) || rest.starts(with: [0x0D, 0x0A])
      || !mark.isEmpty && rest.starts(with: mark)
  }
  var begin = start
  while begin < text.count && blank(begin) { begin += 1 }
  var kind = CK_FIELD_PLAIN
  var end = begin
  if begin < text.count, text[begin] == 0x22 {
    var content: [UInt8] = []
    var place = begin + 1
    kind = CK_FIELD_QUOTED
    while place < text.count {
      if text[place...].starts(with: [0x22, 0x22]) {
        content += [0x22, 0x22]
        kind = CK_FIELD_DOUBLED
        place += 2
      } else if text[place] == 0x22 {
        break
      } else {
        content.append(text[place])
        place += 1
      }
    }
    if place == text.count {
      return Cut(text: Array(text[begin...]), kind: CK_FIELD_OPEN, next: text.count)
    }
    place += 1
    while place < text.count && blank(place) { place += 1 }
    let breaks = content.count { $0 == 0x0A }
    if stops(place) { return Cut(text: content, kind: kind, breaks: breaks, next: place) }
    (kind, end) = (CK_FIELD_RAGGED, place)
    while !stops(end) { end += 1 }
    let next = end
    while blank(end - 1) { end -= 1 }
    return Cut(text: Array(text[begin..<end]), kind: kind, breaks: breaks, next: next)
  }
  while !stops(end) { end += 1 }
  let next = end
  while end > begin && blank(end - 1) { end -= 1 }
  return Cut(text: Array(text[begin..<end]), kind: kind, next: next)
}

private func delimiter(_ text: String) -> ck_delimiter {
  ck_delimiter(byte: text.utf8.first.map(CChar.init) ?? 0, width: UInt8(text.utf8.count))
}

private func cut(_ text: [UInt8], at start: Int, delimiter mark: String) -> Cut {
  text.withUnsafeBytes { bytes in
    var field = ck_field()
    let next = ck_fields_next(
      bytes.assumingMemoryBound(to: CChar.self).baseAddress, text.count, start, delimiter(mark),
      &field)
    return Cut(
      text: Array(text[field.begin..<field.end]), kind: field.kind, breaks: field.breaks, next: next
    )
  }
}

/// Random texts of what matters to the cutter.
private func randomText(_ random: inout Draws, _ alphabet: [UInt8], upTo length: Int) -> [UInt8] {
  (0..<random.below(length)).map { _ in alphabet[random.below(alphabet.count)] }
}

struct FieldsTests {
  @Test(arguments: [",", ";", "\t", "|", "::", ""]) func everyFieldLikeTheReference(mark: String) {
    var random = Draws(key: ck_random_key(31, 930))
    let alphabet = Array("aé\"\"\n\r\t  :".utf8) + Array(mark.utf8) + Array(mark.utf8)
    for example in 0..<4_000 {
      let text = randomText(&random, alphabet, upTo: 24)
      for start in 0...text.count {
        let found = cut(text, at: start, delimiter: mark)
        #expect(
          found == naive(text, at: start, delimiter: mark),
          "text \(example) \(text) at \(start), '\(mark)'")
      }
    }
  }

  /// Rules one by one: the text of one field, and what it is cut to.
  @Test(
    arguments: [
      (" tea ,", "tea", CK_FIELD_PLAIN), ("\ttea\t", "tea", CK_FIELD_PLAIN),
      (" \" tea \" ,", " tea ", CK_FIELD_QUOTED), ("\"a,b\",", "a,b", CK_FIELD_QUOTED),
      ("\"a\"\"b\"", "a\"\"b", CK_FIELD_DOUBLED), ("\"a\" b,c", "\"a\" b", CK_FIELD_RAGGED),
      ("5\" disc", "5\" disc", CK_FIELD_PLAIN), ("\"a,b", "\"a,b", CK_FIELD_OPEN),
      ("\"a\nb\"", "a\nb", CK_FIELD_QUOTED), ("a\r\n", "a", CK_FIELD_PLAIN),
      ("", "", CK_FIELD_PLAIN),
      ("a\rb", "a\rb", CK_FIELD_PLAIN),
    ] as [(String, String, ck_field_kind)])
  func oneField(text: String, field: String, kind: ck_field_kind) {
    let found = cut(Array(text.utf8), at: 0, delimiter: ",")
    #expect(String(decoding: found.text, as: UTF8.self) == field && found.kind == kind)
  }

  /// Joined, each record is a line, of the same fields but for `\r` in place of their line ends.
  @Test func joinedRecordsAreLines() {
    var random = Draws(key: ck_random_key(32, 930))
    for example in 0..<2_000 {
      var text: [UInt8] = []
      var lines: [Int64] = []
      var joined: [UInt8] = []
      for record in 0..<random.below(8) {
        let fields = (0..<3).map { _ -> [UInt8] in
          var content = randomText(&random, Array("ab,\n\r \"".utf8), upTo: 6)
          if random.below(2) == 0 { content.removeAll { [0x2C, 0x0A, 0x0D, 0x22].contains($0) } }
          content = content.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] }
          let plain = !content.contains { [0x2C, 0x0A, 0x0D, 0x22].contains($0) }
          return plain ? content : [0x22] + content + [0x22]
        }
        let line =
          Array(fields.joined(separator: [0x2C])) + (random.below(2) == 0 ? [] : [0x0D]) + [0x0A]
        text += line
        let breaks = line.count { $0 == 0x0A } - 1
        lines += [Int64](repeating: Int64(10 + record), count: breaks)
        joined += line.dropLast().map { $0 == 0x0A ? 0x0D : $0 } + [0x0A]
      }
      var found = text
      var numbers = [Int64](repeating: -1, count: 64)
      var walk = ck_fields_walk(at: 0, line: 10, open: 0)
      var count = 0
      while walk.at < found.count {
        count += found.withUnsafeMutableBytes { bytes in
          ck_fields_join(
            bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, delimiter(","), 3,
            64,
            &walk, &numbers[count], 64)
        }
      }
      #expect(found == joined && walk.open == text.count, "example \(example): \(text)")
      #expect(Array(numbers.prefix(count)) == lines, "example \(example)")
    }
  }

  /// Quotes that are not closed within the limit, or whose record is none of the table's, end the joining.
  @Test(
    arguments: [
      ("1,\"a\nb\",2\n1,\"x\n3,\"y\nz\",4\n", "1,\"a\rb\",2\n1,\"x\n3,\"y\nz\",4\n", 10),
      ("1,\"a\nb\"\n1,\"a\nb\",2\n", "1,\"a\nb\"\n1,\"a\nb\",2\n", 0),
      ("1,2,3\n1,\"" + String(repeating: "a\n", count: 40) + "\",2\n", nil, 6),
    ] as [(String, String?, Int)])
  func joiningEnds(text: String, joined: String?, open: Int) {
    var bytes = Array(text.utf8)
    var numbers = [Int64](repeating: -1, count: 64)
    var walk = ck_fields_walk(at: 0, line: 0, open: 0)
    _ = bytes.withUnsafeMutableBytes { bytes in
      ck_fields_join(
        bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, delimiter(","), 3, 64,
        &walk, &numbers, 64)
    }
    #expect(String(decoding: bytes, as: UTF8.self) == joined ?? text)
    #expect(walk.open == open && walk.at == bytes.count)
  }

  private func encoding(_ bytes: [UInt8]) -> (wide: Int, wrong: Int) {
    var counts = ck_encoding()
    bytes.withUnsafeBytes {
      ck_fields_encoding($0.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, &counts)
    }
    return (counts.wide, counts.wrong)
  }

  @Test func charactersAreCountedAsTheStandardLibraryReadsThem() {
    var random = Draws(key: ck_random_key(33, 930))
    let alphabet =
      Array("abcdefghijkl".unicodeScalars)
      + Array("éß中😀\u{7FF}\u{800}\u{FFFF}\u{10FFFF}".unicodeScalars)
    for example in 0..<5_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<random.below(30) { text.append(alphabet[random.below(alphabet.count)]) }
      var bytes = Array(String(text).utf8)
      let valid = encoding(bytes)
      #expect(valid == (text.count { $0.value >= 0x80 }, 0), "example \(example)")
      guard !bytes.isEmpty else { continue }
      bytes[random.below(bytes.count)] = UInt8(random.below(256))
      let isValid = String(validating: bytes, as: UTF8.self) != nil
      #expect((encoding(bytes).wrong == 0) == isValid, "example \(example): \(bytes)")
    }
    for wrong in [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0x80], [0xE2, 0x82],
    ] as [[UInt8]] {
      #expect(encoding(wrong) == (0, wrong.count), "\(wrong)")
    }
  }
}

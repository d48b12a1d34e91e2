// The ratings parser against a naive one: random files, every cut, every instruction set.
import CKernels
import CReference
import Testing

extension KernelTests {
  struct IngestTests {
    /// Rows as columns; equal if every byte is (ratings by bit pattern).
    struct Rows: Equatable {
      var user: [Int64]
      var item: [Int64]
      var rating: [UInt32]
      var timestamp: [Int64]
    }

    static let isas = [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512].filter {
      $0.rawValue <= ck_isa_best().rawValue
    }

    @Test(arguments: [",", ";", "\t", "::"]) func randomFilesLikeTheReference(delimiter: String) {
      for (shape, rows) in [0, 1, 2, 3, 15, 16, 17, 33, 127, 500].enumerated() {
        for stamped in [false, true] {
          var random = Random(seed: UInt64(shape * 2 + (stamped ? 1 : 0)))
          let text = random.file(rows: rows, delimiter: delimiter, stamped: stamped)
          let expected = reference(text, delimiter: delimiter, stamped: stamped)
          for isa in Self.isas {
            onISA(isa) {
              let found = parse(
                text, delimiter: delimiter, stamped: stamped, cut: text.count + 1)
              #expect(found == expected, "seed \(shape), \(rows) rows, stamped \(stamped), \(isa)")
            }
          }
        }
      }
    }

    @Test func everyCutGivesTheSameRows() {
      var random = Random(seed: 99)
      let text = random.file(rows: 12, delimiter: ",", stamped: true)
      let expected = reference(text, delimiter: ",", stamped: true)
      for isa in Self.isas {
        onISA(isa) {
          for cut in 1...text.count {
            let found = parse(text, delimiter: ",", stamped: true, cut: cut)
            #expect(found == expected, "cut every \(cut) bytes, \(isa)")
          }
        }
      }
    }

    /// Lines of short numbers go by dozens; one of another kind sends its whole batch to the reader of lines.
    @Test(arguments: ["\n", "\r\n"], [false, true])
    func batchesOfShortNumbersLikeTheReference(lineEnd: String, stamped: Bool) {
      let odd = [
        "", "123456789,2,3", "1,2,1234567.25", "1,2,2.5e0", "-4,0,1", "0,0,-0", "1,2,-.5", "1,2,7.",
        "12345678,87654321,12345678",
      ]
      for (seed, line) in odd.enumerated() {
        var random = Random(seed: 1_000 + UInt64(seed))
        for place in [0, 1, 70, 199, 300] {
          var lines = (0..<300).map { _ in random.shortLine(stamped: stamped) }
          lines.insert(line.isEmpty || !stamped ? line : line + ",1234567890123456", at: place)
          let text = Array((lines.joined(separator: lineEnd) + lineEnd).utf8)
          let expected = reference(text, delimiter: ",", stamped: stamped)
          #expect(expected.user.count == 301 - (line.isEmpty ? 1 : 0))
          for isa in Self.isas {
            onISA(isa) {
              for cut in [text.count, 1_000, 500] {
                let found = parse(text, delimiter: ",", stamped: stamped, cut: cut)
                #expect(found == expected, "\(line) at \(place), cut every \(cut) bytes, \(isa)")
              }
            }
          }
        }
      }
    }

    /// The same rows and faults as the careful reader's, wherever a bad line stands among good ones.
    @Test func aBadLineAmongShortNumbersIsFound() {
      let bad = [
        "007,1,5", "1,07,5", "00,1,5", "1,,5", ",1,5", "1,2,", "1,2", "1", "1,2,3,4", "1,2,.",
        "1,2,-",
        "1,2,-.", "1,2,1.2.3", "1,2,3a", "1,2,--1", "1,2,1-", "1a,2,3", "1,2b,3", "1,2:3,4",
        "1,2,\r3",
        "1,2,\"3", "1;2;3", "1,2,/", "1/,2,3", "1,2,3\u{1}",
      ]
      var random = Random(seed: 77)
      for line in bad {
        for place in [0, 2, 63, 64, 150] {
          var lines = (0..<150).map { _ in random.shortLine(stamped: false) }
          lines.insert(line, at: place)
          let text = Array((lines.joined(separator: "\n") + "\n").utf8)
          let expected = rowsAndFault(text, careful: true)
          for isa in Self.isas {
            onISA(isa) {
              let found = rowsAndFault(text, careful: false)
              #expect(found.rows == expected.rows, "\(line) at \(place), \(isa)")
              #expect(found.fault == expected.fault, "\(line) at \(place), \(isa)")
            }
          }
          #expect(
            expected.rows.user.count == 150 && expected.fault[0] == Int64(place + 1), "\(line)")
        }
      }
    }

    @Test func everyLineIsCountedOnce() {
      let text = Array("a\n\nbb\r\nccc\n\n\nd".utf8)
      for cut in 1...(text.count + 1) {
        var lines = 0
        text.withUnsafeBytes { bytes in
          let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
          for begin in stride(from: 0, to: text.count, by: cut) {
            lines += ck_ingest_count(base, text.count, begin, begin + cut)
          }
        }
        #expect(lines == 7)
      }
    }

    @Test func decimalsAreRoundedCorrectly() {
      var random = Random(seed: 5)
      for _ in 0..<20_000 {
        let text = random.decimal(digits: 1 + Int(random.below(20)))
        #expect(rating(text)?.bitPattern == Float(text)?.bitPattern, "\(text)")
      }
      for text in ["1e-50", "-0", "16777217", "-1e9", "5e-324", "0.1e1", "1E+2", ".5"] {
        #expect(rating(text)?.bitPattern == Float(text)?.bitPattern, "\(text)")
      }
      for text in ["1000000100", "-1.0000001e9", "2e38", "3.4028235e38", "1e400"] {
        #expect(rating(text) == nil, "\(text)")
      }
    }

    // MARK: What the tests parse with

    private func rating(_ text: String) -> Float? {
      var value: Float = 0
      return ck_ingest_rating(text, text.utf8.count, &value) == CK_INGEST_OK ? value : nil
    }

    private func reference(_ text: [UInt8], delimiter: String, stamped: Bool) -> Rows {
      let room = text.count + 1
      var user = [Int64](repeating: 0, count: room)
      var item = user
      var stamp = user
      var rating = [Float](repeating: 0, count: room)
      let rows = text.withUnsafeBytes { bytes in
        stamp.withUnsafeMutableBufferPointer { stamp in
          ref_ingest_parse(
            bytes.assumingMemoryBound(to: CChar.self).baseAddress, text.count, delimiter, &user,
            &item, &rating, stamped ? stamp.baseAddress : nil)
        }
      }
      return Rows(
        user: Array(user.prefix(rows)), item: Array(item.prefix(rows)),
        rating: rating.prefix(rows).map(\.bitPattern),
        timestamp: stamped ? Array(stamp.prefix(rows)) : [])
    }

    /// Parses in ranges of `cut` bytes into columns with a guard behind them.
    private func parse(
      _ text: [UInt8], delimiter: String, stamped: Bool, cut: Int
    ) -> Rows {
      var layout = ck_ingest_layout()
      layout.columns = stamped ? 4 : 3
      layout.column = (0, 1, 2, stamped ? 3 : -1, -1)
      layout.delimiter = CChar(bitPattern: Array(delimiter.utf8)[0])
      layout.delimiter_width = UInt8(delimiter.utf8.count)
      var rows = Rows(user: [], item: [], rating: [], timestamp: [])
      var lines = 0
      text.withUnsafeBytes { bytes in
        let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        for begin in stride(from: 0, to: text.count, by: cut) {
          let room = ck_ingest_count(base, text.count, begin, begin + cut)
          append(to: &rows, room: room, stamped: stamped) { columns in
            var faults = ck_ingest_faults()
            let count = ck_ingest_parse(
              base, text.count, begin, begin + cut, &layout, Int64(lines + 1), &columns, &faults)
            #expect(withUnsafeBytes(of: faults.counts) { $0.allSatisfy { $0 == 0 } })
            return count
          }
          lines += room
        }
      }
      return rows
    }

    /// Rows of a file of three columns, and line, column, place and status of its first fault.
    private func rowsAndFault(_ text: [UInt8], careful: Bool) -> (rows: Rows, fault: [Int64]) {
      var layout = ck_ingest_layout()
      (layout.columns, layout.column) = (3, (0, 1, 2, -1, -1))
      (layout.delimiter, layout.delimiter_width) = (CChar(UInt8(ascii: ",")), 1)
      var rows = Rows(user: [], item: [], rating: [], timestamp: [])
      var fault = ck_ingest_fault()
      text.withUnsafeBytes { bytes in
        let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        let room = ck_ingest_count(base, text.count, 0, text.count)
        append(to: &rows, room: room, stamped: false) { columns in
          withUnsafeMutablePointer(to: &fault) { first in
            var faults = ck_ingest_faults()
            (faults.list, faults.capacity) = (first, 1)
            let parse = careful ? ck_ingest_parse_careful : ck_ingest_parse
            return parse(base, text.count, 0, text.count, &layout, 1, &columns, &faults)
          }
        }
      }
      return (
        rows, [fault.line, Int64(fault.column), fault.offset, Int64(fault.status.rawValue)]
      )
    }

    private func append(
      to rows: inout Rows, room: Int, stamped: Bool, _ parse: (inout ck_ingest_columns) -> Int
    ) {
      let guardWord = Int64(0x5EED_5EED)
      var user = [Int64](repeating: guardWord, count: room + 1)
      var item = user
      var stamp = user
      var rating = [Float](repeating: 12345, count: room + 1)
      var count = 0
      user.withUnsafeMutableBufferPointer { user in
        item.withUnsafeMutableBufferPointer { item in
          stamp.withUnsafeMutableBufferPointer { stamp in
            rating.withUnsafeMutableBufferPointer { rating in
              var columns = ck_ingest_columns()
              columns.user = user.baseAddress
              columns.item = item.baseAddress
              columns.rating = rating.baseAddress
              columns.timestamp = stamped ? stamp.baseAddress : nil
              count = parse(&columns)
            }
          }
        }
      }
      #expect(count <= room)
      #expect(user[room] == guardWord && item[room] == guardWord && stamp[room] == guardWord)
      #expect(rating[room] == 12345)
      rows.user += user.prefix(count)
      rows.item += item.prefix(count)
      rows.rating += rating.prefix(count).map(\.bitPattern)
      if stamped { rows.timestamp += stamp.prefix(count) }
    }
  }
}

/// Random ratings files.
private struct Random {
  var key: UInt64
  var position: UInt64 = 0

  init(seed: UInt64) { key = ck_random_key(seed, 200) }

  mutating func below(_ bound: UInt64) -> UInt64 {
    position += 1
    return ck_random_below(key, position, bound)
  }

  /// Up to that many digits, a point somewhere or nowhere, a sign now and then.
  mutating func decimal(digits: Int) -> String {
    var text = String((0..<digits).map { _ in Character(String(below(10))) })
    // At most nine digits before the point: a rating is at most 10⁹.
    let point = Int(below(digits > 9 ? 10 : UInt64(digits) + 2))
    if point <= digits { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
    return (below(4) == 0 ? "-" : "") + text
  }

  mutating func integer() -> String {
    let digits = 1 + below(below(5) == 0 ? 18 : 8)
    let magnitude = String((0..<digits).map { _ in Character(String(below(10))) })
    // As an id has it: no zero in front, no -0.
    return String(Int64((below(10) == 0 ? "-" : "") + magnitude) ?? 0)
  }

  /// A line as most files have them.
  mutating func shortLine(stamped: Bool) -> String {
    let ids = (0..<2).map { _ in
      String(below([UInt64](arrayLiteral: 1, 10, 1_000, 100_000_000)[Int(below(4))]))
    }
    let ratings = ["-1", "10", "7", "3.5", "4.0", "0.25", ".5", "-0", "100", "-2.75", "1234.567"]
    let times = ["0", "7", "964982703", "1112486027", "1112486027000", "12345678", "007"]
    let rating = ratings[Int(below(UInt64(ratings.count)))]
    let fields = ids + [rating] + (stamped ? [times[Int(below(UInt64(times.count)))]] : [])
    return fields.joined(separator: ",")
  }

  mutating func file(rows: Int, delimiter: String, stamped: Bool) -> [UInt8] {
    let lineEnd = below(2) == 0 ? "\n" : "\r\n"
    var text = ""
    for row in 0..<rows {
      var fields = [integer(), integer(), decimal(digits: 1 + Int(below(below(4) == 0 ? 30 : 4)))]
      if stamped { fields.append(integer()) }
      text += fields.joined(separator: delimiter)
      if row < rows - 1 || below(2) == 0 { text += lineEnd }
      if below(20) == 0 { text += lineEnd }
    }
    return Array(text.utf8)
  }
}

// Ids in ratings lines: an integer that is not written as we write it is none, fast path or not.
import CKernels
import Testing

extension KernelTests {
  struct IngestIDTests {
    static let ids: [(String, Int64?)] = [
      ("0", 0), ("7", 7), ("10", 10), ("-7", -7), ("1234567890123456", 1_234_567_890_123_456),
      ("00", nil), ("07", nil), ("-0", nil), ("-07", nil), ("+7", nil), ("0000000000000001", nil),
      ("0123456789012345", nil), ("7 8", nil), ("\" 7\"", nil), ("\"07\"", nil), ("\"7\"", 7),
      (" 7", 7), ("7 ", 7), ("7.0", nil), ("x", nil),
    ]

    @Test(arguments: ids) func anIDIsItsText(text: String, id: Int64?) {
      for (row, position) in [(text + ",20,4.5", 0), ("10," + text + ",0.5", 1)] {
        // Far enough from the end of the bytes for the fast path.
        let bytes = Array((row + "\n" + String(repeating: "1,2,3\n", count: 20)).utf8)
        forEachISA { name in
          var layout = ck_ingest_layout()
          layout.columns = 3
          layout.column = (0, 1, 2, -1, -1)
          layout.delimiter = CChar(UInt8(ascii: ","))
          layout.delimiter_width = 1
          var ids = ([Int64](repeating: 0, count: 21), [Int64](repeating: 0, count: 21))
          var ratings = [Float](repeating: 0, count: 21)
          var faults = ck_ingest_faults()
          let rows = bytes.withUnsafeBytes { bytes in
            ids.0.withUnsafeMutableBufferPointer { users in
              ids.1.withUnsafeMutableBufferPointer { items in
                ratings.withUnsafeMutableBufferPointer { ratings in
                  var columns = ck_ingest_columns()
                  columns.user = users.baseAddress
                  columns.item = items.baseAddress
                  columns.rating = ratings.baseAddress
                  return ck_ingest_parse(
                    bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, 0,
                    bytes.count, &layout, 1, &columns, &faults)
                }
              }
            }
          }
          let refused = withUnsafeBytes(of: faults.counts) {
            $0.bindMemory(to: Int.self)[Int(CK_INGEST_NOT_AN_INTEGER.rawValue)]
          }
          #expect(rows == (id == nil ? 20 : 21) && refused == 21 - rows, "\(row), \(name)")
          if let id { #expect((position == 0 ? ids.0 : ids.1)[0] == id, "\(row), \(name)") }
        }
      }
    }

    @Test(arguments: ids.filter { !$0.0.contains("\"") && !$0.0.contains(" ") })
    func oneByOne(text: String, id: Int64?) {
      var value: Int64 = -7
      let status = ck_ingest_id(text, text.utf8.count, &value)
      #expect(status == (id == nil ? CK_INGEST_NOT_AN_INTEGER : CK_INGEST_OK))
      #expect(value == id ?? -7)
    }

    @Test func whatElseIsNoID() {
      var value: Int64 = -7
      #expect(ck_ingest_id("", 0, &value) == CK_INGEST_MISSING)
      #expect(ck_ingest_id(" 7", 2, &value) == CK_INGEST_NOT_AN_INTEGER)
      #expect(ck_ingest_id("7 ", 2, &value) == CK_INGEST_NOT_AN_INTEGER)
      #expect(ck_ingest_id("9223372036854775808", 19, &value) == CK_INGEST_INTEGER_RANGE)
      #expect(value == -7)
    }

    @Test(
      arguments: [
        ("4,5", 4.5), ("4.5", 4.5), ("-0,25", -0.25), (",5", 0.5), ("5,", 5), ("1,5e2", 150),
        ("7", 7), ("1,2,3", nil), ("1,234.5", nil), ("1.234,5", nil), (",", nil), ("4,5x", nil),
      ] as [(String, Float?)])
    func aCommaStandsForThePoint(text: String, number: Float?) {
      var value: Float = -77
      let status = ck_ingest_decimal(text, text.utf8.count, &value)
      #expect((status == CK_INGEST_OK) == (number != nil) && value == number ?? -77, "\(text)")
    }
  }
}

// Rows of JSON to lines of a table: the first half of reading what Yelp and Amazon ship.
import CKernels
import Osusume

/// A file of reviews with its ratings, and room for the table.
final class TranslateWork {
  private let text: [UInt8]
  private let rows: Int
  private let expected: [UInt8]
  private let bandwidth: Bandwidth
  private var translated: [[UInt8]] = []

  /// Reviews of the first ratings of some data, 600 bytes each or so.
  init(_ data: BenchData) {
    let lines = data.text.split(separator: 0x0a).dropFirst().prefix(200_000)
    let review = String(
      repeating: "I bought this, and it is \\\"fine\\\", as such things go. ", count: 9)
    var text = [UInt8]()
    var expected = [UInt8]()
    for line in lines {
      let fields = line.split(separator: 0x2c)
      text += Array(#"{"review_id":"KU_O5udG6zpxOg","user_id":""#.utf8)
      text += fields[0]
      text += Array(#"","business_id":""#.utf8)
      text += fields[1]
      text += Array(#"","stars":"#.utf8)
      text += fields[2]
      text += Array(#","useful":0,"text":""#.utf8)
      text += Array(review.utf8)
      text += Array("\",\"date\":\"2018-07-07 22:09:11\"}\n".utf8)
      expected += line
      expected.append(0x0a)
    }
    rows = lines.count
    self.text = text
    self.expected = expected
    bandwidth = data.bandwidth(of: text.count)
  }

  /// `ck_json_rows` on pieces of a megabyte.
  var bench: KernelBench {
    KernelBench(
      "ingest.json", unit: "row", units: rows,
      bytes: Double(text.count + expected.count) / Double(max(1, rows)), bandwidth: bandwidth,
      remark: "reviews of some 600 bytes",
      run: { self.run(threads: $0) },
      isRight: { _ in self.translated.flatMap { $0 } == self.expected })
  }

  private func run(threads: Int) {
    let names = ["user_id", "business_id", "stars"].map { Array($0.utf8CString) }
    let size = text.count
    translated = text.withUnsafeBytes { bytes in
      let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
      return mapChunks((size + (1 << 20) - 1) >> 20, threads: threads) { chunk in
        names[0].withUnsafeBufferPointer { user in
          names[1].withUnsafeBufferPointer { item in
            names[2].withUnsafeBufferPointer { stars in
              var keys = ck_json_keys()
              keys.text.0 = user.baseAddress
              keys.text.1 = item.baseAddress
              keys.text.2 = stars.baseAddress
              (keys.length.0, keys.length.1, keys.length.2, keys.count) = (7, 11, 5, 3)
              var faults = ck_ingest_faults()
              let room = (1 << 20) + Int(CK_JSON_LINE_LIMIT) + 2
              let scratch = UnsafeMutablePointer<CChar>.allocate(capacity: room)
              defer { scratch.deallocate() }
              let count = ck_json_rows(
                base, size, chunk << 20, (chunk + 1) << 20, &keys, scratch, &faults)
              return Array(UnsafeRawBufferPointer(start: scratch, count: count))
            }
          }
        }
      }
    }
  }
}

// Rows of JSON and Netflix's files as lines of a table, against Foundation's JSON and a plain reading.
import CKernels
import CReference
import Foundation
import Testing

/// Calls a translator on every range of `cut` bytes and joins what it writes; faults are (line, status).
private func translated(
  _ text: [UInt8], cut: Int, room: Int,
  _ translate: (UnsafePointer<CChar>, Int, Int, UnsafeMutablePointer<CChar>, inout ck_ingest_faults)
    -> Int
) -> (lines: [String], faults: [String]) {
  var (lines, faults): ([String], [String]) = ([], [])
  // Just so many bytes, so that a sanitizer sees the first one beyond.
  let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, text.count))
  defer { bytes.deallocate() }
  for (place, byte) in text.enumerated() { bytes[place] = CChar(bitPattern: byte) }
  for begin in stride(from: 0, to: max(1, text.count), by: cut) {
    var list = [ck_ingest_fault](repeating: ck_ingest_fault(), count: 50)
    let out = Guarded<CChar>(repeating: 1, count: room + 5 * min(cut, text.count))
    var report = ck_ingest_faults()
    let count = list.withUnsafeMutableBufferPointer { list in
      report.list = list.baseAddress
      report.capacity = list.count
      return translate(bytes, begin, begin + cut, out.base, &report)
    }
    #expect(out.isIntact)
    let total = withUnsafeBytes(of: report.counts) { $0.bindMemory(to: Int.self).reduce(0, +) }
    faults += list.prefix(total).map { "\(lines.count + Int($0.line)) \($0.status.rawValue)" }
    let written = out.values.prefix(count).map { UInt8(bitPattern: $0) }
    lines += String(decoding: written, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }
  return (lines, faults)
}

extension KernelTests {
  struct TranslateTests {
    private func rows(_ text: String, cut: Int, keys names: [String]) -> (
      lines: [String], faults: [String]
    ) {
      // What a line longer than a range adds.
      let longest = text.split(separator: "\n").map(\.utf8.count).max() ?? 0
      let room = min(longest, Int(CK_JSON_LINE_LIMIT)) + 2
      let all = Array(names.joined().utf8CString)
      return all.withUnsafeBufferPointer { all in
        var keys = ck_json_keys()
        keys.count = UInt32(names.count)
        var place = all.baseAddress
        withUnsafeMutableBytes(of: &keys.text) { texts in
          withUnsafeMutableBytes(of: &keys.length) { lengths in
            for (key, name) in names.enumerated() {
              texts.bindMemory(to: UnsafePointer<CChar>?.self)[key] = place
              lengths.bindMemory(to: UInt32.self)[key] = UInt32(name.utf8.count)
              place = place.map { $0 + name.utf8.count }
            }
          }
        }
        let utf8 = Array(text.utf8)
        return translated(utf8, cut: cut, room: room) { bytes, begin, end, out, faults in
          ck_json_rows(bytes, utf8.count, begin, end, &keys, out, &faults)
        }
      }
    }

    /// A random object, perhaps cut short or with a byte changed, and its row by Foundation; nil: it is bad.
    private func object(_ random: inout Draws) -> (line: String, row: String?) {
      func text() -> String {
        let parts = [
          "a", "é", "\"", "\\", ",", " ", "😀", "}", "{", "7", "[", ":", "/", "null", "\\n",
        ]
        return (0..<random.below(6)).map { _ in parts[Int(random.below(parts.count))] }.joined()
      }
      var fields: [(String, Any)] = [
        ("u", "x" + text()), ("i", random.below(2) == 0 ? Int(random.below(999)) : "y" + text()),
        ("r", Double(random.below(10)) / 2),
      ]
      let others: [Any] = [
        text(), ["u": text(), "l": [1, [text()]]] as [String: Any], NSNull(), true,
      ]
      for (place, other) in others.enumerated() where random.below(2) == 0 {
        fields.insert(("o\(place)", other), at: Int(random.below(fields.count + 1)))
      }
      func json(_ value: Any) -> String {
        let data = try? JSONSerialization.data(
          withJSONObject: value, options: [.fragmentsAllowed, .withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
      }
      let blank = ["", " ", "  "][Int(random.below(3))]
      var line =
        "{"
        + fields.map { json($0.0) + blank + ":" + json($0.1) }.joined(
          separator: blank + "," + blank)
        + "}"
      if random.below(5) == 0 { line = String(line.dropLast(1 + Int(random.below(8)))) }
      guard
        let found = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      else { return (line, nil) }
      let row = ["u", "i", "r"].map { key in
        let field = found[key].map { ($0 as? String) ?? json($0) } ?? ""
        let isPlain =
          field.first != " " && field.last != " " && !field.contains { ",\"\\".contains($0) }
        // A backslash alone needs no quotes in a table, and has them here because it had an escape.
        return found[key] is String && !isPlain
          ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
      }
      return (line, row.joined(separator: ","))
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func objectsAsFoundationReadsThem(seed: UInt64) {
      var random = Draws(key: ck_random_key(seed, 77))
      let objects = (0..<12).map { _ in object(&random) }
      let text = objects.map(\.line).joined(separator: seed % 2 == 0 ? "\n" : "\r\n") + "\n\n"
      let expected = objects.map { $0.row ?? "" } + [""]
      for cut in [1, 3, 50, 10_000] {
        let found = rows(text, cut: cut, keys: ["u", "i", "r"])
        #expect(found.lines == expected, "seed \(seed), cut every \(cut) bytes")
        let bad = objects.indices.filter { objects[$0].row == nil }
        #expect(found.faults == bad.map { "\($0) \(CK_INGEST_NOT_JSON.rawValue)" })
      }
    }

    @Test func longLinesAreFaults() {
      let long = "{\"u\":1,\"i\":2,\"t\":\"" + String(repeating: "x", count: 1 << 20) + "\"}"
      let found = rows(long + "\n{\"i\":4,\"u\":3}", cut: 1 << 19, keys: ["u", "i"])
      #expect(found.lines == ["", "3,4"])
      #expect(found.faults == ["0 \(CK_INGEST_LINE_LENGTH.rawValue)"])
    }

    @Test func moviesAndTheirRatings() {
      let text = Array(
        ("5,1,2005-09-06\n1:\n1488844,3,2005-09-06\n8,x,never\n\n12,34\r\n20:\r\n7,1,1999-11-11\r\n"
          + "9,2,1969-01-01\n99999999999999999999:\n1,2,3,4\n" + String(repeating: "1", count: 80)
          + "\n3,3,2000-01-01").utf8)
      let lines = [
        "", "", "1488844,1,3,1125964800", "8,1,x,never", "", "", "", "7,20,1,942278400",
        "9,20,2,1969-01-01", "", "", "", "3,20,3,946684800",
      ]
      let columns = CK_INGEST_COLUMNS.rawValue
      let faults = [
        "0 \(columns)", "5 \(columns)", "9 \(columns)", "10 \(columns)",
        "11 \(CK_INGEST_LINE_LENGTH.rawValue)",
      ]
      for cut in [1, 2, 7, 20, 64, 1000] {
        let found = translated(text, cut: cut, room: 5 * (Int(CK_NETFLIX_LINE_LIMIT) + 2)) {
          bytes, begin, end, out, faults in
          // The movie above the range: the last one of all ranges before.
          let before = stride(from: 0, to: begin, by: cut).map {
            ck_netflix_movie(bytes, text.count, $0, $0 + cut)
          }
          return ck_netflix_rows(
            bytes, text.count, begin, end, before.last { $0 >= 0 } ?? -1, out, &faults)
        }
        #expect(found.lines == lines, "cut every \(cut) bytes")
        #expect(found.faults == faults, "cut every \(cut) bytes")
      }
    }
  }
}

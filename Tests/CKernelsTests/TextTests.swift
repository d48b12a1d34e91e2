// Ratings as lines of text, against the standard library's printing and reading of numbers.
import CKernels
import Foundation
import Testing

/// Ids as kernels read them: `count` texts of any length from 0 on.
private struct TextIDs {
  let texts: [String]
  private let bytes: Guarded<UInt8>
  private let offsets: Guarded<Int>

  init(_ texts: [String]) {
    self.texts = texts
    bytes = .init(texts.joined().utf8.map { $0 })
    offsets = .init(texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count) })
  }

  var kernel: ck_text_ids { .init(text: bytes.base, offsets: offsets.base) }
}

/// To the nearest hundredth, without zeros at its end, where that reads back as the same number, else in
/// nine digits.
private func text(_ rating: Float) -> String {
  let hundredths = String(format: "%.2f", Double(rating)).replacing(/\.?0+$/, with: "")
    .replacing(/^-0$/, with: "0")
  let isShort = abs(rating) < 1e7 && Float(hundredths) == rating
  return isShort ? hundredths : String(format: "%.9g", Double(rating))
}

struct TextTests {
  private let users = TextIDs(["", "7", "-42", "a b", "9223372036854775807"])
  private let items = TextIDs(["x", "", "日本", String(repeating: "long", count: 30)])

  /// Rows of all ids, written from some row on; `note` says which.
  private func check(_ values: [Float], _ timestamps: [Int64]?, from first: Int, _ note: String) {
    let userCodes = values.indices.map { Int32($0 * 3 % users.texts.count) }
    let itemCodes = values.indices.map { Int32($0 % items.texts.count) }
    let lines = values.indices.dropFirst(first).map { row in
      let ids = users.texts[Int(userCodes[row])] + "," + items.texts[Int(itemCodes[row])]
      let stamp = timestamps.map { ",\($0[row])" } ?? ""
      return ids + "," + text(values[row]) + stamp
    }
    let room = ck_text_bound(
      userCodes, itemCodes, first, values.count, users.kernel, items.kernel)
    let ids = values.indices.dropFirst(first).reduce(0) { sum, row in
      sum + users.texts[Int(userCodes[row])].utf8.count
        + items.texts[Int(itemCodes[row])].utf8.count
    }
    #expect(room == ids + Int(CK_TEXT_ROW_EXTRA) * (values.count - first), "\(note)")

    let out = Guarded<UInt8>(repeating: 0, count: room)
    let written = ck_text_rows(
      userCodes, itemCodes, values, timestamps, first, values.count, users.kernel, items.kernel,
      out.base)
    let found = out.values.prefix(written).split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self) }
    #expect(found.count == lines.count && found.joined().utf8.count + lines.count == written)
    for (line, expected) in zip(found, lines) { #expect(line == expected, "\(note)") }
    #expect(out.isIntact && written <= room, "\(note)")
  }

  @Test(arguments: awkwardCounts, [false, true]) func rowsAreLines(count: Int, timed: Bool) {
    var random = Draws(key: ck_random_key(UInt64(count), 923))
    let values = (0..<count).map { row -> Float in
      [Float(random.below(11)), Float(random.below(2001)) / 200 - 5, random.normal()][row % 3]
    }
    let ends: [Int64] = [.min, .max, 0, -1, 1_700_000_000]
    let timestamps = (0..<count).map { ends[$0 % ends.count] }
    for first in Set([0, count / 3, count]) {
      check(values, timed ? timestamps : nil, from: first, "\(count) rows from \(first) on")
    }
  }

  /// The longest a row can be fits the room that is promised for it.
  @Test func numbersOfEveryShape() {
    let values: [Float] = [
      0, -0.0, 1, -1, 0.5, 7.25, 9.99, -9.99, 0.01, 0.001, 0.1 + 0x1p-27, 1 / 3, 0x1p-149, -1e-38,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 9999.99, 10_000, 10_000.5, 12_345.67,
      -99_999.99, 167_772.56, 999_999.94, 1_048_576.1, 9_999_999, 1e7, 16_777_216, 1e9,
      123_456_792, 1e10, 2e9, 4e9, -1.2345679e-30,
    ]
    check(values, [Int64](repeating: .min, count: values.count), from: 0, "all shapes")
  }

  /// Hundredths up to 10,000, where most ratings lie, and what lies next to them.
  @Test func everyRatingReadsBackAsItself() {
    var values = (0..<1_000_000).compactMap { $0 % 7 == 0 ? Float($0) / 100 : nil }
    values += values.indices.map { $0 % 2 == 0 ? values[$0].nextUp : -values[$0].nextDown }
    let ids = TextIDs([""])
    let codes = [Int32](repeating: 0, count: values.count)
    let room = ck_text_bound(codes, codes, 0, values.count, ids.kernel, ids.kernel)
    let out = Guarded<UInt8>(repeating: 0, count: room)
    let written = ck_text_rows(
      codes, codes, values, nil, 0, values.count, ids.kernel, ids.kernel, out.base)
    let lines = out.values.prefix(written).split(separator: UInt8(ascii: "\n"))
    let wrong = zip(lines, values).first { line, value in
      Float(String(decoding: line.dropFirst(2), as: UTF8.self)) != value
    }
    #expect(lines.count == values.count && wrong == nil)
  }
}

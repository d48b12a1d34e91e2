// Rows written as CSV read back the same.
import Foundation
import OsusumeData
import Testing

struct RatingsCSVTests {
  @Test func whatIsWrittenReadsBack() throws {
    let path = NSTemporaryDirectory() + "osusume-\(UUID()).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let values: [Float] = [
      1, -1, 0.5, 3.25, 0.1, 1 / 3, 1e-20, 123_456_792, -0.07, 9999.99, 1e9, 10, 0, 7.125,
    ]
    let count = 150_000
    let rows = IndexedRatings(
      users: (0..<count).map { Int32($0 % 4) }, items: (0..<count).map { Int32($0 / 4) },
      values: (0..<count).map { values[$0 % values.count] },
      timestamps: (0..<count).map { Int64($0) * -100_003 })
    let names = ["a", "b,\"c\"", "d \"e", "é\"\u{301}"]
    try rows.writeCSV(
      to: path, userIDs: .strings(names), itemIDs: .integers((0..<37_500).map { $0 * 3 - 9 }),
      threads: 2)
    let table = try RatingTable.read(path, threads: 2)
    #expect(table.values == rows.values && table.timestamps == rows.timestamps)
    #expect(table.users == .strings(codes: rows.users, names: names))
    #expect(table.items == .integers(rows.items.map { Int64($0) * 3 - 9 }))
  }

  /// RFC 4180 in ids: one id may be written plainly or in quotes.
  @Test func doubledQuotesStandForOne() throws {
    let table = try read(
      "user,item,rating\n\"b,\"\"c\"\"\",1,1\na\"b,1,2\n\"a\"\"b\",2,3\na\"\"b,2,4\n"
        + "\"\"\"\",3,5\n\"\"\"\"\"\",3,6\n\"a\",4,7\na,5,8\n")
    #expect(
      table.users
        == .strings(
          codes: [5, 4, 4, 3, 0, 1, 2, 2], names: ["\"", "\"\"", "a", "a\"\"b", "a\"b", "b,\"c\""]))
    #expect(throws: RatingsFileError.self) { try read("user,item,rating\n\"a\"\",1,1\n") }
  }

  @Test func histogramsSpanAllOfFloat() {
    let extremes: [Float] = [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]
    let histogram = RatingHistogram(extremes + (0..<30).map { Float($0) }, threads: 1)
    let lines = histogram.lines(atMost: 20)
    #expect(lines.count == 20 && lines.reduce(0) { $0 + $1.count } == 32)
    #expect(lines[0].count == 1 && lines[19].count == 1)
  }

  @Test func ratingsAreWrittenShort() throws {
    let path = NSTemporaryDirectory() + "osusume-\(UUID()).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = IndexedRatings(users: [0, 0, 1], items: [0, 1, 1], values: [8, 4.5, -0.25])
    try rows.writeCSV(
      to: path, userIDs: .integers([7, 12]), itemIDs: .integers([-3, 5]), threads: 1)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == "user,item,rating\n7,-3,8\n7,5,4.5\n12,5,-0.25\n")
  }

  @Test func histogramsOfManyValuesAreBinned() {
    let histogram = RatingHistogram((0..<5000).map { Float($0) / 5000 }, threads: 2)
    #expect(histogram.values.count == 5000 && histogram.total == 5000)
    let lines = histogram.lines(atMost: 20)
    #expect(lines.count == 20 && lines.reduce(0) { $0 + $1.count } == 5000)
    #expect(abs(histogram.mean - 0.4999) < 1e-4)
    let few = RatingHistogram([7, 7.5, -1, 7], threads: 1)
    #expect(few.values == [-1, 7, 7.5] && few.counts == [1, 2, 1])
    #expect(few.lines(atMost: 20).map(\.label) == ["-1", "7", "7.5"])
  }
}

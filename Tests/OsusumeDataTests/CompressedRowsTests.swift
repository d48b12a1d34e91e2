// Compressed rows and maps between id lists.
import OsusumeData
import Testing

struct CompressedRowsTests {
  @Test(arguments: [0, 1, 15, 16, 17, 127, 600_001], [1, 3, 1000])
  func groupsAreStableAndComplete(pairs: Int, rows: Int) {
    let keys = (0..<pairs).map { Int32(($0 &* 7919) % rows) }
    let columns = (0..<pairs).map { Int32($0 % 4099) }
    let grouped = CompressedRows(keys: keys, columns: columns, count: rows, threads: 3)
    let expected = Grouping(keys: keys, count: rows)
    #expect(grouped.offsets == expected.offsets)
    #expect(grouped.columns == expected.order.map { columns[Int($0)] })
    let ranges = grouped.ranges(parts: 5)
    #expect(ranges.flatMap { Array($0) } == Array(0..<rows) && ranges.count <= 5)
  }

  @Test func transposedTwiceSortsEachRow() {
    let rows = CompressedRows(offsets: [0, 2, 2, 5], columns: [3, 1, 0, 4, 1])
    let there = rows.transposed(columns: 5, threads: 2)
    #expect(there == CompressedRows(offsets: [0, 1, 3, 3, 4, 5], columns: [2, 0, 2, 0, 2]))
    #expect(
      there.transposed(columns: 3, threads: 1)
        == CompressedRows(offsets: [0, 2, 2, 5], columns: [1, 3, 0, 1, 4]))
  }
}

struct IDMappingTests {
  @Test func unknownIdsAreMinusOne() {
    #expect(
      IDMap.integers([-5, 2, 3, 9]).mapping(into: .integers([-5, 3, 4, 9, 10])) == [0, -1, 1, 3])
    #expect(
      IDMap.strings(["a", "é", "z"]).mapping(into: .strings(["b", "z", "é"])) == [-1, 2, -1])
    #expect(IDMap.integers([1, 20]).mapping(into: .strings(["1", "2"])) == [0, -1])
    #expect(IDMap.integers([]).mapping(into: .integers([1])) == [])
  }
}

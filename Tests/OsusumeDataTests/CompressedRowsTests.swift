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

  @Test(arguments: [1, 63, 64, 65, 4095, 4096, 4097, 9001], [0, 1, 17, 40_000])
  func sortedRowsAreSets(columns: Int, pairs: Int) {
    let keys = (0..<pairs).map { Int32($0 * 7919 % 19) }
    let values = (0..<pairs).map { Int32($0 * 104_729 % columns) }
    var rows = CompressedRows(keys: keys, columns: values, count: 19, threads: 2)
    let expected = (0..<19).map { Set(rows[$0]).sorted() }
    rows.sortRows(columns: columns, threads: 2)
    #expect((0..<19).map { Array(rows[$0]) } == expected)
    #expect(rows.columns.count == expected.reduce(0) { $0 + $1.count })
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

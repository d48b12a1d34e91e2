// Compressed sparse rows against sorted arrays and sets.
import CKernels
import Testing

/// Rows of columns below a bound, some of them empty, some with repeats.
private struct SparseRows {
  let rows: [[Int32]]
  let columns: Int

  init(rows: Int, columns: Int, longest: Int, seed: UInt64) {
    var random = Draws(key: ck_random_key(seed, 910))
    self.columns = columns
    self.rows = (0..<rows).map { row in
      let length = row % 5 == 3 ? 0 : random.below(longest + 1)
      let narrow = row % 2 == 0 ? columns : min(columns, length)  // half of the rows repeat
      return random.codes(length, below: max(1, narrow)).map { Int32(columns) - 1 - $0 }
    }
  }

  var offsets: [Int32] { SparseRows.offsets(rows) }
  static func offsets(_ rows: [[Int32]]) -> [Int32] {
    rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
  }
}

/// Around words of the bitmap (64) and of the bitmap of its words (4096).
private let bounds = [1, 2, 63, 64, 65, 4095, 4096, 4097, 10_000]

struct CSRTests {
  @Test(arguments: awkwardCounts) func placeGroupsColumnsByKey(count: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 911))
    let keys = random.codes(count, below: 7)
    let columns = random.codes(count, below: 1000)
    let range = count / 4..<count
    let groups = (0..<7).map { key in range.filter { keys[$0] == key }.map { columns[$0] } }
    let offsets = SparseRows.offsets(groups)
    let next = Guarded(Array(offsets.dropLast()))
    let out = Guarded<Int32>(repeating: -1, count: range.count)
    ck_csr_place(keys, columns, range.lowerBound, range.upperBound, next.base, out.base)
    #expect(out.values == groups.flatMap { $0 } && out.isIntact, "\(count) pairs")
    #expect(next.values == Array(offsets.dropFirst()) && next.isIntact, "\(count) pairs")
  }

  @Test(arguments: bounds, [1, 16, 127]) func sortAndUniqueGiveSets(columns: Int, longest: Int) {
    let example = SparseRows(
      rows: 17, columns: columns, longest: longest, seed: UInt64(columns + longest))
    let range = 2..<15
    let note = "\(columns) columns, rows of up to \(longest)"
    let bits = Guarded<UInt64>(repeating: 0, count: columns / 64 + columns / 4096 + 2)
    let places = Guarded(example.rows.flatMap { $0 })
    let repeats = ck_csr_sort(
      example.offsets, range.lowerBound, range.upperBound, columns, places.base, bits.base)

    let sets = example.rows.enumerated().map { range ~= $0 ? Set($1).sorted() : $1 }
    let padded = zip(sets, example.rows).map { set, row in
      set + [Int32](repeating: set.last ?? 0, count: row.count - set.count)
    }
    #expect(places.values == padded.flatMap { $0 } && places.isIntact, "\(note)")
    #expect(repeats == padded.joined().count - sets.joined().count, "\(note)")
    #expect(bits.values.allSatisfy { $0 == 0 } && bits.isIntact, "\(note)")

    // Rows that were not sorted lose what repeats the column just before it alone.
    let unique = padded.map { row in
      row.indices.filter { $0 == 0 || row[$0] != row[$0 - 1] }.map { row[$0] }
    }
    let offsets = Guarded(example.offsets)
    let left = ck_csr_unique(offsets.base, example.rows.count, places.base)
    #expect(left == unique.joined().count, "\(note)")
    #expect(offsets.values == SparseRows.offsets(unique) && offsets.isIntact, "\(note)")
    #expect(places.values.prefix(left) == unique.flatMap { $0 }[...], "\(note)")
    #expect(places.isIntact, "\(note)")
  }

  @Test(arguments: awkwardCounts, [1, 64, 300]) func containsIsMembership(
    length: Int, columns: Int
  ) {
    let example = SparseRows(
      rows: 6, columns: columns, longest: length, seed: UInt64(length + columns))
    let sets = example.rows.map { Set($0).sorted() }
    // Every column of every row, and one beyond each end.
    let pairs = sets.indices.flatMap { row in (-1...Int32(columns)).map { (Int32(row), $0) } }
    let out = Guarded<UInt8>(repeating: 99, count: pairs.count)
    ck_csr_contains(
      SparseRows.offsets(sets), sets.flatMap { $0 }, pairs.map(\.0), pairs.map(\.1), pairs.count,
      out.base)
    let expected = pairs.map { UInt8(sets[Int($0.0)].contains($0.1) ? 1 : 0) }
    #expect(out.values == expected, "rows of up to \(length) out of \(columns)")
    #expect(out.isIntact)
  }

  /// Rows asked for in succession, and again and again by turns: spread over, and searched.
  @Test(arguments: awkwardCounts, [1, 64, 300]) func placesAreThoseOfTheColumns(
    length: Int, columns: Int
  ) {
    let example = SparseRows(
      rows: 6, columns: columns, longest: length, seed: UInt64(length + columns))
    let sets = example.rows.map { Set($0).sorted() }
    let (offsets, sorted) = (SparseRows.offsets(sets), sets.flatMap { $0 })
    let inTurn = sets.indices.flatMap { row in sets[row].reversed().map { (Int32(row), $0) } }
    let byTurns = (0..<length).flatMap { place in
      sets.indices.compactMap { row in
        place < sets[row].count ? (Int32(row), sets[row][place]) : nil
      }
    }
    for pairs in [inTurn, byTurns, inTurn + byTurns] {
      let out = Guarded<Int32>(repeating: -7, count: pairs.count)
      let place = Guarded<Int32>(repeating: -7, count: columns)
      ck_csr_places(
        offsets, sorted, pairs.map(\.0), pairs.map(\.1), pairs.count, place.base, out.base)
      for (pair, found) in zip(pairs, out.values) {
        let row = offsets[Int(pair.0)]..<offsets[Int(pair.0) + 1]
        #expect(row.contains(found) && sorted[Int(found)] == pair.1)
      }
      #expect(out.isIntact && place.isIntact)
    }
  }
}

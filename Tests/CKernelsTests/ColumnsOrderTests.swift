// Grouping rows by key: counting, starting places, scattering and gathering, against a stable sort.
import CKernels
import Testing

extension KernelTests.ColumnsTests {
  /// Counts of each key in each part, one after the other.
  private func counts(_ keys: [Int32], _ parts: [Range<Int>], below bound: Int) -> [Int32] {
    parts.flatMap { part in
      (0..<bound).map { key in Int32(keys[part].count { $0 == key }) }
    }
  }

  @Test(arguments: awkwardCounts, [1, 2, 7, 100]) func scatteringIsAStableSort(
    count: Int, bound: Int
  ) {
    var random = Draws(key: ck_random_key(UInt64(count), 904))
    let keys = random.codes(count, below: bound)
    for parts in [[0..<count], [0..<count / 3, count / 3..<count / 3, count / 3..<count]] {
      let note = "\(count) keys below \(bound), parts \(parts)"
      let next = Guarded<Int32>(repeating: 0, count: parts.count * bound)
      for (part, range) in parts.enumerated() {
        ck_columns_count(keys, range.lowerBound, range.upperBound, next.base + part * bound)
      }
      #expect(next.values == counts(keys, parts, below: bound) && next.isIntact, "\(note)")

      let offsets = Guarded<Int32>(repeating: 99, count: bound + 1)
      ck_columns_starts(next.base, parts.count, bound, offsets.base)
      let below = (0...bound).map { key in Int32(keys.count { $0 < key }) }
      #expect(offsets.values == below && offsets.isIntact && next.isIntact, "\(note)")

      let order = Guarded<Int32>(repeating: 99, count: count)
      for (part, range) in parts.enumerated().reversed() {
        ck_columns_scatter(
          keys, range.lowerBound, range.upperBound, next.base + part * bound, order.base)
      }
      let sorted = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { Int32($0) }
      #expect(order.values == sorted && order.isIntact && next.isIntact, "\(note)")
      // Each part's places end where the next part's begin, or the next key's.
      #expect(next.values.suffix(bound) == below.dropFirst(), "\(note)")
    }
  }

  /// Counts are added to what is there.
  @Test func countsAreAdded() {
    var counts: [Int32] = [5, 6, 7]
    ck_columns_count([2, 0, 2, 2, 1], 0, 4, &counts)
    #expect(counts == [6, 6, 10])
  }

  @Test(arguments: awkwardCounts, [false, true]) func gatherTakesRowsInOrder(
    count: Int, timed: Bool
  ) {
    let rows = ColumnsRow.draw(count + 1, below: 30, seed: UInt64(count))
    var random = Draws(key: ck_random_key(UInt64(count), 905))
    let order = random.codes(count + 5, below: count + 1)
    let (first, at) = (3, 2)
    let out = GuardedColumns(count: count + at + 1)
    rows.withKernel {
      ck_columns_gather($0, order, first, first + count, out.kernel(timed: timed), at)
    }
    var expected = [ColumnsRow](repeating: .init(), count: count + at + 1)
    for place in 0..<count {
      expected[at + place] = rows[Int(order[first + place])]
      if !timed { expected[at + place].timestamp = -7 }
    }
    #expect(out.rows == expected && out.isIntact, "\(count) rows, timed \(timed)")
  }
}

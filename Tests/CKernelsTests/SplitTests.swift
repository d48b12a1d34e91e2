// Cutting rows into two parts, against the published generator and plain loops.
import CKernels
import CReference
import Testing

/// The bucket of a row's draw.
private func bucket(_ key: UInt64, _ row: Int) -> UInt32 {
  UInt32(ref_random_bits(key, UInt64(row)) >> 48)
}

struct SplitTests {
  private static let key = ck_random_key(17, 912)

  @Test(arguments: awkwardCounts) func shuffleIsFisherAndYates(count: Int) {
    let rows = (0..<count).map { Int32(1000 + $0) }
    let order = Guarded(rows)
    ck_split_shuffle(order.base, count, Self.key)
    var expected = rows
    for left in stride(from: count, to: 1, by: -1) {
      let (pick, _) = ref_random_bits(Self.key, UInt64(left)).multipliedFullWidth(by: UInt64(left))
      expected.swapAt(left - 1, Int(pick))
    }
    #expect(order.values == expected && order.isIntact, "\(count) rows")
    #expect(order.values.sorted() == rows, "\(count) rows")
  }

  @Test func everyOrderIsAsLikely() {
    let draws = 24_000
    var counts = [[Int32]: Double]()
    for seed in 0..<UInt64(draws) {
      var order: [Int32] = [0, 1, 2, 3]
      ck_split_shuffle(&order, 4, ck_random_key(seed, 913))
      counts[order, default: 0] += 1
    }
    let even = Double(draws) / 24
    // Chi-squared of 23 degrees of freedom: mean 23, deviation √46; five of them.
    let squared = counts.values.reduce(0) { $0 + ($1 - even) * ($1 - even) / even }
    #expect(counts.count == 24 && squared < 23 + 5 * 46.0.squareRoot(), "\(squared)")
  }

  @Test(arguments: awkwardCounts + [4000]) func bucketsAreOfDraws(count: Int) {
    let first = 90
    let rows = first..<first + count
    let histogram = Guarded<Int32>(repeating: 2, count: 65_536)
    ck_split_histogram(Self.key, first, first + count, histogram.base)
    var expected = [Int32](repeating: 2, count: 65_536)
    for row in rows { expected[Int(bucket(Self.key, row))] += 1 }
    #expect(histogram.values == expected && histogram.isIntact, "\(count) rows")

    let met = Set([0, 30_000, 65_535] + rows.prefix(4).map { bucket(Self.key, $0) })
    for wanted in met {
      let own = rows.filter { bucket(Self.key, $0) == wanted }.map { Int32($0) }
      let out = Guarded<Int32>(repeating: -1, count: own.count)
      let found = ck_split_bucket(Self.key, first, first + count, wanted, out.base)
      #expect(found == own.count && out.values == own, "\(count) rows, bucket \(wanted)")
      #expect(out.isIntact)

      let chosen = Guarded<UInt8>(repeating: 99, count: first + count)
      ck_split_choose(Self.key, first, first + count, wanted, chosen.base)
      let below = rows.map { UInt8(bucket(Self.key, $0) < wanted ? 1 : 0) }
      #expect(chosen.values == [UInt8](repeating: 99, count: first) + below, "bucket \(wanted)")
      #expect(chosen.isIntact)
    }
  }

  @Test(arguments: awkwardCounts, [false, true]) func copyTakesTheRowsOfOnePart(
    count: Int, timed: Bool
  ) {
    let rows = ColumnsRow.draw(count, below: 40, seed: UInt64(count))
    var random = Draws(key: ck_random_key(UInt64(count), 914))
    let chosen = (0..<count).map { _ in UInt8(random.below(2)) }
    let range = count / 7..<count
    for wanted in [0, 1] as [UInt8] {
      let part = range.filter { chosen[$0] == wanted }
      let note = "\(count) rows, part \(wanted), timed \(timed)"
      #expect(
        ck_split_count(chosen, range.lowerBound, range.upperBound, wanted) == part.count, "\(note)")
      let out = GuardedColumns(count: count + 1)
      rows.withKernel {
        ck_split_copy(
          $0, range.lowerBound, count, chosen, wanted, out.kernel(timed: timed), 1)
      }
      let copied = part.map { row in
        var copy = rows[row]
        if !timed { copy.timestamp = -7 }
        return copy
      }
      let rest = [ColumnsRow](repeating: .init(), count: count - part.count)
      #expect(out.rows == [.init()] + copied + rest && out.isIntact, "\(note)")
    }
  }

  @Test(arguments: awkwardCounts) func coldRowsLackTheirUserOrItem(count: Int) {
    let train = ColumnsRow.draw(6, below: 10, seed: UInt64(count) + 100)
    let test = ColumnsRow.draw(count, below: 10, seed: UInt64(count))
    func seen(_ keys: [Int32]) -> [UInt8] {
      let marks = Guarded<UInt8>(repeating: 0, count: 10)
      ck_split_mark(keys, 1, keys.count, marks.base)
      let expected = (0..<10).map { UInt8(keys.dropFirst().contains($0) ? 1 : 0) }
      #expect(marks.values == expected && marks.isIntact, "\(keys)")
      return marks.values
    }
    let (users, items) = (seen(train.map(\.user)), seen(train.map(\.item)))
    let cold = test.count { row in
      !train.dropFirst().contains { $0.user == row.user }
        || !train.dropFirst().contains { $0.item == row.item }
    }
    #expect(
      ck_split_cold(test.map(\.user), test.map(\.item), count, users, items) == cold,
      "\(count) rows")
  }
}

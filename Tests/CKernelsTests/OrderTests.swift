// Orders of a batch: every rating once, by user and by item, and when each row is next met.
import CKernels
import OsusumeData
import Testing

struct OrderTests {
  @Test(arguments: [1, 2, 3, 16, 17, 255, 256, 257, 1025]) func batchesFollowThePermutation(
    rows: Int
  ) {
    let key = ck_random_key(7, UInt64(rows))
    let first = rows / 3
    var batch = [UInt32](repeating: 99, count: rows)
    ck_order_batches(key, 1, first, rows - first, rows, 10, &batch)
    for row in 0..<rows {
      let place = ck_random_permute(key, UInt64(row), UInt64(rows))
      #expect(batch[row] == (row < first ? 99 : UInt32(place / 10)), "row \(row) of \(rows)")
    }
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 127]) func runsCoverTheBatch(count: Int) {
    let keys = (0..<count).map { Int32($0 / 3) }
    var id = [Int32](repeating: -1, count: count)
    var start = [Int32](repeating: -1, count: count + 1)
    let runs = ck_order_runs(keys, count, &id, &start)
    #expect(runs == Set(keys).count)
    #expect(Array(id.prefix(runs)) == Set(keys).sorted())
    #expect(start[runs] == Int32(count))
  }

  @Test(arguments: [1, 2, 16, 17, 127]) func byItemFindsEveryRatingAndItsUser(count: Int) {
    let users = (0..<count).map { Int32($0 / 4) }
    let items = (0..<count).map { Int32($0 * 7 % 11) }
    var userID = [Int32](repeating: 0, count: count)
    var userStart = [Int32](repeating: 0, count: count + 1)
    let userRuns = ck_order_runs(users, count, &userID, &userStart)
    let itemID = Guarded<Int32>(repeating: -1, count: count)
    let itemStart = Guarded<Int32>(repeating: -1, count: count + 1)
    let source = Guarded<Int32>(repeating: -1, count: count)
    let row = Guarded<Int32>(repeating: -1, count: count)
    var counters = [Int32](repeating: 99, count: 11)
    var entries = ck_order_entries(
      id: itemID.base, start: itemStart.base, source: source.base, row: row.base)
    let runs = ck_order_by_item(items, count, userStart, userRuns, 11, &counters, &entries)
    #expect(itemID.isIntact && itemStart.isIntact && source.isIntact && row.isIntact)
    #expect(Array(itemID.values.prefix(runs)) == Set(items).sorted())
    #expect(source.values.sorted() == (0..<Int32(count)).map { $0 })
    for run in 0..<runs {
      for entry in Int(itemStart.base[run])..<Int(itemStart.base[run + 1]) {
        #expect(items[Int(source.base[entry])] == itemID.base[run])
        #expect(userID[Int(row.base[entry])] == users[Int(source.base[entry])])
      }
    }
  }

  @Test func rowsKnowHowLongTheyRest() {
    // Row 0 in batches 0 and 3, row 1 in batch 1, row 2 in none; four batches.
    let batches: [[Int32]] = [[0], [1], [], [0]]
    var next = [Int32](repeating: 4, count: 3)
    var ahead = batches.map { [Int32](repeating: -1, count: $0.count + 1) }
    for batch in (0..<4).reversed() {
      ck_order_ahead(batches[batch], batches[batch].count, Int32(batch), &next, &ahead[batch])
    }
    #expect(ahead[0][0] == 2 && ahead[1][0] == 2 && ahead[3][0] == 0)
    #expect(next == [0, 1, 4])
  }

  @Test func dealingKeepsEveryRowOnceInItsBatch() {
    let count = 100
    var batch = [UInt32](repeating: 0, count: count)
    ck_order_batches(ck_random_key(1, 5), 1, 0, count, count, 30, &batch)
    #expect((0..<4).map { b in batch.count { $0 == UInt32(b) } } == [30, 30, 30, 10])
    var counts = [Int32](repeating: 7, count: 4)
    ck_order_count(batch, nil, 0, count, 4, &counts)
    #expect(counts == [30, 30, 30, 10])
    let users = (0..<count).map { Int32($0) }
    let rows = IndexedRatings(
      users: users, items: users.map { 2 * $0 }, values: users.map { Float($0) })
    var next: [Int32] = [0, 30, 60, 90]
    let plan = GuardedColumns(count: count)
    rows.withKernel { ck_order_deal(batch, nil, 0, count, $0, &next, plan.kernel(timed: false)) }
    #expect(plan.rows.map(\.user).sorted() == users && plan.isIntact)
    for (place, row) in plan.rows.enumerated() {
      #expect(batch[Int(row.user)] == UInt32(place / 30))
      #expect(row.item == 2 * row.user && row.value == Float(row.user))
    }
  }
}

// Seen lists from rows, and the summary of ratings.
import OsusumeData
import OsusumeModels
import Testing

struct SeenItemsTests {
  @Test func listsAreSortedAndWithoutRepeats() {
    let rows = IndexedRatings(
      users: [2, 0, 2, 2, 0, 2], items: [5, 1, 3, 5, 0, 4], values: [1, 2, 3, 4, 5, 6])
    let seen = SeenItems(rows: rows, users: 4, threads: 2)
    #expect(seen == SeenItems(offsets: [0, 2, 2, 5, 5], items: [0, 1, 3, 4, 5]))
    #expect(seen.extended(users: 6)[5].isEmpty && seen.extended(users: 6)[2] == seen[2])
    let found = seen.contains(
      users: [2, 2, 0, 1, 3, 0, 2], items: [3, 0, 1, 1, 5, 2, 5], threads: 2)
    #expect(found == [1, 0, 1, 0, 0, 0, 1])
  }

  @Test func noRows() {
    let seen = SeenItems(
      rows: IndexedRatings(users: [], items: [], values: []), users: 2, threads: 2)
    #expect(seen == SeenItems(offsets: [0, 0, 0], items: []))
    #expect(seen.contains(users: [], items: [], threads: 2).isEmpty)
  }

  @Test func manyRowsAgreeWithSets() {
    let count = 700_000
    let rows = IndexedRatings(
      users: (0..<count).map { Int32(($0 &* 7919) % 301) },
      items: (0..<count).map { Int32(($0 &* 104_729 &+ $0 / 301) % 5003) },
      values: [Float](repeating: 1, count: count))
    var sets = [Set<Int32>](repeating: [], count: 301)
    for row in 0..<count { sets[Int(rows.users[row])].insert(rows.items[row]) }
    let seen = SeenItems(rows: rows, users: 301, threads: 3)
    #expect((0..<301).allSatisfy { seen[$0].elementsEqual(sets[$0].sorted()) })
    #expect(seen == SeenItems(rows: rows, users: 301, threads: 1))
  }
}

struct RatingSummaryTests {
  private func summary(_ values: [Float]) -> RatingSummary {
    let zeros = [Int32](repeating: 0, count: values.count)
    return RatingSummary(rows: IndexedRatings(users: zeros, items: zeros, values: values), items: 2)
  }

  @Test func medianAndScale() {
    #expect(summary([3, -1.5, 10]).median == 3)
    #expect(summary([3, -1.5, 10]).scale == -1.5...10)
    #expect(summary([7, 8, 8, 7]).median == 7.5)
    #expect(summary([-2, -3, -0.0, 0.25]).median == -1)
    #expect(summary([4]).median == 4 && summary([4]).itemCounts == [1, 0])
    #expect(summary([]).median == 0 && summary([]).scale == 0...0)
  }
}

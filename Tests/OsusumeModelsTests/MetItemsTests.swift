// What users have met, in one list; and what they rated it.
import CKernels
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct MetItemsTests {
  @Test func listsOfAllKindsAreJoined() {
    var model = tinyModel()
    model.seen = SeenItems(offsets: [0, 2, 2, 3], items: [0, 3, 1])
    model.seenInTest = SeenItems(offsets: [0, 1, 1, 1], items: [1])
    model.seenUnrated = SeenItems(offsets: [0, 2, 3, 3], items: [1, 2, 0])
    #expect(model.met(by: 0).all == [0, 1, 2, 3] && model.met(by: 1).all == [0])
    #expect(model.met(by: 0, [.train, .test]).all == [0, 1, 3] && model.met(by: 2).all == [1])
    #expect(model.met(by: 0)[.unrated] == [1, 2] && model.met(by: 0, []).all == [])
    let all = model.met(by: [2, 0, 0], threads: 2)
    #expect((0..<3).map { Array(all[$0]) } == [[0, 1, 2, 3], [], [1]])
    #expect(model.met(by: [1], [.train], threads: 1) == model.seen)
  }

  @Test(arguments: [1, 2, 3]) func ratingsLieBesideTheirItems(threads: Int) throws {
    let key = ck_random_key(5, 970)
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<300 {
      for item in 0..<40 where ck_random_bits(key, UInt64(user * 40 + item)) % 3 == 0 {
        rows.users.append(Int32(user))
        rows.items.append(Int32(39 - item))
        rows.values.append(Float(ck_random_bits(key, UInt64(item * 300 + user)) % 21) / 2 - 5)
      }
    }
    let seen = SeenItems(rows: rows, users: 300, threads: threads)
    let ratings = try #require(SeenRatings(rows, in: seen, threads: threads))
    #expect(ratings.values == (0..<21).map { Float($0) / 2 - 5 })
    let byPair = Dictionary(
      uniqueKeysWithValues: rows.users.indices.map {
        ([rows.users[$0], rows.items[$0]], rows.values[$0])
      })
    for user in 0..<300 {
      for place in Int(seen.offsets[user])..<Int(seen.offsets[user + 1]) {
        #expect(ratings[place] == byPair[[Int32(user), seen.items[place]]])
      }
    }
    try ratings.check(entries: rows.count)
    #expect(throws: ModelFileFault.self) { try ratings.check(entries: rows.count + 1) }
    #expect(throws: ModelFileFault.self) {
      try SeenRatings(values: [1], codes: [0, 1]).check(entries: 2)
    }
  }

  @Test func ratingsOfManyKindsAreNotKept() {
    let rows = IndexedRatings(
      users: (0..<257).map { _ in 0 }, items: (0..<257).map { $0 },
      values: (0..<257).map { Float($0) })
    let seen = SeenItems(rows: rows, users: 1, threads: 1)
    #expect(SeenRatings(rows, in: seen, threads: 1) == nil)
  }
}

// Ratings that come from memory: rows and arrays, ids in any order.
import OsusumeData
import Testing

struct MemoryRatingsTests {
  @Test func rowsOfText() throws {
    let ratings = try Ratings([
      (user: "bob", item: "tea", rating: 2), (user: "ann", item: "tea", rating: 5),
      (user: "ann", item: "cocoa", rating: 4), (user: "bob", item: "tea", rating: 3),
    ])
    #expect(ratings.userIDs == .strings(["ann", "bob"]))
    #expect(ratings.itemIDs == .strings(["cocoa", "tea"]))
    // Of two ratings of one pair the last counts.
    let rows = zip(zip(ratings.rows.users, ratings.rows.items), ratings.rows.values)
      .map { "\($0.0) \($0.1) \($1)" }.sorted()
    #expect(rows == ["0 0 4.0", "0 1 5.0", "1 1 3.0"])
    #expect(ratings.counts.rows == 4 && ratings.counts.duplicates == 1)
    #expect(ratings.sha256.count == 64)
  }

  @Test func rowsOfIntegersWithTimes() throws {
    let ratings = try Ratings([
      (user: 7, item: 30, rating: 2, time: 900), (user: -1, item: 20, rating: 5, time: 100),
      (user: 7, item: 30, rating: 1, time: 800),
    ])
    #expect(ratings.userIDs == .integers([-1, 7]) && ratings.itemIDs == .integers([20, 30]))
    // The newest counts.
    #expect(Set(ratings.rows.values) == [2, 5] && Set(ratings.rows.timestamps) == [900, 100])
  }

  @Test func arrays() throws {
    let times: [Int64] = [3, 2, 1]
    let ratings = try Ratings(
      users: [3, 1, 2], items: ["c", "a", "b"], ratings: [1, 2, 3], times: times)
    #expect(
      ratings.userIDs == .integers([1, 2, 3]) && ratings.itemIDs == .strings(["a", "b", "c"]))
    #expect(ratings.itemIDs.index(of: "b") == 1)
    let same = try Ratings(
      users: [3, 1, 2], items: ["c", "a", "b"], ratings: [1, 2, 3], times: times)
    let other = try Ratings(
      users: [3, 1, 2], items: ["c", "a", "b"], ratings: [1, 2, 4], times: times)
    #expect(ratings.sha256 == same.sha256 && ratings.sha256 != other.sha256)
    let narrow = try Ratings(users: [Int32(3), 1], items: [Int64(9), 8], ratings: [1, 2])
    #expect(narrow.userIDs == .integers([1, 3]) && narrow.itemIDs == .integers([8, 9]))
  }

  @Test func columnsSortTheirNames() {
    #expect(
      IDColumn(["b", "a", "b", "", "B"])
        == .strings(codes: [3, 2, 3, 0, 1], names: ["", "B", "a", "b"]))
    #expect(IDColumn([3, -1, 3]) == .integers([3, -1, 3]))
    // By bytes: what Unicode holds for equal stays two.
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(
      IDColumn([composed, decomposed]) == .strings(codes: [1, 0], names: [decomposed, composed]))
    #expect(IDColumn([String]()) == .strings(codes: [], names: []))
  }

  @Test func whatIsWrongIsSaid() throws {
    #expect(throws: RatingsError.nothingLeft(rows: 0)) {
      try Ratings([(user: String, item: String, rating: Float)]())
    }
    #expect(throws: RatingsFault.length(column: "user ids", 1, rows: 2)) {
      try Ratings(users: ["a"], items: ["b", "c"], ratings: [1, 2])
    }
    #expect(throws: RatingsFault.length(column: "timestamps", 1, rows: 2)) {
      try Ratings(users: ["a", "a"], items: ["b", "c"], ratings: [1, 2], times: [1])
    }
    for rating in [Float.nan, .infinity, 2e9] {
      #expect(throws: RatingsError.self) {
        try Ratings([(user: 1, item: 2, rating: 3), (user: 1, item: 3, rating: rating)])
      }
    }
  }
}

// From tables to ratings: what is dropped, counted, merged and numbered.
import OsusumeData
import Testing

struct RatingsPrepareTests {
  private func table(_ rows: [(Int64, Int64, Float)], timed: Bool = false) -> RatingTable {
    RatingTable(
      users: .integers(rows.map(\.0)), items: .integers(rows.map(\.1)), values: rows.map(\.2),
      timestamps: timed ? rows.indices.map { Int64($0) * 10 } : [], sha256: "abc")
  }

  private func prepare(
    _ rows: [(Int64, Int64, Float)], test: [(Int64, Int64, Float)]? = nil,
    catalog: ItemCatalog = .init(), threads: Int = 2,
    _ change: (inout RatingsOptions) -> Void = { _ in }
  ) throws -> Ratings {
    var options = RatingsOptions()
    change(&options)
    return try Ratings(
      table: table(rows), test: test.map { table($0) }, catalog: catalog, options: options,
      threads: threads)
  }

  @Test func sentinelsGoAndStayAsUnrated() throws {
    let ratings = try prepare([
      (9, 70, 5), (9, 50, -1), (3, 50, 4), (9, 99, -1), (3, 70, -1), (3, 70, -1), (8, 70, -1),
      (9, 70, -1),
    ])
    #expect(ratings.userIDs == .integers([3, 9]))
    #expect(ratings.itemIDs == .integers([50, 70]))
    #expect(ratings.rows == IndexedRatings(users: [1, 0], items: [1, 0], values: [5, 4]))
    // Item 99 and user 8 have no rating; 3 × 70 comes once; 9 × 70 is rated.
    #expect(ratings.unrated == UnratedRows(users: [1, 0], items: [0, 1]))
    #expect(ratings.counts.rows == 8 && ratings.counts.sentinel == 6)
    #expect(ratings.counts.users == 3 && ratings.counts.items == 3)
    #expect(ratings.sha256 == "abc")
  }

  @Test func withoutASentinelEveryValueIsARating() throws {
    let ratings = try prepare([(1, 1, -1), (1, 2, 3)]) { $0.sentinel = .never }
    #expect(ratings.rows.values == [-1, 3] && ratings.counts.sentinel == 0)
  }

  @Test(arguments: [
    (DuplicatePolicy.last, [7, 5, 2] as [Float]), (.first, [3, 7, 2]), (.mean, [7, 4, 2]),
  ])
  func duplicates(policy: DuplicatePolicy, values: [Float]) throws {
    let ratings = try prepare([(1, 1, 3), (1, 2, 7), (1, 1, 5), (2, 1, 2), (1, 1, -1)]) {
      $0.duplicates = policy
    }
    #expect(ratings.rows.values == values)
    #expect(ratings.counts.duplicates == 1 && ratings.counts.sentinel == 1)
    #expect(ratings.rows.users == [0, 0, 1])
    #expect(ratings.unrated.users.isEmpty)
  }

  @Test func duplicatesAsErrorsNameThePair() {
    #expect(throws: RatingsError.duplicate(user: "1", item: "5", row: 3)) {
      try prepare([(1, 5, 3), (2, 5, 3), (1, 5, 3), (1, 5, 3)]) { $0.duplicates = .error }
    }
  }

  @Test func theMinimumOfRatingsComesAfterJoinAndDuplicates() throws {
    let catalog = ItemCatalog([Item(id: "1", title: "a"), Item(id: "2", title: "b")])
    let rows: [(Int64, Int64, Float)] = [
      (1, 1, 5), (1, 1, 4), (2, 1, 3), (2, 9, 3), (3, 1, 2), (3, 2, 2), (4, 9, 1), (4, 9, -1),
    ]
    let inner = try prepare(rows, catalog: catalog) {
      $0.join = .inner
      $0.minUserRatings = 2
    }
    #expect(inner.userIDs == .integers([3]) && inner.itemIDs == .integers([1, 2]))
    #expect(inner.counts.duplicates == 1 && inner.counts.notInItems == 2)
    #expect(inner.counts.minUserRatings == 2)
    let kept = try prepare(rows, catalog: catalog) { $0.minUserRatings = 2 }
    #expect(kept.userIDs == .integers([2, 3]) && kept.itemIDs == .integers([1, 2, 9]))
    #expect(kept.counts.notInItems == 0 && kept.counts.unlisted == 2)
    #expect(kept.counts.minUserRatings == 2)
  }

  @Test func subsets() throws {
    let catalog = ItemCatalog([
      Item(id: "1", title: "a", type: "TV"), Item(id: "2", title: "b", type: "Movie"),
    ])
    let rows: [(Int64, Int64, Float)] = [(1, 1, 5), (1, 2, 4), (2, 2, -1), (3, 1, 3), (4, 3, 3)]
    let tv = try prepare(rows, catalog: catalog) { $0.onlyType = "tv" }
    #expect(tv.itemIDs == .integers([1]) && tv.counts.subset == 2)
    let popular = try prepare(rows) { $0.minItemRatings = 2 }
    #expect(popular.itemIDs == .integers([1, 2]) && popular.counts.subset == 1)
    let early = try prepare(rows) { $0.maxUserID = 2 }
    #expect(early.userIDs == .integers([1]) && early.counts.subset == 2)
    let short = try prepare(rows) { $0.limit = 3 }
    #expect(short.counts.rows == 3 && short.counts.users == 2 && short.rows.count == 2)
  }

  @Test func whatCannotBeIsAnError() {
    #expect(throws: RatingsError.nothingLeft(rows: 1)) { try prepare([(1, 1, -1)]) }
    #expect(throws: RatingsError.needsItems("join inner")) {
      try prepare([(1, 1, 1)]) { $0.join = .inner }
    }
    #expect(throws: RatingsError.needsItems("only_type")) {
      try prepare([(1, 1, 1)]) { $0.onlyType = "TV" }
    }
    let text = RatingTable(
      users: .strings(codes: [0], names: ["a"]), items: .integers([1]), values: [1], sha256: "")
    var options = RatingsOptions()
    options.maxUserID = 3
    #expect(throws: RatingsError.maxUserIDNeedsIntegers) {
      try Ratings(table: text, options: options, threads: 1)
    }
  }

  @Test func idsAnywhereInInt64() throws {
    let rows: [(Int64, Int64, Float)] = [
      (.max, -5, 1), (.min, 0, 2), (0, .max, 3), (.max, .min, 4), (-1, 0, 5),
    ]
    let ratings = try prepare(rows)
    #expect(ratings.userIDs == .integers([.min, -1, 0, .max]))
    #expect(ratings.itemIDs == .integers([.min, -5, 0, .max]))
    #expect(ratings.rows.users == [3, 0, 2, 3, 1] && ratings.rows.items == [1, 2, 3, 0, 2])
  }

  @Test func aTestFileSharesTheMaps() throws {
    let ratings = try prepare(
      [(5, 1, 3), (5, 2, 3), (7, 1, 2), (5, 3, -1), (5, 4, -1)],
      test: [(6, 2, 4), (5, 4, 5), (6, 2, -1)]
    ) { $0.minUserRatings = 2 }
    #expect(ratings.userIDs == .integers([5, 6]) && ratings.itemIDs == .integers([1, 2, 4]))
    #expect(ratings.testRows == IndexedRatings(users: [1, 0], items: [1, 2], values: [4, 5]))
    #expect(ratings.unrated.users.isEmpty)
    let split = try ratings.split(.file("x"), seed: 1, threads: 1)
    #expect(split.train == ratings.rows && split.test == ratings.testRows)
    #expect(split.coldRows == 2 && split.inTestFile == 0)
  }

  /// A test file cut from the ratings file itself: its rows are no rows to train on.
  @Test func rowsOfTheTestFileLeaveTraining() throws {
    let ratings = try prepare(
      [(5, 1, 3), (5, 2, 3), (7, 1, 2), (7, 2, 4), (8, 1, 1)], test: [(5, 2, 3), (7, 1, 5)])
    let split = try ratings.split(.file("x"), seed: 1, threads: 2)
    #expect(split.train.users == [0, 1, 2] && split.train.items == [0, 1, 0])
    #expect(
      split.train.values == [3, 4, 1] && split.test.values == [3, 5] && split.inTestFile == 2)
  }

  @Test func textAndNumbersInOneMap() throws {
    let train = RatingTable(
      users: .strings(codes: [1, 0, 1], names: ["a", "b"]), items: .integers([3, 10, 10]),
      values: [1, 2, 3], timestamps: [7, 8, 9], sha256: "")
    let test = RatingTable(
      users: .strings(codes: [0, 1], names: ["b", "c"]),
      items: .strings(codes: [0, 1], names: ["10", "x"]), values: [4, 5], timestamps: [1, 2],
      sha256: "")
    let ratings = try Ratings(table: train, test: test, threads: 2)
    #expect(ratings.userIDs == .strings(["a", "b", "c"]))
    #expect(ratings.itemIDs == .strings(["10", "3", "x"]))
    #expect(ratings.rows.users == [1, 0, 1] && ratings.rows.items == [1, 0, 0])
    #expect(ratings.rows.timestamps == [7, 8, 9])
    #expect(ratings.testRows?.users == [1, 2] && ratings.testRows?.items == [0, 2])
    var options = RatingsOptions()
    options.limit = 1
    let first = try Ratings(table: train, options: options, threads: 1)
    #expect(first.userIDs == .strings(["b"]) && first.counts.users == 1)
  }

  /// Canonically equal texts are different ids; they need not be told apart by `==`.
  @Test func textsAreIdsByTheirBytes() throws {
    func table(_ name: String, item: Int64) -> RatingTable {
      RatingTable(
        users: .strings(codes: [0], names: [name]), items: .integers([item]), values: [1],
        sha256: "")
    }
    let composed = "\u{e9}"
    let ratings = try Ratings(
      table: table("e\u{301}", item: 1), test: table(composed, item: 2), threads: 1)
    #expect(ratings.userIDs.count == 2 && ratings.userIDs.index(of: composed) == 1)
    #expect(ratings.rows.users == [0] && ratings.testRows?.users == [1])
  }

  /// More distinct ids than the first hash tables hold, in several parts, all over int64.
  @Test func manyIDsFarApart() throws {
    let count = 600_000
    var random = SplitMix(state: 3)
    let users = (0..<count).map { _ in
      Int64(random.below(1 << 31) - 1 << 30) << 33 | Int64(random.below(1 << 31))
    }
    let items = (0..<count).map { Int64($0 % 7) << 60 }
    let table = RatingTable(
      users: .integers(users), items: .integers(items),
      values: .init(repeating: 1, count: count), sha256: "")
    let sorted = Set(users).sorted()
    for threads in 1...3 {
      let ratings = try Ratings(table: table, threads: threads)
      #expect(ratings.userIDs == .integers(sorted))
      #expect(ratings.itemIDs == .integers(Set(items).sorted()))
      #expect(ratings.rows.users.map { sorted[Int($0)] } == users)
    }
  }

  /// Against a plain implementation over dictionaries, on random rows with all that can go wrong.
  ///
  /// 140,000 rows are two chunks and two histograms; ids a million apart take the sorting path.
  @Test(arguments: [(140_000, 1), (20_000, 1_000_003), (3_000, 1)] as [(Int, Int64)])
  func agreesWithAPlainImplementation(count: Int, stretch: Int64) throws {
    var random = SplitMix(state: UInt64(count))
    let rows = (0..<count).map { _ in
      let user = Int64(random.below(900) * random.below(60)) * stretch
      let item = Int64(random.below(400) * random.below(9)) * stretch
      return (user, item, random.below(5) == 0 ? -1 : Float(random.below(10)))
    }
    func pair(_ row: Int) -> Int64 { rows[row].0 / stretch * 10_000 + rows[row].1 / stretch }
    var last = [Int64: Int]()
    for row in rows.indices where rows[row].2 != -1 { last[pair(row)] = row }
    var perUser = [Int64: Int]()
    for row in last.values { perUser[rows[row].0, default: 0] += 1 }
    let expected = last.values.filter { perUser[rows[$0].0, default: 0] >= 3 }.sorted()
    for threads in 1...3 {
      let ratings = try prepare(rows, threads: threads) { $0.minUserRatings = 3 }
      guard case .integers(let users) = ratings.userIDs, case .integers(let items) = ratings.itemIDs
      else { return #expect(Bool(false), "ids are integers") }
      #expect(users == Set(expected.map { rows[$0].0 }).sorted())
      #expect(ratings.rows.users.map { users[Int($0)] } == expected.map { rows[$0].0 })
      #expect(ratings.rows.items.map { items[Int($0)] } == expected.map { rows[$0].1 })
      #expect(ratings.rows.values == expected.map { rows[$0].2 })
      let dropped = ratings.counts.duplicates + ratings.counts.minUserRatings
      #expect(ratings.counts.sentinel + dropped + ratings.rows.count == rows.count)
    }
  }

  @Test(arguments: [.nan, .infinity, -2e9] as [Float])
  func ratingsThatAreNoneAreRefused(rating: Float) {
    let table = RatingTable(
      users: .integers([1, 2]), items: .integers([1, 2]), values: [5, rating], sha256: "")
    #expect {
      try Ratings(table: table)
    } throws: {
      if case RatingsError.notARating(_, row: 2) = $0 { true } else { false }
    }
  }
}

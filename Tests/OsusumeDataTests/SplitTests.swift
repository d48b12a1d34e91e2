// Splits: partitions with exact counts, the same for any number of threads.
import OsusumeData
import Testing

struct SplitTests {
  /// Ratings with row numbers as values, so that rows can be told apart; users have 0 to 40 rows.
  private func ratings(users: Int = 300, timed: Bool = true, seed: UInt64 = 1) -> Ratings {
    var random = SplitMix(state: seed)
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<users {
      for item in 0..<random.below(41) {
        rows.users.append(Int32(user))
        rows.items.append(Int32(item))
      }
    }
    for row in stride(from: rows.users.count - 1, to: 0, by: -1) {
      let other = random.below(row + 1)
      rows.users.swapAt(row, other)
      rows.items.swapAt(row, other)
    }
    let timestamps = rows.users.map { _ in Int64(random.below(50)) }
    rows = IndexedRatings(
      users: rows.users, items: rows.items, values: rows.users.indices.map { Float($0) },
      timestamps: timed ? timestamps : [])
    return Ratings(
      userIDs: .integers((0..<Int64(users)).map { $0 }), itemIDs: .integers((0..<41).map { $0 }),
      rows: rows, counts: .init(), sha256: "")
  }

  @Test(arguments: [
    "per-user:0.1", "per-user:0.5", "random:0.2", "temporal:0.1", "global-time:0.1", "strong:0.2",
    "leave-one-out",
  ])
  func everyRowIsInOnePart(text: String) throws {
    let rule = try #require(SplitRule(text))
    for timed in [true, false] where timed || !text.contains("temp") && !text.contains("time") {
      let ratings = ratings(timed: timed)
      let split = try ratings.split(rule, seed: 5, threads: 2)
      let numbers = (split.train.values + split.foldIn.values + split.test.values).sorted()
      #expect(numbers == ratings.rows.values && split.test.count > 0)
      #expect((split.foldIn.count > 0) == text.hasPrefix("strong"))
      for rows in [split.train, split.foldIn, split.test] {
        for place in 0..<rows.count {
          let row = Int(rows.values[place])
          #expect(rows.users[place] == ratings.rows.users[row])
          #expect(rows.items[place] == ratings.rows.items[row])
          if timed { #expect(rows.timestamps[place] == ratings.rows.timestamps[row]) }
        }
      }
    }
  }

  @Test(arguments: [
    "per-user:0.1", "random:0.2", "temporal:0.1", "global-time:0.1", "strong:0.1", "leave-one-out",
    "none",
  ])
  func threadsDoNotMatterAndSeedsDo(text: String) throws {
    let rule = try #require(SplitRule(text))
    let byTime = text.hasPrefix("temporal") || text.hasPrefix("global-time")
    let ratings = ratings(users: 9000, timed: byTime)
    let one = try ratings.split(rule, seed: 5, threads: 1)
    for threads in 2...3 {
      let other = try ratings.split(rule, seed: 5, threads: threads)
      #expect(other.train == one.train && other.test == one.test && other.foldIn == one.foldIn)
    }
    let reseeded = try ratings.split(rule, seed: 6, threads: 2)
    #expect((reseeded.test == one.test) == (byTime || text == "none"))
  }

  @Test(arguments: [0.1, 0.2, 0.3, 0.5, 0.9])
  func perUserCountsAreExact(fraction: Double) throws {
    let ratings = ratings()
    let split = try ratings.split(.perUser(testFraction: fraction), seed: 1, threads: 2)
    let train = Grouping.counts(split.train.users, keys: 300)
    let test = Grouping.counts(split.test.users, keys: 300)
    let tenths = Int((fraction * 10).rounded())
    for user in 0..<300 {
      let n = Int(train[user] + test[user])
      // In whole numbers, where nothing is rounded: ⌊(1 − f)·n⌋.
      #expect(Int(train[user]) == (n == 1 ? 1 : n * (10 - tenths) / 10), "\(n) rows")
    }
    #expect(split.train.users == split.train.users.sorted())
    #expect(split.test.users == split.test.users.sorted())
  }

  @Test func perUserIsFairToPositions() throws {
    // 20,000 users of 10 rows: each of the ten places tests about 2,000 times (σ = 42).
    let users: [Int32] = (0..<200_000).map { $0 / 10 }
    let rows = IndexedRatings(
      users: users, items: (0..<200_000).map { $0 % 10 },
      values: .init(repeating: 1, count: 200_000))
    let ratings = Ratings(
      userIDs: .integers((0..<20_000).map { $0 }), itemIDs: .integers((0..<10).map { $0 }),
      rows: rows, counts: .init(), sha256: "")
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 3, threads: 2)
    for count in Grouping.counts(split.test.items, keys: 10) { #expect(abs(count - 2000) < 6 * 42) }
  }

  @Test(arguments: [1, 2, 3, 10, 99, 100, 65_536, 200_001])
  func randomCountsAreExactAndOrderStays(count: Int) throws {
    let rows = IndexedRatings(
      users: .init(repeating: 0, count: count), items: .init(repeating: 0, count: count),
      values: (0..<count).map { Float($0) })
    for tenths in [1, 2, 3, 7] {
      let split = try rows.validationSplit(
        fraction: Double(tenths) / 10, seed: 9, threads: 2)
      #expect(split.test.count == (count * tenths + 9) / 10, "\(tenths) tenths of \(count)")
      #expect(split.train.values == split.train.values.sorted())
      #expect(split.test.values == split.test.values.sorted())
      #expect((split.train.values + split.test.values).sorted() == rows.values)
    }
  }

  @Test func temporalTestsTheLatest() throws {
    let ratings = ratings()
    for rule in [SplitRule.temporal(testFraction: 0.2), .leaveOneOut] {
      let split = try ratings.split(rule, seed: 1, threads: 2)
      let train = Grouping(keys: split.train.users, count: 300)
      let test = Grouping(keys: split.test.users, count: 300)
      for user in 0..<300 where !test[user].isEmpty {
        // Later, or as late and later in the file (values are row numbers); leave-one-out draws among these.
        func key(_ rows: IndexedRatings, _ row: Int32) -> (Int64, Float) {
          (rows.timestamps[Int(row)], rule == .leaveOneOut ? 0 : rows.values[Int(row)])
        }
        let last = try #require(train[user].map { key(split.train, $0) }.max { $0 < $1 })
        let first = try #require(test[user].map { key(split.test, $0) }.min { $0 < $1 })
        #expect(rule == .leaveOneOut ? last <= first : last < first)
        if rule == .leaveOneOut { #expect(test[user].count == 1) }
      }
    }
  }

  @Test func leaveOneOutDrawsAmongThoseOfOneTimeWhateverTheFilesOrder() throws {
    // 2,000 users who rated ten items at one time each.
    func test(_ order: [Int], seed: UInt64) throws -> IndexedRatings {
      let rows = IndexedRatings(
        users: order.map { Int32($0 / 10) }, items: order.map { Int32($0 % 10) },
        values: order.map { _ in 1 }, timestamps: order.map { Int64($0 / 10) })
      let ratings = Ratings(
        userIDs: .integers((0..<2000).map { $0 }), itemIDs: .integers((0..<10).map { $0 }),
        rows: rows, counts: .init(), sha256: "")
      return try ratings.split(.leaveOneOut, seed: seed, threads: 2).test
    }
    let places = Array(0..<20_000)
    let found = try test(places, seed: 3)
    #expect(found.count == 2000)
    #expect(try test(places.reversed(), seed: 3).items == found.items)
    #expect(try test(places, seed: 4).items != found.items)
    // Each item is as likely as any other: 200 times, σ = 13.
    for count in Grouping.counts(found.items, keys: 10) { #expect(abs(count - 200) < 6 * 13) }
  }

  @Test func globalTimeHasOneInstantForAll() throws {
    for fraction in [0.1, 0.3, 0.9] {
      let ratings = ratings()
      let split = try ratings.split(.globalTime(testFraction: fraction), seed: 1, threads: 2)
      let last = try #require(split.train.timestamps.max())
      let first = try #require(split.test.timestamps.min())
      #expect(last < first)
      // 50 instants of about equally many rows: the closest cut is within half of one of them.
      let share = Double(split.test.count) / Double(ratings.rows.count)
      #expect(abs(share - fraction) < 0.013, "\(share)")
      #expect(split.train.values == split.train.values.sorted())
    }
  }

  @Test(arguments: [
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.1, [10]), ([1, 1, 1, 1, 1, 1, 1, 1, 2, 2], 0.1, [2, 2]),
    ([5, 5, 5, 5, 5, 5, 5, 9, 5, 5], 0.3, [9]), ([3, 1, 3, 3], 0.25, [3, 3, 3]),
  ])
  func rowsOfOneInstantStayTogether(times: [Int64], fraction: Double, expected: [Int64]) throws {
    let count = times.count
    let rows = IndexedRatings(
      users: .init(repeating: 0, count: count), items: (0..<Int32(count)).map { $0 },
      values: .init(repeating: 1, count: count), timestamps: times)
    let ratings = Ratings(
      userIDs: .integers([1]), itemIDs: .integers((0..<Int64(count)).map { $0 }), rows: rows,
      counts: .init(), sha256: "")
    let split = try ratings.split(.globalTime(testFraction: fraction), seed: 1, threads: 1)
    #expect(split.test.timestamps == expected)
  }

  @Test func strongHidesUsersWhole() throws {
    let ratings = ratings()
    let all = Grouping.counts(ratings.rows.users, keys: 300)
    let split = try ratings.split(.strong(testFraction: 0.2), seed: 8, threads: 2)
    let hidden = Set(split.test.users)
    #expect(Set(split.foldIn.users) == hidden)
    #expect(hidden.isDisjoint(with: split.train.users))
    #expect(hidden.count == (all.count { $0 > 1 } + 4) / 5)
    let foldIn = Grouping.counts(split.foldIn.users, keys: 300)
    for user in hidden { #expect(Int(foldIn[Int(user)]) == Int(all[Int(user)]) * 4 / 5) }
    #expect(split.coldRows == 0)
    // The same rows of the hidden users alone are cut alike.
    let places = ratings.rows.users.indices.filter { hidden.contains(ratings.rows.users[$0]) }
    let own = IndexedRatings(
      users: places.map { ratings.rows.users[$0] }, items: places.map { ratings.rows.items[$0] },
      values: places.map { ratings.rows.values[$0] })
    let again = own.foldInSplit(users: 300, seed: 8, threads: 1)
    #expect(again.test.values == split.test.values && again.train.values == split.foldIn.values)
  }

  @Test func errors() {
    let untimed = ratings(timed: false)
    #expect(throws: SplitError.needsTimestamps(.temporal(testFraction: 0.1))) {
      try untimed.split(.temporal(testFraction: 0.1), seed: 1, threads: 1)
    }
    #expect(throws: SplitError.needsTimestamps(.globalTime(testFraction: 0.1))) {
      try untimed.split(.globalTime(testFraction: 0.1), seed: 1, threads: 1)
    }
    #expect(throws: SplitError.testFileNotRead("t.csv")) {
      try untimed.split(.file("t.csv"), seed: 1, threads: 1)
    }
    #expect(throws: SplitError.badFraction(1)) {
      try untimed.split(.random(testFraction: 1), seed: 1, threads: 1)
    }
    let one = Ratings(
      userIDs: .integers([1]), itemIDs: .integers([1]),
      rows: .init(users: [0], items: [0], values: [3]), counts: .init(), sha256: "")
    #expect(throws: SplitError.nothingToTrainOn(.random(testFraction: 0.1))) {
      try one.split(.random(testFraction: 0.1), seed: 1, threads: 1)
    }
  }

  @Test func groupingIsStableForAnyNumberOfThreads() {
    var random = SplitMix(state: 3)
    let keys = (0..<300_000).map { _ in Int32(random.below(1000)) }
    let expected = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { Int32($0) }
    for threads in 1...4 {
      let groups = Grouping(keys: keys, count: 1001, threads: threads)
      #expect(groups.order == expected)
      #expect(groups[1000].isEmpty && groups[7].allSatisfy { keys[Int($0)] == 7 })
    }
    #expect(Grouping(keys: [], count: 0).offsets == [0])
    #expect(Grouping(keys: [], count: 3).offsets == [0, 0, 0, 0])
  }
}

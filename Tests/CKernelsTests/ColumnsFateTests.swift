// What becomes of rows: the sieve's kernels against their definitions, row by row.
import CKernels
import OsusumeData
import Testing

private let kept = UInt8(CK_ROW_KEPT)
private let unrated = UInt8(CK_ROW_UNRATED)

extension KernelTests.ColumnsTests {
  @Test(arguments: awkwardCounts, [-1, Float.nan]) func siftDecidesInItsOrder(
    count: Int, sentinel: Float
  ) {
    let rows = ColumnsRow.draw(count, below: 12, seed: UInt64(count))
    let mark = UInt8(CK_ITEM_UNLISTED)
    let fates = [kept, UInt8(CK_ROW_SUBSET), UInt8(CK_ROW_NOT_IN_ITEMS), kept]
    let itemFates = (0..<12).map { fates[$0 % 4] | ($0 % 3 == 1 ? mark : 0) }
    let range = count / 5..<count

    func fate(_ row: ColumnsRow) -> UInt8 {
      let item = itemFates[Int(row.item)] & ~mark
      if row.value == sentinel { return unrated }
      if item != kept { return item }
      return row.user > 8 ? UInt8(CK_ROW_SUBSET) : kept
    }
    let out = Guarded<UInt8>(repeating: 99, count: count)
    let unlisted = rows.withKernel {
      ck_columns_sift($0, range.lowerBound, count, sentinel, 8, itemFates, out.base)
    }
    let note = "\(count) rows, sentinel \(sentinel)"
    #expect(out.values == rows.indices.map { range ~= $0 ? fate(rows[$0]) : 99 }, "\(note)")
    #expect(out.isIntact, "\(note)")
    #expect(
      unlisted
        == rows[range].count {
          $0.value != sentinel && itemFates[Int($0.item)] & mark != 0
        }, "\(note)")
  }

  @Test(arguments: awkwardCounts) func tallyCountsEachFate(count: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 906))
    let fates = (0..<count).map { _ in UInt8(random.below(Int(CK_ROW_FATES))) }
    for range in [0..<count, count / 2..<count, count / 3..<count / 2] {
      let counts = Guarded<Int>((0..<Int(CK_ROW_FATES)).map { 10 * $0 })
      ck_columns_tally(fates, range.lowerBound, range.upperBound, counts.base)
      let expected = (0..<Int(CK_ROW_FATES)).map { fate in
        10 * fate + fates[range].count { $0 == fate }
      }
      #expect(counts.values == expected && counts.isIntact, "\(range) of \(count)")
    }
  }

  @Test(arguments: awkwardCounts, [false, true]) func keepTakesTheRowsThatStay(
    count: Int, timed: Bool
  ) {
    let rows = ColumnsRow.draw(count, below: 9, seed: UInt64(count))
    var random = Draws(key: ck_random_key(UInt64(count), 907))
    let fates = (0..<count).map { _ in UInt8(random.below(4)) }
    let userRank = (0..<9).map { Int32(100 + 3 * $0) }
    let itemRank = (0..<9).map { Int32(200 - $0) }
    let range = count / 6..<count
    let out = GuardedColumns(count: count + 2)
    rows.withKernel {
      ck_columns_keep(
        $0, range.lowerBound, count, fates, userRank, itemRank, out.kernel(timed: timed), 1)
    }
    let staying = range.filter { fates[$0] == kept }.map { row in
      ColumnsRow(
        user: userRank[Int(rows[row].user)], item: itemRank[Int(rows[row].item)],
        value: rows[row].value, timestamp: timed ? rows[row].timestamp : -7)
    }
    let rest = [ColumnsRow](repeating: .init(), count: count + 1 - staying.count)
    #expect(out.rows == [.init()] + staying + rest, "\(count) rows, timed \(timed)")
    #expect(out.isIntact)
  }

  @Test(arguments: awkwardCounts) func unratedRowsThatStayAreCountedAndWritten(count: Int) {
    let rows = ColumnsRow.draw(count, below: 9, seed: UInt64(count))
    var random = Draws(key: ck_random_key(UInt64(count), 908))
    let fates = (0..<count).map { _ in UInt8(random.below(4)) }
    let userRank = (0..<9).map { Int32($0 == 4 ? -1 : 3 * $0) }
    let itemRank = (0..<9).map { Int32($0 == 2 ? -1 : 50 - $0) }
    let range = count / 6..<count
    let staying = range.filter { fates[$0] == unrated }.map { row in
      ColumnsRow(user: userRank[Int(rows[row].user)], item: itemRank[Int(rows[row].item)])
    }.filter { $0.user >= 0 && $0.item >= 0 }

    func keep(_ columns: ck_columns) -> Int {
      rows.withKernel {
        ck_columns_keep_unrated(
          $0, range.lowerBound, count, fates, userRank, itemRank, columns, 2)
      }
    }
    #expect(keep(ck_columns()) == staying.count, "\(count) rows")
    let out = GuardedColumns(count: count + 2)
    #expect(keep(out.kernel(timed: false)) == staying.count, "\(count) rows")
    let rest = [ColumnsRow](repeating: .init(), count: count - staying.count)
    #expect(out.rows == [.init(), .init()] + staying + rest, "\(count) rows")
    #expect(out.isIntact)
  }
}

// MARK: Duplicates

/// Rows of a few users and items, grouped by user; what becomes of them by the definition.
private struct Duplicates {
  let users = 6
  let items = 5
  let rows: [ColumnsRow]
  let fates: [UInt8]

  init(count: Int, seed: UInt64) {
    rows = ColumnsRow.draw(count, below: 5, seed: seed)
    var random = Draws(key: ck_random_key(seed, 909))
    fates = rows.map { row in
      row.value == -1 ? unrated : random.below(6) == 0 ? UInt8(CK_ROW_SUBSET) : kept
    }
  }

  var order: [Int] { rows.indices.sorted { (rows[$0].user, $0) < (rows[$1].user, $1) } }
  var offsets: [Int32] { (0...users).map { user in Int32(rows.count { $0.user < user }) } }

  struct Outcome: Equatable {
    var fates: [UInt8]
    var values: [Float]
    var userUsed: [UInt8]
    var itemUsed: [UInt8]
  }

  func outcome(policy: Int32, minimum: Int) -> Outcome {
    var outcome = Outcome(
      fates: fates, values: rows.map(\.value), userUsed: .init(repeating: 0, count: users),
      itemUsed: .init(repeating: 0, count: items))
    for user in 0..<users {
      var chosen = [Int]()
      for item in 0..<items {
        let pair = rows.indices.filter { rows[$0].user == user && rows[$0].item == item }
        chosen += settle(pair, policy, &outcome)
      }
      if chosen.isEmpty { continue }
      if chosen.count < minimum {
        for row in chosen { outcome.fates[row] = UInt8(CK_ROW_FEW_RATINGS) }
        continue
      }
      outcome.userUsed[user] = 1
      for row in chosen { outcome.itemUsed[Int(rows[row].item)] = 1 }
    }
    return outcome
  }

  /// Settles one pair's rows; returns the one that is kept, if any.
  private func settle(_ pair: [Int], _ policy: Int32, _ outcome: inout Outcome) -> [Int] {
    let rated = pair.filter { fates[$0] == kept }
    for row in rated { outcome.fates[row] = UInt8(CK_ROW_DUPLICATE) }
    for row in pair.filter({ fates[$0] == unrated }).dropFirst(rated.isEmpty ? 1 : 0) {
      outcome.fates[row] = UInt8(CK_ROW_REPEATED)
    }
    guard let first = rated.first, let last = rated.last else { return [] }
    let newest = rated.max { (rows[$0].timestamp, $0) < (rows[$1].timestamp, $1) } ?? last
    let chosen =
      policy == Int32(CK_KEEP_FIRST) ? first : policy == Int32(CK_KEEP_NEWEST) ? newest : last
    outcome.fates[chosen] = kept
    if policy == Int32(CK_KEEP_MEAN) {
      let sum = rated.reduce(0) { $0 + Double(rows[$1].value) }
      outcome.values[chosen] = Float(sum / Double(rated.count))
    }
    return [chosen]
  }

  /// What the kernel says, called on the users before `cut` and on those from it on.
  func found(policy: Int32, minimum: Int, cut: Int) -> (outcome: Outcome, isIntact: Bool) {
    let fate = Guarded(fates)
    let values = Guarded(rows.map(\.value))
    let userUsed = Guarded<UInt8>(repeating: 0, count: users)
    let itemUsed = Guarded<UInt8>(repeating: 0, count: items)
    var isIntact = true
    for range in [0..<cut, cut..<users] {
      let stamp = Guarded<UInt32>(repeating: 0, count: items)
      let sums = Guarded<Double>(repeating: 0, count: 2 * items)
      let isMean = policy == Int32(CK_KEEP_MEAN)
      let newest = Guarded<Int32>(repeating: 7, count: items)
      var rule = ck_columns_policy(
        keep: policy, min_ratings: minimum, means: isMean ? values.base : nil,
        newest: policy == Int32(CK_KEEP_NEWEST) ? newest.base : nil)
      var used = ck_columns_used(users: userUsed.base, items: itemUsed.base)
      ck_csr.lend(offsets: offsets, columns: order.map { Int32($0) }) { byUser in
        rows.withKernel { rows in
          ck_columns_dedupe(
            byUser, rows, range.lowerBound, range.upperBound, &rule, fate.base, stamp.base,
            isMean ? sums.base : nil, &used)
        }
      }
      isIntact = isIntact && stamp.isIntact && sums.isIntact && newest.isIntact
    }
    isIntact = isIntact && fate.isIntact && values.isIntact
    return (
      Outcome(
        fates: fate.values, values: values.values, userUsed: userUsed.values,
        itemUsed: itemUsed.values), isIntact && userUsed.isIntact && itemUsed.isIntact
    )
  }
}

extension KernelTests.ColumnsTests {
  @Test(
    arguments: awkwardCounts,
    [CK_KEEP_FIRST, CK_KEEP_LAST, CK_KEEP_MEAN, CK_KEEP_NEWEST].map { Int32($0) })
  func dedupeKeepsOneOfEachPair(count: Int, policy: Int32) {
    for seed in 0..<4 as Range<UInt64> {
      let example = Duplicates(count: count, seed: seed)
      for (minimum, cut) in [(0, 0), (1, 3), (2, 5), (4, 6)] {
        let found = example.found(policy: policy, minimum: minimum, cut: cut)
        let note = "seed \(seed), \(count) rows, policy \(policy), at least \(minimum)"
        #expect(found.outcome == example.outcome(policy: policy, minimum: minimum), "\(note)")
        #expect(found.isIntact, "\(note)")
      }
    }
  }
}

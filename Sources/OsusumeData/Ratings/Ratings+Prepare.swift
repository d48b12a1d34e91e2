// From a table as read to ratings: drop, join, deduplicate, number.
import CKernels

extension Ratings {
  /// Cleans a table and numbers its users and items in ascending order of original id.
  ///
  /// A test table is numbered by the same maps; it is cleaned alike, but its users need no minimum of
  /// ratings. Cost: about a dozen streaming passes; ids far apart in int64 take a sort more.
  /// - Throws: `RatingsError`, `RatingsFault`.
  public init(
    table: RatingTable, test: RatingTable? = nil, catalog: ItemCatalog = .init(),
    options: RatingsOptions = .init(), threads: Int = allCores
  ) throws {
    for table in [table] + (test.map { [$0] } ?? []) { try table.check() }
    let read = [options.limit.map(table.prefix) ?? table] + (test.map { [$0] } ?? [])
    guard read.allSatisfy({ $0.feedback == table.feedback }) else {
      throw RatingsError.otherFeedback(table.feedback, test: test?.feedback ?? table.feedback)
    }
    let tables = table.feedback == .counts ? read.map { $0.counted() } : read
    for table in tables where table.count > Int32.max {
      throw RatingsError.tooManyRows(table.count)
    }
    let surveys = try tables.map { table in
      let survey = RatingSurvey(table.values)
      if survey.isBeyond, let row = table.values.firstThatIsNoRating() {
        throw RatingsError.notARating(table.values[row], row: row + 1)
      }
      return survey
    }
    if options.duplicates == .newest, tables.contains(where: \.timestamps.isEmpty) {
      throw RatingsError.newestNeedsTimestamps
    }
    let sentinel = table.feedback == .ratings ? options.sentinel.rating(where: surveys) : nil
    let users = Columns.codes(tables.map(\.users), threads: threads)
    let items = Columns.codes(tables.map(\.items), threads: threads)
    let rules = try RowFilterRules(
      users: users.ids, items: items.ids, itemCodes: items.columns[0], catalog: catalog,
      options: options, sentinel: sentinel)
    var used = UsedCodes(users: users.ids.count, items: items.ids.count)
    let sieves = try tables.indices.map { part in
      let rows = IndexedRatings(
        users: users.columns[part], items: items.columns[part], values: tables[part].values,
        timestamps: tables[part].timestamps)
      var sieve = RowFilter(rows: rows, rules: rules, threads: threads)
      sieve.dedupe(
        minUserRatings: part == 0 ? options.minUserRatings : 1, duplicates: options.duplicates,
        used: &used)
      if options.duplicates == .error, let pair = sieve.firstDuplicate {
        throw RatingsError.duplicate(
          user: users.ids[pair.user], item: items.ids[pair.item], row: pair.row + 1)
      }
      return sieve
    }
    let userRank = Columns.ranks(used.users).rank
    let itemRank = Columns.ranks(used.items).rank
    let kept = sieves.map { $0.kept(userRank: userRank, itemRank: itemRank) }
    guard kept[0].count > 0 else { throw RatingsError.nothingLeft(rows: table.count) }
    var counts = IngestCounts(sieves)
    counts.users = users.ids.count
    counts.items = items.ids.count
    counts.badLines = tables.reduce(0) { $0 + $1.badLines }
    counts.zeroCounts = zip(read, tables).reduce(0) { $0 + $1.0.count - $1.1.count }
    counts.rows += counts.badLines + counts.zeroCounts
    self.init(
      userIDs: users.ids.keeping(used.users), itemIDs: items.ids.keeping(used.items),
      rows: kept[0], testRows: kept.count > 1 ? kept[1] : nil,
      unrated: sieves[0].unrated(userRank: userRank, itemRank: itemRank), counts: counts,
      sha256: table.sha256)
    if let testRows { unrated.remove(testRows) }
    self.sentinel = sentinel
    feedback = table.feedback
    let isGuess =
      options.sentinel == .automatic && table.feedback == .ratings
      && surveys.contains(where: \.hasMinusOne)
    keptMinusOne = isGuess && sentinel == nil
    droppedMinusOne = isGuess && sentinel != nil
    mayBeUnratedAtZero = options.sentinel == .automatic && surveys[0].mayBeUnratedAtZero
  }
}

extension UnratedRows {
  /// Drops the pairs of test rows: feedback must not tell what is to be predicted.
  fileprivate mutating func remove(_ rows: IndexedRatings) {
    func pair(_ user: Int32, _ item: Int32) -> Int64 { Int64(user) << 32 | Int64(item) }
    let pairs = Set(zip(rows.users, rows.items).map { pair($0, $1) })
    let kept = users.indices.filter { !pairs.contains(pair(users[$0], items[$0])) }
    self = .init(users: kept.map { users[$0] }, items: kept.map { items[$0] })
  }
}

extension IngestCounts {
  /// Sums what became of the rows of all tables.
  fileprivate init(_ sieves: [RowFilter]) {
    self.init()
    for sieve in sieves {
      rows += sieve.rowCount
      sentinel += sieve.count(of: CK_ROW_UNRATED) + sieve.count(of: CK_ROW_REPEATED)
      minUserRatings += sieve.count(of: CK_ROW_FEW_RATINGS)
      duplicates += sieve.count(of: CK_ROW_DUPLICATE)
      subset += sieve.count(of: CK_ROW_SUBSET)
      notInItems += sieve.count(of: CK_ROW_NOT_IN_ITEMS)
      unlisted += sieve.unlisted
    }
  }
}

extension IDMap {
  /// The ids whose mark is not 0.
  fileprivate func keeping(_ marks: [UInt8]) -> IDMap {
    switch self {
    case .integers(let ids): .integers(zip(ids, marks).filter { $0.1 != 0 }.map(\.0))
    case .strings(let ids): .strings(zip(ids, marks).filter { $0.1 != 0 }.map(\.0))
    }
  }
}

extension RatingTable {
  /// The first rows, as if the file ended there.
  package func prefix(_ limit: Int) -> RatingTable {
    let limit = max(0, limit)
    guard limit < count else { return self }
    var table = self
    table.users = users.prefix(limit)
    table.items = items.prefix(limit)
    table.values = Array(values.prefix(limit))
    table.timestamps = Array(timestamps.prefix(limit))
    table.statuses = Array(statuses.prefix(limit))
    return table
  }
}

extension IDColumn {
  fileprivate func prefix(_ limit: Int) -> IDColumn {
    switch self {
    case .integers(let ids): return .integers(Array(ids.prefix(limit)))
    case .strings(let codes, let names):
      // Every name of a column occurs in it.
      var marks = [UInt8](repeating: 0, count: names.count)
      for code in codes.prefix(limit) { marks[Int(code)] = 1 }
      let rank = Columns.ranks(marks).rank
      return .strings(
        codes: codes.prefix(limit).map { rank[Int($0)] },
        names: zip(names, marks).filter { $0.1 != 0 }.map(\.0))
    }
  }
}

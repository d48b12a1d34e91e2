// Rows as interactions: rated rows and those seen without a rating, side by side.

extension IndexedRatings {
  /// The rows that have a rating.
  public var rated: IndexedRatings {
    guard values.contains(where: \.isNaN) else { return self }
    let kept = values.indices.filter { !values[$0].isNaN }
    var rows = IndexedRatings(
      users: kept.map { users[$0] }, items: kept.map { items[$0] },
      values: kept.map { values[$0] },
      timestamps: timestamps.isEmpty ? [] : kept.map { timestamps[$0] })
    rows.labels = labels.isEmpty ? [] : kept.map { labels[$0] }
    return rows
  }
}

extension Ratings {
  /// The rows without a rating, whether they stand beside the ratings or among them.
  public var allUnrated: UnratedRows {
    let among = rows.values.indices.filter { rows.values[$0].isNaN }
    return UnratedRows(
      users: unrated.users + among.map { rows.users[$0] },
      items: unrated.items + among.map { rows.items[$0] })
  }

  /// The same ratings followed by the rows without one, whose rating is not a number: no longer dropped.
  package func withUnrated() -> Ratings {
    var joined = self
    joined.rows = IndexedRatings(
      users: rows.users + unrated.users, items: rows.items + unrated.items,
      values: rows.values + [Float](repeating: .nan, count: unrated.users.count),
      timestamps: rows.timestamps.isEmpty
        ? [] : rows.timestamps + [Int64](repeating: 0, count: unrated.users.count))
    joined.unrated = UnratedRows()
    joined.counts.sentinel -= unrated.users.count
    return joined
  }

  /// The same for a model of ratings alone, of a split of them: rows with a rating; those of the training part
  /// without one say what was seen, and those of the test part nothing.
  package func rated(in split: Split) -> Ratings {
    guard rows.values.contains(where: \.isNaN) else { return self }
    var ratings = self
    ratings.rows = rows.rated
    let seen = split.train.values.indices.filter { split.train.values[$0].isNaN }
    ratings.unrated.users += seen.map { split.train.users[$0] }
    ratings.unrated.items += seen.map { split.train.items[$0] }
    return ratings
  }
}

extension Split {
  /// The rows that have a rating.
  public var rated: Split {
    var split = self
    (split.train, split.test, split.foldIn) = (train.rated, test.rated, foldIn.rated)
    return split
  }
}

/// How many rows have a watching status.
public struct StatusCount: Sendable, Equatable, Encodable {
  /// As the file has it.
  public let status: Int
  /// What it says; nil for numbers that say nothing known.
  public let name: String?
  /// Rows.
  public let rows: Int
}

/// What a row of a list of what people watch says of it (myanimelist.net).
public enum WatchingStatus {
  /// What each says.
  static let names: [Int16: String] = [
    1: "watching", completed: "completed", 3: "on hold", dropped: "dropped", 6: "planned",
  ]
  /// Seen to the end.
  public static let completed: Int16 = 2
  /// Given up.
  public static let dropped: Int16 = 4
}

extension RatingTable {
  /// How many rows have each watching status, by status; none where the file says nothing of that.
  public var statusCounts: [StatusCount] {
    var counts: [Int16: Int] = [:]
    for status in statuses { counts[status, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { status, rows in
      StatusCount(status: Int(status), name: WatchingStatus.names[status], rows: rows)
    }
  }

  /// The rows whose title was completed or dropped; all rows where the file says nothing of that.
  public func finished() -> RatingTable {
    guard !statuses.isEmpty else { return self }
    return keeping(
      statuses.indices.filter {
        statuses[$0] == WatchingStatus.completed || statuses[$0] == WatchingStatus.dropped
      })
  }

  /// The rows of users who have at least so many, rows without a rating among them.
  package func keepingUsers(withRows least: Int, threads: Int = allCores) -> RatingTable {
    let coded = Columns.codes([users], threads: threads)
    let counts = Grouping.counts(coded.columns[0], keys: coded.ids.count)
    return keeping(coded.columns[0].indices.filter { counts[Int(coded.columns[0][$0])] >= least })
  }

  /// The rows whose count is more than 0.
  func counted() -> RatingTable {
    keeping(values.indices.filter { values[$0] > 0 })
  }

  private func keeping(_ kept: [Int]) -> RatingTable {
    guard kept.count < count else { return self }
    var table = self
    table.users = users.keeping(kept)
    table.items = items.keeping(kept)
    table.values = kept.map { values[$0] }
    table.timestamps = timestamps.isEmpty ? [] : kept.map { timestamps[$0] }
    table.statuses = statuses.isEmpty ? [] : kept.map { statuses[$0] }
    return table
  }

  /// The pairs of dropped titles whose user and item are among those of some ratings.
  package func dropped(in ratings: Ratings) -> UnratedRows {
    guard !statuses.isEmpty else { return UnratedRows() }
    let users = self.users.numbers(in: ratings.userIDs)
    let items = self.items.numbers(in: ratings.itemIDs)
    let kept = statuses.indices.filter {
      statuses[$0] == WatchingStatus.dropped && users[$0] >= 0 && items[$0] >= 0
    }
    return UnratedRows(users: kept.map { users[$0] }, items: kept.map { items[$0] })
  }
}

extension IDColumn {
  /// The rows at some places.
  fileprivate func keeping(_ kept: [Int]) -> IDColumn {
    switch self {
    case .integers(let ids): return .integers(kept.map { ids[$0] })
    case .strings(let codes, let names):
      var marks = [UInt8](repeating: 0, count: names.count)
      for row in kept { marks[Int(codes[row])] = 1 }
      let rank = Columns.ranks(marks).rank
      return .strings(
        codes: kept.map { rank[Int(codes[$0])] },
        names: zip(names, marks).filter { $0.1 != 0 }.map(\.0))
    }
  }

  /// The index of each row's id in a map, −1 where it is not there.
  fileprivate func numbers(in map: IDMap) -> [Int32] {
    let lookup = IDLookup(map)
    switch self {
    case .integers(let ids):
      return ids.map { lookup.index(of: $0) ?? -1 }
    case .strings(let codes, let names):
      let numbers = names.map { lookup.index(of: Array($0.utf8)[...]) ?? -1 }
      return codes.map { numbers[Int($0)] }
    }
  }
}

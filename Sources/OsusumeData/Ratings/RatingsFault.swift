// What must hold of ratings made in memory, checked where they come in: kernels check no index.

/// Why ratings made in memory are none.
public enum RatingsFault: OsusumeError, Equatable {
  /// A column has another number of entries than there are rows.
  case length(column: String, Int, rows: Int)
  /// A row names a user, an item or an id that is not there.
  case index(of: String, Int, row: Int, count: Int)
  /// An id is not above the one before it.
  case idOrder(of: String, place: Int, id: String)
  /// There is no user or item of this index.
  case noSuch(String, Int, count: Int)
  /// Ratings, or rows, are those of another model.
  case otherModel(String, Int, count: Int)
  /// There cannot be so many users or items.
  case count(of: String, Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .length(let column, let length, let rows):
      "there are \(length) \(column) and \(rows) rows: give one for each row"
    case .index(let kind, let index, let row, let count):
      "row \(row) names the \(kind) with index \(index), and there are \(count), counted from 0: give an "
        + "index below that"
    case .idOrder(let kind, let place, let id):
      "the \(kind) id '\(id.prefix(40))' at place \(place) is not above the one before it: give ids in ascending "
        + "order, text by its bytes, each once"
    case .noSuch(let kind, let index, let count):
      "there is no \(kind) with index \(index) among \(count), counted from 0: give an index below that"
    case .otherModel(let kind, let theirs, let count):
      "these rows are of \(theirs) \(kind), and the model has \(count): give rows that were made for the model"
    case .count(let kind, let count):
      "there cannot be \(count) \(kind): give a number from 0 to \(Int32.max - 1)"
    }
  }
}

extension [Int32] {
  /// Fails where an index is not in 0..<count.
  ///
  /// Errors: `RatingsFault.index`.
  package func check(_ kind: String, count: Int) throws {
    // Without a branch, so that it vectorises; the row is looked for only where there is one.
    let isInRange = withUnsafeBufferPointer { indices in
      var beyond: UInt32 = 0
      for index in indices { beyond |= UInt32(bitPattern: index) < UInt32(count) ? 0 : 1 }
      return beyond == 0
    }
    guard !isInRange, let row = firstIndex(where: { $0 < 0 || Int($0) >= count }) else { return }
    throw RatingsFault.index(of: kind, Int(self[row]), row: row + 1, count: count)
  }
}

extension RatingsFault {
  /// Fails where an index is not in 0..<count.
  package static func check(_ kind: String, _ index: Int, count: Int) throws {
    guard index >= 0, index < count else { throw noSuch(kind, index, count: count) }
  }
}

extension IndexedRatings {
  /// Fails unless all columns are equally long, and all indices below the numbers of users and items.
  ///
  /// Errors: `RatingsFault`.
  public func check(users: Int, items: Int) throws {
    for (kind, count) in [("users", users), ("items", items)]
    where !(0..<Int(Int32.max)).contains(count) {
      throw RatingsFault.count(of: kind, count)
    }
    let rows = self.users.count
    for (column, length) in [("items", self.items.count), ("ratings", values.count)]
    where length != rows {
      throw RatingsFault.length(column: column, length, rows: rows)
    }
    for (column, length) in [("timestamps", timestamps.count), ("labels", labels.count)]
    where length != rows && length > 0 {
      throw RatingsFault.length(column: column, length, rows: rows)
    }
    try self.users.check("user", count: users)
    try self.items.check("item", count: items)
  }
}

extension UnratedRows {
  /// Fails unless both columns are equally long, and all indices below the numbers of users and items.
  ///
  /// Errors: `RatingsFault`.
  public func check(users: Int, items: Int) throws {
    guard self.users.count == self.items.count else {
      throw RatingsFault.length(column: "items", self.items.count, rows: self.users.count)
    }
    try self.users.check("user", count: users)
    try self.items.check("item", count: items)
  }
}

extension Ratings {
  /// Fails unless ids ascend and all rows name users and items that there are.
  ///
  /// Errors: `RatingsFault`.
  public func check() throws {
    try checkAllButRows()
    for part in [rows] + (testRows.map { [$0] } ?? []) {
      try part.check(users: userIDs.count, items: itemIDs.count)
    }
  }

  /// The same for those who work on rows of their own.
  package func checkAllButRows() throws {
    for (kind, ids) in [("user", userIDs), ("item", itemIDs)] {
      if let place = ids.firstDisorder {
        throw RatingsFault.idOrder(of: kind, place: place, id: ids[place])
      }
    }
    try unrated.check(users: userIDs.count, items: itemIDs.count)
  }
}

extension IDMap {
  /// The first place whose id is not above the one before it; nil where all ascend.
  package var firstDisorder: Int? {
    switch self {
    case .integers(let ids): ids.firstDisorder { $0 < $1 }
    case .strings(let ids): ids.firstDisorder { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }
}

extension Array {
  /// The first place whose element does not follow the one before it.
  package func firstDisorder(_ precedes: (Element, Element) -> Bool) -> Int? {
    indices.dropFirst().first { !precedes(self[$0 - 1], self[$0]) }
  }
}

extension RatingTable {
  /// Fails unless all columns are equally long and text ids are numbered by names that ascend.
  ///
  /// Errors: `RatingsFault`.
  public func check() throws {
    for (column, length) in [("user ids", users.count), ("item ids", items.count)]
    where length != count {
      throw RatingsFault.length(column: column, length, rows: count)
    }
    for (column, length) in [("timestamps", timestamps.count), ("statuses", statuses.count)]
    where length != count && length > 0 {
      throw RatingsFault.length(column: column, length, rows: count)
    }
    for (kind, column) in [("user", users), ("item", items)] {
      guard case .strings(let codes, let names) = column else { continue }
      if let place = IDMap.strings(names).firstDisorder {
        throw RatingsFault.idOrder(of: kind, place: place, id: names[place])
      }
      try codes.check(kind, count: names.count)
    }
  }
}

// The items that each user has rated, from training ratings, and whether a rating is among them.
import CKernels
import OsusumeData

extension SeenItems {
  /// The items each user rated, ascending and each once.
  public init(rows: IndexedRatings, users: Int, threads: Int) {
    self.init(pairs: rows.users, rows.items, users: users, threads: threads)
  }

  /// The items of each user's pairs, ascending and each once; nil where there are no pairs.
  init?(users keys: [Int32], items: [Int32], of users: Int, threads: Int) {
    guard !keys.isEmpty else { return nil }
    self.init(pairs: keys, items, users: users, threads: threads)
  }

  private init(pairs keys: [Int32], _ items: [Int32], users: Int, threads: Int) {
    var byUser = CompressedRows(keys: keys, columns: items, count: users, threads: threads)
    byUser.sortRows(columns: Int(items.max() ?? -1) + 1, threads: threads)
    self.init(offsets: byUser.offsets, items: byUser.columns)
  }

  /// Which rows are in here: 1 where the row's user has seen the row's item, else 0.
  ///
  /// Users beyond the last one here have seen nothing.
  public func contains(users: [Int32], items: [Int32], threads: Int) -> [UInt8] {
    precondition(users.count == items.count)
    return [UInt8](count: users.count, chunk: 1 << 16, threads: threads) { pairs, out in
      ck_csr_contains(
        offsets, self.items, Array(users[pairs]), Array(items[pairs]), pairs.count, out)
    }
  }

  /// What either has of each user, of whom there are as many as in the longer one.
  public func union(_ other: SeenItems, threads: Int) -> SeenItems {
    let users = max(offsets.count, other.offsets.count) - 1
    guard !other.items.isEmpty else { return extended(users: users) }
    var both = CompressedRows(
      keys: keys + other.keys, columns: items + other.items, count: users, threads: threads)
    both.sortRows(columns: Int(both.columns.max() ?? -1) + 1, threads: threads)
    return SeenItems(offsets: both.offsets, items: both.columns)
  }

  /// The user of each of `items`.
  private var keys: [Int32] {
    zip(offsets, offsets.dropFirst()).enumerated().flatMap { user, ends in
      repeatElement(Int32(user), count: Int(ends.1 - ends.0))
    }
  }

  /// The same lists with users behind the last one who have seen nothing, `users` in all.
  public func extended(users: Int) -> SeenItems {
    let more = max(0, users + 1 - offsets.count)
    return SeenItems(
      offsets: offsets + [Int32](repeating: offsets.last ?? 0, count: more), items: items)
  }
}

// The items that each user has rated, from training ratings, and whether a rating is among them.
import CKernels
import OsusumeData

extension SeenItems {
  /// The items each user rated, ascending and each once.
  package init(rows: IndexedRatings, users: Int, threads: Int) {
    self.init(pairs: rows.users, rows.items, users: users, threads: threads)
  }

  /// The items of each user's pairs, ascending and each once; nil where there are no pairs.
  init?(users keys: [Int32], items: [Int32], of users: Int, threads: Int) {
    guard !keys.isEmpty else { return nil }
    self.init(pairs: keys, items, users: users, threads: threads)
  }

  /// The items of each user's pairs, ascending and each once.
  package init(pairs keys: [Int32], _ items: [Int32], users: Int, threads: Int) {
    var byUser = CompressedRows(keys: keys, columns: items, count: users, threads: threads)
    byUser.sortRows(columns: Int(items.max() ?? -1) + 1, threads: threads)
    self.init(offsets: byUser.offsets, items: byUser.columns)
  }

  /// Which rows are in here: 1 where the row's user has seen the row's item, else 0.
  ///
  /// Users beyond the last one here have seen nothing.
  package func contains(users: [Int32], items: [Int32], threads: Int) -> [UInt8] {
    precondition(users.count == items.count)
    return [UInt8](count: users.count, chunk: 1 << 16, threads: threads) { pairs, out in
      ck_csr_contains(
        offsets, self.items, Array(users[pairs]), Array(items[pairs]), pairs.count, out)
    }
  }

  /// The place of each pair in `items`, of users and items that are all in here.
  package func places(users: [Int32], items: [Int32], threads: Int) -> [Int32] {
    precondition(users.count == items.count)
    let count = Int(self.items.max() ?? -1) + 1
    return [Int32](count: users.count, chunk: 1 << 16, threads: threads) { pairs, out in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, count)) { place in
        users[pairs].withUnsafeBufferPointer { users in
          items[pairs].withUnsafeBufferPointer { items in
            ck_csr_places(
              offsets, self.items, users.baseAddress, items.baseAddress, pairs.count,
              place.baseAddress, out)
          }
        }
      }
    }
  }

  /// A byte of each rating, by the rating's place in `items`.
  ///
  /// Of several ratings of one item by one user the last counts; all ratings are in here.
  func byPlace(_ bytes: [UInt8], of rows: IndexedRatings, threads: Int) -> [UInt8] {
    let places = places(users: rows.users, items: rows.items, threads: threads)
    var byPlace = [UInt8](repeating: 0, count: items.count)
    for (place, byte) in zip(places, bytes) { byPlace[Int(place)] = byte }
    return byPlace
  }

  /// What either has of each user, of whom there are as many as in the longer one.
  package func union(_ other: SeenItems, threads: Int) -> SeenItems {
    let users = max(offsets.count, other.offsets.count) - 1
    let (mine, theirs) = (extended(users: users), other.extended(users: users))
    guard !other.items.isEmpty else { return mine }
    return SeenItems(users: users, asked: (0..<Int32(users)).map { $0 }, threads: threads) {
      [Int32](union: [mine[$0], theirs[$0]])
    }
  }

  /// Lists of some of the users, distinct and ascending, made on several threads; the others have none.
  init(users: Int, asked: [Int32], threads: Int, list: (_ user: Int) -> [Int32]) {
    let lists = mapChunks(asked.count, threads: threads) { list(Int(asked[$0])) }
    var offsets = [Int32](repeating: 0, count: users + 1)
    for (user, list) in zip(asked, lists) { offsets[Int(user) + 1] = Int32(list.count) }
    for user in 0..<users { offsets[user + 1] += offsets[user] }
    self.init(offsets: offsets, items: lists.flatMap(\.self))
  }

  /// The same lists with users behind the last one who have seen nothing, `users` in all.
  package func extended(users: Int) -> SeenItems {
    let more = max(0, users + 1 - offsets.count)
    return SeenItems(
      offsets: offsets + [Int32](repeating: offsets.last ?? 0, count: more), items: items)
  }
}

extension [Int32] {
  /// The elements of ascending lists, ascending, each once.
  init(union lists: [ArraySlice<Int32>]) {
    let lists = lists.filter { !$0.isEmpty }
    self = lists.count == 1 ? Array(lists[0]) : lists.flatMap(\.self).sorted()
    var kept = 0
    for item in self where kept == 0 || self[kept - 1] != item {
      self[kept] = item
      kept += 1
    }
    removeLast(count - kept)
  }
}

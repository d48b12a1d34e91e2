// The items that each user has rated, from training ratings, and whether a rating is among them.
import CKernels
import OsusumeData

extension SeenItems {
  /// The items each user rated, ascending and each once.
  public init(rows: IndexedRatings, users: Int, threads: Int) {
    var byUser = CompressedRows(
      keys: rows.users, columns: rows.items, count: users, threads: threads)
    byUser.sortRows(columns: Int(rows.items.max() ?? -1) + 1, threads: threads)
    self.init(offsets: byUser.offsets, items: byUser.columns)
  }

  /// Which rows are in here: 1 where the row's user has seen the row's item, else 0.
  ///
  /// Users beyond the last one here have seen nothing.
  public func contains(users: [Int32], items: [Int32], threads: Int) -> [UInt8] {
    precondition(users.count == items.count)
    let parts = max(1, users.count >> 16)
    return [UInt8](unsafeUninitializedCapacity: users.count) { out, filled in
      let out = out
      forEachChunk(parts, threads: threads) { part in
        let range = evenRange(part, of: parts, count: users.count)
        users[range].withUnsafeBufferPointer { users in
          items[range].withUnsafeBufferPointer { items in
            ck_csr_contains(
              offsets, self.items, users.baseAddress, items.baseAddress, range.count,
              out.baseAddress.map { $0 + range.lowerBound })
          }
        }
      }
      filled = users.count
    }
  }

  /// The same lists with users behind the last one who have seen nothing, `users` in all.
  public func extended(users: Int) -> SeenItems {
    let more = max(0, users + 1 - offsets.count)
    return SeenItems(
      offsets: offsets + [Int32](repeating: offsets.last ?? 0, count: more), items: items)
  }
}

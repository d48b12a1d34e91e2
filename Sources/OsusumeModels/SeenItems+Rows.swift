// What each user has seen, from training rows, and which rows are not among it.
import CKernels
import OsusumeData

extension SeenItems {
  /// The items each user rated, ascending and each once.
  ///
  /// Rows are grouped by item first and then by user, which leaves every user's items in order without
  /// a sort.
  public init(rows: RatingRows, users: Int, threads: Int) {
    let items = Int(rows.items.max() ?? -1) + 1
    let byItem = CompressedRows(
      keys: rows.items, columns: rows.users, count: items, threads: threads)
    let byUser = byItem.transposed(columns: users, threads: threads)
    self.init(offsets: byUser.offsets, items: byUser.columns)
    removeRepeats()
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

  /// Drops items that stand next to their like; files without duplicates have none.
  private mutating func removeRepeats() {
    let kept = ck_csr_unique(&offsets, offsets.count - 1, &items)
    items.removeLast(items.count - kept)
  }
}

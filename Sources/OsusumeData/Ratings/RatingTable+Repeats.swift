// Finds rows that rate again what an earlier row rated.
import CKernels

extension RatingTable {
  /// Rows whose user and item an earlier row has.
  struct Repeats {
    /// How many there are.
    var count = 0
    /// How many of them differ from the earlier row's rating.
    var conflicts = 0
    /// The first of them, in order of row; of the rated rows of a pair, `first` is the earliest.
    var list: [(row: Int, first: Int)] = []
  }

  /// Finds repeated pairs; `sentinel` rows contradict nothing.
  /// - Throws: `RatingsError.tooManyRows`.
  func repeats(sentinel: Float, limit: Int, threads: Int) throws -> Repeats {
    guard count <= Int32.max else { throw RatingsError.tooManyRows(count) }
    let users = Columns.codes([users], threads: threads)
    let items = Columns.codes([items], threads: threads)
    let rows = IndexedRatings(users: users.columns[0], items: items.columns[0], values: values)
    let groups = Grouping(keys: rows.users, count: users.ids.count, threads: threads)
    // A part has scratch of one place an item: only as many parts as keep that small beside the rows.
    let parts = max(1, min(64, count / (4 * items.ids.count + 1)))
    var found: [(repeats: Int, conflicts: Int)] = []
    let earlier: [Int32] = Columns.array(count) { earlier in
      found = groups.withKernel { groups in
        rows.withKernel { rows in
          mapChunks(parts, threads: threads) { part in
            let range = evenRange(part, of: parts, count: users.ids.count)
            var seen = [UInt32](repeating: 0, count: items.ids.count)
            var conflicts = 0
            let repeats = ck_columns_repeats(
              groups, rows, range.lowerBound, range.upperBound, sentinel, &seen, earlier,
              &conflicts)
            return (repeats, conflicts)
          }
        }
      }
    }
    var all = Repeats()
    for part in found {
      all.count += part.repeats
      all.conflicts += part.conflicts
    }
    for (row, first) in earlier.enumerated() where first >= 0 {
      if all.list.count == min(limit, all.count) { break }
      all.list.append((row, Int(first)))
    }
    return all
  }
}

// Finds rows that rate again what an earlier row rated.
import CKernels

extension RatingTable {
  /// Rows whose user and item an earlier row has.
  struct Repeats {
    /// How many there are.
    var count = 0
    /// How many of them differ from the earlier row's rating.
    var conflicts = 0
    /// The first of them, in order of row.
    var list: [ck_ingest_repeat] = []
  }

  /// Finds repeated pairs; `sentinel` rows contradict nothing.
  func repeats(sentinel: Float, limit: Int, threads: Int) -> Repeats {
    let users = users.numbers
    let items = items.numbers
    // A part's table fits into a second-level cache or nearly so, four slots a row, half of them in use
    // at most; but each part reads all rows, so no more than 16.
    let parts = max(1, min(16, count >> 20))
    let key = UInt64.random(in: 0 ... .max)
    var results = [Repeats](repeating: Repeats(), count: parts)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      forEachChunk(parts, threads: threads) { part in
        var capacity = 1 << 10
        while capacity < count / parts * 4 { capacity *= 2 }
        var result: Repeats?
        while result == nil {
          result = repeats(
            users, items, sentinel: sentinel, key: key, part: part, of: parts, capacity: capacity,
            limit: limit)
          capacity *= 2
        }
        results[part] = result ?? Repeats()
      }
    }
    var all = Repeats()
    for result in results {
      all.count += result.count
      all.conflicts += result.conflicts
      all.list += result.list
    }
    all.list = Array(all.list.sorted { $0.row < $1.row }.prefix(limit))
    return all
  }

  /// The repeats of one part of all pairs, or nil where the table is too small.
  private func repeats(
    _ users: [Int64], _ items: [Int64], sentinel: Float, key: UInt64, part: Int, of parts: Int,
    capacity: Int, limit: Int
  ) -> Repeats? {
    var found = Repeats()
    var table = [UInt32].unfilled(capacity)
    var tooSmall = false
    found.list = Array(unsafeUninitializedCapacity: limit) { list, filled in
      tooSmall =
        ck_ingest_repeats(
          users, items, values, count, sentinel, key, part, parts, &table, capacity,
          list.baseAddress, limit, &found.count, &found.conflicts) != 0
      filled = min(limit, found.count)
    }
    return tooSmall ? nil : found
  }
}

extension IDColumn {
  /// The column as integers: the ids, or the codes of strings.
  fileprivate var numbers: [Int64] {
    switch self {
    case .integers(let ids): ids
    case .strings(let codes, _): codes.map(Int64.init)
    }
  }
}

// Rows grouped by a key, as a stable counting sort leaves them.
import CKernels

/// Rows grouped by a key: `order[offsets[k] ..< offsets[k + 1]]` are the row numbers of key `k`,
/// ascending.
public struct Grouping: Sendable, Equatable {
  /// `count + 1` offsets into `order`.
  public var offsets: [Int32]
  /// Row numbers, grouped by key, ascending within a key.
  public var order: [Int32]

  /// Groups rows by key, 0 ≤ key < count, by counting sort; the result does not depend on `threads`.
  package init(keys: [Int32], count: Int, threads: Int = 1) {
    // One part a thread is enough, and no more than 8: each takes 4 bytes a key.
    let parts = max(1, min(threads, 8, keys.count / Columns.chunkRows))
    (offsets, order) = Columns.group(keys, count: count, parts: parts, threads: threads) {
      ck_columns_scatter(keys, $0.lowerBound, $0.upperBound, $1, $2)
    }
  }

  /// Number of rows of each key, 0 ≤ key < `count`.
  package static func counts(_ column: [Int32], keys: Int) -> [Int32] {
    var counts = [Int32](repeating: 0, count: keys)
    ck_columns_count(column, 0, column.count, &counts)
    return counts
  }

  /// The row numbers of one key.
  public subscript(key: Int) -> ArraySlice<Int32> {
    order[Int(offsets[key])..<Int(offsets[key + 1])]
  }
}

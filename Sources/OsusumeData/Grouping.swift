// Rows grouped by a key, as a stable counting sort leaves them.

/// Rows grouped by a key: `order[offsets[k] ..< offsets[k + 1]]` are the row numbers of key `k`,
/// ascending.
public struct Grouping: Sendable, Equatable {
  /// `count + 1` offsets into `order`.
  public var offsets: [Int32]
  /// Row numbers, grouped by key, ascending within a key.
  public var order: [Int32]

  /// Groups rows by key, 0 ≤ key < count, by counting sort; the result does not depend on `threads`.
  public init(keys: [Int32], count: Int, threads: Int = 1) {
    (offsets, order) = Columns.group(keys, count: count, threads: threads)
  }

  /// The row numbers of one key.
  public subscript(key: Int) -> ArraySlice<Int32> {
    order[Int(offsets[key])..<Int(offsets[key + 1])]
  }
}

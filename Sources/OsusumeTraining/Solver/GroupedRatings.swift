// Ratings grouped by user or by item, less their mean: what the solver of one table reads.
import CKernels
import OsusumeData
import OsusumeModels

/// The ratings of each row of one table, with the rows of the other table that they are of.
package struct GroupedRatings: Sendable {
  /// The other table's row of each rating; within a row in the order of the ratings.
  package let rows: CompressedRows
  /// Each rating less the mean.
  package private(set) var values: [Float]
  /// Ranges of rows of about equal cost; a function of the data alone.
  package let ranges: [Range<Int>]

  /// Number of rows.
  package var count: Int { rows.count }

  /// Number of ratings of a row.
  package func count(_ row: Int) -> Int { Int(rows.offsets[row + 1] - rows.offsets[row]) }

  /// Groups ratings by `keys`, 0 ≤ key < count; a row costs as much as its ratings and `rowCost` others.
  package init(
    keys: [Int32], columns: [Int32], values ratings: [Float], mean: Float, count: Int,
    rowCost: Int, threads: Int
  ) {
    let grouping = Grouping(keys: keys, count: count, threads: threads)
    rows = CompressedRows(
      offsets: grouping.offsets,
      columns: grouping.gather(threads: threads) { columns[$0] })
    values = grouping.gather(threads: threads) { ratings[$0] - mean }
    ranges = Self.ranges(grouping.offsets, rowCost: rowCost)
  }

  /// Groups the ratings of users, or of items, less the mean of a problem.
  package init(_ entity: Entity, of train: IndexedRatings, _ problem: Problem, threads: Int) {
    let isUser = entity == .user
    self.init(
      keys: isUser ? train.users : train.items, columns: isUser ? train.items : train.users,
      values: train.values, mean: Float(problem.mean),
      count: isUser ? problem.users : problem.items, rowCost: problem.layout.lanes / 2,
      threads: threads)
  }

  /// Replaces the ratings, given in the order of `grouping`'s rows, which must be the same keys'.
  package mutating func replace(
    _ ratings: [Float], mean: Float, by grouping: Grouping, threads: Int
  ) {
    precondition(grouping.offsets == rows.offsets && ratings.count == values.count)
    values = grouping.gather(threads: threads) { ratings[$0] - mean }
  }

  /// Calls `body` with the ratings as compressed rows, which it may read until it returns.
  func withKernel<Result>(
    _ body: (UnsafePointer<ck_csr>) throws -> Result
  ) rethrows -> Result {
    try rows.withKernel(values: values, body)
  }

  /// Calls `body` with the starts of offsets, columns and values.
  func withPointers<R>(
    _ body: (UnsafePointer<Int32>?, UnsafePointer<Int32>?, UnsafePointer<Float>?) throws -> R
  ) rethrows -> R {
    try rows.offsets.withUnsafeBufferPointer { offsets in
      try rows.columns.withUnsafeBufferPointer { columns in
        try values.withUnsafeBufferPointer {
          try body(offsets.baseAddress, columns.baseAddress, $0.baseAddress)
        }
      }
    }
  }

  /// Cuts the rows into ranges of nearly equal cost: some 128, so that the last ones to finish are short.
  private static func ranges(_ offsets: [Int32], rowCost: Int) -> [Range<Int>] {
    let rows = offsets.count - 1
    let cost = (Int(offsets.last ?? 0) + rows * rowCost) / 128 + 1
    var ranges: [Range<Int>] = []
    var start = 0
    for row in 1...max(1, rows) where row <= rows {
      let sum = Int(offsets[row] - offsets[start]) + (row - start) * rowCost
      if sum >= cost || row == rows {
        ranges.append(start..<row)
        start = row
      }
    }
    return ranges
  }
}

extension Grouping {
  /// A value of each row, in the order of the groups.
  fileprivate func gather<Value: BitwiseCopyable>(
    threads: Int, _ value: (_ row: Int) -> Value
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: order.count) { values, filled in
      nonisolated(unsafe) let values = values
      let chunks = (order.count + 65_535) / 65_536
      order.withUnsafeBufferPointer { order in
        nonisolated(unsafe) let order = order
        forEachChunk(chunks, threads: threads) { chunk in
          for place in evenRange(chunk, of: chunks, count: order.count) {
            values[place] = value(Int(order[place]))
          }
        }
      }
      filled = order.count
    }
  }
}

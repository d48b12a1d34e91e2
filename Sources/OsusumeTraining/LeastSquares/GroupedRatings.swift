// Ratings grouped by user or by item, less their mean: what the solver of one side reads.
import OsusumeData
import OsusumeModels

/// The ratings of each row of one table, with the rows of the other table that they are of.
package final class GroupedRatings: @unchecked Sendable {
  /// rows + 1 offsets into `columns` and `values`.
  package let offsets: [Int32]
  /// The other side's row of each rating; within a row in the order of the ratings.
  package let columns: Column<Int32>
  /// Each rating less the mean.
  package let values: Column<Float>
  /// Ranges of rows of about equal cost; a function of the data alone.
  package let ranges: [Range<Int>]

  /// Number of rows.
  package var count: Int { offsets.count - 1 }

  /// Groups ratings by `keys`, 0 ≤ key < count; a row costs as much as its ratings and `rowCost` others.
  package init(
    keys: [Int32], columns others: [Int32], values ratings: [Float], mean: Float, count: Int,
    rowCost: Int, threads: Int
  ) {
    let groups = Grouping(keys: keys, count: count, threads: threads)
    offsets = groups.offsets
    columns = Column(count: keys.count)
    values = Column(count: keys.count)
    let (columns, values) = (self.columns.base, self.values.base)
    let chunks = (keys.count + 65_535) / 65_536
    groups.order.withUnsafeBufferPointer { order in
      others.withUnsafeBufferPointer { others in
        ratings.withUnsafeBufferPointer { ratings in
          forEachChunk(chunks, threads: threads) { chunk in
            for place in evenRange(chunk, of: chunks, count: order.count) {
              let row = Int(order[place])
              columns[place] = others[row]
              values[place] = ratings[row] - mean
            }
          }
        }
      }
    }
    ranges = Self.ranges(offsets, rowCost: rowCost)
  }

  /// Groups the training ratings of a task, less their mean, for solves of a table's vectors.
  convenience init(_ entity: Entity, of task: FitTask) {
    let (rows, problem) = (task.train, task.problem)
    let isUser = entity == .user
    self.init(
      keys: isUser ? rows.users : rows.items, columns: isUser ? rows.items : rows.users,
      values: rows.values, mean: Float(problem.mean), count: isUser ? task.users : task.items,
      rowCost: problem.layout.lanes / 2, threads: task.threads)
  }

  /// Replaces the ratings, given in the order of `grouping`'s rows, which must be the same keys'.
  package func replace(_ ratings: [Float], mean: Float, by grouping: Grouping, threads: Int) {
    precondition(grouping.offsets == offsets && ratings.count == columns.count)
    let values = values.base
    let chunks = (ratings.count + 65_535) / 65_536
    grouping.order.withUnsafeBufferPointer { order in
      ratings.withUnsafeBufferPointer { ratings in
        forEachChunk(chunks, threads: threads) { chunk in
          for place in evenRange(chunk, of: chunks, count: order.count) {
            values[place] = ratings[Int(order[place])] - mean
          }
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

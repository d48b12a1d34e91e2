// The batches of an epoch: each rating in one of them, each batch sorted by user and by item.
import CKernels
import OsusumeData

/// All batches of an epoch, laid out for the kernels (ck_order.h).
///
/// Batch b's rows are the places b·batchSize ..< of the columns. Its runs (one a distinct user or item)
/// are filed from the same place on; run starts count from the batch's first row and need one place
/// more a batch.
package final class BatchPlan: @unchecked Sendable {
  package let rows: Int
  package let batchSize: Int
  package let batches: Int
  /// By user: the item and rating of each row.
  package let items: Column<Int32>
  package let ratings: Column<Float>
  /// The label of each row, where the training rows have labels.
  package let labels: Column<Float>?
  /// The distinct users of each batch, where their rows start, and how many there are.
  package let userID: Column<Int32>
  package let userStart: Column<Int32>
  package let userRuns: Column<Int32>
  /// How many batches after its own pass until each run's row is read again, and how many before it first is.
  package let userAhead: Column<Int32>
  package let userFirst: Column<Int32>
  /// The distinct items of each batch, where their entries start, and how many there are.
  package let itemID: Column<Int32>
  package let itemStart: Column<Int32>
  package let itemRuns: Column<Int32>
  package let itemAhead: Column<Int32>
  package let itemFirst: Column<Int32>
  /// By item: the place of each entry's weight in the batch, and its user's run.
  package let source: Column<Int32>
  package let row: Column<Int32>

  /// Makes room for a plan; `deal` fills it.
  package init(rows: Int, batchSize: Int, users: Int, items itemCount: Int, labelled: Bool = false)
  {
    self.rows = rows
    self.batchSize = min(batchSize, max(1, rows))
    batches = (rows + self.batchSize - 1) / self.batchSize
    items = Column(count: rows)
    ratings = Column(count: rows)
    labels = labelled ? Column(count: rows) : nil
    userID = Column(count: rows)
    userStart = Column(count: rows + batches)
    userRuns = Column(count: batches)
    userAhead = Column(count: rows)
    userFirst = Column(count: users)
    itemID = Column(count: rows)
    itemStart = Column(count: rows + batches)
    itemRuns = Column(count: batches)
    itemAhead = Column(count: rows)
    itemFirst = Column(count: itemCount)
    source = Column(count: rows)
    row = Column(count: rows)
  }

  /// Rows of a batch.
  package func count(_ batch: Int) -> Int { min(batchSize, rows - batch * batchSize) }
  /// Place of a batch's first row.
  package func first(_ batch: Int) -> Int { batch * batchSize }
  /// Place of a batch's first run start.
  package func firstStart(_ batch: Int) -> Int { batch * (batchSize + 1) }

  /// Deals rows into batches and sorts each.
  ///
  /// - Parameters:
  ///   - train: the rows, in the split's order.
  ///   - byUser: row numbers by user, or nil when the rows already lie by user.
  ///   - shuffleKey: key of the permutation of rows; nil keeps them in order.
  package func deal(
    _ train: IndexedRatings, byUser: [Int32]?, shuffleKey: UInt64?, threads: Int
  ) {
    let batchOf = Column<UInt32>(count: rows)
    let users = Column<Int32>(count: rows)
    let parts = 16  // ranges of rows dealt side by side; a constant, so that threads do not matter
    forEachChunk(parts, threads: threads) { part in
      let range = evenRange(part, of: parts, count: rows)
      ck_order_batches(
        shuffleKey ?? 0, shuffleKey == nil ? 0 : 1, range.lowerBound, range.count, rows, batchSize,
        batchOf.base)
    }
    distribute(
      train, to: ratings, byUser: byUser, batchOf: batchOf, users: users, parts: parts,
      threads: threads)
    if let labels {
      // Labels go the way of the ratings.
      var train = train
      train.values = train.labels
      distribute(
        train, to: labels, byUser: byUser, batchOf: batchOf, users: users, parts: parts,
        threads: threads)
    }
    sortBatches(users: users, threads: threads)
    lookAhead(threads: threads)
  }

  /// Deals users, items and values of rows out to the rows' batches.
  private func distribute(
    _ train: IndexedRatings, to values: Column<Float>, byUser: [Int32]?, batchOf: Column<UInt32>,
    users: Column<Int32>, parts: Int, threads: Int
  ) {
    let next = Column<Int32>(count: parts * batches)
    let plan = ck_columns(
      users: users.base, items: items.base, values: values.base, timestamps: nil)
    train.withKernel { train in
      withOptionalBuffer(byUser) { order in
        forEachChunk(parts, threads: threads) { part in
          let range = evenRange(part, of: parts, count: rows)
          ck_order_count(
            batchOf.base, order, range.lowerBound, range.count, batches,
            next.base + part * batches)
        }
        turnCountsIntoPlaces(next, parts: parts)
        forEachChunk(parts, threads: threads) { part in
          let range = evenRange(part, of: parts, count: rows)
          ck_order_deal(
            batchOf.base, order, range.lowerBound, range.count, train, next.base + part * batches,
            plan)
        }
      }
    }
  }

  /// Replaces counts [part, batch] by the place where each part's rows of a batch begin.
  private func turnCountsIntoPlaces(_ next: Column<Int32>, parts: Int) {
    for batch in 0..<batches {
      var place = Int32(first(batch))
      for part in 0..<parts {
        let count = next[part * batches + batch]
        next[part * batches + batch] = place
        place += count
      }
    }
  }

  private func sortBatches(users: Column<Int32>, threads: Int) {
    // Some thirty batches of ten thousand share one set of counters.
    let parts = min(batches, 64)
    forEachChunk(parts, threads: threads) { part in
      let counters = Column<Int32>(count: itemFirst.count)
      for batch in evenRange(part, of: parts, count: batches) {
        let first = first(batch)
        let start = firstStart(batch)
        let runs = ck_order_runs(
          users.base + first, count(batch), userID.base + first, userStart.base + start)
        userRuns[batch] = Int32(runs)
        var byItem = ck_order_entries(
          id: itemID.base + first, start: itemStart.base + start, source: source.base + first,
          row: row.base + first)
        itemRuns[batch] = Int32(
          ck_order_by_item(
            items.base + first, count(batch), userStart.base + start, runs, itemFirst.count,
            counters.base, &byItem))
      }
    }
  }

  /// Finds, from the last batch to the first, when each run's row is next read.
  private func lookAhead(threads: Int) {
    let tables = [
      (id: userID, runs: userRuns, ahead: userAhead, first: userFirst),
      (id: itemID, runs: itemRuns, ahead: itemAhead, first: itemFirst),
    ]
    forEachChunk(2, threads: threads) { part in
      let table = tables[part]
      table.first.base.update(repeating: Int32(batches), count: table.first.count)
      for batch in stride(from: batches - 1, through: 0, by: -1) {
        ck_order_ahead(
          table.id.base + first(batch), Int(table.runs[batch]), Int32(batch), table.first.base,
          table.ahead.base + first(batch))
      }
    }
  }
}

/// Runs `body` with the start of an array's memory, or nil where there is no array.
private func withOptionalBuffer(
  _ array: [Int32]?, _ body: (UnsafePointer<Int32>?) -> Void
) {
  if let array {
    array.withUnsafeBufferPointer { body($0.baseAddress) }
  } else {
    body(nil)
  }
}

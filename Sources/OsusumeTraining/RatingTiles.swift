// Ratings cut into a grid of tiles, and the walk over them that is one epoch of SGD.
import CKernels
import OsusumeData
import OsusumeModels

/// Ratings in a grid of user blocks × item blocks, compact for `ck_sgd_walk`.
///
/// The grid depends on the data alone. A round takes one tile from each block of users and each block
/// of items, so that its tiles share no row and can be walked at once by any number of threads.
package final class RatingTiles: @unchecked Sendable {
  /// Blocks of users, and of items.
  package let blocks: Int
  /// Ratings in all tiles.
  package let count: Int
  /// First item of each block, and the number of items.
  private let itemBounds: [Int]
  /// First run of each tile (tile = user block × blocks + item block), and the number of runs.
  private let runBounds: [Int]

  // One array each for all tiles, in order of tile: written by init, except `order`, which belongs to
  // the epoch that is running.
  private let user: UnsafeMutablePointer<Int32>
  private let start: UnsafeMutablePointer<Int32>
  private let order: UnsafeMutablePointer<Int32>
  private let item: UnsafeMutablePointer<UInt16>
  private let value: UnsafeMutablePointer<Float>

  /// Cuts rows into tiles; `mean` is taken off each rating and rows of `rowBytes` are what a block of
  /// items has to fit into a core's cache with.
  package init(
    _ rows: RatingRows, users: Int, items: Int, mean: Float, rowBytes: Int, threads: Int
  ) {
    let blocks = Self.blocks(ratings: rows.count, items: items, rowBytes: rowBytes)
    let byUser = Grouping(keys: rows.users, count: users, threads: threads)
    let userCounts = (0..<users).map { Int(byUser.offsets[$0 + 1] - byUser.offsets[$0]) }
    let userBounds = Self.bounds(weights: userCounts, blocks: blocks)
    let itemBounds = Self.bounds(weights: ratingCounts(rows.items, count: items), blocks: blocks)
    var blockOfItem = [Int32](repeating: 0, count: items)
    for block in 0..<blocks {
      for item in itemBounds[block]..<itemBounds[block + 1] { blockOfItem[item] = Int32(block) }
    }

    var ratings = [Int32](repeating: 0, count: blocks * blocks)
    var runs = ratings
    ratings.withUnsafeMutableBufferPointer { ratings in
      runs.withUnsafeMutableBufferPointer { runs in
        nonisolated(unsafe) let (ratings, runs) = (ratings, runs)
        forEachChunk(blocks, threads: threads) { block in
          ck_sgd_count(
            byUser.offsets, byUser.order, rows.items, blockOfItem, blocks, userBounds[block],
            userBounds[block + 1], ratings.baseAddress.map { $0 + block * blocks },
            runs.baseAddress.map { $0 + block * blocks })
        }
      }
    }
    let runBounds = Self.sums(runs)
    var nextRating = Self.sums(ratings).map(Int32.init)
    var nextRun = runBounds.map(Int32.init)
    let totalRuns = runBounds[blocks * blocks]

    let user = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns)
    let start = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns + 1)
    let order = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns)
    let item = UnsafeMutablePointer<UInt16>.allocate(capacity: rows.count)
    let value = UnsafeMutablePointer<Float>.allocate(capacity: rows.count)
    let blockStart = itemBounds.map(Int32.init)
    nextRating.withUnsafeMutableBufferPointer { nextRating in
      nextRun.withUnsafeMutableBufferPointer { nextRun in
        nonisolated(unsafe) let (nextRating, nextRun) = (nextRating, nextRun)
        forEachChunk(blocks, threads: threads) { block in
          ck_sgd_fill(
            byUser.offsets, byUser.order, rows.items, rows.values, mean, blockOfItem, blockStart,
            blocks, userBounds[block], userBounds[block + 1],
            nextRating.baseAddress.map { $0 + block * blocks },
            nextRun.baseAddress.map { $0 + block * blocks }, user, start, item, value)
        }
      }
    }
    start[totalRuns] = Int32(rows.count)

    self.blocks = blocks
    self.count = rows.count
    self.itemBounds = itemBounds
    self.runBounds = runBounds
    self.user = user
    self.start = start
    self.order = order
    self.item = item
    self.value = value
  }

  deinit {
    user.deallocate()
    start.deallocate()
    order.deallocate()
    item.deallocate()
    value.deallocate()
  }

  /// Walks all tiles once, rounds, and the users in each tile, in an order drawn by `key`; returns the
  /// sum of the squared errors met on the way.
  package func walk(
    users: ck_sgd_side, items: ck_sgd_side, layout: RowLayout, stride: Int, key: UInt64,
    threads: Int
  ) -> Double {
    var rounds = [Int32](repeating: 0, count: blocks)
    ck_sgd_order(&rounds, blocks, ck_random_bits(key, 0))
    var squared = [Double](repeating: 0, count: blocks * blocks)
    squared.withUnsafeMutableBufferPointer { squared in
      nonisolated(unsafe) let (squared, users, items) = (squared, users, items)
      for round in rounds {
        forEachChunk(blocks, threads: threads) { userBlock in
          let itemBlock = (userBlock + Int(round)) % blocks
          let tile = userBlock * blocks + itemBlock
          squared[tile] = walk(
            tile: tile, itemBlock: itemBlock, users: users, items: items, layout: layout,
            stride: stride, key: ck_random_bits(key, UInt64(1 + tile)))
        }
      }
    }
    return squared.reduce(0, +)
  }

  private func walk(
    tile: Int, itemBlock: Int, users: ck_sgd_side, items: ck_sgd_side, layout: RowLayout,
    stride: Int, key: UInt64
  ) -> Double {
    let first = runBounds[tile]
    let runs = runBounds[tile + 1] - first
    var block = items
    block.rows = items.rows + itemBounds[itemBlock] * stride
    block.weight = items.weight + itemBounds[itemBlock]
    ck_sgd_order(order + first, runs, key)
    var users = users
    var ratings = ck_sgd_tile(
      runs: runs, user: user + first, start: start + first, item: item, value: value)
    return ck_sgd_walk(
      &users, &block, layout.factors, layout.biased, stride, &ratings, order + first)
  }
}

extension RatingTiles {
  /// Blocks on a side of the grid.
  ///
  /// As many as keep a block of items within 256 KiB, half a core's second-level cache where that is
  /// small, at least 8 so that eight threads find work, but not so many that a tile holds fewer than
  /// 4,096 ratings. A block has at most 65,536 items.
  static func blocks(ratings: Int, items: Int, rowBytes: Int) -> Int {
    let cached = (items * rowBytes + (256 << 10) - 1) / (256 << 10)
    let filled = Int((Double(ratings) / 4096).squareRoot())
    let addressed = items / (Int(UInt16.max) / 2) + 1
    return min(Int(CK_SGD_BLOCKS), max(addressed, 1, min(max(cached, 8), filled, 64)))
  }

  /// Cuts 0..<weights.count into blocks of nearly equal cost; an element costs its weight and the mean
  /// weight, so that no block has more than twice the mean number of elements.
  static func bounds(weights: [Int], blocks: Int) -> [Int] {
    let total = weights.reduce(0, +)
    let mean = Double(total) / Double(max(1, weights.count))
    let share = 2 * Double(total) / Double(blocks)
    var bounds = [0]
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += Double(weight) + mean
      while bounds.count < blocks, sum >= share * Double(bounds.count) { bounds.append(index + 1) }
    }
    while bounds.count <= blocks { bounds.append(weights.count) }
    return bounds
  }

  /// The sums of the first 0, 1, 2, … counts.
  private static func sums(_ counts: [Int32]) -> [Int] {
    var sums = [0]
    for count in counts { sums.append(sums[sums.count - 1] + Int(count)) }
    return sums
  }
}

/// How often each key below `count` occurs.
package func ratingCounts(_ keys: [Int32], count: Int) -> [Int] {
  var counts = [Int32](repeating: 0, count: count)
  ck_columns_count(keys, 0, keys.count, &counts)
  return counts.map(Int.init)
}

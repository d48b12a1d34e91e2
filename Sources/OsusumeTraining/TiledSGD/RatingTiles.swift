// Ratings cut into a grid of tiles, and the walk over them that is one epoch of SGD.
import CKernels
import OsusumeData
import OsusumeModels

/// Ratings in a grid of user blocks × item blocks, compact for `ck_sgd_walk`.
///
/// A round takes one tile from each of a group's blocks of users and each block of items, so that its
/// tiles share no row and can be walked at once by any number of threads.
package final class RatingTiles: @unchecked Sendable {
  /// The cut of users and items.
  package let grid: TileGrid
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

  /// Cuts rows into the tiles of a grid; `mean` is taken off each rating.
  package init(
    _ rows: IndexedRatings, users: Int, items: Int, mean: Float, grid: TileGrid, threads: Int
  ) {
    let blocks = grid.blocks
    let byUser = Grouping(keys: rows.users, count: users, threads: threads)
    let userCounts = (0..<users).map { byUser.offsets[$0 + 1] - byUser.offsets[$0] }
    let userBounds = TileGrid.bounds(weights: userCounts, blocks: grid.userBlocks)
    let itemBounds = TileGrid.bounds(
      weights: Grouping.counts(rows.items, keys: items), blocks: blocks)
    let cut = TileCut(ratings: rows, byUser: byUser, mean: mean, itemBounds: itemBounds)

    var ratings = [Int32](repeating: 0, count: grid.tiles)
    var runs = ratings
    ratings.withUnsafeMutableBufferPointer { ratings in
      runs.withUnsafeMutableBufferPointer { runs in
        nonisolated(unsafe) let (ratings, runs) = (ratings, runs)
        cut.withKernel { cut in
          forEachChunk(grid.userBlocks, threads: threads) { block in
            ck_sgd_count(
              cut, userBounds[block], userBounds[block + 1],
              ratings.baseAddress.map { $0 + block * blocks },
              runs.baseAddress.map { $0 + block * blocks })
          }
        }
      }
    }
    let runBounds = Self.sums(runs)
    var nextRating = Self.sums(ratings).map(Int32.init)
    var nextRun = runBounds.map(Int32.init)
    let totalRuns = runBounds[grid.tiles]

    let user = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns)
    let start = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns + 1)
    let order = UnsafeMutablePointer<Int32>.allocate(capacity: totalRuns)
    let item = UnsafeMutablePointer<UInt16>.allocate(capacity: rows.count)
    let value = UnsafeMutablePointer<Float>.allocate(capacity: rows.count)
    nextRating.withUnsafeMutableBufferPointer { nextRating in
      nextRun.withUnsafeMutableBufferPointer { nextRun in
        nonisolated(unsafe) let (nextRating, nextRun) = (nextRating, nextRun)
        cut.withKernel { cut in
          forEachChunk(grid.userBlocks, threads: threads) { block in
            var tiles = ck_sgd_tiles(user: user, start: start, item: item, value: value)
            ck_sgd_fill(
              cut, userBounds[block], userBounds[block + 1],
              nextRating.baseAddress.map { $0 + block * blocks },
              nextRun.baseAddress.map { $0 + block * blocks }, &tiles)
          }
        }
      }
    }
    start[totalRuns] = Int32(rows.count)

    self.grid = grid
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

  /// Walks all tiles once and returns the sum of the squared errors before each update.
  ///
  /// `key` draws the order of groups, of each group's rounds and of the users in each tile; without one, all
  /// go by number.
  package func walk(
    users: ck_sgd_side, items: ck_sgd_side, layout: FactorLayout, stride: Int, key: UInt64?,
    threads: Int
  ) -> Double {
    nonisolated(unsafe) let (users, items) = (users, items)
    return walk(key: key, threads: threads) { tile in
      var (users, block, ratings) = (users, items, tile.ratings)
      block.rows = items.rows + tile.items.lowerBound * stride
      block.weight = items.weight + tile.items.lowerBound
      return ck_sgd_walk(
        &users, &block, layout.factors, layout.biased, stride, &ratings, tile.order)
    }
  }

  /// One tile, on its way through an epoch.
  package struct Tile {
    /// Its number.
    package let number: Int
    /// The items of its block.
    package let items: Range<Int>
    /// Its ratings; an item counts from the block's first.
    package let ratings: ck_sgd_tile
    /// The order of its runs.
    package let order: UnsafePointer<Int32>
  }

  /// Calls `body` with each tile once, those that share no row side by side; returns the sum of its results.
  ///
  /// `key` draws the order as in the other walk.
  package func walk(key: UInt64?, threads: Int, _ body: (Tile) -> Double) -> Double {
    let blocks = grid.blocks
    var sums = [Double](repeating: 0, count: grid.tiles)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      for group in Self.order(grid.groups, key: key.map { ck_random_bits($0, 0) }) {
        let roundKey = key.map { ck_random_bits($0, UInt64(1 + grid.tiles + group)) }
        for round in Self.order(blocks, key: roundKey) {
          forEachChunk(blocks, threads: threads) { block in
            let itemBlock = (block + round) % blocks
            let number = (group * blocks + block) * blocks + itemBlock
            let own = key.map { ck_random_bits($0, UInt64(1 + number)) }
            sums[number] = body(tile(number, itemBlock: itemBlock, key: own))
          }
        }
      }
    }
    return sums.reduce(0, +)
  }

  /// 0..<count in an order drawn by `key`; as they are without one.
  private static func order(_ count: Int, key: UInt64?) -> [Int] {
    var order = (0..<count).map(Int32.init)
    if let key { ck_sgd_order(&order, count, key) }
    return order.map(Int.init)
  }

  private func tile(_ number: Int, itemBlock: Int, key: UInt64?) -> Tile {
    let first = runBounds[number]
    let runs = runBounds[number + 1] - first
    if let key {
      ck_sgd_order(order + first, runs, key)
    } else {
      for run in 0..<runs { order[first + run] = Int32(run) }
    }
    return Tile(
      number: number, items: itemBounds[itemBlock]..<itemBounds[itemBlock + 1],
      ratings: ck_sgd_tile(
        runs: runs, user: user + first, start: start + first, item: item, value: value),
      order: order + first)
  }
}

extension RatingTiles {
  /// The sums of the first 0, 1, 2, … counts.
  private static func sums(_ counts: [Int32]) -> [Int] {
    var sums = [0]
    for count in counts { sums.append(sums[sums.count - 1] + Int(count)) }
    return sums
  }
}

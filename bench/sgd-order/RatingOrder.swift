// Orders that the updates of an epoch may come in.
import CKernels
import Osusume

/// An order of updates.
struct RatingOrder: Sendable {
  let name: String
  var shuffle = Shuffle.eachEpoch
  let walk: @Sendable (FitTask) -> TiledSGD.Walk

  /// The yardstick, then `mf`'s own order and what becomes of it in other grids.
  static let all = [
    RatingOrder(name: "all ratings shuffled") { plainWalk($0) },
    RatingOrder(name: "mf") { TiledSGD.tiledWalk($0) },
    RatingOrder(name: "mf, shuffled once", shuffle: .once) { TiledSGD.tiledWalk($0) },
    RatingOrder(name: "mf, never shuffled", shuffle: .none) { TiledSGD.tiledWalk($0) },
    tiles("mf, users in one group") { TileGrid(blocks: $0.blocks, groups: 1) },
    tiles("one group, 4 × the blocks") { TileGrid(blocks: 4 * $0.blocks, groups: 1) },
    tiles("user by user, one thread") { _ in TileGrid(blocks: 1, groups: 1) },
  ]

  private static func tiles(
    _ name: String, _ grid: @escaping @Sendable (TileGrid) -> TileGrid
  ) -> RatingOrder {
    RatingOrder(name: name) { task in
      let own = TileGrid(
        ratings: task.train.count, items: task.items, layout: task.problem.layout)
      return TiledSGD.tiledWalk(task, grid: grid(own))
    }
  }

  /// One rating after the other, all in one random order drawn anew for each epoch.
  private static func plainWalk(_ task: FitTask) -> TiledSGD.Walk {
    let (rows, mean) = (task.train, Float(task.problem.mean))
    let key = ck_random_key(task.seed, RandomStream.shuffle)
    let ends: [Int32] = [0, 1]
    let first = [UInt16](repeating: 0, count: 1)
    return { epoch, tables, users, items in
      var order = [Int32](repeating: 0, count: rows.count)
      ck_sgd_order(&order, rows.count, ck_random_bits(key, UInt64(epoch)))
      var (users, squared) = (users, 0.0)
      for row in order.lazy.map(Int.init) {
        let item = Int(rows.items[row])
        var one = items
        one.rows += item * tables.items.stride
        one.weight += item
        let value = rows.values[row] - mean
        squared += walk(user: rows.users[row], value, first, ends) {
          ck_sgd_walk(
            &users, &one, tables.layout.factors, tables.layout.biased, tables.users.stride, $0, [0])
        }
      }
      return squared
    }
  }

  private static func walk(
    user: Int32, _ value: Float, _ item: [UInt16], _ ends: [Int32],
    _ body: (UnsafePointer<ck_sgd_tile>) -> Double
  ) -> Double {
    withUnsafePointer(to: user) { user in
      withUnsafePointer(to: value) { value in
        item.withUnsafeBufferPointer { item in
          ends.withUnsafeBufferPointer { ends in
            withUnsafePointer(
              to: ck_sgd_tile(
                runs: 1, user: user, start: ends.baseAddress, item: item.baseAddress, value: value),
              body)
          }
        }
      }
    }
  }
}

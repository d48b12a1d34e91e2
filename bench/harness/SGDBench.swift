// One epoch of stochastic gradient descent on tiles.
import CKernels
import Osusume

/// Tiles, tables and steps of `mf` at k 50.
final class SGDWork {
  private let layout = FactorLayout(factors: 50, biased: true)
  private let rows: IndexedRatings
  private let users: Int, items: Int
  private let mean: Float = 7.8
  private let parameters: FactorParameters
  private let tiles: RatingTiles
  private var userSteps: SGDSteps, itemSteps: SGDSteps
  private let key: UInt64
  private var squared: Double?
  private var isSteady = true

  init(_ rows: IndexedRatings, users: Int, items: Int, seed: UInt64, threads: Int) {
    self.rows = rows
    self.users = users
    self.items = items
    key = ck_random_key(seed, 203)
    parameters = FactorParameters(layout: layout, users: users, items: items, mean: mean)
    tiles = RatingTiles(
      rows, users: users, items: items, mean: mean,
      grid: TileGrid(ratings: rows.count, items: items, layout: layout),
      threads: threads)
    userSteps = SGDSteps(counts: Grouping.counts(rows.users, keys: users))
    itemSteps = SGDSteps(counts: Grouping.counts(rows.items, keys: items))
    userSteps.set(ModelSpec.mf.defaults, deviation: 1.58, rateScale: 1)
    itemSteps.set(ModelSpec.mf.defaults, deviation: 1.58, rateScale: 1)
  }

  private func reset() {
    for (table, key) in [(parameters.users, key), (parameters.items, ~key)] {
      ck_init_normal(table.base, 0, table.rows, layout.factors, table.stride, 0.02, key)
    }
    for user in 0..<users { parameters.users[user][layout.userBiasLane] = 0 }
    for item in 0..<items { parameters.items[item][layout.itemBiasLane] = 0 }
  }

  private func walk(threads: Int) -> Double {
    tiles.walk(
      users: userSteps.side(of: parameters.users), items: itemSteps.side(of: parameters.items),
      layout: layout, stride: parameters.users.stride, key: key, threads: threads)
  }

  /// `ck_sgd_walk` over all tiles.
  var bench: KernelBench {
    KernelBench(
      "sgd.walk", unit: "rating", units: rows.count, bytes: Double(2 * 4 * layout.lanes + 6),
      flops: Double(8 * layout.lanes), bandwidth: .l2Read,
      remark: "rows come from L2 and leave to it, at random",
      run: { threads in
        self.reset()
        let squared = self.walk(threads: threads)
        self.isSteady = self.isSteady && squared == self.squared ?? squared
        self.squared = squared
      },
      isRight: { threads in self.isSteady && self.sampleIsRight(threads: threads) })
  }

  /// Walks so few ratings that they make one tile, and compares with a slow path in double.
  private func sampleIsRight(threads: Int) -> Bool {
    let count = min(rows.count, 2000)
    let sample = IndexedRatings(
      users: Array(rows.users[..<count]), items: Array(rows.items[..<count]),
      values: Array(rows.values[..<count]))
    let work = SGDWork(
      sample, users: Int(sample.users[count - 1]) + 1, items: items, seed: 1, threads: threads)
    guard work.tiles.grid == TileGrid(blocks: 1, groups: 1) else { return false }
    work.reset()
    var slow = SlowSGD(work.parameters, work.userSteps, work.itemSteps)
    let squared = work.walk(threads: threads)
    let starts = sample.users.indices.filter {
      $0 == 0 || sample.users[$0] != sample.users[$0 - 1]
    }
    var order = [Int32](repeating: 0, count: starts.count)
    ck_sgd_order(&order, order.count, ck_random_bits(work.key, 1))
    slow.walk(
      runs: order.map { run in
        let end = Int(run) + 1 < starts.count ? starts[Int(run) + 1] : count
        return (starts[Int(run)]..<end).map {
          (Int(sample.users[$0]), Int(sample.items[$0]), Double(sample.values[$0] - mean))
        }
      })
    return abs(slow.squared - squared) <= 1e-5 * squared && slow.isClose(to: work.parameters)
  }
}

/// SGD as the contract of `ck_sgd_walk` says, in double.
private struct SlowSGD {
  typealias Rating = (user: Int, item: Int, value: Double)

  private var users: [[Double]], items: [[Double]]
  private let lanes: Int, factors: Int
  private let userSide: ck_sgd_side, itemSide: ck_sgd_side
  private let steps: [SGDSteps]  // keeps what the sides point to
  var squared = 0.0

  init(_ start: FactorParameters, _ userSteps: SGDSteps, _ itemSteps: SGDSteps) {
    lanes = start.layout.lanes
    factors = start.layout.factors
    users = (0..<start.users.rows).map {
      start.users[$0].prefix(start.layout.lanes).map(Double.init)
    }
    items = (0..<start.items.rows).map {
      start.items[$0].prefix(start.layout.lanes).map(Double.init)
    }
    steps = [userSteps, itemSteps]
    userSide = userSteps.side(of: start.users)
    itemSide = itemSteps.side(of: start.items)
  }

  /// Runs take turns; each updates by the error it took at its last turn, and takes the next.
  mutating func walk(runs: [[Rating]]) {
    var waiting = runs[...]
    var slots = runs.prefix(Int(CK_SGD_SLOTS)).map { (rest: $0[...], error: error($0[0])) }
    waiting.removeFirst(slots.count)
    while !slots.isEmpty {
      var turn = 0
      while turn < slots.count {
        step(slots[turn].rest.removeFirst(), slots[turn].error)
        if let next = slots[turn].rest.first {
          slots[turn].error = error(next)
        } else if let run = waiting.popFirst() {
          slots[turn] = (run[...], error(run[0]))
        } else {
          slots.swapAt(turn, slots.count - 1)
          slots.removeLast()
          continue
        }
        turn += 1
      }
    }
  }

  private func error(_ rating: Rating) -> Double {
    rating.value - zip(users[rating.user], items[rating.item]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private mutating func step(_ rating: Rating, _ e: Double) {
    let (user, item, _) = rating
    let (p, q) = (users[user], items[item])
    squared += e * e
    let pDecay = Double(userSide.decay) + Double(userSide.prior) * Double(userSide.weight[user])
    let qDecay = Double(itemSide.decay) + Double(itemSide.prior) * Double(itemSide.weight[item])
    for lane in 0..<factors {
      users[user][lane] = p[lane] * (1 - pDecay) + Double(userSide.rate) * e * q[lane]
      items[item][lane] = q[lane] * (1 - qDecay) + Double(itemSide.rate) * e * p[lane]
    }
    users[user][factors] +=
      Double(userSide.bias_rate) * e - Double(userSide.bias_decay) * p[factors]
    items[item][factors + 1] +=
      Double(itemSide.bias_rate) * e - Double(itemSide.bias_decay) * q[factors + 1]
  }

  /// Whether every parameter is within a few roundings a step of where it should be.
  func isClose(to other: FactorParameters) -> Bool {
    for (rows, table) in [(users, other.users), (items, other.items)] {
      for (row, expected) in rows.enumerated() {
        for lane in 0..<lanes
        where abs(Double(table[row][lane]) - expected[lane]) > 1e-4 * (0.1 + abs(expected[lane])) {
          return false
        }
      }
    }
    return true
  }
}

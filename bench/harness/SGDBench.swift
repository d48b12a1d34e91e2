// One epoch of stochastic gradient descent on tiles.
import CKernels
import Osusume

/// Tiles, tables and steps of `mf` at k 50.
final class SGDWork {
  private let layout = RowLayout(factors: 50, biased: true)
  private let rows: RatingRows
  private let users: Int, items: Int
  private let mean: Float = 7.8
  private let parameters: FactorParameters
  private let tiles: RatingTiles
  private let userSteps: SGDSteps, itemSteps: SGDSteps
  private let key: UInt64
  private var squared: Double?
  private var isSteady = true

  init(_ rows: RatingRows, users: Int, items: Int, seed: UInt64, threads: Int) {
    self.rows = rows
    self.users = users
    self.items = items
    key = ck_random_key(seed, 203)
    parameters = FactorParameters(layout: layout, users: users, items: items, mean: mean)
    tiles = RatingTiles(
      rows, users: users, items: items, mean: mean, rowBytes: 4 * parameters.users.stride,
      threads: threads)
    userSteps = SGDSteps(
      counts: ratingCounts(rows.users, count: users), layout: layout,
      biasLane: layout.userBiasLane)
    itemSteps = SGDSteps(
      counts: ratingCounts(rows.items, count: items), layout: layout,
      biasLane: layout.itemBiasLane)
    for steps in [userSteps, itemSteps] {
      steps.set(ModelSpec.mf.defaults, deviation: 1.58, rateScale: 1)
    }
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
      remark: "each rating waits for the user's row that the one before it left",
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
    let sample = RatingRows(
      users: Array(rows.users[..<count]), items: Array(rows.items[..<count]),
      values: Array(rows.values[..<count]))
    let work = SGDWork(
      sample, users: Int(sample.users[count - 1]) + 1, items: items, seed: 1, threads: threads)
    guard work.tiles.blocks == 1 else { return false }
    work.reset()
    var slow = SlowSGD(work.parameters, work.userSteps, work.itemSteps)
    let squared = work.walk(threads: threads)
    let starts = sample.users.indices.filter {
      $0 == 0 || sample.users[$0] != sample.users[$0 - 1]
    }
    var order = [Int32](repeating: 0, count: starts.count)
    ck_sgd_order(&order, order.count, ck_random_bits(work.key, 1))
    for run in order {
      let end = Int(run) + 1 < starts.count ? starts[Int(run) + 1] : count
      for row in starts[Int(run)]..<end {
        slow.step(
          Int(sample.users[row]), Int(sample.items[row]), Double(sample.values[row] - mean))
      }
    }
    return abs(slow.squared - squared) <= 1e-5 * squared && slow.isClose(to: work.parameters)
  }
}

/// SGD as its formula says, in double.
private struct SlowSGD {
  private var users: [[Double]], items: [[Double]]
  private let lanes: Int
  private let userSteps: SGDSteps, itemSteps: SGDSteps
  private let tables: FactorParameters
  var squared = 0.0

  init(_ start: FactorParameters, _ userSteps: SGDSteps, _ itemSteps: SGDSteps) {
    lanes = start.layout.lanes
    users = (0..<start.users.rows).map {
      start.users[$0].prefix(start.layout.lanes).map(Double.init)
    }
    items = (0..<start.items.rows).map {
      start.items[$0].prefix(start.layout.lanes).map(Double.init)
    }
    self.userSteps = userSteps
    self.itemSteps = itemSteps
    tables = start
  }

  mutating func step(_ user: Int, _ item: Int, _ value: Double) {
    let (us, its) = (userSteps.side(of: tables.users), itemSteps.side(of: tables.items))
    let (p, q) = (users[user], items[item])
    let e = value - zip(p, q).reduce(0) { $0 + $1.0 * $1.1 }
    squared += e * e
    for lane in 0..<lanes {
      let pDecay = Double(us.decay[lane]) + Double(us.prior[lane]) * Double(us.weight[user])
      let qDecay = Double(its.decay[lane]) + Double(its.prior[lane]) * Double(its.weight[item])
      users[user][lane] = p[lane] * (1 - pDecay) + Double(us.rate[lane]) * e * q[lane]
      items[item][lane] = q[lane] * (1 - qDecay) + Double(its.rate[lane]) * e * p[lane]
    }
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

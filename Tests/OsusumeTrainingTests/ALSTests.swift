// ALS: agrees with double precision, lowers its loss at every sweep, and does not depend on threads.
import CReference
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct ALSTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)
  private static let small = World(users: 30, items: 20, rank: 2, density: 0.6, noise: 0.5)

  private func solver(
    threads: Int = 1, seed: UInt64 = 42, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Trainer {
    var settings = ModelSpec.als.defaults
    (settings.factors, settings.rowSolver) = (14, .cholesky)
    change(&settings)
    return Trainer(.als, settings, seed: seed, threads: threads)
  }

  /// Sweeps alone: no search for their number.
  private func sweeps(
    _ count: Int, threads: Int = 1, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Trainer {
    solver(threads: threads) {
      ($0.epochs, $0.earlyStopping) = (count, 0)
      change(&$0)
    }
  }

  private func deviation(_ rows: IndexedRatings) -> Double {
    let mean = rows.values.reduce(0.0) { $0 + Double($1) } / Double(rows.count)
    let squares = rows.values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (squares / Double(rows.count)).squareRoot()
  }

  /// The loss that ALS minimises, in double.
  private func loss(_ p: FactorParameters, _ rows: IndexedRatings, _ settings: Hyperparameters)
    -> Double
  {
    var sum = 0.0
    for row in 0..<rows.count {
      let (user, item) = (Int(rows.users[row]), Int(rows.items[row]))
      var error = Double(rows.values[row]) - Double(p.mean)
      for lane in 0..<p.layout.lanes {
        error -= Double(p.users[user][lane]) * Double(p.items[item][lane])
      }
      sum += error * error
    }
    let scale = deviation(rows)
    for (table, keys, bias) in [
      (p.users, rows.users, p.layout.userBiasLane), (p.items, rows.items, p.layout.itemBiasLane),
    ] {
      var counts = [Double](repeating: 0, count: table.rows)
      for key in keys { counts[Int(key)] += 1 }
      for row in 0..<table.rows {
        let factors = (0..<p.layout.factors).reduce(0.0) {
          $0 + Double(table[row][$1]) * Double(table[row][$1])
        }
        sum +=
          scale * (settings.regularization * counts[row] + settings.rowRegularization) * factors
        sum += settings.biasRegularization * Double(table[row][bias]) * Double(table[row][bias])
      }
    }
    return sum
  }

  @Test func sweepsAreThoseOfDoublePrecision() throws {
    let rows = Self.small.train
    let (users, items) = (Self.small.users, Self.small.items)
    let start = try sweeps(0).fit(rows, users: users, items: items).parameters.packed
    let found = try sweeps(3).fit(rows, users: users, items: items).parameters.packed
    let expected = start.copy()
    let settings = sweeps(3).hyperparameters
    for _ in 0..<3 {
      halfSweep(
        expected.users, expected.items, rows.users, rows.items, rows, expected, settings, true)
      halfSweep(
        expected.items, expected.users, rows.items, rows.users, rows, expected, settings, false)
    }
    for (mine, right) in [(found.users, expected.users), (found.items, expected.items)] {
      for row in 0..<mine.rows {
        for lane in 0..<found.layout.lanes {
          #expect(abs(mine[row][lane] - right[row][lane]) < 1e-5, "row \(row), lane \(lane)")
        }
      }
    }
  }

  /// Sets each row to its minimiser in double.
  private func halfSweep(
    _ table: FloatMatrix, _ fixed: FloatMatrix, _ keys: [Int32], _ others: [Int32],
    _ rows: IndexedRatings, _ p: FactorParameters, _ settings: Hyperparameters, _ isUser: Bool
  ) {
    let scale = deviation(rows)
    let (own, other) =
      isUser
      ? (p.layout.userBiasLane, p.layout.itemBiasLane)
      : (p.layout.itemBiasLane, p.layout.userBiasLane)
    for row in 0..<table.rows {
      let mine = keys.indices.filter { keys[$0] == row }
      let columns = mine.map { others[$0] }
      let values = mine.map { rows.values[$0] - p.mean }
      var x = [Double](repeating: 0, count: p.layout.factors + 1)
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          var problem = ref_als_row(
            fixed: fixed.base, stride: fixed.stride, factors: p.layout.factors, biased: true,
            other_bias: other, columns: columns.baseAddress, values: values.baseAddress,
            count: mine.count,
            factor_penalty: scale
              * (settings.regularization * Double(mine.count) + settings.rowRegularization),
            bias_penalty: settings.biasRegularization, roots: nil)
          ref_als_primal(&problem, &x)
        }
      }
      for lane in 0..<p.layout.factors { table[row][lane] = Float(x[lane]) }
      table[row][own] = Float(x[p.layout.factors])
    }
  }

  @Test(arguments: [(0.05, 4.0), (0.1, 0.0), (0.0, 3.0)])
  func noSweepRaisesTheLoss(_ weighted: Double, _ plain: Double) throws {
    let solver = sweeps(6) { ($0.regularization, $0.rowRegularization) = (weighted, plain) }
    var last = Double.infinity
    let rows = Self.world.train
    _ = try solver.fit(rows, users: Self.world.users, items: Self.world.items) {
      report, state in
      let factors = state().factors(rows, factors: 14)
      let now = loss(factors, rows, solver.hyperparameters)
      #expect(now <= last * (1 + 1e-6), "sweep \(report.epoch)")
      last = now
      // The squared error that the solver reports is that of its tables afterwards.
      let error = factors.errors(on: rows, threads: 1)?.rmse ?? 0
      #expect(abs(report.trainLoss.squareRoot() - error) < 1e-4)
      return true
    }
    #expect(
      last
        < loss(
          try sweeps(1).fit(rows, users: 300, items: 120).parameters.packed, rows,
          solver.hyperparameters))
  }

  @Test func conjugateGradientsGoTheSameWay() throws {
    let world = Self.world
    let exact = try sweeps(10).fit(world.train, users: world.users, items: world.items)
    let stepped = try sweeps(10) { $0.rowSolver = .conjugateGradients }
      .fit(world.train, users: world.users, items: world.items)
    let settings = sweeps(10).hyperparameters
    let (best, near) = (
      loss(exact.parameters.packed, world.train, settings),
      loss(stepped.parameters.packed, world.train, settings)
    )
    #expect(near < best * 1.05, "\(near), exact \(best)")
    let threaded = try sweeps(10, threads: 3) { $0.rowSolver = .conjugateGradients }
      .fit(world.train, users: world.users, items: world.items)
    #expect(bytes(threaded.parameters) == bytes(stepped.parameters))
  }

  @Test func findsStructureThatBiasesMiss() throws {
    let world = Self.world
    let result = try solver { $0.earlyStopping = 2 }.fit(
      world.train, test: world.test, users: world.users, items: world.items)
    #expect(try #require(result.epochs.last?.validRMSE) < 0.5, "noise alone is 0.3")
    #expect(!result.search.isEmpty)
  }

  @Test func threadsDoNotChangeABit() throws {
    let world = Self.world
    let results = try [1, 2, 3].map {
      try solver(threads: $0).fit(world.train, users: world.users, items: world.items)
    }
    for result in results[1...] {
      #expect(bytes(result.parameters) == bytes(results[0].parameters))
      #expect(result.epochs.map(\.trainLoss) == results[0].epochs.map(\.trainLoss))
    }
  }

  @Test func resumedItEndsInTheSameBytes() throws {
    let world = Self.world
    let solver = solver { $0.earlyStopping = 2 }
    let whole = try solver.fit(world.train, users: world.users, items: world.items)
    for stop in [1, whole.search.count, whole.search.count + 1] {
      var epochs = 0
      var saved: FitState?
      _ = try solver.fit(world.train, users: world.users, items: world.items) { _, state in
        epochs += 1
        if epochs == stop { saved = state().copy() }
        return epochs <= stop
      }
      let resumed = try solver.fit(
        world.train, users: world.users, items: world.items, resuming: saved)
      #expect(bytes(resumed.parameters) == bytes(whole.parameters), "stop \(stop)")
    }
  }

  @Test func aWarmStartIsHalfTheWay() throws {
    let world = Self.world
    let fitted = try sweeps(20).fit(world.train, users: world.users, items: world.items)
    let cold = try sweeps(1).fit(world.train, users: world.users, items: world.items)
    let warm = try TrainingLoop<ALS>(
      FitTask(
        .als, sweeps(1).hyperparameters, train: world.train, users: world.users,
        items: world.items)
    ) { task in
      let als = ALS(task)
      als.parameters.tables[1].base.update(
        from: fitted.parameters.tables[1].base, count: fitted.parameters.tables[1].capacity)
      return als
    }.run()
    let settings = sweeps(1).hyperparameters
    let reached = loss(fitted.parameters.packed, world.train, settings)
    #expect(loss(warm.parameters.packed, world.train, settings) <= reached * (1 + 1e-6))
    #expect(loss(cold.parameters.packed, world.train, settings) > reached * 1.05)
  }

  @Test func anUndeterminedRowIsAnErrorThatNamesLambda() {
    let rows = IndexedRatings(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [1, 5, 2, 4])
    let none = sweeps(3) {
      ($0.regularization, $0.rowRegularization, $0.biasRegularization) = (0, 0, 0)
    }
    #expect {
      try none.fit(rows, users: 2, items: 2)
    } throws: { error in
      "\(error)".contains("λ = 0") && "\(error)".contains("`regularization`")
    }
  }

  @Test func awkwardDataIsFitted() throws {
    #expect(throws: TrainingError.noRatings) {
      try solver().fit(IndexedRatings(users: [], items: [], values: []), users: 3, items: 3)
    }
    let one = IndexedRatings(users: [1], items: [2], values: [4])
    let result = try solver().fit(one, users: 3, items: 4)
    #expect(abs(result.parameters.score(user: 1, item: 2) - 4) < 0.01)
    let equal = IndexedRatings(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [3, 3, 3, 3])
    let flat = try solver().fit(equal, users: 2, items: 2)
    #expect(abs(flat.parameters.score(user: 0, item: 1) - 3) < 0.01)
  }
}

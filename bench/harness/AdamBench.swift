// Dense Adam by sparse visits: the update of users' rows batch by batch, and the settling of all rows.
import CKernels
import CProbe
import Foundation
import Osusume

/// Adam's clock and what it knows of the users' rows, some way into a fit.
final class AdamWork {
  private let tables: BenchTables
  private let clock = Column<ck_adam_clock>(count: 1)
  private let powers: [Column<Float>]
  private let last: Column<UInt32>
  private let mask: FloatMatrix
  private let gradients: FloatMatrix
  /// A step at which all rows are settled; beyond the first ones, which are made one by one.
  private let settled = 1000
  private let scale: Float = 0.01
  /// Steps that rows are behind when they are settled.
  private static let behind = 10
  private let settings = ck_adam_settings(
    beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rate: 1e-3, decay: 0)

  init(_ tables: BenchTables) {
    self.tables = tables
    // A clock that spans the steps that rows are settled over: small sets have fewer batches.
    let span = max(tables.plan.batches, Self.behind)
    powers = (0..<2).map { _ in Column(count: span + 1) }
    last = Column(repeating: 0, count: tables.data.users)
    mask = FloatMatrix(rows: 1, columns: tables.width)
    for lane in 0...tables.layout.userBiasLane { mask[0][lane] = 1 }
    gradients = FloatMatrix(rows: tables.plan.batchSize, columns: tables.width)
    ck_init_normal(gradients.base, 0, gradients.rows, tables.lanes, tables.width, 1, 7)
    var start = ck_adam_clock()
    start.span = span
    start.m_powers = powers[0].base
    start.r_powers = powers[1].base
    clock.base.initialize(to: start)
  }

  private func startClock() {
    ck_adam_clock_start(clock.base, settings, UInt64(settled))
    last.base.update(repeating: UInt32(settled), count: last.count)
  }

  /// Runs `body` for 512 rows of a batch at a time, batch after batch, as a fit does.
  private func forEachChunkOfRuns(
    threads: Int, _ before: () -> Void, _ body: (_ batch: Int, _ runs: Range<Int>) -> Void
  ) {
    for batch in 0..<tables.plan.batches {
      before()
      let runs = Int(tables.plan.userRuns[batch])
      let chunks = (runs + 511) / 512
      forEachChunk(chunks, threads: threads) { body(batch, evenRange($0, of: chunks, count: runs)) }
    }
  }

  /// `ck_adam_update` on the users of all batches.
  var update: KernelBench {
    let (plan, table, width) = (tables.plan, tables.users, tables.width)
    return KernelBench(
      "adam.update", unit: "row", units: plan.userRuns.array().reduce(0) { $0 + Int($1) },
      bytes: Double(7 * 4 * tables.lanes + 16), flops: Double(22 * tables.lanes),
      bandwidth: tables.data.bandwidth(of: 4 * table.capacity),
      remark: "arithmetic, some 22 operations a float; a barrier a batch",
      run: { threads in
        self.startClock()
        self.forEachChunkOfRuns(threads: threads) {
          ck_adam_clock_advance(self.clock.base)
        } _: { batch, runs in
          self.step(batch, runs)
        }
      },
      moveAlone: { threads in
        self.forEachChunkOfRuns(threads: threads, {}) { batch, runs in
          probe_update_rows(
            table.base, table.stride, plan.userID.base + plan.first(batch) + runs.lowerBound,
            runs.count, 3 * width)
        }
      },
      isRight: { _ in self.updateIsRight() })
  }

  /// The users' rows, and Adam's parts of them.
  private var records: (rows: ck_rows_table, adam: ck_adam_state) {
    let (table, width) = (tables.users, tables.width)
    return (
      ck_rows_table(rows: table.base, mask: mask.base, stride: table.stride, lanes: tables.lanes),
      ck_adam_state(
        M: table.base + width, R: table.base + 2 * width, last: last.base, penalty: nil)
    )
  }

  private func step(_ batch: Int, _ runs: Range<Int>) {
    let (plan, width) = (tables.plan, tables.width)
    let first = plan.first(batch) + runs.lowerBound
    var (rows, adam) = records
    var own = ck_rows_gradients(
      count: runs.count, id: plan.userID.base + first,
      G: gradients.base + runs.lowerBound * width, width: width, scale: scale)
    ck_adam_update(clock.base, &own, plan.userAhead.base + first, &rows, &adam)
  }

  /// Makes one step on the first batch's rows and compares some with dense Adam in double, which makes
  /// every step.
  private func updateIsRight() -> Bool {
    tables.reset()
    let (plan, table, width) = (tables.plan, tables.users, tables.width)
    let runs = 0..<min(16, Int(plan.userRuns[0]))
    let before = runs.map { Array(table[Int(plan.userID[$0])]) }
    startClock()
    ck_adam_clock_advance(clock.base)
    step(0, runs)
    for run in runs {
      let after = table[Int(plan.userID[run])]
      for lane in 0..<tables.lanes {
        let g = Double(scale) * Double(gradients[run][lane]) * Double(mask[0][lane])
        let (p, m, r) = (
          before[run][lane], before[run][width + lane], before[run][2 * width + lane]
        )
        let end = denseAdam(
          Double(p), Double(m), Double(r), g, steps: 1 + Int(plan.userAhead[run]))
        guard abs(Double(after[lane]) - end) <= 2e-5 * abs(end - Double(p)) + 2e-7 * abs(end)
        else { return false }
      }
    }
    return true
  }

  /// The parameter after a step with gradient g and the others without one.
  private func denseAdam(_ p: Double, _ m: Double, _ r: Double, _ g: Double, steps: Int) -> Double {
    var (p, m, v) = (p, m, r * r)
    for step in 0..<steps {
      let t = Double(settled + 1 + step)
      let g = step == 0 ? g : 0
      m = settings.beta1 * m + (1 - settings.beta1) * g
      v = settings.beta2 * v + (1 - settings.beta2) * g * g
      let (mean, square) = (m / (1 - pow(settings.beta1, t)), v / (1 - pow(settings.beta2, t)))
      p -= settings.rate * mean / (square.squareRoot() + settings.epsilon)
    }
    return p
  }

  /// `ck_adam_settle` on all users' rows, each ten steps behind.
  var settle: KernelBench {
    let (table, lanes) = (tables.users, tables.lanes)
    let steps = Self.behind
    return KernelBench(
      "adam.settle", unit: "row", units: table.rows, bytes: Double(4 * 4 * lanes + 8),
      flops: Double(2 * lanes), bandwidth: tables.data.bandwidth(of: 4 * table.capacity),
      remark: "two of a record's three parts are moved",
      run: { threads in
        ck_adam_clock_start(self.clock.base, self.settings, UInt64(self.settled + steps))
        self.last.base.update(repeating: UInt32(self.settled), count: self.last.count)
        self.forEachBlock(threads: threads) { first, count in
          var (rows, adam) = self.records
          ck_adam_settle(self.clock.base, first, count, &rows, &adam)
        }
      },
      isRight: { _ in self.settleIsRight(steps: steps) })
  }

  private func forEachBlock(threads: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    let blocks = (tables.users.rows + 1023) / 1024
    forEachChunk(blocks, threads: threads) { block in
      let rows = evenRange(block, of: blocks, count: tables.users.rows)
      body(rows.lowerBound, rows.count)
    }
  }

  private func settleIsRight(steps: Int) -> Bool {
    tables.reset()
    let (table, width) = (tables.users, tables.width)
    let before = Array(table[0])
    ck_adam_clock_start(clock.base, settings, UInt64(settled + steps))
    last[0] = UInt32(settled)
    var (rows, adam) = records
    ck_adam_settle(clock.base, 0, 1, &rows, &adam)
    return (0..<tables.lanes).allSatisfy { lane in
      let m = Double(before[width + lane]) * pow(settings.beta1, Double(steps))
      let r = Double(before[2 * width + lane]) * pow(settings.beta2, Double(steps) / 2)
      return isClose(table[0][width + lane], m, terms: 1, magnitude: abs(m))
        && isClose(table[0][2 * width + lane], r, terms: 1, magnitude: abs(r))
    }
  }
}

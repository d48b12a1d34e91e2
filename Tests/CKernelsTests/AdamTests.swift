// Lazy Adam against dense Adam in double precision: one gap at a time, and whole runs.
import CKernels
import CReference
import OsusumeData
import Testing

/// The memory of a clock.
private final class Clock {
  var value = UnsafeMutablePointer<ck_adam_clock>.allocate(capacity: 1)
  private let tables: [Column<Float>]

  init(span: Int) {
    tables = (0..<4).map { _ in Column(count: span + 1) }
    value.initialize(to: ck_adam_clock())
    value.pointee.span = span
    value.pointee.m_powers = tables[0].base
    value.pointee.r_powers = tables[1].base
    value.pointee.slopes = tables[2].base
    value.pointee.offsets = tables[3].base
  }

  deinit { value.deallocate() }
}

/// The first `lanes` lanes of records of three parts: parameters, mean gradient, root of the mean
/// squared gradient.
private func records(
  _ records: FloatMatrix, lanes: Int, mask: FloatMatrix? = nil, penalty: FloatMatrix? = nil,
  last: Guarded<UInt32>? = nil
) -> (rows: ck_rows_table, state: ck_adam_state) {
  let width = records.stride / 3
  return (
    ck_rows_table(
      rows: records.base, mask: mask?.base, stride: records.stride, lanes: lanes),
    ck_adam_state(
      M: records.base + width, R: records.base + 2 * width, last: last?.base,
      penalty: penalty?.base)
  )
}

private let settings = ck_adam_settings(
  beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rate: 1e-3, decay: 0)

extension KernelTests {
  struct AdamTests {
    /// A row updated at step s and moved over n more steps, against the loop, over gradients from far
    /// below epsilon to far above it.
    @Test(arguments: [0, 0.01]) func oneGapEqualsTheLoop(decay: Double) {
      var settings = settings
      settings.decay = decay
      let clock = Clock(span: 4000)
      for s in [1, 2, 10, 63, 64, 65, 100, 500, 3000] as [UInt64] {
        for n in [0, 1, 2, 3, 7, 20, 64, 100, 255, 256, 257, 900] as [Int32] {
          for scale in [1, 1e-3, 1e-6, 1e-9, 1e-12, 0] {
            forEachISA { name in
              check(clock, settings, step: s, gap: n, gradientScale: scale, name)
            }
          }
        }
      }
    }

    private func check(
      _ clock: Clock, _ settings: ck_adam_settings, step: UInt64, gap: Int32, gradientScale: Double,
      _ name: String
    ) {
      ck_adam_clock_start(clock.value, settings, step - 1)
      ck_adam_clock_advance(clock.value)
      let width = 32
      let record = FloatMatrix(rows: 1, columns: 3 * width)
      let g = FloatMatrix(rows: 1, columns: width)
      let mask = FloatMatrix(rows: 1, columns: width)
      let last = Guarded([UInt32(step - 1)])
      let id = Guarded<Int32>([0])
      var expected = [Double](repeating: 0, count: 17)
      for lane in 0..<17 {
        mask[0][lane] = 1
        // Lane by lane: state much larger, alike and much smaller than the gradient, or none.
        let state = [1e3, 1, 1e-3, 0][lane % 4] * gradientScale
        let sign = lane % 3 == 0 ? -1.0 : 1.0
        g[0][lane] = Float(gradientScale * (0.5 + Double(lane) / 17))
        record[0][width + lane] = Float(0.1 * state * sign)
        record[0][2 * width + lane] = Float(state)
        var p = 0.0
        var m = Double(record[0][width + lane])
        var v = Double(record[0][2 * width + lane])
        v *= v
        for t in step...(step + UInt64(gap)) {
          ref_adam_step(
            settings.rate, settings.beta1, settings.beta2, settings.epsilon, settings.decay, t,
            t == step ? Double(g[0][lane]) : 0, &p, &m, &v)
        }
        expected[lane] = p
      }
      var gradients = ck_rows_gradients(count: 1, id: id.base, G: g.base, width: width, scale: 1)
      var (rows, state) = records(record, lanes: 17, mask: mask, last: last)
      ck_adam_update(clock.value, &gradients, [gap], &rows, &state)
      for lane in 0..<17 {
        let error = abs(Double(record[0][lane]) - expected[lane])
        #expect(
          error <= 1e-5 * abs(expected[lane]) + 1e-9,
          "\(name), s \(step), n \(gap), scale \(gradientScale), lane \(lane)")
      }
      #expect(last.values == [UInt32(step)] && last.isIntact && id.isIntact)
    }

    /// Rows under a penalty, moved with a gradient and on without one, against the loop.
    ///
    /// Lanes of two groups of vectors and a remainder.
    @Test(arguments: [0, 0.01]) func pulledRowsEqualTheLoop(decay: Double) {
      var settings = settings
      settings.decay = decay
      let (lanes, width, penalty) = (141, 144, 2e-3)
      let clock = Clock(span: 1000)
      let pull = FloatMatrix(rows: 1, columns: width)
      for lane in 0..<lanes where lane % 5 != 0 { pull[0][lane] = Float(penalty) }
      let g = randomRows(1, lanes: lanes, stride: width, seed: 11)
      let id = Guarded<Int32>([1])
      let start = randomRows(3, lanes: lanes, stride: 3 * width, seed: 12)
      for lane in 0..<lanes {
        start[1][width + lane] = 0.1 * start[0][lane]
        start[1][2 * width + lane] = abs(start[2][lane])
      }
      for settled in [0, 30, 200] as [UInt64] {
        for ahead in [0, 1, 40, 700] as [Int32] {
          forEachISA { name in
            ck_adam_clock_start(clock.value, settings, settled)
            let table = start.copy()
            var (rows, state) = records(table, lanes: lanes, penalty: pull)
            // Row 1 rests for two steps, then gets its gradient in the third.
            ck_adam_pull_on(clock.value, [0, 2, 0], 0, 3, &rows, &state)
            for _ in 0..<3 { ck_adam_clock_advance(clock.value) }
            var gradients = ck_rows_gradients(
              count: 1, id: id.base, G: g.base, width: width, scale: 0.5)
            ck_adam_pull(clock.value, &gradients, [ahead], &rows, &state)
            for lane in 0..<lanes {
              var x = Double(start[1][lane])
              var mean = Double(start[1][width + lane])
              var square = Double(start[1][2 * width + lane])
              square *= square
              for t in 1...(3 + UInt64(ahead)) {
                ref_adam_step(
                  settings.rate, settings.beta1, settings.beta2, settings.epsilon, settings.decay,
                  settled + t, Double(pull[0][lane]) * x + (t == 3 ? 0.5 * Double(g[0][lane]) : 0),
                  &x, &mean, &square)
              }
              let message = "\(name), from \(settled), ahead \(ahead), lane \(lane)"
              #expect(abs(Double(table[1][lane]) - x) <= 2e-5, "\(message)")
              #expect(abs(Double(table[1][width + lane]) - mean) <= 1e-5, "\(message): mean")
              let root = Double(table[1][2 * width + lane])
              #expect(abs(root - square.squareRoot()) <= 1e-5, "\(message): root")
            }
            for row in [0, 2] {
              #expect(
                (0..<3 * width).allSatisfy { table[row][$0] == start[row][$0] }, "\(name): \(row)")
            }
            #expect(id.isIntact)
          }
        }
      }
    }

    /// Three epochs of a hundred steps on random rows; every coordinate of the table must end as close
    /// to dense Adam in double as dense Adam in float32 does, up to a factor.
    @Test(arguments: [0, 0.01]) func aWholeRunEqualsDenseAdam(decay: Double) {
      forEachISA { name in
        let (lazy, dense) = drift(decay: decay)
        #expect(lazy <= 4 * dense, "\(name): drift \(lazy), dense float32 \(dense)")
      }
    }

    /// The largest error of a coordinate after the run: lazy float32 and dense float32.
    private func drift(decay: Double) -> (lazy: Double, dense: Double) {
      var settings = settings
      settings.decay = decay
      let (rows, lanes, width, batches) = (40, 17, 32, 100)
      let clock = Clock(span: batches)
      let record = FloatMatrix(rows: rows, columns: 3 * width)
      let mask = FloatMatrix(rows: 1, columns: width)
      for lane in 0..<lanes where lane != 3 { mask[0][lane] = 1 }
      let last = Guarded<UInt32>(repeating: 0, count: rows)
      var (table, state) = records(record, lanes: lanes, mask: mask, last: last)
      let exact = (0..<3).map { _ in Column<Double>(repeating: 0, count: rows * lanes) }
      let float = (0..<3).map { _ in Column<Float>(repeating: 0, count: rows * lanes) }
      let key = ck_random_key(3, 901)
      for row in 0..<rows {
        for lane in 0..<lanes {
          let start = Float(ck_random_uniform(key, UInt64(row * lanes + lane)))
          record[row][lane] = start
          exact[0][row * lanes + lane] = Double(start)
          float[0][row * lanes + lane] = start
        }
      }
      // Row r is met in a batch with chance 1/(1 + r): from always to hardly ever.
      let isMet = { (batch: Int, row: Int) -> Bool in
        ck_random_below(ck_random_key(4, 902), UInt64(batch * rows + row), UInt64(1 + row)) == 0
      }
      let wait = { (row: Int, after: Int) -> Int32 in
        Int32(((after + 1)..<batches).first { isMet($0, row) } ?? batches) - Int32(after) - 1
      }
      for epoch in 0..<3 {
        ck_adam_clock_start(clock.value, settings, UInt64(epoch * batches))
        ck_adam_settle(clock.value, 0, rows, &table, &state)
        ck_adam_coast(
          clock.value, (0..<rows).map { wait($0, -1) }, 0, rows, &table, &state)
        for batch in 0..<batches {
          ck_adam_clock_advance(clock.value)
          let t = UInt64(epoch * batches + batch + 1)
          let met = (0..<rows).filter { isMet(batch, $0) }
          let id = Guarded(met.map { Int32($0) })
          let g = randomRows(met.count, lanes: lanes, stride: width, seed: t)
          var gradients = ck_rows_gradients(
            count: met.count, id: id.base, G: g.base, width: width, scale: 1e-4)
          ck_adam_update(clock.value, &gradients, met.map { wait($0, batch) }, &table, &state)
          #expect(id.isIntact)
          for row in 0..<rows {
            let s = met.firstIndex(of: row)
            for lane in 0..<lanes where lane != 3 {
              let at = row * lanes + lane
              let gradient = s.map { 1e-4 * g[$0][lane] } ?? 0
              ref_adam_step(
                settings.rate, settings.beta1, settings.beta2, settings.epsilon, settings.decay, t,
                Double(gradient), exact[0].base + at, exact[1].base + at,
                exact[2].base + at)
              ref_adam_step_float(
                Float(settings.rate), Float(settings.beta1), Float(settings.beta2),
                Float(settings.epsilon), Float(settings.decay), t, gradient, float[0].base + at,
                float[1].base + at, float[2].base + at)
            }
          }
        }
      }
      #expect(last.isIntact)
      var worst = (lazy: 0.0, dense: 0.0)
      for row in 0..<rows {
        for lane in 0..<lanes {
          let truth = exact[0][row * lanes + lane]
          worst.lazy = max(worst.lazy, abs(Double(record[row][lane]) - truth))
          worst.dense = max(worst.dense, abs(Double(float[0][row * lanes + lane]) - truth))
        }
      }
      return worst
    }
  }
}

// The forward pass and the scatter of a batch, all batches of an epoch.
import CKernels
import CProbe
import Osusume

/// Buffers of a batch as one worker has them.
final class BatchBuffers {
  /// Errors, by rating.
  let weights: Column<Float>
  /// Gradients and copies of the users' rows, a row a run.
  let gradients: FloatMatrix, rows: FloatMatrix
  /// Gradients of the items, a row a run.
  let sums: FloatMatrix
  /// Sums of errors.
  var loss = ck_loss_sums()

  init(_ tables: BenchTables) {
    weights = Column(repeating: 0.5, count: tables.plan.batchSize)
    gradients = FloatMatrix(rows: tables.plan.batchSize, columns: tables.width)
    rows = FloatMatrix(rows: tables.plan.batchSize, columns: tables.width)
    sums = FloatMatrix(rows: tables.plan.batchSize, columns: tables.width)
  }
}

extension BenchTables {
  /// The forward pass, with buffers for so many threads.
  func pairBenches(threads: Int) -> [KernelBench] {
    [pairForward((0..<threads).map { _ in BatchBuffers(self) })]
  }

  /// The scatter, after a forward pass has filled the buffers.
  func rowsBenches(threads: Int) -> [KernelBench] {
    let buffers = (0..<threads).map { _ in BatchBuffers(self) }
    for buffer in buffers { forward(batch: 0, buffer) }
    return [rowsSum(buffers)]
  }

  /// `ck_pair_forward` over all batches.
  func pairForward(_ buffers: [BatchBuffers]) -> KernelBench {
    let (plan, width) = (plan, width)
    let runs = plan.userRuns.array().reduce(0) { $0 + Double($1) } / Double(plan.rows)
    return KernelBench(
      "pair.forward", unit: "rating", units: plan.rows,
      bytes: Double(4 * lanes) * (1 + 3 * runs) + 12, flops: Double(4 * lanes), bandwidth: .l3Read,
      remark: "",
      run: { threads in
        self.forEachBatch(threads: threads) { self.forward(batch: $1, buffers[$0]) }
      },
      moveAlone: { threads in
        self.forEachBatch(threads: threads) { _, batch in
          let first = plan.first(batch)
          _ = probe_read_rows(
            self.users.base, self.users.stride, plan.userID.base + first,
            Int(plan.userRuns[batch]), width)
          _ = probe_read_rows(
            self.items.base, self.items.stride, plan.items.base + first, plan.count(batch), width)
        }
      },
      isRight: { threads in self.forwardIsRight(batch: plan.batches - 1, buffers, threads) })
  }

  private func forward(batch: Int, _ buffer: BatchBuffers) {
    let first = plan.first(batch)
    var factors = ck_factors(
      P: users.base, Q: items.base, stride: users.stride, lanes: lanes, mean: mean)
    var ratings = ck_pair_batch(
      id: plan.userID.base + first, start: plan.userStart.base + plan.firstStart(batch),
      item: plan.items.base + first, rating: plan.ratings.base + first)
    var gradients = ck_pair_gradients(
      weight: buffer.weights.base, G: buffer.gradients.base, C: buffer.rows.base, width: width)
    buffer.loss = ck_pair_forward(
      &factors, &ratings, 0, Int(plan.userRuns[batch]), CK_LOSS_RMSE, &gradients)
  }

  /// Compares the last batch, whose results its worker still holds, with a slow path in double.
  func forwardIsRight(batch: Int, _ buffers: [BatchBuffers], _ threads: Int) -> Bool {
    let buffer = buffers[batch % threads]
    let (first, firstStart) = (plan.first(batch), plan.firstStart(batch))
    var squared = 0.0
    for run in 0..<Int(plan.userRuns[batch]) {
      let p = users[Int(plan.userID[first + run])]
      var gradient = [Double](repeating: 0, count: lanes)
      var magnitude = gradient
      let ratings = plan.userStart[firstStart + run]..<plan.userStart[firstStart + run + 1]
      for rating in ratings {
        let q = items[Int(plan.items[first + Int(rating)])]
        var (e, terms) = (Double(mean) - Double(plan.ratings[first + Int(rating)]), 20.0)
        for lane in 0..<lanes {
          e += Double(p[lane]) * Double(q[lane])
          terms += abs(Double(p[lane]) * Double(q[lane]))
        }
        guard isClose(buffer.weights[Int(rating)], e, terms: lanes, magnitude: terms) else {
          return false
        }
        squared += e * e
        for lane in 0..<lanes {
          gradient[lane] += e * Double(q[lane])
          magnitude[lane] += terms * abs(Double(q[lane]))
        }
      }
      for lane in 0..<lanes {
        let terms = lanes + ratings.count
        guard
          isClose(
            buffer.gradients[run][lane], gradient[lane], terms: terms, magnitude: magnitude[lane]),
          buffer.rows[run][lane] == p[lane]
        else { return false }
      }
    }
    return abs(buffer.loss.squared - squared) <= 1e-5 * squared
  }

  /// `ck_rows_sum` over all batches, the weights and users' rows being those of some batch.
  func rowsSum(_ buffers: [BatchBuffers]) -> KernelBench {
    let (plan, width) = (plan, width)
    let runs = plan.itemRuns.array().reduce(0) { $0 + Double($1) } / Double(plan.rows)
    return KernelBench(
      "rows.sum", unit: "rating", units: plan.rows, bytes: Double(4 * lanes) * (1 + runs) + 12,
      flops: Double(2 * lanes), bandwidth: .l3Read,
      remark: "",
      run: { threads in
        self.forEachBatch(threads: threads) { worker, batch in
          let (first, start) = (plan.first(batch), plan.firstStart(batch))
          let buffer = buffers[worker]
          ck_rows_sum(
            buffer.rows.base, plan.itemStart.base + start, plan.source.base + first,
            plan.row.base + first, buffer.weights.base, Int(plan.itemRuns[batch]), width,
            self.lanes, buffer.sums.base)
        }
      },
      moveAlone: { threads in
        self.forEachBatch(threads: threads) { worker, batch in
          _ = probe_read_rows(
            buffers[worker].rows.base, width, plan.row.base + plan.first(batch), plan.count(batch),
            width)
        }
      },
      isRight: { threads in self.sumIsRight(batch: plan.batches - 1, buffers, threads) })
  }

  private func sumIsRight(batch: Int, _ buffers: [BatchBuffers], _ threads: Int) -> Bool {
    let buffer = buffers[batch % threads]
    let (first, firstStart) = (plan.first(batch), plan.firstStart(batch))
    for run in 0..<Int(plan.itemRuns[batch]) {
      let entries = plan.itemStart[firstStart + run]..<plan.itemStart[firstStart + run + 1]
      for lane in 0..<lanes {
        var (sum, magnitude) = (0.0, 0.0)
        for entry in entries {
          let row = buffer.rows[Int(plan.row[first + Int(entry)])]
          let term =
            Double(buffer.weights[Int(plan.source[first + Int(entry)])]) * Double(row[lane])
          sum += term
          magnitude += abs(term)
        }
        guard isClose(buffer.sums[run][lane], sum, terms: entries.count, magnitude: magnitude)
        else { return false }
      }
    }
    return true
  }
}

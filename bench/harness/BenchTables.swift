// Tables and a plan of batches as a minibatch fit of flax-bias has them.
import CKernels
import Osusume

/// What the kernels of minibatch training work on: k 50 with biases, Adam's records, batches of 10,000.
final class BenchTables {
  let data: BenchData
  let layout = FactorLayout(factors: 50, biased: true)
  /// Lanes of a row in use, and floats of a padded row.
  let lanes: Int, width: Int
  let mean: Float = 7.8
  /// [users, 3 · width] and [items, 3 · width]: parameters, mean gradients, roots of mean squares.
  let users: FloatMatrix, items: FloatMatrix
  let plan: BatchPlan
  let seed: UInt64

  init(_ data: BenchData, seed: UInt64, threads: Int) {
    self.data = data
    self.seed = seed
    lanes = layout.lanes
    width = (lanes + 15) / 16 * 16
    users = FloatMatrix(rows: data.users, columns: 3 * width)
    items = FloatMatrix(rows: data.items, columns: 3 * width)
    plan = BatchPlan(
      rows: data.train.count, batchSize: 10_000, users: data.users, items: data.items)
    plan.deal(data.train, byUser: nil, shuffleKey: ck_random_key(seed, 200), threads: threads)
    reset()
  }

  /// Sets both tables to what they were at the start; the third part of a record is never negative.
  ///
  /// The last lane, a user's constant, has neither mean gradient nor mean square, as in training.
  func reset() {
    for (table, stream) in [(users, UInt64(201)), (items, 202)] {
      let key = ck_random_key(seed, stream)
      let stride = table.stride
      ck_init_normal(table.base, 0, table.rows, lanes, stride, 0.2, key)
      ck_init_normal(table.base + width, 0, table.rows, lanes - 1, stride, 1e-3, ~key)
      for row in 0..<table.rows {
        for lane in 0..<(lanes - 1) {
          table.base[row * stride + 2 * width + lane] =
            1e-3 + abs(table.base[row * stride + width + lane])
        }
      }
    }
  }

  /// Runs `body` for every batch, each by one of the workers.
  func forEachBatch(threads: Int, _ body: (_ worker: Int, _ batch: Int) -> Void) {
    forEachWorker(threads) { worker in
      for batch in stride(from: worker, to: plan.batches, by: threads) { body(worker, batch) }
    }
  }
}

/// Whether a float32 result is within `terms` roundings of a double-precision one, where `magnitude`
/// bounds the terms it is the sum of.
func isClose(_ result: Float, _ expected: Double, terms: Int, magnitude: Double) -> Bool {
  abs(Double(result) - expected) <= Double(4 * terms) * 0x1p-24 * magnitude + 1e-30
}

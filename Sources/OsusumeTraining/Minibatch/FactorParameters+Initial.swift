// How the parameters of a factor model start.
import CKernels
import OsusumeData
import OsusumeModels

extension FactorParameters {
  /// Random parameters for a task's model: each number a function of (seed, table, row, lane).
  static func initial(_ task: FitTask) -> FactorParameters {
    let (settings, terms) = (task.settings, task.spec.score.terms)
    let layout = task.problem.layout
    let parameters = FactorParameters(
      layout: layout, users: task.users, items: task.items,
      mean: terms.contains(.globalMean) ? Float(task.problem.mean) : 0)
    let tables = [
      (
        parameters.users, terms.contains(.bias(.user)) ? layout.userBiasLane : nil,
        RandomStream.initialUsers
      ),
      (
        parameters.items, terms.contains(.bias(.item)) ? layout.itemBiasLane : nil,
        RandomStream.initialItems
      ),
    ]
    for (table, biasLane, stream) in tables {
      let key = ck_random_key(task.seed, stream)
      table.fill(
        lanes: 0..<layout.factors, settings.factorInit, fanIn: table.rows, key: key,
        threads: task.threads)
      if let biasLane {
        table.fill(
          lanes: biasLane..<(biasLane + 1), settings.biasInit, fanIn: table.rows,
          key: ck_random_bits(key, 0), threads: task.threads)
      }
    }
    return parameters
  }
}

extension FloatMatrix {
  /// Fills lanes of every row as an initializer has it, each a function of key, row and lane.
  func fill(
    lanes: Range<Int>, _ initializer: Initializer, fanIn: Int, key: UInt64, threads: Int
  ) {
    let start = initializer.start(fanIn: fanIn, fanOut: lanes.count)
    let chunks = (rows + 4095) / 4096
    forEachChunk(chunks, threads: threads) { chunk in
      let range = evenRange(chunk, of: chunks, count: rows)
      start.fill(
        base + lanes.lowerBound, rows: range, lanes: lanes.count, stride: stride, key: key)
    }
  }

  /// Fills lanes of every row with normal numbers of mean 0, each a function of key, row and lane.
  func fillNormal(lanes: Range<Int>, deviation: Double, key: UInt64, threads: Int) {
    let chunks = (rows + 4095) / 4096
    forEachChunk(chunks, threads: threads) { chunk in
      let range = evenRange(chunk, of: chunks, count: rows)
      ck_init_normal(
        base + lanes.lowerBound, range.lowerBound, range.upperBound, lanes.count, stride,
        Float(deviation), key)
    }
  }
}

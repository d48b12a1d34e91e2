// Whole trainings of any model of the catalog, and how long single answers of one take.
import Osusume

/// Trains a model as `osusume train` does, from prepared rows to parameters: the whole fit, and its epochs.
///
/// - Throws: Whatever training throws.
func wholeFits(
  of model: Contender, on data: BenchData, limits: [Limits], repeats: Int
) throws -> [TrainingResult] {
  let threadCounts = limits.map(\.threads)
  var whole = [[Double]](repeating: [], count: threadCounts.count)
  var epochs = whole
  let parts = threadCounts.map { EpochParts(threads: $0) }
  for _ in 0..<max(1, repeats) {
    for (index, threads) in threadCounts.enumerated() {
      var trainer = Trainer(model.spec, model.hyperparameters, seed: model.seed, threads: threads)
      trainer.parts = parts[index]
      var fit: FitResult?
      whole[index].append(
        try seconds {
          fit = try trainer.fit(data.split, of: data.ratings, catalog: data.catalog, test: nil)
        })
      epochs[index] += fit?.epochs.map(\.seconds) ?? []
    }
  }
  // Parts are of epochs; where there are none, of the fit.
  let hasEpochs = epochs.contains { !$0.isEmpty }
  let tables = 12 * data.users * model.hyperparameters.factors
  func results(
    _ detail: String, _ samples: [[Double]], _ hasParts: Bool
  ) -> [TrainingResult] {
    samples.indices.filter { !samples[$0].isEmpty }.map { index in
      var result = TrainingResult(
        name: model.label, detail: detail, unit: "rating", units: data.train.count,
        threads: threadCounts[index], timing: Timing(seconds: samples[index]))
      if hasParts {
        let found = parts[index].results(
          epochs: samples[index].count, seconds: samples[index].reduce(0, +), limits: limits[index]
        ) { $0.bandwidth(data, tables: tables) }
        result.parts = found.isEmpty ? nil : found
      }
      return result
    }
  }
  return results("the whole fit", whole, !hasEpochs) + results("an epoch of it", epochs, hasEpochs)
}

/// How long one kind of answer takes, asked for one at a time on one thread.
public struct Latency: Sendable, Codable {
  /// What was asked for.
  public let name: String
  /// How often.
  public let calls: Int
  /// Microseconds that half of the answers took at most, 99 of a hundred, 999 of a thousand, and the slowest.
  public let median: Double, p99: Double, p999: Double, slowest: Double

  init(_ name: String, seconds: [Double]) {
    let sorted = seconds.sorted()
    // The nearest rank: so many of the answers took no longer.
    func quantile(_ fraction: Double) -> Double {
      1e6 * sorted[max(0, Int((fraction * Double(sorted.count)).rounded(.up)) - 1)]
    }
    self.name = name
    calls = sorted.count
    median = quantile(0.5)
    p99 = quantile(0.99)
    p999 = quantile(0.999)
    slowest = quantile(1)
  }

  private enum CodingKeys: String, CodingKey {
    case name, calls
    case median = "p50_us"
    case p99 = "p99_us"
    case p999 = "p999_us"
    case slowest = "max_us"
  }
}

/// Times single answers of a model: lists of known people, of a newcomer with twenty ratings, and neighbours.
///
/// - Throws: Whatever training throws.
func latencies(
  of spec: ModelSpec, _ settings: Hyperparameters?, on data: BenchData, seed: UInt64, threads: Int
) throws -> [Latency] {
  let model = try Trainer(spec, settings, seed: seed, threads: threads).model(
    of: data.ratings, split: data.split, catalog: data.catalog)
  let recommender = try Recommender(model)
  func times(_ name: String, of count: Int, _ body: (Int) throws -> Void) rethrows -> Latency {
    let calls = min(count, 2000)
    let step = Double(count) / Double(calls)
    try body(0)  // what is prepared once is nobody's answer
    return Latency(
      name,
      seconds: try (0..<calls).map { call in
        try seconds { try body(Int(Double(call) * step)) }
      })
  }
  var found = [
    try times("\(spec.name): list of ten", of: data.users) {
      _ = try recommender.recommend(10, forID: model.userIDs[$0])
    }
  ]
  if let foldIn = try? FoldIn(model) {
    let rows = data.train
    found.append(
      try times("\(spec.name): newcomer of 20 ratings, list of ten", of: rows.count) { first in
        var ratings: [String: Float] = [:]
        for row in first..<min(first + 20, rows.count) {
          ratings[model.itemIDs[Int(rows.items[row])]] = rows.values[row]
        }
        let newcomer = try foldIn.user(
          ratings.sorted { $0.key < $1.key }.map { RatingByID($0.key, $0.value) })
        _ = try recommender.recommend(10, for: newcomer)
      })
  }
  let vectors = try? Similarity(model, of: .item)
  if vectors != nil || model.ranker.neighbours(ofItem: 0) != nil {
    found.append(
      try times("\(spec.name): ten similar items", of: data.items) { item in
        _ =
          try Similarity.Neighbours(10, toItem: item, in: model)
          ?? vectors?.nearest(10, toItem: item)
      })
  }
  return found
}

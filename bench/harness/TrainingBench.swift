// Throughput of training and of what goes with it, end to end.
import Osusume

/// What a model, or a step around it, took at full size.
public struct TrainingResult: Sendable, Codable {
  /// A model of the catalog, `recommend`, or `prepare`.
  public let name: String
  /// Which way.
  public let detail: String
  /// What one pass consists of.
  public let unit: String
  /// Units in a pass.
  public let units: Int
  /// Threads used.
  public let threads: Int
  /// Seconds a pass: an epoch, a ranking for everyone, a file prepared.
  public let timing: Timing
  /// Where the time goes; nil where nobody has told.
  public var parts: [PartResult]?

  /// Units a second, by the median.
  public var rate: Double { Double(units) / timing.median }

  /// Encodes the rate beside what it is made from.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(detail, forKey: .detail)
    try container.encode(unit, forKey: .unit)
    try container.encode(units, forKey: .units)
    try container.encode(threads, forKey: .threads)
    try container.encode(timing, forKey: .timing)
    try container.encode(rate, forKey: .rate)
    try container.encodeIfPresent(parts, forKey: .parts)
  }

  /// Decodes what `encode` wrote; the rate follows from the rest.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    detail = try container.decode(String.self, forKey: .detail)
    unit = try container.decode(String.self, forKey: .unit)
    units = try container.decode(Int.self, forKey: .units)
    threads = try container.decode(Int.self, forKey: .threads)
    timing = try container.decode(Timing.self, forKey: .timing)
    parts = try container.decodeIfPresent([PartResult].self, forKey: .parts)
  }

  init(
    name: String, detail: String, unit: String, units: Int, threads: Int, timing: Timing
  ) {
    self.name = name
    self.detail = detail
    self.unit = unit
    self.units = units
    self.threads = threads
    self.timing = timing
  }

  private enum CodingKeys: String, CodingKey {
    case name, detail, unit, units, threads, timing, parts
    case rate = "units_per_second"
  }
}

/// A model to train, and how its rows are shuffled.
public struct TrainingCase: Sendable {
  /// The model.
  public let spec: ModelSpec
  /// Its settings: as many epochs as are to be timed, no early stopping.
  let hyperparameters: Hyperparameters

  /// Those that `osusume bench` times.
  public static func all(epochs: Int) -> [TrainingCase] {
    let cases: [(ModelSpec, Shuffle)] = [
      (.flaxDot, .once), (.flaxDot, .none), (.flaxBias, .once), (.flaxBias, .none),
      (.mf, .eachEpoch),
    ]
    return cases.map { TrainingCase($0, shuffle: $1, epochs: epochs) }
  }

  private init(_ spec: ModelSpec, shuffle: Shuffle, epochs: Int) {
    self.spec = spec
    var hyperparameters = spec.defaults
    hyperparameters.shuffle = shuffle
    hyperparameters.epochs = epochs
    hyperparameters.earlyStopping = 0
    hyperparameters.validation = 0
    self.hyperparameters = hyperparameters
  }

  /// Trains on a number of threads; the result with the fitted parameters.
  ///
  /// - Throws: `TrainingError`.
  public func run(
    on data: BenchData, seed: UInt64, threads: Int
  ) throws -> (result: TrainingResult, parameters: any Scorer) {
    let fit = try Trainer(spec, hyperparameters, seed: seed, threads: threads).fit(
      data.train, users: data.users, items: data.items)
    let result = TrainingResult(
      name: spec.name,
      detail: "epoch, k \(hyperparameters.factors), shuffled \(hyperparameters.shuffle.words)",
      unit: "rating", units: data.train.count, threads: threads,
      timing: Timing(seconds: fit.epochs.map(\.seconds)))
    return (result, fit.parameters)
  }
}

extension Shuffle {
  fileprivate var words: String {
    switch self {
    case .none: "never"
    case .once: "once"
    case .eachEpoch: "each time"
    }
  }
}

/// Times the ten best unseen items of every user, preparation of the items included.
public func benchRecommending(
  _ parameters: FactorParameters, _ data: BenchData, threads: Int, repeats: Int
) -> TrainingResult {
  let seen = SeenItems(rows: data.train, users: data.users, threads: threads)
  let everyone = (0..<Int32(data.users)).map { $0 }
  let timing = Timing(repeats: repeats) {
    _ = parameters.topItems(for: everyone, count: 10, excluding: seen, threads: threads)
  }
  return TrainingResult(
    name: "recommend", detail: "10 unseen, all users, \(data.items) items", unit: "user",
    units: data.users, threads: threads, timing: timing)
}

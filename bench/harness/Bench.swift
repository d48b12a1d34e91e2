// A whole bench: what is asked for, in order, with a word before each step.
import Foundation
import Osusume

/// What to measure, and how.
public struct Bench: Sendable {
  /// Names a part of the bench answers to: groups, then single lines.
  public static let names =
    ["machine", "kernels", "training", "latency"] + kernelNames + trainingNames

  static let kernelNames = [
    "pair", "rows", "adam", "order", "sgd", "als", "topn", "error", "ingest", "init", "map",
  ]
  private static let trainingNames = ["prepare", "flax-dot", "flax-bias", "mf", "recommend"]

  /// The parts asked for; empty: all.
  public var only: Set<String>
  /// The size of the data: 1 is the full anime set's.
  public var scale: Double
  /// Seed of the data and of all parameters.
  public var seed: UInt64
  /// Numbers of threads to time everything on, ascending.
  public var threadCounts: [Int]
  /// Runs of each kernel and epochs of each model.
  public var repeats: Int
  /// Where data are made, and removed again: a folder of its own in the temporary one.
  public let folder: String
  /// A ratings file to measure on, and its items; nil: a set that is made.
  public var ratings: String?, items: String?
  /// Models to train from beginning to end, with their settings.
  public var models: [Contender]

  /// Most threads.
  var threads: Int { threadCounts.last ?? 1 }

  /// Plans a bench: on one thread and on `threads`, unless all counts are given.
  public init(
    only: Set<String> = [], scale: Double = 1, seed: UInt64 = 42, threads: Int = allCores,
    threadCounts: [Int]? = nil, repeats: Int = 7, ratings: String? = nil, items: String? = nil,
    models: [Contender] = []
  ) {
    self.only = only
    self.scale = scale
    self.seed = seed
    self.threadCounts = Set(threadCounts ?? [1, threads]).sorted()
    self.repeats = repeats
    folder = FileManager.default.temporaryDirectory.appending(path: "osusume-bench-\(UUID())").path
    self.ratings = ratings
    self.items = items
    self.models = models
  }

  /// Measures; `progress` is told what comes next.
  ///
  /// - Throws: `OutputError`, `RatingsFileError` and whatever training throws.
  public func run(progress: (String) -> Void = { _ in }) throws -> BenchReport {
    var order: [String] = []
    func begin(_ part: String) {
      order.append(part)
      progress(part)
    }
    begin("machine")
    let machine = Machine.current
    var report = BenchReport(
      seed: seed, scale: ratings == nil ? scale : nil, repeats: repeats, threads: threads,
      parts: only.sorted(), machine: machine, before: .now,
      limits: threadCounts.map { Limits(threads: $0, caches: machine.caches) })
    if !(kernels + training + models.map(\.label)).isEmpty || wants("latency") {
      begin("data")
      let data = try BenchData(
        scale: scale, seed: seed, folder: folder, ratings: ratings, items: items,
        threads: training.contains("prepare") ? threadCounts : [], repeats: min(repeats, 3),
        caches: machine.caches)
      report.data = .init(users: data.users, items: data.items, ratings: data.train.count)
      for family in kernels {
        begin(family)
        report.kernels += kernelBenches(family, data).map {
          $0.result(limits: report.limits, repeats: repeats)
        }
      }
      report.training = data.preparations
      try train(data, &report, begin)
      for model in models {
        begin(model.label)
        report.training += try wholeFits(
          of: model, on: data, limits: report.limits, repeats: min(repeats, 3))
      }
      if wants("latency") {
        begin("latency")
        report.latency = try latencies(
          of: models.first?.spec ?? .lists, models.first?.hyperparameters, on: data, seed: seed,
          threads: threads)
      }
    }
    report.order = order
    report.after = .now
    return report
  }

  /// Whether everything is asked for, or this part of it; models named are asked for alone.
  private func wants(_ part: String) -> Bool {
    only.isEmpty ? models.isEmpty : only.contains(part)
  }

  private func wanted(_ group: String, of names: [String]) -> [String] {
    wants(group) ? names : names.filter { only.contains($0) }
  }
  private var kernels: [String] { wanted("kernels", of: Self.kernelNames) }
  private var training: [String] { wanted("training", of: Self.trainingNames) }

  func kernelBenches(_ family: String, _ data: BenchData) -> [KernelBench] {
    func tables() -> BenchTables { BenchTables(data, seed: seed, threads: threads) }
    func model() -> ModelWork { ModelWork(data, seed: seed, threads: threads) }
    switch family {
    case "pair": return tables().pairBenches(threads: threads)
    case "rows": return tables().rowsBenches(threads: threads)
    case "adam":
      let work = AdamWork(tables())
      return [work.update, work.settle]
    case "order": return [tables().orderDeal]
    case "sgd":
      return [
        SGDWork(
          data.train, users: data.users, items: data.items, seed: seed, threads: threads
        ).bench
      ]
    case "als":
      let works = [50, 64].map { ALSWork(data, factors: $0, seed: seed, threads: threads) }
      return works.flatMap { [$0.sweep, $0.rowsAlone, $0.byLAPACK] } + [
        ALSWork.foldIn(data, seed: seed)
      ]
    case "topn": return [model().topItems]
    case "error": return [model().evaluation]
    case "ingest": return [IngestWork(data).bench, TranslateWork(data).bench]
    case "init": return [model().initialFill]
    case "map": return MapWork(data, seed: seed, threads: threads).benches
    default: return []
    }
  }

  private func train(
    _ data: BenchData, _ report: inout BenchReport, _ progress: (String) -> Void
  ) throws {
    var learned: FactorParameters?
    for trained in TrainingCase.all(epochs: repeats)
    where training.contains(trained.spec.name)
      || trained.spec == .flaxBias && training.contains("recommend") && learned == nil
    {
      progress(trained.spec.name)
      for threads in threadCounts {
        let (result, parameters) = try trained.run(on: data, seed: seed, threads: threads)
        if trained.spec == .flaxBias { learned = parameters.factors }
        if training.contains(trained.spec.name) { report.training.append(result) }
      }
    }
    guard training.contains("recommend"), let learned else { return }
    progress("recommend")
    for threads in threadCounts {
      report.training.append(
        benchRecommending(learned, data, threads: threads, repeats: min(repeats, 3)))
    }
  }
}

/// What a bench found.
public struct BenchReport: Sendable, Codable {
  /// The command it answers.
  public var command = "bench"
  /// The tool's version.
  public var version = osusumeVersion
  /// Seed of the data.
  public var seed: UInt64
  /// Size of the data that were made; 1 is the full anime set's; nil: a file's.
  public var scale: Double?
  /// Runs of each kernel.
  public var repeats: Int
  /// Most threads.
  public var threads: Int
  /// The parts asked for; empty: all.
  public var parts: [String]
  /// The parts in the order in which they ran.
  public var order: [String] = []
  /// The machine.
  public var machine: Machine
  /// How busy it was before and after, and what the tool was made with.
  public var before: MachineState, after: MachineState?
  /// Compiler of the kernels, version of Swift, OpenBLAS.
  public var builtWith = BuildTools.current
  /// What it can do at most, on one thread and on all.
  public var limits: [Limits]
  /// The data, where any was needed.
  public var data: Shape?
  /// Kernels, a line each.
  public var kernels: [KernelResult] = []
  /// Training and what goes with it.
  public var training: [TrainingResult] = []
  /// How long single answers take.
  public var latency: [Latency] = []
  /// What differs from an earlier report, where there is one.
  public var comparison: BenchComparison?

  init(
    seed: UInt64, scale: Double?, repeats: Int, threads: Int, parts: [String], machine: Machine,
    before: MachineState, limits: [Limits]
  ) {
    self.seed = seed
    self.scale = scale
    self.repeats = repeats
    self.threads = threads
    self.parts = parts
    self.machine = machine
    self.before = before
    self.limits = limits
  }

  /// Sizes of a set.
  public struct Shape: Sendable, Codable {
    /// Users, items and training rows.
    public let users: Int, items: Int, ratings: Int
  }

  private enum CodingKeys: String, CodingKey {
    case command, version, seed, scale, repeats, threads, parts, order, machine, before, after,
      limits, data
    case kernels, training, latency, comparison
    case builtWith = "built_with"
  }

  /// The kernels whose answers were wrong.
  public var wrong: [String] { kernels.filter { !$0.correct }.map(\.name) }
}
extension BenchReport {
  /// Reads what any version has printed; what earlier ones did not say is empty.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, or none: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? none
    }
    self.init(
      seed: try container.decode(UInt64.self, forKey: .seed),
      scale: try container.decodeIfPresent(Double.self, forKey: .scale),
      repeats: try container.decode(Int.self, forKey: .repeats),
      threads: try container.decode(Int.self, forKey: .threads),
      parts: try value(.parts, or: []),
      machine: try container.decode(Machine.self, forKey: .machine),
      before: try value(.before, or: MachineState()),
      limits: try container.decode([Limits].self, forKey: .limits))
    version = try value(.version, or: version)
    order = try value(.order, or: [])
    after = try container.decodeIfPresent(MachineState.self, forKey: .after)
    builtWith = try value(.builtWith, or: builtWith)
    data = try container.decodeIfPresent(Shape.self, forKey: .data)
    kernels = try value(.kernels, or: [])
    training = try value(.training, or: [])
    latency = try value(.latency, or: [])
  }
}

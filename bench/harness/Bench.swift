// A whole bench: what is asked for, in order, with a word before each step.
import Foundation
import Osusume

/// What to measure, and how.
public struct Bench: Sendable {
  /// Names a part of the bench answers to: groups, then single lines.
  public static let names = ["machine", "kernels", "training"] + kernelNames + trainingNames

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
  /// Most threads; everything is timed on one, too.
  public var threads: Int
  /// Runs of each kernel and epochs of each model.
  public var repeats: Int
  /// Where data are made, and removed again: a folder of its own in the temporary one.
  public let folder: String
  /// A ratings file to time the preparation of; nil: the one that is made.
  public var ratings: String?

  /// Plans a bench.
  public init(
    only: Set<String> = [], scale: Double = 1, seed: UInt64 = 42, threads: Int = allCores,
    repeats: Int = 5, ratings: String? = nil
  ) {
    self.only = only
    self.scale = scale
    self.seed = seed
    self.threads = threads
    self.repeats = repeats
    folder = FileManager.default.temporaryDirectory.appending(path: "osusume-bench-\(UUID())").path
    self.ratings = ratings
  }

  /// Measures; `progress` is told what comes next.
  ///
  /// - Throws: `OutputError`, `RatingsFileError` and whatever training throws.
  public func run(progress: (String) -> Void = { _ in }) throws -> BenchReport {
    progress("machine")
    let machine = Machine.current
    let threadCounts = threads > 1 ? [1, threads] : [1]
    var report = BenchReport(
      seed: seed, scale: scale, repeats: repeats, threads: threads, machine: machine,
      limits: threadCounts.map { Limits(threads: $0, caches: machine.caches) })
    guard !(kernels + training).isEmpty else { return report }
    progress("data")
    let data = try BenchData(
      scale: scale, seed: seed, folder: folder, ratings: ratings,
      threads: training.contains("prepare") ? threadCounts : [], repeats: min(repeats, 3),
      caches: machine.caches)
    report.data = .init(users: data.users, items: data.items, ratings: data.train.count)
    for family in kernels {
      progress(family)
      report.kernels += kernelBenches(family, data).map {
        $0.result(limits: report.limits, repeats: repeats)
      }
    }
    report.training = data.preparations
    try train(data, threadCounts, &report, progress)
    return report
  }

  private func wanted(_ group: String, of names: [String]) -> [String] {
    only.isEmpty || only.contains(group) ? names : names.filter { only.contains($0) }
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
    _ data: BenchData, _ threadCounts: [Int], _ report: inout BenchReport,
    _ progress: (String) -> Void
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
  /// Size of the data; 1 is the full anime set's.
  public var scale: Double
  /// Runs of each kernel.
  public var repeats: Int
  /// Most threads.
  public var threads: Int
  /// The machine.
  public var machine: Machine
  /// What it can do at most, on one thread and on all.
  public var limits: [Limits]
  /// The data, where any was needed.
  public var data: Shape?
  /// Kernels, a line each.
  public var kernels: [KernelResult] = []
  /// Training and what goes with it.
  public var training: [TrainingResult] = []

  /// Sizes of a set.
  public struct Shape: Sendable, Codable {
    /// Users, items and training rows.
    public let users: Int, items: Int, ratings: Int
  }

  /// The kernels whose answers were wrong.
  public var wrong: [String] { kernels.filter { !$0.correct }.map(\.name) }
}

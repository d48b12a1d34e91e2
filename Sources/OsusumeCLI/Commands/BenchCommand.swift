// `osusume bench`: throughput of kernels and of training on this machine.
import ArgumentParser
import Foundation
import Osusume
import OsusumeBench

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure kernels and training on this machine, as fractions of its limits.",
    discussion: """
      Data of the full anime set's size are made in the temporary folder and removed again, unless --ratings names \
      a file. Each kernel's answer is checked before it is timed; a wrong one ends in exit code 1, and so does a \
      line that is slower than --compare allows.

      Examples:
        osusume bench
        osusume bench --quick --only machine --only pair --only flax-bias --json
        osusume bench --models 'als:factors=64;ease' --thread-counts 1,2,4
        osusume bench --models flax-deep --report bench.html
        osusume bench --only kernels --compare before.json --tolerance 0.03
      """)

  @OptionGroup var options: GlobalOptions

  @Flag(help: "A tenth of the data.")
  var quick = false

  @Option(
    help: ArgumentHelp(
      "A part to measure; may be given several times: \(Bench.names.joined(separator: ", ")).",
      valueName: "part"))
  var only: [String] = []

  @Option(
    help: "Runs of each kernel and epochs of each model; medians count, with intervals from 6 on.")
  var repeats = 7

  @Option(
    help: ArgumentHelp(
      "A ratings file to measure on, in place of a set that is made.", valueName: "file"))
  var ratings: String?

  @Option(help: ArgumentHelp("Items of --ratings.", valueName: "file"))
  var items: String?

  @Option(
    help: ArgumentHelp(
      "Models to train from beginning to end, with settings as `compare` takes them; alone unless --only names more.",
      valueName: "list"))
  var models: String?

  @Option(
    help: ArgumentHelp(
      "Numbers of threads to time everything on (default: 1 and --threads).", valueName: "n,n,…"))
  var threadCounts: String?

  @Option(
    help: ArgumentHelp(
      "An earlier report (--json): say what is slower or faster beyond noise.", valueName: "file"))
  var compare: String?

  @Option(
    help: ArgumentHelp("How much slower a line may be, as a fraction.", valueName: "fraction"))
  var tolerance = 0.05

  @Option(
    help: ArgumentHelp(
      "Write a page too: kernels under the machine's limits, threads, parts of epochs, every sample.",
      valueName: "file"))
  var report: String?

  /// The numbers of `--thread-counts`.
  private var counts: [Int]? {
    get throws {
      guard let threadCounts else { return nil }
      let numbers = threadCounts.split(separator: ",", omittingEmptySubsequences: false)
        .map { Int($0) }
      let counts = numbers.compactMap { $0 }.filter { (1...1024).contains($0) }
      guard counts.count == numbers.count, counts.count <= 16 else {
        throw ValidationError(
          "--thread-counts \(threadCounts): give up to 16 numbers from 1 to 1024, as in 1,2,4")
      }
      return counts
    }
  }

  func validate() throws {
    for part in only where !Bench.names.contains(part) {
      throw ValidationError(
        "--only \(part): there is no such part; give one of "
          + Bench.names.joined(separator: ", "))
    }
    try check("--repeats", repeats, in: 1...100)
    guard (0...10).contains(tolerance) else {
      throw ValidationError("--tolerance \(tolerance): give a fraction from 0 to 10")
    }
    if items != nil, ratings == nil { throw ValidationError("--items goes with --ratings") }
    _ = try counts
  }

  func run() throws {
    if let report {
      try OutputCheck.canCreate(report, besides: [ratings, items, compare].compactMap(\.self))
    }
    let earlier = try compare.map { try BenchReport.read($0) }
    let bench = Bench(
      only: Set(only), scale: quick ? 0.1 : 1, seed: options.seed, threads: options.threads,
      threadCounts: try counts, repeats: repeats, ratings: ratings, items: items,
      models: try models.map { try Contender.list($0, seed: options.seed) } ?? [])
    if let saved = bench.models.first(where: { $0.saved != nil }) {
      throw BenchError.saved(saved.label)
    }
    let progress = StepLine(quiet: options.quiet)
    var found = try CleaningUp.folder(bench.folder) { try bench.run { progress.show($0) } }
    progress.finish()
    if let earlier, let compare {
      found.comparison = BenchComparison(
        of: found, with: earlier, at: compare, tolerance: tolerance)
    }
    if let report { try found.page.write(to: report, options) }
    try options.show(found)
    if !found.wrong.isEmpty { throw BenchError.wrong(found.wrong) }
    if let slower = found.comparison?.slower, !slower.isEmpty {
      throw BenchError.slower(slower.map { "\($0.name) (\($0.threads))" })
    }
  }
}

/// Why a bench fails that ran to its end.
enum BenchError: OsusumeError, Equatable {
  /// Kernels whose answers differ from their references.
  case wrong([String])
  /// Lines that took longer than in an earlier report.
  case slower([String])
  /// A model that is trained already.
  case saved(String)

  var description: String {
    switch self {
    case .wrong(let names):
      "bench: wrong answers of \(names.joined(separator: ", ")); "
        + "run the kernel tests, and bench again with CK_ISA=scalar"
    case .slower(let lines):
      "bench: slower than before, with threads in brackets: \(lines.joined(separator: ", ")); "
        + "run both builds in turn on a quiet machine before you believe it"
    case .saved(let name):
      "\(name): this model is trained already; give one of the catalog or a specification to train"
    }
  }
}

/// The step a long command is at: one line on a terminal, overwritten by the next; a line each elsewhere.
private struct StepLine {
  private let quiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) != 0

  init(quiet: Bool) { self.quiet = quiet }

  func show(_ step: String) {
    guard !quiet else { return }
    if isTerminal {
      FileHandle.standardError.write(Data("\r\(step) …\u{1B}[K".utf8))
    } else {
      Output.note("bench: \(step)")
    }
  }

  func finish() {
    guard !quiet, isTerminal else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
  }
}

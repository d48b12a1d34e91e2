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
      Data of the full anime set's size are made in the temporary folder and removed again. Each \
      kernel's answer is checked before it is timed; a wrong one ends in exit code 1.

      Examples:
        osusume bench
        osusume bench --quick --only machine --only pair --only flax-bias --json
      """)

  @OptionGroup var options: GlobalOptions

  @Flag(help: "A tenth of the data.")
  var quick = false

  @Option(
    help: ArgumentHelp(
      "A part to measure; may be given several times: \(Bench.names.joined(separator: ", ")).",
      valueName: "part"))
  var only: [String] = []

  @Option(help: "Runs of each kernel and epochs of each model; medians count.")
  var repeats = 5

  @Option(help: ArgumentHelp("A ratings file to time the preparation of.", valueName: "file"))
  var ratings: String?

  func validate() throws {
    for part in only where !Bench.names.contains(part) {
      throw ValidationError(
        "--only \(part): there is no such part; give one of "
          + Bench.names.joined(separator: ", "))
    }
    guard (1...100).contains(repeats) else {
      throw ValidationError("--repeats \(repeats): give a number from 1 to 100")
    }
  }

  func run() throws {
    let bench = Bench(
      only: Set(only), scale: quick ? 0.1 : 1, seed: options.seed, threads: options.threads,
      repeats: repeats, ratings: ratings)
    let progress = StepLine(quiet: options.quiet)
    let report = try CleaningUp.folder(bench.folder) { try bench.run { progress.show($0) } }
    progress.finish()
    try options.show(report)
    if !report.wrong.isEmpty { throw BenchError.wrong(report.wrong) }
  }
}

/// Why a bench fails that ran to its end.
enum BenchError: OsusumeError, Equatable {
  /// Kernels whose answers differ from their references.
  case wrong([String])

  var description: String {
    switch self {
    case .wrong(let names):
      "bench: wrong answers of \(names.joined(separator: ", ")); "
        + "run the kernel tests, and bench again with CK_ISA=scalar"
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

// `osusume bench`: its arithmetic, its refusal of wrong answers, and its figures.
import Foundation
import OsusumeBench
import Testing

@testable import OsusumeCLI

struct BenchTests {
  @Test func medians() {
    #expect(Timing(seconds: [3]) == Timing(seconds: [3, 3, 3]))
    #expect(Timing(seconds: [5, 1, 2]).median == 2)
    #expect(Timing(seconds: [5, 1, 2]).minimum == 1)
    #expect(Timing(seconds: [4, 1, 2, 9]).median == 3)
  }

  /// A kernel that adds up to a number, right or wrong.
  private func kernel(sum: Int) -> KernelBench {
    final class Memory { var sum = 0 }
    let memory = Memory()
    return KernelBench(
      "sum.numbers", unit: "number", units: 100, bytes: 8, flops: 1, bandwidth: .l2Read,
      remark: "", run: { _ in memory.sum = sum }, isRight: { _ in memory.sum == 4950 })
  }

  @Test func aWrongAnswerHasNoSpeed() throws {
    var report = try Bench(only: ["machine"], threads: 2).run()
    let limits = report.limits
    let right = kernel(sum: 4950).result(limits: limits, repeats: 3)
    #expect(right.correct && right.runs.map(\.threads) == [1, 2])
    let wrong = kernel(sum: 4951).result(limits: limits, repeats: 3)
    #expect(!wrong.correct && wrong.runs.isEmpty)
    report.kernels = [right, wrong]
    #expect(report.wrong == ["sum.numbers"])
    #expect(report.lines.contains { $0.contains("WRONG") })
    #expect(BenchError.wrong(report.wrong).description.contains("sum.numbers"))
  }

  /// Ctrl-C ends it as it ends any process, and its data is gone.
  @Test(arguments: [SIGINT, SIGTERM]) func aSignalRemovesTheFolder(number: Int32) throws {
    let line = try CommandLine()
    let process = try line.start(
      ["-c", "mkdir tmp; TMPDIR=$PWD/tmp exec \"$0\" bench --quick", line.executable().path],
      of: URL(filePath: "/bin/sh"))
    func made() throws -> Bool { try line.names().contains { $0.hasSuffix("rating.csv") } }
    for _ in 0..<12000 where process.isRunning {
      if try made() { break }
      usleep(5000)
    }
    #expect(try made())
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
    #expect(try line.names().filter { $0.hasPrefix("tmp/") }.isEmpty)
  }

  @Test func unknownPartsAreWrongUsage() {
    #expect(throws: (any Error).self) {
      try OsusumeCommand.parseAsRoot(["bench", "--only", "everything"])
    }
  }

  @Test func figuresAreSane() throws {
    let line = try CommandLine()
    let outcome = try line.succeed([
      "bench", "--quick", "--json", "--repeats", "1", "--threads", "2", "--only", "machine",
      "--only", "pair", "--only", "init", "--only", "prepare",
    ])
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(outcome.output.utf8))
    #expect(report.command == "bench" && report.machine.cores >= 1)
    #expect(report.limits.map(\.threads) == [1, 2])
    for limit in report.limits {
      #expect(limit.memoryRead > 0.1 && limit.memoryRead < 10_000)
      #expect(limit.gigaflops > 0.1)
    }
    #expect(report.data?.users == 6635 && report.data?.ratings ?? 0 > 500_000)
    #expect(report.kernels.map(\.name) == ["pair.forward", "init.normal"])
    for kernel in report.kernels {
      #expect(kernel.correct && kernel.runs.map(\.threads) == [1, 2], "\(kernel.name)")
      for run in kernel.runs {
        #expect(run.nanoseconds > 0.01 && run.nanoseconds < 1e6, "\(kernel.name)")
        #expect(run.timing.minimum <= run.timing.median)
      }
    }
    #expect(report.training.map(\.name) == ["prepare", "prepare"])
  }

  @Test func tablesAreNoWiderThanAHundredColumns() throws {
    let line = try CommandLine()
    let outcome = try line.succeed([
      "bench", "--quick", "--quiet", "--repeats", "1", "--threads", "2", "--only", "pair",
      "--only", "mf",
    ])
    #expect(outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 }, "\(outcome.output)")
    #expect(lines.contains { $0.hasPrefix("pair.forward") })
    #expect(lines.contains { $0.hasPrefix("mf") })
  }
}

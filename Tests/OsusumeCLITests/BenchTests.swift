// `osusume bench`: its arithmetic, its refusal of wrong answers, and its figures.
import Foundation
import OsusumeBench
import Testing

@testable import OsusumeCLI

struct BenchTests {
  @Test func medians() {
    #expect(Timing(seconds: [3]).median == Timing(seconds: [3, 3, 3]).median)
    #expect(Timing(seconds: [5, 1, 2]).median == 2)
    #expect(Timing(seconds: [5, 1, 2]).minimum == 1)
    #expect(Timing(seconds: [4, 1, 2, 9]).median == 3)
  }

  /// The ranks are those of tables (Conover 1999, A3): the smallest and largest of 6 to 8 samples, the second of
  /// 9 to 11, the third of 12 to 14.
  @Test func anIntervalHoldsTheMedianWithoutADistribution() {
    #expect(Timing(seconds: [1, 2, 3, 4, 5]).interval == nil)
    #expect(Timing(seconds: [6, 1, 5, 2, 4, 3]).interval == [1, 6])
    #expect(Timing(seconds: (1...8).map(Double.init)).interval == [1, 8])
    #expect(Timing(seconds: (1...9).map(Double.init)).interval == [2, 8])
    #expect(Timing(seconds: (1...12).map(Double.init)).interval == [3, 10])
    #expect(Timing(seconds: [6, 1, 5, 2, 4, 3]).samples == [6, 1, 5, 2, 4, 3])
  }

  @Test func slowerIsBeyondNoiseAndTolerance() {
    func verdict(_ before: [Double], _ after: [Double]) -> BenchComparison.Verdict {
      BenchComparison.verdict(
        Timing(seconds: before), Timing(seconds: after), tolerance: 0.05)
    }
    let calm = [1.00, 1.01, 1.02, 1.00, 1.01, 1.02]
    #expect(verdict(calm, calm.map { $0 * 1.04 }) == .same)
    #expect(verdict(calm, calm.map { $0 * 1.2 }) == .slower)
    #expect(verdict(calm.map { $0 * 1.2 }, calm) == .faster)
    // Half as slow again by its median, and some runs as fast as ever: noise.
    #expect(verdict(calm, [1, 1, 1.5, 1.5, 1.5, 1.6]) == .same)
    // Of runs too few for an interval, the least counts.
    #expect(verdict([1, 1, 1], [1.2, 1.3, 1.4]) == .slower)
    #expect(verdict([1, 1, 1], [0.9, 1.3, 1.4]) == .same)
  }

  /// Every part of the bench at a tenth of the size: all answers right, every name of a part with a line to it.
  @Test func everythingRuns() throws {
    let line = try CommandLine()
    let outcome = try line.succeed([
      "bench", "--quick", "--json", "--repeats", "1", "--threads", "2",
    ])
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(outcome.output.utf8))
    #expect(report.wrong.isEmpty)
    for name in Bench.names where !["machine", "kernels", "training", "latency"].contains(name) {
      let family = ["map": "tsne"][name] ?? name
      let found =
        report.kernels.contains {
          $0.name.hasPrefix(family + ".") || $0.name.hasPrefix("pair.dot+\(name)")
        }
        || report.training.contains { $0.name == name }
      #expect(found, "\(name)")
    }
    #expect(report.latency.count == 3)
    for answer in report.latency {
      #expect(answer.calls > 100 && answer.median > 0)
      #expect(
        answer.median <= answer.p99 && answer.p99 <= answer.p999 && answer.p999 <= answer.slowest)
    }
    #expect(report.order.first == "machine" && report.order.last == "latency")
    #expect(!report.builtWith.compiler.isEmpty && report.builtWith.blas.contains("OpenBLAS"))
    #expect(report.lines.allSatisfy { $0.count <= 100 }, "\(report.lines)")

    // What it printed can be compared with, and made up to be slow it fails.
    func write(_ change: (inout [String: Any]) -> Void, _ name: String) throws -> String {
      var object = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      change(&object)
      try line.write(try JSONSerialization.data(withJSONObject: object), to: name)
      return name
    }
    func faster(_ object: inout [String: Any]) {
      object["kernels"] = (object["kernels"] as? [[String: Any]])?.map { kernel in
        var kernel = kernel
        kernel["runs"] = (kernel["runs"] as? [[String: Any]])?.map { run in
          run.merging(["timing": ["seconds": 1e-9, "seconds_min": 1e-9]]) { $1 }
        }
        return kernel
      }
    }
    let past = [
      "bench", "--quick", "--repeats", "1", "--threads", "2", "--only", "pair", "--compare",
    ]
    let slow = try line.run(past + [write(faster, "fast.json")])
    #expect(slow.code == 1 && slow.errors.contains("pair.forward (1)"), "\(slow.errors)")
    #expect(slow.output.contains("slower"))
    let generous = try line.run(past + [write({ _ in }, "same.json"), "--tolerance", "10"])
    #expect(generous.code == 0, "\(generous.errors)")
    try line.write("{}", to: "none.json")
    let wrong = try line.run(past + ["none.json"])
    #expect(wrong.code == 1 && wrong.errors.contains("no report of a bench"), "\(wrong.errors)")
  }

  /// A file of one's own, models by name with settings, and numbers of threads.
  @Test func wholeModelsOnAFile() throws {
    let line = try CommandLine()
    var text = "user,item,rating\n"
    for user in 0..<60 {
      for item in 0..<30 where (user + item) % 3 != 0 {
        text += "\(user),\(item),\(1 + (user * item) % 5)\n"
      }
    }
    try line.write(text, to: "mine.csv")
    let outcome = try line.succeed([
      "bench", "--json", "--repeats", "1", "--ratings", "mine.csv", "--models",
      "als:factors=4,epochs=3;ease",
      "--thread-counts", "1,2,3", "--only", "latency",
    ])
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(outcome.output.utf8))
    #expect(report.data?.users == 60 && report.data?.items == 30 && report.kernels.isEmpty)
    let whole = report.training.filter { $0.detail == "the whole fit" }
    #expect(whole.map(\.threads) == [1, 2, 3, 1, 2, 3])
    #expect(Set(whole.map(\.name)) == ["als", "ease"])
    #expect(report.training.first { $0.detail == "an epoch of it" }?.timing.samples.count == 3)
    #expect(report.latency.map(\.name).allSatisfy { $0.hasPrefix("als: ") })
    for words in [["--thread-counts", "0"], ["--tolerance", "-1"], ["--items", "x.csv"]] {
      let wrong = try line.run(["bench"] + words)
      #expect(wrong.code == 64, "\(words) \(wrong.errors)")
    }
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

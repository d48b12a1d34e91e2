// Under a limit on memory each command ends: with the same bytes, or with one line and exit 1.
import Foundation
import Testing

/// Sanitizers reserve terabytes of address space, and macOS does not enforce the limit.
#if os(Linux)
  private let canLimit = !["__asan_init", "__tsan_init"].contains { (name: String) in
    dlsym(nil, name) != nil
  }
#else
  private let canLimit = false
#endif

@Suite(.enabled(if: canLimit)) struct MemoryLimitTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(users: 400, items: 300), to: "r.csv")
  }

  /// KiB of address space: what the program itself takes is about 130,000; OpenBLAS's memory for a
  /// thread is as much again.
  private static let limits =
    Array(stride(from: 115_000, to: 150_000, by: 1000))
    + Array(stride(from: 150_000, through: 600_000, by: 45_000))

  /// Runs a command under every limit, and without: its file, where there is one, is always the same.
  ///
  /// Returns how many limits were too low.
  private func scan(_ command: String, makes file: String) throws -> Int {
    let arguments = command.split(separator: " ").map(String.init)
    try line.succeed(arguments)
    let expected = try line.bytes(file)
    let others = try line.names().subtracting([file])
    var succeeded = 0
    var failed = 0
    for limit in Self.limits {
      try? FileManager.default.removeItem(atPath: line.path(file))
      let outcome = try line.run(arguments, kibibytes: limit, seconds: 60)
      let what = Comment(rawValue: "\(command), \(limit) KiB: \(outcome)")
      let names = try line.names().subtracting(others)
      switch outcome.code {
      case 0:
        succeeded += 1
        #expect(names == [file], what)
        #expect(try line.bytes(file) == expected, what)
      case 1:
        failed += 1
        #expect(names.isEmpty, what)
        #expect(outcome.errors.hasPrefix("osusume: out of memory: "), what)
        #expect(outcome.errors.split(separator: "\n").count == 1, what)
      default:
        // Too little for the system to load the program: its loader says so.
        let words = ["shared librar", "cannot allocate"]
        let isLoaders = words.contains { outcome.errors.contains($0) }
        #expect(outcome.code == 127 && isLoaders, what)
      }
    }
    #expect(succeeded > 0, "\(command): no limit was high enough")
    return failed
  }

  @Test(
    arguments: ["mf", "als", "bpmf", "svdpp", "svd", "item-knn", "flax-dot", "nn-simple"], [1, 2])
  func training(model: String, threads: Int) throws {
    let failed = try scan(
      "train --ratings r.csv --model \(model) --epochs 2 --output m.st --quiet"
        + " --threads \(threads)", makes: "m.st")
    // These ask OpenBLAS, which takes as much memory as all the rest; others may fit wherever they load.
    if ["als", "bpmf", "svdpp"].contains(model) { #expect(failed > 0) }
  }

  /// Threads take no room from the work, however many are asked for: from 100 MB to 2 GB the file is that of
  /// one thread, or the limit too low for that one too.
  @Test(arguments: ["mf", "als", "flax-dot", "ease"]) func aThousandThreads(model: String) throws {
    func train(_ threads: Int) -> [String] {
      "train --ratings r.csv --model \(model) --epochs 2 --output m.st --quiet --threads \(threads)"
        .split(separator: " ").map(String.init)
    }
    try line.succeed(train(1))
    let expected = try line.bytes("m.st")
    for limit in stride(from: 100_000, through: 2_000_000, by: 100_000) {
      let outcomes = try [1, 1000].map { threads in
        try? FileManager.default.removeItem(atPath: line.path("m.st"))
        let outcome = try line.run(train(threads), kibibytes: limit, seconds: 120)
        if outcome.code == 0 {
          #expect(try line.bytes("m.st") == expected, "\(limit) KiB, \(threads) threads")
        }
        return outcome
      }
      let what = Comment(rawValue: "\(model), \(limit) KiB: \(outcomes)")
      #expect(outcomes.allSatisfy { [0, 1, 127].contains($0.code) }, what)
      #expect(limit < 400_000 || outcomes.allSatisfy { $0.code == 0 }, what)
    }
  }

  @Test(arguments: [1, 2]) func recommending(threads: Int) throws {
    try line.succeed(
      "train --ratings r.csv --model mf --epochs 1 --output m.st --quiet".split(separator: " ")
        .map(String.init))
    _ = try scan(
      "recommend --model m.st --users all --output a.csv --quiet --threads \(threads)",
      makes: "a.csv")
  }
}

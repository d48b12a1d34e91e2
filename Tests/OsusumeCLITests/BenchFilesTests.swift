// What benches leave in the repository: tables in pages, and the baseline of the kernels' instructions.
import Foundation
import Testing

/// Whether python3 is there.
private let hasPython: Bool = {
  guard let line = try? CommandLine(),
    let process = try? line.start(["python3", "-c", ""], of: URL(filePath: "/usr/bin/env"))
  else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}()

@Suite(.enabled(if: hasPython, "needs python3"))
struct BenchFilesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL

  private let line: CommandLine

  init() throws { line = try CommandLine() }

  private func run(_ script: String, _ arguments: [String]) throws -> CommandLine.Outcome {
    let process = try line.start(
      ["python3", "-B", Self.root.appending(path: script).path] + arguments,
      of: URL(filePath: "/usr/bin/env"))
    process.waitUntilExit()
    return try line.outcome(of: process)
  }

  /// Copies the pages and the results, so that they may be changed.
  private func copies() throws {
    for folder in ["bench", "bench/results"] {
      try FileManager.default.createDirectory(
        atPath: line.path(folder), withIntermediateDirectories: true)
    }
    let results = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "bench/results").path)
    for name in ["README.md", "bench/README.md"] + results.map({ "bench/results/" + $0 }) {
      try line.write(try Data(contentsOf: Self.root.appending(path: name)), to: name)
    }
  }

  private func check() throws -> CommandLine.Outcome {
    try run("bench/peers/pages.py", ["--check", "--root", line.path(".")])
  }

  /// The tables of README.md and bench/README.md are what bench/results gives.
  @Test func pagesShowTheResults() throws {
    let outcome = try run("bench/peers/pages.py", ["--check"])
    #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.output)\(outcome.errors)")
  }

  /// A figure that somebody has made better is found, in either page, and so is a file that no page looks for.
  @Test func whatDiffersIsFound() throws {
    try copies()
    #expect(try check().code == 0)
    for page in ["README.md", "bench/README.md"] {
      let text = String(decoding: try line.bytes(page), as: UTF8.self)
      let start = try #require(text.range(of: "<!-- bench:start -->"))
      let digit = try #require(text[start.upperBound...].firstRange(of: "7.9×"))
      try line.write(text.replacingCharacters(in: digit, with: "9.7×"), to: page)
      let outcome = try check()
      #expect(
        outcome.code == 1 && outcome.output.contains("\n\(page): ")
          || outcome.output.hasPrefix("\(page): "))
      try line.write(text, to: page)
    }
    let names = try line.names()
    let name = try #require(names.first { $0.hasPrefix("bench/results/peers-") })
    try line.write(try line.bytes(name), to: "bench/results/peers-other-avx2.json")
    let outcome = try check()
    #expect(outcome.code == 1 && outcome.output.contains("peers-other-avx2.json"))
  }

  /// Newer results of the same instruction set take a table over; those of another stand beside it.
  @Test func eachInstructionSetShowsItsNewest() throws {
    try copies()
    let name = try #require(
      try line.names().first { $0.hasPrefix("bench/results/peers-") && $0.hasSuffix("avx2.json") })
    func write(_ machine: [String: String], to name: String) throws {
      var results = try #require(
        JSONSerialization.jsonObject(with: try line.bytes(name)) as? [String: Any])
      results["machine"] = (results["machine"] as? [String: Any])?.merging(machine) { $1 }
      let words = (machine["cpu"] ?? "").lowercased().split(separator: " ").joined(separator: "-")
      let path = "bench/results/peers-\(words)-\(machine["isa"] ?? "").json"
      try line.write(try JSONSerialization.data(withJSONObject: results), to: path)
    }
    try write(["cpu": "Older One", "isa": "avx2", "measured": "2020-01-01"], to: name)
    #expect(try check().code == 0)
    try write(["cpu": "Newer One", "isa": "avx2", "measured": "2031-01-01"], to: name)
    try write(["cpu": "Wide One", "isa": "avx512", "measured": "2030-01-01"], to: name)
    #expect(try check().code == 1)
    let written = try run("bench/peers/pages.py", ["--write", "--root", line.path(".")])
    #expect(written.code == 0, "\(written.errors)")
    #expect(try check().code == 0)
    for page in ["README.md", "bench/README.md"] {
      let text = String(decoding: try line.bytes(page), as: UTF8.self)
      let wide = try #require(text.range(of: "Wide One"))
      let narrow = try #require(text.range(of: "Newer One"))
      #expect(wide.lowerBound < narrow.lowerBound && !text.contains("Older One"))
    }
  }

  /// A kernel of more than a twentieth more instructions fails the check, as does one without a baseline.
  @Test func moreInstructionsFail() throws {
    let baseline = Self.root.appending(path: "bench/counts/baseline.json")
    let read = try #require(
      JSONSerialization.jsonObject(with: try Data(contentsOf: baseline)) as? [String: Any])
    let counts = try #require(read["instructions"] as? [String: Int])
    #expect(counts.count > 15 && counts.values.allSatisfy { $0 > 1000 })
    func outcome(_ change: (inout [String: Int]) -> Void) throws -> CommandLine.Outcome {
      var changed = counts
      change(&changed)
      try line.write(
        try JSONSerialization.data(
          withJSONObject: read.merging(["instructions": changed]) { $1 }), to: "now.json")
      return try run("bench/counts/check.py", [line.path("now.json")])
    }
    let same = try outcome { _ in }
    #expect(same.code == 0, "\(same.errors)")
    let near = try outcome { $0["sgd.walk"]! += $0["sgd.walk"]! / 25 }
    #expect(near.code == 0, "\(near.errors)")
    let more = try outcome { $0["sgd.walk"]! += $0["sgd.walk"]! / 16 }
    #expect(more.code == 1 && more.errors.contains("sgd.walk: +6.2%"), "\(more.errors)")
    let new = try outcome { $0["sgd.run"] = $0.removeValue(forKey: "sgd.walk") }
    #expect(new.code == 1, "\(new.errors)")
    #expect(new.errors.contains("sgd.run: not in the baseline"))
    #expect(new.errors.contains("sgd.walk: only in the baseline"))
  }
}

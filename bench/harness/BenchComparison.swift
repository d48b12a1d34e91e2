// Two bench reports, line by line: what is slower or faster beyond noise.
import Foundation
import Osusume

/// What changed from an earlier report to a later one.
public struct BenchComparison: Sendable, Codable {
  /// What is known of a line's change.
  public enum Verdict: String, Sendable, Codable {
    case slower, faster
    /// Within the tolerance, or within noise.
    case same
  }

  /// A line that both reports have, on a number of threads.
  public struct Line: Sendable, Codable, Equatable {
    /// Kernel, or name and detail of a training.
    public let name: String
    /// Threads used.
    public let threads: Int
    /// Median seconds of a run, of one unit of work alike in both.
    public let before: Double, after: Double
    /// `after` over `before`.
    public let ratio: Double
    /// What that says.
    public let verdict: Verdict
  }

  /// The earlier report's file.
  public let path: String
  /// How much slower a line may be, as a fraction.
  public let tolerance: Double
  /// All lines that both have.
  public let lines: [Line]
  /// Lines that only one of them has.
  public let alone: [String]
  /// In what else the reports differ (machine, instruction set, data), so that ratios compare more than two builds.
  public let differences: [String]

  /// The lines that are slower beyond noise and tolerance.
  public var slower: [Line] { lines.filter { $0.verdict == .slower } }

  /// Compares a report with an earlier one.
  ///
  /// A line is slower (or faster) where its median is by more than the tolerance and its whole interval lies
  /// beyond the other's. Of too few runs for an interval, the least of the slower one's runs must lie beyond the
  /// other's median.
  public init(of report: BenchReport, with earlier: BenchReport, at path: String, tolerance: Double)
  {
    self.path = path
    self.tolerance = tolerance
    let old = Self.timings(of: earlier)
    let new = Self.timings(of: report)
    lines = new.compactMap { key, timing in
      guard let before = old.first(where: { $0.0 == key })?.1 else { return nil }
      return Line(
        name: key.name, threads: key.threads, before: before.median, after: timing.median,
        ratio: timing.median / before.median,
        verdict: Self.verdict(before, timing, tolerance: tolerance))
    }
    func names(_ timings: [(Key, Timing)], without others: [(Key, Timing)]) -> [String] {
      timings.filter { timing in !others.contains { $0.0 == timing.0 } }.map { $0.0.name }
    }
    alone = Set(names(new, without: old) + names(old, without: new)).sorted()
    let pairs: [(String, String, String)] = [
      ("processor", earlier.machine.processor, report.machine.processor),
      ("cores", "\(earlier.machine.cores)", "\(report.machine.cores)"),
      ("instruction set", earlier.machine.isa, report.machine.isa),
      (
        "training ratings", "\(earlier.data?.ratings ?? 0)", "\(report.data?.ratings ?? 0)"
      ),
    ]
    differences = pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1), now \($0.2)" }
  }

  /// What the times of a line say of its change.
  public static func verdict(_ before: Timing, _ after: Timing, tolerance: Double) -> Verdict {
    func exceeds(_ slow: Timing, _ fast: Timing) -> Bool {
      let low = slow.interval?[0] ?? slow.minimum
      let high = fast.interval?[1] ?? fast.median
      return slow.median > fast.median * (1 + tolerance) && low > high
    }
    return exceeds(after, before) ? .slower : exceeds(before, after) ? .faster : .same
  }

  private struct Key: Equatable {
    let name: String
    let threads: Int
  }

  /// Every line of a report by name and threads; seconds a unit, so that lines of other sizes compare.
  private static func timings(of report: BenchReport) -> [(Key, Timing)] {
    func scaled(_ timing: Timing, _ units: Int) -> Timing {
      let samples =
        timing.samples.isEmpty ? [timing.minimum, timing.median, timing.median] : timing.samples
      return Timing(seconds: samples.map { $0 / Double(max(1, units)) })
    }
    return report.kernels.flatMap { kernel in
      kernel.runs.map {
        (Key(name: kernel.name, threads: $0.threads), scaled($0.timing, kernel.units))
      }
    }
      + report.training.map {
        (Key(name: "\($0.name), \($0.detail)", threads: $0.threads), scaled($0.timing, $0.units))
      }
  }
}

/// Why an earlier report cannot be compared with.
public enum BenchComparisonError: OsusumeError, Equatable {
  /// The file is too large, or is no bench's report.
  case noReport(path: String, String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noReport(let path, let why):
      "\(path): \(why); give what `osusume bench --json` printed"
    }
  }
}

extension BenchReport {
  /// Reads a report as `osusume bench --json` prints it.
  ///
  /// - Throws: `BenchComparisonError`, `CocoaError` for a file that cannot be read.
  public static func read(_ path: String) throws -> BenchReport {
    let limit = 64 << 20
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    guard let data = try file.read(upToCount: limit + 1), data.count <= limit else {
      throw BenchComparisonError.noReport(path: path, "it is empty, or larger than 64 MiB")
    }
    do {
      return try JSONDecoder().decode(BenchReport.self, from: data)
    } catch {
      throw BenchComparisonError.noReport(path: path, "it is no report of a bench")
    }
  }
}

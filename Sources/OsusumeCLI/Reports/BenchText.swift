// A bench's report as tables for people.
import Foundation
import OsusumeBench

extension BenchReport: Report {
  /// The report, at most 100 columns wide.
  var lines: [String] { BenchText.lines(self) }
}

private enum BenchText {
  static func lines(_ report: BenchReport) -> [String] {
    var lines = machine(report) + [""] + limits(report.limits).lines
    if let data = report.data {
      lines += [
        "",
        "\(data.ratings.grouped) training ratings of \(data.users.grouped) users and "
          + "\(data.items.grouped) items, seed \(report.seed); medians of \(report.repeats)",
      ]
    }
    if !report.kernels.isEmpty {
      lines += [""] + kernels(report).lines + [""] + remarks(report)
    }
    if !report.training.isEmpty { lines += [""] + training(report).lines }
    return lines
  }

  private static func machine(_ report: BenchReport) -> [String] {
    let machine = report.machine
    let kind =
      switch machine.threadsPerCore {
      case 1?: "cores"
      case let count?: "logical cores, \(count) to a core"
      case nil: "logical cores"
      }
    return [
      "\(machine.processor), \(machine.cores) \(kind), \(machine.isa), "
        + "\(report.threads) thread\(report.threads == 1 ? "" : "s")",
      "caches \(size(machine.caches.l1)), \(size(machine.caches.l2)), \(size(machine.caches.l3)); "
        + "memory \(size(Int(machine.memory))); \(machine.system); osusume \(report.version)",
    ]
  }

  private static func limits(_ limits: [Limits]) -> TextTable {
    var table = TextTable(
      ["Measured limits"] + limits.map { threads($0.threads) } + [""],
      alignments: [.left] + figures(limits.count) + [.left])
    let rows: [(String, KeyPath<Limits, Double>, String)] = [
      ("memory, read", \.memoryRead, "GB/s"), ("memory, read + written", \.memoryUpdate, "GB/s"),
      ("L3 cache, read", \.l3Read, "GB/s"), ("L2 caches, read", \.l2Read, "GB/s"),
      ("float multiply-add", \.gigaflops, "GFLOP/s"),
    ]
    for (name, figure, unit) in rows {
      table.add([name] + limits.map { number($0[keyPath: figure]) } + [unit])
    }
    return table
  }

  private static func kernels(_ report: BenchReport) -> TextTable {
    let counts = report.limits.map { "ns, " + threads($0.threads) }
    var table = TextTable(
      ["Kernel", "a", "bytes"] + counts + ["GB/s", "of", "%", "GFLOP/s", "%"],
      alignments: [.left, .left, .right] + figures(counts.count)
        + [.right, .left, .right, .right, .right])
    for kernel in report.kernels {
      var cells = [kernel.name, kernel.unit]
      if kernel.correct, let last = kernel.runs.last {
        cells.append(kernel.bytes > 0 ? number(kernel.bytes) : "")
        cells += kernel.runs.map { number($0.nanoseconds) }
        cells.append(kernel.bytes > 0 ? number(last.gigabytes) : "")
        cells += [kernel.bandwidth?.short ?? "", last.bandwidthShare.map(percent) ?? ""]
        cells += kernel.flops > 0 ? [number(last.gigaflops), percent(last.flopsShare)] : ["", ""]
      } else {
        cells += ["WRONG"] + [String](repeating: "", count: counts.count + 5)
      }
      table.add(cells)
    }
    return table
  }

  private static func figures(_ count: Int) -> [TextTable.Alignment] {
    .init(repeating: .right, count: count)
  }

  /// Where the rest goes, a line a kernel.
  private static func remarks(_ report: BenchReport) -> [String] {
    var table = TextTable(
      ["", "moving", ""], alignments: [.left, .right, .left])
    for kernel in report.kernels where kernel.correct {
      let moving = kernel.runs.compactMap { $0.movingShare.map(percent) }.joined(separator: ", ")
      table.add(kernel.name, moving, kernel.remark)
    }
    return [
      "Percentages are of the limits on \(threads(report.threads)). Where the rest of the time goes "
        + "(moving: the same rows",
      "read or updated in the same order and nothing done to them, of the time, by threads):",
    ] + table.lines + ["More than 100 %: some of the bytes come from a nearer cache."]
  }

  private static func training(_ report: BenchReport) -> TextTable {
    let counts = report.limits.map { "s, " + threads($0.threads) }
    var table = TextTable(
      ["End to end", ""] + counts + ["M/s", ""],
      alignments: [.left, .left] + figures(counts.count) + [.right, .left])
    var lines: [[TrainingResult]] = []
    for result in report.training {
      if let last = lines.indices.last, lines[last][0].name == result.name,
        lines[last][0].detail == result.detail
      {
        lines[last].append(result)
      } else {
        lines.append([result])
      }
    }
    for line in lines {
      guard let last = line.last else { continue }
      table.add(
        [last.name, last.detail] + line.map { String(format: "%.3f", $0.timing.median) }
          + [String(format: "%.2f", last.rate / 1e6), last.unit + "s"])
    }
    return table
  }

  private static func threads(_ count: Int) -> String {
    count == 1 ? "1 thread" : "\(count) threads"
  }

  /// Three digits, no more.
  private static func number(_ value: Double) -> String {
    String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
  }

  private static func percent(_ fraction: Double) -> String {
    String(format: "%.0f %%", 100 * fraction)
  }

  private static func size(_ bytes: Int) -> String {
    switch bytes {
    case 0: "?"
    case ..<(1 << 20): "\(bytes >> 10) KiB"
    case ..<(1 << 30): "\(bytes >> 20) MiB"
    default: String(format: "%.1f GiB", Double(bytes) / Double(1 << 30))
    }
  }
}

extension Bandwidth {
  /// What it is called in a table.
  fileprivate var short: String {
    switch self {
    case .memoryRead: "memory"
    case .memoryUpdate: "memory r+w"
    case .l3Read: "L3"
    case .l2Read: "L2"
    }
  }
}

// A bench's report as tables for people.
import Foundation
import OsusumeBench

extension BenchReport: Report {
  /// The report, at most 100 columns wide.
  var lines: [String] { BenchText.lines(self) }
}

private enum BenchText {
  static func lines(_ report: BenchReport) -> [String] {
    var lines = machine(report)
    if report.parts.isEmpty || report.parts.contains("machine") {
      lines += [""] + limits(report.limits).lines
    }
    if let data = report.data {
      lines += [
        "",
        "\(data.ratings.grouped) training ratings of \(data.users.grouped) users and "
          + "\(data.items.grouped) items, seed \(report.seed); medians of \(report.repeats)"
          + (report.repeats < 6 ? "" : ", ± half of their 95 % interval"),
      ]
    }
    if !report.kernels.isEmpty {
      lines += [""] + kernels(report).lines + [""] + remarks(report)
    }
    if !report.training.isEmpty { lines += [""] + training(report).lines }
    let parted = report.training.filter { $0.threads == report.threads && $0.parts != nil }
    if !parted.isEmpty { lines += [""] + parts(parted, report.threads) }
    if !report.latency.isEmpty { lines += [""] + latency(report.latency).lines }
    if let comparison = report.comparison { lines += [""] + Self.comparison(comparison) }
    return lines
  }

  /// How long single answers take.
  private static func latency(_ latency: [Latency]) -> TextTable {
    var table = TextTable(
      ["One answer at a time, µs", "calls", "half", "99 %", "99.9 %", "slowest"],
      alignments: [.left] + figures(5))
    for answer in latency {
      table.add(
        [answer.name, answer.calls.grouped]
          + [answer.median, answer.p99, answer.p999, answer.slowest].map(number))
    }
    return table
  }

  /// What changed since an earlier report.
  private static func comparison(_ comparison: BenchComparison) -> [String] {
    var table = TextTable(
      ["Beside \(comparison.path)", "threads", "time over earlier", ""],
      alignments: [.left, .right, .right, .left])
    for line in comparison.lines {
      let verdict = line.verdict == .same ? "" : line.verdict.rawValue
      table.add([line.name, "\(line.threads)", String(format: "%.2f", line.ratio), verdict])
    }
    let tolerance = String(format: "%.0f", 100 * comparison.tolerance)
    return table.lines
      + ["slower, faster: by more than \(tolerance) %, and beyond the noise of both runs"]
      + comparison.differences.map { "not alike: \($0)" }
      + (comparison.alone.isEmpty
        ? [] : ["in one of the two alone: " + comparison.alone.joined(separator: "; ")])
  }

  /// Half of an interval, of the median.
  private static func noise(_ timing: Timing) -> String {
    guard let interval = timing.interval else { return "" }
    return "±" + percent((interval[1] - interval[0]) / 2 / timing.median)
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
      ([String(report.builtWith.compiler.prefix { $0 != "(" }).trimmingCharacters(in: .whitespaces)]
        + [("Swift", report.builtWith.swift), ("commit", report.builtWith.commit)].compactMap {
          what, text in text.map { "\(what) \($0)" }
        }).joined(separator: ", "),
      report.builtWith.blas
        + [("before", report.before.load), ("after", report.after?.load)].compactMap { when, load in
          load.map { String(format: "; load %@ %.1f", when, $0) }
        }.joined(),
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
      ["Kernel", "per", "bytes"] + counts + ["", "GB/s", "from", "of it", "GFLOP/s", "of peak"],
      alignments: [.left, .left, .right] + figures(counts.count)
        + [.right, .right, .left, .right, .right, .right])
    for kernel in report.kernels {
      var cells = [kernel.name, kernel.unit]
      if kernel.correct, let last = kernel.runs.last {
        cells.append(kernel.bytes > 0 ? number(kernel.bytes) : "")
        cells += kernel.runs.map { number($0.nanoseconds) } + [noise(last.timing)]
        cells.append(kernel.bytes > 0 ? number(last.gigabytes) : "")
        cells += [kernel.bandwidth?.short ?? "", last.bandwidthShare.map(percent) ?? ""]
        cells += kernel.flops > 0 ? [number(last.gigaflops), percent(last.flopsShare)] : ["", ""]
      } else {
        cells += ["WRONG"] + [String](repeating: "", count: counts.count + 6)
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
      "bytes: what one of them must read and write, by its kernel's contract; of it, of peak: of the limits",
      "on \(threads(report.threads)). Where the rest of the time goes (moving: the same rows read or updated in",
      "the same order and nothing done to them, of the time, by threads):",
    ] + table.lines + ["More than 100 %: some of the bytes come from a nearer cache."]
  }

  private static func training(_ report: BenchReport) -> TextTable {
    let counts = report.limits.map { "s, " + threads($0.threads) }
    var table = TextTable(
      ["End to end", ""] + counts + ["", "speed-up", "M/s", ""],
      alignments: [.left, .left] + figures(counts.count) + [.right, .right, .right, .left])
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
      guard let first = line.first, let last = line.last else { continue }
      let gain = first.timing.median / last.timing.median
      table.add(
        [last.name, last.detail] + line.map { String(format: "%.3f", $0.timing.median) }
          + [noise(last.timing), line.count > 1 ? String(format: "%.1f×", gain) : ""]
          + [String(format: "%.2f", last.rate / 1e6), last.unit + "s"])
    }
    return table
  }

  /// Where epochs go.
  private static func parts(_ training: [TrainingResult], _ threads: Int) -> [String] {
    var table = TextTable(
      [
        "Parts on \(Self.threads(threads))", "", "s", "share", "GB/s", "from", "of it", "GFLOP/s",
        "of peak",
      ],
      alignments: [.left, .left] + figures(3) + [.left] + figures(3))
    for result in training {
      for part in result.parts ?? [] {
        table.add([
          result.name, part.name, String(format: "%.3f", part.seconds), percent(part.share),
          part.gigabytes.map(number) ?? "", part.bandwidth?.short ?? "",
          part.bandwidthShare.map(percent) ?? "", part.gigaflops.map(number) ?? "",
          part.flopsShare.map(percent) ?? "",
        ])
      }
    }
    return table.lines + [
      "share: of an epoch, of a fit where there are none; bytes and operations by the kernels' contracts"
    ]
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

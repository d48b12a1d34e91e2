// A bench as a page: kernels under the machine's roofs, what threads bring, where epochs go, and every sample.
import Foundation
import Osusume

extension BenchReport {
  /// The report as a page that needs nothing else.
  public var page: ReportPage {
    ReportPage(
      "Benchmarks of \(machine.processor)",
      summary: summary,
      sections: [
        limitSection, limits.last.flatMap { rooflineSection($0) }, kernelSection, threadSection,
        partSection,
        trainingSection, latencySection, sampleSection,
      ].compactMap(\.self),
      colours: colours)
  }

  /// What it is of, and when its figures say little.
  private var summary: [String] {
    let place =
      "\(machine.cores) logical processors, \(machine.isa), up to \(Self.threads(threads)); "
      + machine.system + "."
    let commit = builtWith.commit.map { ", commit \($0)" } ?? ""
    let swift = builtWith.swift.map { "Swift \($0), " } ?? ""
    let tool =
      "osusume \(version)\(commit): \(swift)kernels by \(builtWith.compiler); \(builtWith.blas)."
    let load =
      "Load before \(Self.figure(before.load)), after \(Self.figure(after?.load)): from 0.5 on other work "
      + "shows in every figure."
    guard let data else { return [place, tool, load] }
    let rows =
      "\(data.ratings.grouped) training ratings of \(data.users.grouped) users and "
      + "\(data.items.grouped) items, seed \(seed); medians of \(repeats)."
    return [place, tool, rows, load]
  }

  private var colours: [(name: String, colour: String)] {
    let roofs = Self.roofs.map { (name: $0.name, colour: $0.colour) }
    let series = seriesNames.enumerated().map { place, name in
      (name: name, colour: ReportPage.palette[place % ReportPage.palette.count])
    }
    return roofs + [(Self.multipliers, "#333333")] + series
  }

  // MARK: The machine

  private static let multipliers = "multipliers"
  private static let roofs: [(name: String, colour: String, bandwidth: Bandwidth)] = [
    ("memory, read", "#4e79a7", .memoryRead),
    ("memory, read and written", "#76b7b2", .memoryUpdate),
    ("L3 cache, read", "#f28e2b", .l3Read), ("L2 caches, read", "#e15759", .l2Read),
  ]

  private static func name(_ bandwidth: Bandwidth?) -> String {
    roofs.first { $0.bandwidth == bandwidth }?.name ?? multipliers
  }

  private var limitSection: ReportSection {
    ReportSection(
      "What the machine can do",
      [
        "Measured, not looked up: loops that only read, only read and write, or only multiply and add. Each is the "
          + "best of seven runs."
      ],
      table: ReportTable(
        ["limit"] + limits.map { Self.threads($0.threads) } + ["unit"],
        Self.roofs.map { roof in
          [roof.name] + limits.map { Self.figure($0[roof.bandwidth]) } + ["GB/s"]
        } + [[Self.multipliers] + limits.map { Self.figure($0.gigaflops) } + ["GFLOP/s"]]))
  }

  // MARK: Kernels

  private static let size = (width: 760, height: 460)

  /// Kernels that move bytes and compute, under the roofs.
  private func rooflineSection(_ limit: Limits) -> ReportSection? {
    let points = kernels.compactMap { kernel -> (kernel: KernelResult, run: KernelResult.Run)? in
      guard kernel.bytes > 0, kernel.flops > 0, let run = kernel.runs.last else { return nil }
      return (kernel, run)
    }
    let bandwidths = Self.roofs.map { limit[$0.bandwidth] }
    guard !points.isEmpty, limit.gigaflops > 0, let slowest = bandwidths.min(), slowest > 0 else {
      return nil
    }
    let intensities = points.map { $0.kernel.flops / $0.kernel.bytes }
    let speeds = points.map(\.run.gigaflops)
    let x = (
      low: (intensities.min() ?? 1) / 2,
      high: 2 * max(intensities.max() ?? 1, limit.gigaflops / slowest)
    )
    let y = (
      low: min((speeds.min() ?? 1) / 2, x.low * slowest),
      high: 1.5 * max(limit.gigaflops, speeds.max() ?? 1)
    )
    var rows: [[String: ChartValue]] = []
    for roof in Self.roofs {
      let ridge = limit.gigaflops / limit[roof.bandwidth]
      for intensity in [x.low, ridge, x.high].sorted() where intensity <= max(ridge, x.low) {
        rows.append(
          Self.roof(roof.name, intensity, min(limit.gigaflops, intensity * limit[roof.bandwidth])))
      }
    }
    let flat = bandwidths.map { limit.gigaflops / $0 }.min() ?? x.low
    rows += [max(flat, x.low), x.high].map { Self.roof(Self.multipliers, $0, limit.gigaflops) }
    var labels = LabelPlaces(size: Self.size, x: (x.low, x.high), y: (y.low, y.high))
    for ((kernel, run), intensity) in zip(points, intensities) {
      let place = labels.place(kernel.name, x: intensity, y: run.gigaflops)
      let ofBytes = run.bandwidthShare.map {
        ", \(Self.percent($0)) of \(Self.name(kernel.bandwidth))"
      }
      let tip =
        "\(kernel.name): \(Self.figure(run.gigaflops)) GFLOP/s, \(Self.figure(run.gigabytes)) GB/s, "
        + "\(Self.percent(run.flopsShare)) of the multipliers" + (ofBytes ?? "")
      rows.append([
        "kind": "kernel", "x": .number(intensity), "y": .number(run.gigaflops),
        "label": .text(Self.name(kernel.bandwidth)), "figure": .text(kernel.name),
        "dx": .number(place.dx), "dy": .number(place.dy), "align": .text(place.align),
        "tip": .text(tip),
      ])
    }
    return ReportSection(
      "Kernels under the roofs",
      [
        "A kernel makes so many operations for each byte that it must move, and so it lies under the slope of what "
          + "its bytes come from, its colour, and under the level of the multipliers (Williams, Waterman and "
          + "Patterson 2009): the nearer to its roof, the less is left to gain. Above a slope, some bytes come from a "
          + "nearer cache. On \(Self.threads(limit.threads)). Kernels of integers alone are in the next part."
      ],
      charts: [
        ReportChart(
          VegaSpecifications.roofline(
            .init(
              title: "operations a byte", isLogarithmic: true, domain: x.low...x.high, format: "~g"),
            .init(title: "GFLOP/s", isLogarithmic: true, domain: y.low...y.high, format: "~g"),
            width: Self.size.width, height: Self.size.height), rows: rows,
          caption: "Operations a second against operations a byte, and the limits of both")
      ])
  }

  private static func roof(_ label: String, _ x: Double, _ y: Double) -> [String: ChartValue] {
    ["kind": "roof", "x": .number(x), "y": .number(y), "label": .text(label)]
  }

  private var kernelSection: ReportSection? {
    let right = kernels.filter(\.correct)
    guard !kernels.isEmpty else { return nil }
    let shares = right.compactMap { kernel -> [String: ChartValue]? in
      guard let run = kernel.runs.last else { return nil }
      let share = max(run.bandwidthShare ?? 0, run.flopsShare)
      guard share > 0 else { return nil }
      let limit =
        run.flopsShare >= run.bandwidthShare ?? 0 ? Self.multipliers : Self.name(kernel.bandwidth)
      return [
        "group": .text(kernel.name), "value": .number(100 * share), "label": .text(limit),
        "tip": .text("\(kernel.name): \(Self.percent(share)) of \(limit). \(kernel.remark)"),
      ]
    }
    return ReportSection(
      "Kernels",
      wrong.isEmpty ? [] : ["Wrong answers, and so no speed: \(wrong.joined(separator: ", "))."],
      charts: shares.isEmpty
        ? []
        : [
          ReportChart(
            VegaSpecifications.lyingBars(.init(title: "percent of the limit", startsAtZero: true)),
            rows: shares,
            caption: "Of the limit that each kernel is nearest to, on \(Self.threads(threads))")
        ],
      table: ReportTable(
        [
          "kernel", "a", "threads", "ns", "95 % interval", "GB/s", "of it", "GFLOP/s", "of peak",
          "moving alone",
        ],
        right.flatMap { kernel in kernel.runs.map { Self.cells(kernel, $0) } }, textColumns: 2))
  }

  private static func cells(_ kernel: KernelResult, _ run: KernelResult.Run) -> [String] {
    let computes = kernel.flops > 0
    let speed = computes ? figure(run.gigaflops) : "–"
    let ofPeak = computes ? percent(run.flopsShare) : "–"
    let bytes = kernel.bytes > 0 ? figure(run.gigabytes) : "–"
    return [
      kernel.name, kernel.unit, "\(run.threads)", figure(run.nanoseconds),
      interval(run.timing, times: 1e9 / Double(max(1, kernel.units))), bytes,
      percent(run.bandwidthShare), speed,
      ofPeak, percent(run.movingShare),
    ]
  }

  // MARK: Threads

  /// A kernel or a training, and its median seconds by number of threads.
  private var lines: [(name: String, isKernel: Bool, times: [(threads: Int, seconds: Double)])] {
    var lines = kernels.filter { !$0.runs.isEmpty }.map { kernel in
      (
        name: kernel.name, isKernel: true,
        times: kernel.runs.map { (threads: $0.threads, seconds: $0.timing.median) }
      )
    }
    for result in training {
      let name = "\(result.name), \(result.detail)"
      let time = (threads: result.threads, seconds: result.timing.median)
      if let place = lines.lastIndex(where: { $0.name == name && !$0.isKernel }) {
        lines[place].times.append(time)
      } else {
        lines.append((name, false, [time]))
      }
    }
    return lines
  }

  private static let ideal = "as many times as threads"
  private static let (ofKernels, ofTraining) = ("kernels", "end to end")

  private var seriesNames: [String] {
    [Self.ideal, Self.ofKernels, Self.ofTraining]
      + lines.filter { !$0.isKernel && $0.times.count > 1 }.map(\.name)
  }

  private var threadSection: ReportSection? {
    let lines = lines.filter { $0.times.count > 1 && $0.times[0].threads == 1 }
    guard !lines.isEmpty, let most = lines[0].times.last?.threads, most > 1 else { return nil }
    var rows = [1, most].map { Self.point(Self.ideal, Double($0), Double($0), "") }
    for line in lines where !line.isKernel {
      rows += line.times.map { time in
        let gain = line.times[0].seconds / time.seconds
        return Self.point(
          line.name, Double(time.threads), gain,
          "\(line.name): \(Self.figure(gain))× on \(Self.threads(time.threads))")
      }
    }
    return ReportSection(
      "What threads bring",
      [
        "The serial part is what Amdahl's law makes of the speed-up S on p threads, (1/S − 1/p)/(1 − 1/p) (Karp and "
          + "Flatt 1990): everything that does not get faster, waiting and a limit that threads share among it. Below "
          + "0 the threads have more cache together than one."
      ],
      charts: lines.contains { !$0.isKernel }
        ? [
          ReportChart(
            VegaSpecifications.lines(
              .init(title: "threads", isWhole: true), .init(title: "speed-up", startsAtZero: true)),
            rows: rows,
            caption: "How many times as fast as on one thread")
        ] : [],
      table: ReportTable(
        ["", "threads", "speed-up", "a thread", "serial part"],
        lines.flatMap { line in
          line.times.dropFirst().map { time -> [String] in
            let (gain, threads) = (line.times[0].seconds / time.seconds, Double(time.threads))
            return [
              line.name, "\(time.threads)", Self.figure(gain) + "×", Self.percent(gain / threads),
              Self.percent((1 / gain - 1 / threads) / (1 - 1 / threads)),
            ]
          }
        }))
  }

  private static func point(
    _ label: String, _ x: Double, _ y: Double, _ tip: String
  ) -> [String: ChartValue] {
    ["label": .text(label), "x": .number(x), "y": .number(y), "tip": .text(tip)]
  }

  // MARK: Epochs, training, answers

  private var partSection: ReportSection? {
    let timed = training.filter { !($0.parts ?? []).isEmpty }
    guard !timed.isEmpty else { return nil }
    let charts = timed.filter { $0.threads == threads }.map { result in
      ReportChart(
        VegaSpecifications.lyingBars(
          .init(title: "percent of the time", startsAtZero: true), labels: 200),
        rows: (result.parts ?? []).map { part -> [String: ChartValue] in
          [
            "group": .text(part.name), "value": .number(100 * part.share),
            "label": .text(Self.ofTraining),
            "tip": .text("\(part.name): \(Self.figure(part.seconds)) s"),
          ]
        }, caption: "\(result.name), \(result.detail), \(Self.threads(result.threads))")
    }
    return ReportSection(
      "Where epochs go",
      [
        "Clocks are read between chunks of work, by every worker; the rest is what workers waited for each other, and "
          + "what no part has. Bytes and operations are those of the kernels' contracts; shares are of the limits above."
      ], charts: charts,
      table: ReportTable(
        ["model", "part", "threads", "s", "of the time", "GB/s", "of it", "GFLOP/s", "of peak"],
        timed.flatMap { result in
          (result.parts ?? []).map { part -> [String] in
            [
              result.name, part.name, "\(result.threads)", Self.figure(part.seconds),
              Self.percent(part.share),
              Self.figure(part.gigabytes), Self.percent(part.bandwidthShare),
              Self.figure(part.gigaflops),
              Self.percent(part.flopsShare),
            ]
          }
        }, textColumns: 2))
  }

  private var trainingSection: ReportSection? {
    guard !training.isEmpty else { return nil }
    return ReportSection(
      "End to end",
      table: ReportTable(
        ["", "", "threads", "s", "95 % interval", "least", "million a second", ""],
        training.map { result -> [String] in
          [
            result.name, result.detail, "\(result.threads)", Self.figure(result.timing.median),
            Self.interval(result.timing), Self.figure(result.timing.minimum),
            Self.figure(result.rate / 1e6), result.unit + "s",
          ]
        }, textColumns: 2))
  }

  private var latencySection: ReportSection? {
    guard !latency.isEmpty else { return nil }
    return ReportSection(
      "One answer at a time",
      ["Microseconds that so many of the answers took at most."],
      table: ReportTable(
        ["", "calls", "50 %", "99 %", "99.9 %", "slowest"],
        latency.map { answer -> [String] in
          [
            answer.name, answer.calls.grouped, Self.figure(answer.median), Self.figure(answer.p99),
            Self.figure(answer.p999), Self.figure(answer.slowest),
          ]
        }))
  }

  // MARK: Samples

  private var sampleSection: ReportSection? {
    var samples: [(name: String, kind: String, threads: Int, timing: Timing)] = []
    for kernel in kernels {
      samples += kernel.runs.map { (kernel.name, Self.ofKernels, $0.threads, $0.timing) }
    }
    samples += training.map { ("\($0.name), \($0.detail)", Self.ofTraining, $0.threads, $0.timing) }
    guard !samples.isEmpty else { return nil }
    let rows = samples.flatMap { name, kind, threads, timing in
      timing.samples.enumerated().map { run, seconds -> [String: ChartValue] in
        Self.point(
          kind, Double(run + 1), seconds / timing.median,
          "\(name), \(Self.threads(threads)), run \(run + 1): \(Self.figure(seconds)) s")
      }
    }
    return ReportSection(
      "Every sample",
      ["What is compared was run in turn, so that a slow moment meets all alike."],
      charts: [
        ReportChart(
          VegaSpecifications.points(
            .init(title: "run", isWhole: true), .init(title: "time over the median of its line")),
          rows: rows,
          caption: "Each run's time over the median of its line")
      ],
      details: ReportTable(
        ["", "threads", "seconds, in the order of the runs"],
        samples.map { name, _, threads, timing -> [String] in
          let seconds = timing.samples.map { String(format: "%.4g", $0) }
          return [name, "\(threads)", seconds.joined(separator: "  ")]
        }))
  }

  // MARK: Words

  private static func threads(_ count: Int) -> String {
    count == 1 ? "1 thread" : "\(count) threads"
  }

  /// Three digits.
  private static func figure(_ value: Double?) -> String {
    value.map { String(format: abs($0) >= 100 ? "%.0f" : "%.3g", $0) } ?? "–"
  }

  /// The interval of a median, each of its ends times a number.
  private static func interval(_ timing: Timing, times scale: Double = 1) -> String {
    guard let ends = timing.interval else { return "–" }
    return "\(figure(scale * ends[0])) to \(figure(scale * ends[1]))"
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.0f %%", 100 * $0) } ?? "–"
  }
}

/// Places for the names of points in a chart of two logarithmic axes, none over another where there is room.
private struct LabelPlaces {
  private let size: (width: Double, height: Double)
  private let x: (low: Double, high: Double), y: (low: Double, high: Double)
  /// Rectangles that are taken: left, right, top, bottom.
  private var taken: [(Double, Double, Double, Double)] = []

  init(size: (width: Int, height: Int), x: (Double, Double), y: (Double, Double)) {
    self.size = (Double(size.width), Double(size.height))
    (self.x, self.y) = (x, y)
  }

  /// Where a text goes beside its point: to the right, the left, above or below, or where it hides least.
  mutating func place(_ text: String, x: Double, y: Double) -> (
    dx: Double, dy: Double, align: String
  ) {
    let px = log(x / self.x.low) / log(self.x.high / self.x.low) * size.width
    let py = log(self.y.high / y) / log(self.y.high / self.y.low) * size.height
    let width = 6.2 * Double(text.count)
    func rectangle(_ place: (dx: Double, dy: Double, align: String)) -> (
      Double, Double, Double, Double
    ) {
      let left =
        px + place.dx - (place.align == "right" ? width : place.align == "center" ? width / 2 : 0)
      return (left, left + width, py + place.dy - 7, py + place.dy + 7)
    }
    func overlap(_ a: (Double, Double, Double, Double)) -> Double {
      let outside = max(0, a.1 - size.width) + max(0, -a.0)
      return taken.reduce(20 * outside) { sum, b in
        sum + max(0, min(a.1, b.1) - max(a.0, b.0)) * max(0, min(a.3, b.3) - max(a.2, b.2))
      }
    }
    var places: [(dx: Double, dy: Double, align: String)] = []
    for shift in [0.0, 12, -12, 24, -24] {
      places += [(8, shift, "left"), (-8, shift, "right")]
    }
    places += [(0, -12, "center"), (0, 13, "center")]
    var best = places[0]
    for place in places where overlap(rectangle(place)) < overlap(rectangle(best)) { best = place }
    taken += [rectangle(best), (px - 5, px + 5, py - 5, py + 5)]
    return best
  }
}

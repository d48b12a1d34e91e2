// The page of a bench: kernels under the roofs, epochs by part, every sample, and all of it drawn in a browser.
import Foundation
import OsusumeBench
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct BenchPageTests {
  /// A bench of some kernels and models on few ratings, on one thread and on two.
  private static let report = Result {
    try Bench(
      only: ["pair", "adam", "order", "sgd", "latency"], scale: 0.005, threads: 2, repeats: 6,
      models: Contender.list("mf:epochs=3;flax-dense:epochs=1;ease", seed: 42)
    ).run()
  }

  @Test func kernelsLieUnderTheRoofsThatTheyAreComparedWith() throws {
    let report = try Self.report.get()
    #expect(report.wrong.isEmpty)
    let page = report.page
    let section = try #require(page.sections.first { $0.title == "Kernels under the roofs" })
    let rows = try #require(section.charts.first).rows
    // Integers alone have no place under a roof of float operations.
    let drawn = rows.filter { $0["kind"] == "kernel" }.compactMap { $0["figure"] }
    #expect(drawn == ["pair.forward", "adam.update", "adam.settle", "sgd.walk"].map { .text($0) })
    func number(_ row: [String: ChartValue], _ name: String) -> Double {
      if case .number(let value)? = row[name] { value } else { .nan }
    }
    let limits = try #require(report.limits.last)
    for row in rows where row["kind"] == "kernel" {
      guard case .text(let name)? = row["figure"] else { continue }
      let kernel = try #require(report.kernels.first { .text($0.name) == row["figure"] })
      #expect(number(row, "x") == kernel.flops / kernel.bytes, "\(name)")
      #expect(number(row, "y") == kernel.runs.last?.gigaflops, "\(name)")
    }
    // A slope ends at the level of the multipliers.
    for (label, bandwidth) in [
      ("memory, read", Bandwidth.memoryRead), ("L2 caches, read", .l2Read),
    ] {
      let roof = rows.filter { $0["kind"] == "roof" && $0["label"] == .text(label) }
      #expect(roof.count >= 2)
      for point in roof {
        let expected = min(limits.gigaflops, number(point, "x") * limits[bandwidth])
        #expect(abs(number(point, "y") - expected) <= 1e-9 * expected, "\(label)")
      }
    }
  }

  @Test func everyChartHasItsColoursAndEveryTableItsCells() throws {
    let page = try Self.report.get().page
    #expect(
      page.sections.map(\.title) == [
        "What the machine can do", "Kernels under the roofs", "Kernels", "What threads bring",
        "Where epochs go",
        "End to end", "One answer at a time", "Every sample",
      ])
    let colours = Set(page.colours.map(\.name))
    #expect(colours.count == page.colours.count)
    for chart in page.sections.flatMap(\.charts) {
      #expect(throws: Never.self) {
        try JSONSerialization.jsonObject(with: Data(chart.specification.utf8))
      }
      #expect(!chart.rows.isEmpty && !chart.caption.isEmpty)
      for row in chart.rows {
        guard case .text(let label)? = row["label"] else { Issue.record("\(row)"); continue }
        #expect(colours.contains(label), "\(label)")
      }
    }
    for section in page.sections {
      for table in [section.table, section.details].compactMap(\.self) {
        #expect(!table.rows.isEmpty && table.rows.allSatisfy { $0.count == table.header.count })
      }
    }
    // Six runs of each of five kernels and of what is trained, on one thread and on two.
    let samples = try #require(page.sections.last?.details)
    #expect(samples.rows.count { $0[0].hasPrefix("pair.forward") } == 2)
    #expect(samples.rows.first?[2].split(separator: "  ").count == 6)
  }

  @Test(
    .enabled(
      if: VegaLibrary.installed != nil && Browser.path != nil,
      "needs Debian's libjs-vega and Chromium"))
  func everyChartIsDrawn() throws {
    let page = try Self.report.get().page
    let folder = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/page.html"
    try page.write(to: file)
    let (dom, log) = try Browser(folder: folder).load(file, ["--dump-dom"])
    #expect(dom.contains("<body class=\"drawn\">"), "\(log.suffix(2000))")
    #expect(!log.contains("CONSOLE"), "\(log.suffix(2000))")
    let charts = page.sections.flatMap(\.charts).count
    #expect(charts >= 7)
    #expect(dom.components(separatedBy: "class=\"marks\" width").count - 1 == charts)
    for name in ["pair.forward", "adam.update", "sgd.walk", "GFLOP/s", "operations a byte"] {
      #expect(dom.contains(">\(name)</text>"), "\(name)")
    }
    // Nothing of the network is asked for.
    #expect(!(try String(contentsOfFile: file, encoding: .utf8)).contains("src=\"http"))
  }
}

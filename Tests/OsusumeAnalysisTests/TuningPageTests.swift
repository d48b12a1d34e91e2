// The page of a search: every chart is drawn in a browser without a network, and hostile names stay text.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct TuningPageTests {
  private static let hostile = "</script><script>throw 1</script><b>\"made up\"</b> \u{202E}gnp.csv"

  private func page() throws -> ReportPage {
    let ratings = ComparisonTests.ratings
    var spec = ModelSpec.mf
    spec.name = Self.hostile
    var plan = try TuningPlan(spec, given: ["factors": "4"]) {
      $0.split = .perUser(testFraction: 0.2)
    }
    plan.trials = 20
    plan.bootstrap.resamples = 100
    let data = try TuningData(
      plan, ratings: ratings, split: ratings.split(.perUser(testFraction: 0.2), seed: 1))
    let tuning = try Tuning(plan, on: data)
    return try tuning.page(
      TunedModel(tuning, on: data), source: Self.hostile, command: "osusume train " + Self.hostile)
  }

  @Test func everyTrialIsInItsChartsAndTables() throws {
    let page = try page()
    #expect(page.sections.count == 4)
    let charts = page.sections.flatMap(\.charts)
    // One for each of the six settings, and one for all.
    #expect(charts.count == 7)
    for chart in charts {
      #expect(throws: Never.self) {
        try JSONSerialization.jsonObject(with: Data(chart.specification.utf8))
      }
      #expect(!chart.rows.isEmpty && !chart.caption.isEmpty)
    }
    for chart in charts.prefix(6) { #expect(chart.rows.count == 20) }
    // A line has a point on each axis; each axis has two ends.
    #expect(charts[6].rows.count == 20 * 7 + 2 * 7)
    let table = try #require(page.sections[3].table)
    #expect(table.rows.count == 20 && table.rows[0][1] == "best")
    #expect(table.rows.allSatisfy { $0.count == table.header.count })
    let colours = Set(page.colours.map(\.name))
    for row in charts.flatMap(\.rows) {
      guard case .text(let label)? = row["label"] else { continue }
      #expect(label == "end" || colours.contains(label))
    }
  }

  @Test func namesNeverBecomeMarkup() throws {
    let html = try page().html(vega: nil)
    #expect(!html.contains("<script>throw") && html.contains("&lt;script&gt;throw 1"))
  }

  @Test(
    .enabled(
      if: VegaLibrary.installed != nil && Browser.path != nil,
      "needs Debian's libjs-vega and Chromium"))
  func everyChartIsDrawn() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/page.html"
    try page().write(to: file)
    let (dom, log) = try Browser(folder: folder).load(file, ["--dump-dom"])
    #expect(dom.contains("<body class=\"drawn\">"), "\(log.suffix(2000))")
    #expect(!log.contains("CONSOLE"), "\(log.suffix(2000))")
    #expect(dom.components(separatedBy: "class=\"marks\" width").count - 1 == 7)
    // A symbol for each trial in each chart of a setting, a line for each in that of all.
    let symbols = dom.components(separatedBy: "mark-symbol role-mark").count - 1
    let lines = dom.components(separatedBy: "mark-line role-mark").count - 1
    #expect(symbols == 6 && lines == 20, "\(symbols) \(lines)")
  }
}

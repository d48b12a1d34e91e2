// The page of a comparison in a browser: every chart is drawn, without a network, without complaint.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeAnalysis

struct ComparisonPageTests {
  private func page() throws -> ReportPage {
    let ratings = ComparisonTests.ratings
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 1)
    var contenders = try Contender.named(["mf", "flax-bias", "bias", "popularity"], seed: 42)
    for place in 0..<2 { contenders[place].hyperparameters.factors = 4 }
    contenders[1].hyperparameters.batchSize = 50
    contenders[1].hyperparameters.learningRate = 0.05
    var options = ComparisonOptions()
    options.bootstrap.resamples = 100
    options.alsoFactors = [2]
    options.repeats = 1
    let catalog = ItemCatalog(
      (0..<60).map { Item(id: String($0), title: "</script><script>throw 1</script> \($0)") })
    return try Comparison(contenders, on: ratings, split: split, catalog: catalog, options)
      .page(source: "<b>made up</b>.csv", rule: .perUser(testFraction: 0.2), seed: 1)
  }

  @Test func everySectionHasItsFiguresInTables() throws {
    let page = try page()
    #expect(page.sections.count == 9)
    for section in page.sections {
      #expect((section.table ?? section.details)?.rows.isEmpty == false, "\(section.title)")
      for table in [section.table, section.details] {
        #expect(
          table?.rows.allSatisfy { $0.count == table?.header.count } ?? true, "\(section.title)")
      }
      for chart in section.charts {
        #expect(!chart.rows.isEmpty, "\(chart.caption)")
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(chart.specification.utf8))
        }
      }
    }
    let html = try page.html(vega: nil)
    #expect(html.contains("mf better than bias by 0.") && html.contains("&lt;b&gt;made up"))
    #expect(!html.contains("<script>throw"))
  }

  @Test(
    .enabled(
      if: Browser.path != nil && VegaLibrary.installed != nil,
      "needs chromium and libjs-vega"))
  func chartsAreDrawnWithoutANetwork() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "osusume-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let browser = Browser(folder: folder)
    let path = "\(folder)/page.html"
    let page = try page()
    try page.write(to: path)
    // The same page, telling where its drawings are once they are all there.
    let telling = """
      <script>(function wait() {
        if (!document.body.classList.contains("drawn")) return setTimeout(wait, 50);
        document.title = JSON.stringify([...document.querySelectorAll(".drawing svg")].map(drawing => {
          const box = drawing.getBoundingClientRect();
          return [box.left, box.top, box.right, box.bottom]
            .map(place => Math.round(place * \(Browser.scale)));
        }));
      })();</script></body>
      """
    try page.html().replacingOccurrences(of: "</body>", with: telling)
      .write(toFile: "\(folder)/telling.html", atomically: true, encoding: .utf8)
    let told = try browser.load("\(folder)/telling.html", ["--dump-dom"])
    let title = try #require(
      told.output.firstMatch(of: /<title>(\[.*?\])<\/title>/)?.1, "drawn: \(told.log)")
    let boxes = try JSONDecoder().decode([[Int]].self, from: Data(title.utf8))
    let charts = page.sections.flatMap(\.charts)
    #expect(boxes.count == charts.count)
    let shot = try browser.load(path, ["--screenshot=\(folder)/page.png"])
    for log in [told.log, shot.log] { #expect(!log.contains("CONSOLE"), "\(log)") }
    let pixels = try Pixels(png: "\(folder)/page.png")
    for (chart, box) in zip(charts, boxes) {
      let area = (box[2] - box[0]) * (box[3] - box[1])
      let (ink, coloured) = pixels.count(x: box[0]..<box[2], y: box[1]..<box[3])
      // Axes, grid and letters cover a fiftieth of a chart at least; marks have a colour.
      #expect(
        area > 3000 && ink > area / 50 && coloured > 30,
        "\(chart.caption): \(ink) of \(area) pixels, \(coloured) coloured")
    }
  }
}

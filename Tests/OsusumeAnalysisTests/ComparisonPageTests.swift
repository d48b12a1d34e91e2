// The page of a comparison in a browser: every chart is drawn, without a network, without complaint.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeAnalysis

struct ComparisonPageTests {
  /// Titles that would be markup, leave an attribute, or turn the direction of what follows.
  private static let hostile = [
    "</script><script>throw 1</script>", "\"onload=\"throw 2", "'\u{202E}txet",
    "\u{5E9}\u{5DC}\u{5D5}\u{5DD}",
    "🦊 & <b>bold</b>", "{\"signal\": \"throw 3\"}",
  ]

  private func page() throws -> ReportPage {
    let ratings = ComparisonTests.ratings
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 1)
    var contenders = try Contender.list("mf,flax-bias,bias,popularity", seed: 42)
    for place in 0..<2 { contenders[place].hyperparameters.factors = 4 }
    contenders[1].hyperparameters.batchSize = 50
    contenders[1].hyperparameters.learningRate = 0.05
    var options = ComparisonOptions()
    options.bootstrap.resamples = 100
    options.alsoFactors = [2]
    options.repeats = 1
    let catalog = ItemCatalog(
      (0..<60).map {
        Item(
          id: String($0), title: Self.hostile[$0 % Self.hostile.count] + " \($0)",
          genres: [["Action"], ["Action", "Drama"], ["Comedy"]][$0 % 3])
      })
    return try Comparison(contenders, on: ratings, split: split, catalog: catalog, options)
      .page(
        source: "<b>made up</b>.csv", rule: .perUser(testFraction: 0.2), seed: 1,
        origin: PageOrigin(
          command: "osusume compare --models 'mf</table>'", processor: "Abacus",
          instructionSet: "none",
          threads: 3, itemsSHA256: "feed"))
  }

  @Test func everySectionHasItsFiguresInTables() throws {
    let page = try page()
    #expect(page.sections.count == 15)
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
    let captions = page.sections.flatMap { $0.charts.map(\.caption) }
    for (metric, sense) in [
      ("RMSE", "less is better"), ("NDCG@10", "more is better"), ("coverage@10", "neither good"),
      ("intra list distance@10", "neither good"), ("miscalibration@10", "less is better"),
    ] {
      #expect(captions.contains { $0.hasPrefix("\(metric): \(sense)") }, "\(metric)")
    }
    let html = try page.html(vega: nil)
    #expect(html.contains("mf better than bias by 0.") && html.contains("&lt;b&gt;made up"))
    #expect(
      !html.contains("<script>throw") && !html.contains("<b>bold")
        && !html.contains("\"onload=\"throw"))
    #expect(html.contains("\u{2068}🦊 &amp; &lt;b&gt;bold&lt;/b&gt; 4\u{2069}"))
  }

  /// The page says what it takes to make it again.
  @Test func thePageCanBeMadeAgain() throws {
    let page = try page()
    let origin = try #require(page.sections.last?.table?.rows)
    let facts = Dictionary(uniqueKeysWithValues: origin.map { ($0[0], $0[1]) })
    #expect(facts["command"] == "osusume compare --models 'mf</table>'")
    #expect(facts["processor"] == "Abacus, none" && facts["threads"] == "3")
    #expect(
      facts["SHA-256 of the items"] == "feed" && facts["version"]?.hasPrefix("osusume ") == true)
    #expect(facts["split"] == "per-user:0.2, seed 1" && facts["SHA-256 of the ratings"] != nil)
    let settings = try #require(page.sections.first { $0.title == "Settings" }?.table)
    let factors = try #require(settings.rows.first { $0[0] == "factors" })
    #expect(factors == ["factors", "4", "4", "–", "–"])
    #expect(settings.rows.contains { $0[0] == "learning_rate" && $0[2] == "0.05" })
    let models = try #require(page.sections.first { $0.title == "Models" }?.table)
    #expect(models.rows[0][3] == "42 4294967338", "\(models.rows[0])")
  }

  /// Two seeds say little of seeds, and coverage alone says little of lists.
  @Test func verdictsCannotBeMisread() throws {
    let page = try page()
    let verdicts = try #require(page.sections.first { $0.title == "Verdicts" })
    #expect(verdicts.text.contains { $0.contains("fitted with two seeds") })
    let matrix = try #require(verdicts.table)
    #expect(matrix.header == ["by", "A ↓   B →", "mf", "flax-bias", "bias", "popularity"])
    let row = try #require(matrix.rows.first { $0[0] == "RMSE" && $0[1] == "mf" })
    #expect(row[2] == "·" && row[4].hasPrefix("better 0.") && row[5] == "–")
    let other = try #require(matrix.rows.first { $0[0] == "RMSE" && $0[1] == "bias" })
    #expect(other[2] == row[4].replacing("better", with: "worse"))
    let lists = try #require(page.sections.first { $0.title == "Lists" })
    let coverage = try #require(lists.charts.first { $0.caption.hasPrefix("coverage") })
    #expect(!coverage.caption.contains("better"))
    for row in coverage.rows {
      guard case .text(let figure)? = row["figure"] else {
        Issue.record("no NDCG beside coverage")
        continue
      }
      #expect(figure.hasPrefix("NDCG@10 0."))
    }
    #expect(verdicts.details?.rows.contains { $0[1].contains("covers more than") } == true)
    #expect(
      verdicts.details?.rows.contains { $0[0] == "coverage@10" && $0[1].contains("better") }
        == false)
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
    var browser = Browser(folder: folder)
    browser.window = (width: 1280, height: 16000)
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

// Pages: nothing that data holds becomes markup, and without Vega every figure is still there.
import Foundation
import OsusumeAnalysis
import Testing

struct ReportPageTests {
  private static let hostile = "</script><script>alert(\"1\")</script><!-- & 'x'"

  private func page() -> ReportPage {
    ReportPage(
      Self.hostile, summary: [Self.hostile],
      sections: [
        ReportSection(
          Self.hostile, [Self.hostile],
          charts: [
            ReportChart(
              "{\"data\": [{\"name\": \"rows\"}]}",
              rows: [["label": .text(Self.hostile), "x": .number(.nan), "y": .number(1)]],
              caption: Self.hostile)
          ],
          table: ReportTable(["a", "b"], [[Self.hostile, "1"]]),
          details: ReportTable(["c"], [["detail"]]))
      ], colours: [(Self.hostile, "#000")])
  }

  @Test func dataNeverBecomesMarkup() throws {
    for vega in [VegaLibrary.installed, nil] {
      let html = try page().html(vega: vega)
      let ours = vega.map { html.replacingOccurrences(of: $0.script, with: "") } ?? html
      #expect(!ours.contains("<script>alert") && !ours.contains("<!--"))
      #expect(!ours.contains("</script><script>alert"))
      #expect(ours.contains("&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)"))
    }
  }

  @Test func columnsOfTextWithoutTextAreLeftOutAndLongTextsMayWrap() {
    let long = "A title of more than a few letters"
    let rows = [["a", "", long, ""], ["b", "", "c", ""]]
    let html = ReportTable(["one", "none", "title", "figure"], rows, textColumns: 3).html.markup
    #expect(!html.contains("none") && html.ranges(of: "<td").count == 6)
    #expect(html.ranges(of: "<td class=\"text long\">").count == 1)
    // Figures, and a table that has no rows yet, keep theirs.
    #expect(html.contains("figure"))
    #expect(ReportTable(["one", "none"], textColumns: 2).html.markup.contains("none"))
  }

  @Test func withoutVegaTablesAreOpenAndALineSaysWhatToInstall() throws {
    let html = try page().html(vega: nil)
    #expect(html.contains("apt-get install libjs-vega") && html.contains("<details open>"))
    #expect(!html.contains("<figure") && !html.contains("<script"))
    #expect(VegaLibrary(folder: "/nowhere") == nil)
  }

  @Test(.enabled(if: VegaLibrary.installed != nil, "needs Debian's libjs-vega"))
  func thePageNeedsNothingElse() throws {
    let html = try page().html()
    #expect(html.contains("<figure") && !html.contains("class=\"missing\""))
    #expect(!html.contains("sourceMappingURL") && html.contains("default-src 'none'"))
    #expect(html.range(of: "(src|href)=\"", options: .regularExpression) == nil)
  }
}

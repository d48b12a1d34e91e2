// A report as one HTML file that needs nothing else, neither a network nor a folder of assets.
import Foundation
import OsusumeData

/// A page of sections under a title.
public struct ReportPage: Sendable {
  /// The page's title.
  public var title: String
  /// Lines under the title.
  public var summary: [String]
  /// The parts, in order.
  public var sections: [ReportSection]
  /// Colours of the things compared, by name, in the order of legends.
  public var colours: [(name: String, colour: String)]

  /// Makes a page.
  public init(
    _ title: String, summary: [String], sections: [ReportSection],
    colours: [(name: String, colour: String)] = []
  ) {
    self.title = title
    self.summary = summary
    self.sections = sections
    self.colours = colours
  }

  /// Colours that stay apart from each other, also for those who confuse red and green
  /// (Tableau 10, the order its own).
  public static let palette = [
    "#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#b07aa1", "#59a14f", "#9c755f", "#edc948",
    "#ff9da7", "#bab0ac",
  ]

  /// The file; without Vega every table is open, and a line says how to get charts.
  public func html(vega: VegaLibrary? = .installed) throws -> String {
    var body = HTML.element("h1", HTML(title))
    for line in summary { body = body + .element("p", HTML(line)) }
    if vega == nil && sections.contains(where: { !$0.charts.isEmpty }) {
      body = body + Self.withoutVega("The charts are left out")
    }
    var number = 0
    for section in sections {
      body = body + (try html(section, &number, hasVega: vega != nil))
    }
    let scripts =
      try vega.map { vega in
        "<script>\(vega.script)</script>\n<script type=\"application/json\" id=\"colours\">"
          + (try HTML(json: colours.map { ["name": $0.name, "colour": $0.colour] }).markup)
          + "</script>\n<script>\(Self.drawing)</script>"
      } ?? ""
    return Self.file(title: title, body: body, scripts: scripts)
  }

  /// A line that says what is missing from a page made without Vega, and how to get it.
  static func withoutVega(_ what: String) -> HTML {
    .element(
      "p",
      HTML(
        "\(what): Vega was not installed where this page was made. Install it "
          + "(apt-get install \(VegaLibrary.package)) and make the page again. Every table is here."
      ),
      attributes: "class=\"missing\"")
  }

  /// A whole file: what the body shows, in the style of all pages and what a page adds to it, and scripts.
  ///
  /// Its policy forbids whatever is not in the file itself.
  static func file(title: String, style: String = "", body: HTML, scripts: String) -> String {
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'">
      <title>\(HTML(title).markup)</title>
      <style>\(Self.style)
      \(style)</style>
      </head>
      <body>
      <main>
      \(body.markup)
      </main>
      \(scripts)
      </body>
      </html>

      """
  }

  private func html(_ section: ReportSection, _ number: inout Int, hasVega: Bool) throws -> HTML {
    var content = HTML.element("h2", HTML(section.title))
    for paragraph in section.text { content = content + .element("p", HTML(paragraph)) }
    if hasVega && !section.charts.isEmpty {
      var charts = HTML(markup: "")
      for chart in section.charts {
        number += 1
        let caption = HTML(chart.caption).markup
        charts =
          charts
          + HTML(
            markup: "<figure class=\"chart\" id=\"chart-\(number)\" role=\"img\" "
              + "aria-label=\"\(caption)\"><figcaption>\(caption)</figcaption>"
              + "<script type=\"application/json\" class=\"specification\">"
              + chart.specification.replacingOccurrences(of: "<", with: "\\u003c")
              + "</script><script type=\"application/json\" class=\"rows\">"
              + (try HTML(json: chart.rows).markup)
              + "</script><div class=\"drawing\"></div></figure>"
          )
      }
      content = content + .element("div", charts, attributes: "class=\"charts\"")
    }
    if let table = section.table { content = content + table.html }
    if !section.tables.isEmpty {
      let tables = section.tables.map(\.html).reduce(HTML(markup: ""), +)
      content = content + .element("div", tables, attributes: "class=\"tables\"")
    }
    if let details = section.details {
      content =
        content
        + .element(
          "details", HTML(markup: "<summary>All figures</summary>") + details.html,
          attributes: hasVega ? "" : "open")
    }
    return .element("section", content)
  }
}

extension ReportPage {
  /// Draws every chart; a page is done when its body has the class `drawn`.
  private static let drawing = """
    const colours = JSON.parse(document.getElementById("colours").textContent);
    const ink = "#333", pale = "#e6e6e6";
    const config = {
      font: "system-ui, sans-serif",
      axis: {labelColor: ink, titleColor: ink, titleFontWeight: "normal", gridColor: pale,
             domainColor: "#999", tickColor: "#999", labelFontSize: 11, titleFontSize: 12,
             titlePadding: 8},
      legend: {labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontWeight: "normal"}
    };
    const data = {colours};
    Promise.all([...document.querySelectorAll(".chart")].map(chart => {
      const read = name => JSON.parse(chart.querySelector("." + name).textContent);
      const specification = read("specification");
      const room = chart.parentElement.clientWidth;
      // Where a chart does not fit, it gets narrower rather than its letters smaller.
      if (specification.width + 90 > room) {
        Object.assign(specification, {width: room, autosize: {type: "fit-x", contains: "padding"}});
        for (const legend of specification.legends || [])
          Object.assign(legend, {orient: "bottom", direction: "vertical"});
      }
      data.rows = read("rows");
      for (const set of specification.data)
        if (set.name in data && !set.source) set.values = data[set.name];
      const view = new vega.View(vega.parse(specification, config),
        {renderer: "svg", container: chart.querySelector(".drawing"), hover: true});
      return view.runAsync();
    })).then(() => document.body.classList.add("drawn"));
    """

  private static let style = """
    body { margin: 0; background: #fff; color: #222; font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px; }
    h1 { font-size: 26px; font-weight: 600; margin: 0 0 12px; }
    h2 { font-size: 19px; font-weight: 600; margin: 44px 0 8px; padding-top: 16px;
         border-top: 1px solid #e6e6e6; }
    p { margin: 0 0 10px; max-width: 76ch; }
    .missing { background: #fff6d6; padding: 10px 14px; border-left: 3px solid #e0b400; }
    .charts { display: flex; flex-wrap: wrap; gap: 20px 28px; margin: 16px 0; }
    figure { margin: 0; max-width: 100%; }
    figcaption { font-size: 13px; color: #555; margin-bottom: 4px; contain: inline-size; }
    .drawing svg { max-width: 100%; height: auto; }
    .table { overflow-x: auto; margin: 8px 0 16px; }
    .tables { display: flex; flex-wrap: wrap; gap: 0 40px; }
    .tables .table { max-width: 100%; }
    table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; }
    th { font-weight: 600; border-bottom: 1px solid #999; }
    th, td { padding: 4px 14px 4px 0; text-align: right; white-space: nowrap; unicode-bidi: isolate; }
    caption { text-align: left; font-weight: 600; padding: 6px 0; }
    @media (max-width: 600px) { main { padding: 20px 14px 48px; } h1 { font-size: 21px; overflow-wrap: anywhere; } }
    .text { text-align: left; }
    .wrap td { vertical-align: top; border-bottom: 1px solid #eee; }
    .wrap td.text { white-space: normal; min-width: 6em; max-width: 30em; overflow-wrap: break-word; }
    .wrap th.text { white-space: normal; vertical-align: bottom; }
    .wrap td.text:last-child:nth-child(-n+3) { max-width: none; }
    @media (max-width: 700px) {
      figure { min-width: 0; max-width: 100%; } .drawing { overflow-x: auto; } .drawing svg { max-width: none; }
      td.long { white-space: normal; overflow-wrap: anywhere; min-width: 8em; }
    }
    tbody tr:hover { background: #f6f8fa; }
    summary { cursor: pointer; color: #4e79a7; font-size: 13px; }
    """

  /// Writes the page, whole or not at all.
  ///
  /// Errors: `OutputError`.
  public func write(to path: String, vega: VegaLibrary? = .installed) throws {
    let text = try html(vega: vega)
    try WholeFile.write(to: path) { try $0.write(text) }
  }
}

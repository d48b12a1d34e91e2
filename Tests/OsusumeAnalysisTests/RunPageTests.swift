// Pages about models of every kind: what is on them, what is left out and named, that figures are those of the rows.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct RunPageTests {
  static let catalog = ItemCatalog(
    (0..<60).map {
      Item(
        id: String($0), title: "\(RatingsPageTests.hostile) \($0)",
        genres: [$0 % 2 == 0 ? "Drama" : "\u{202E}</script>"], type: $0 % 3 == 0 ? "TV" : "Movie")
    })

  /// A model of made-up ratings and its page.
  static func page(
    _ spec: ModelSpec, rule: SplitRule = .perUser(testFraction: 0.2), threads: Int = 2,
    timestamps: Bool = false, change: (inout Hyperparameters) -> Void = { _ in }
  ) throws -> (page: RunPage, model: Model) {
    var ratings = ComparisonTests.ratings
    // Whole ratings, as scales have them.
    ratings.rows.values = ratings.rows.values.map { min(10, max(1, $0.rounded())) }
    if timestamps {
      ratings.rows.timestamps = ratings.rows.values.indices.map { Int64($0) * 40_000 }
    }
    var settings = spec.defaults
    settings.factors = 4
    settings.epochs = min(settings.epochs, 8)
    settings.minUserRatings = 1
    change(&settings)
    var split = try ratings.split(rule, seed: 1)
    if spec.needsLabels {
      let labels = InteractionLabels(
        above: 6, dropped: UnratedRows(), users: ratings.userIDs.count, threads: threads)
      split.train = labels.labelled(split.train, threads: threads)
      split.test = labels.labelled(split.test, threads: threads)
    }
    let trainer = Trainer(spec, settings, threads: threads)
    var fit = try trainer.fit(split, of: ratings, catalog: catalog, test: split.test)
    for epoch in fit.epochs.indices { fit.epochs[epoch].seconds = 0 }
    let model = try trainer.model(fitted: fit, of: ratings, split: split, catalog: catalog)
    let page = try RunPage(
      model, version: "abc",
      of: RatingsPage(ratings, catalog: catalog, source: "made up", threads: threads),
      held: HeldOutRatings(
        split, users: ratings.userIDs.count, items: ratings.itemIDs.count, threads: threads),
      run: TrainingRecord(
        epochs: fit.epochs, search: fit.search, phases: [("read", 0.5), ("train", 1.5)],
        machine: [("processor", "one")]), command: "osusume report",
      bootstrap: Bootstrap(resamples: 50), threads: threads)
    return (page, model)
  }

  private static let ofRatings = [
    "predicted against true ratings", "errors by rating, popularity and activity",
  ]

  /// What a page of each kind of model lacks.
  @Test(arguments: [
    ("mf", ["errors by month"]),
    ("als", ["errors by month"]),
    ("bias", ["learning curve", "errors by month", "similarities of items", "nearest neighbours"]),
    ("item-knn", ["learning curve", "errors by month", "map of items"]),
    (
      "popularity",
      ["learning curve"] + ofRatings + [
        "calibration", "errors by month", "similarities of items", "nearest neighbours",
        "map of items",
      ]
    ),
    ("ease", ["learning curve"] + ofRatings + ["errors by month", "items by bias"]),
    ("ials", ofRatings + ["calibration", "errors by month", "items by bias"]),
    ("lists", ["errors by month"]), ("flax-dense", ["errors by month", "items by bias"]),
    ("keras-nn-interaction", ofRatings + ["errors by month", "items by bias"]),
    ("keras-hybrid", ["errors by month", "items by bias"]),
  ])
  func partsThatDoNotApplyAreNamed(name: String, lacking: [String]) throws {
    let (run, _) = try Self.page(ModelSpec.lookup(name))
    let (page, missing) = try run.page()
    let parts = missing.map(\.part)
    for part in lacking where part != "items by bias" && part != "map of items" {
      #expect(parts.contains(part), "\(name): \(parts)")
    }
    for part in parts {
      #expect(
        lacking.contains(part) || ["items by bias", "map of items"].contains(part),
        "\(name) lacks \(part) too")
    }
    #expect(missing.allSatisfy { !$0.reason.isEmpty })
    #expect(page.sections.last?.table?.rows.map { $0[0] } == parts)
    for section in page.sections {
      for table in [section.table, section.details].compactMap(\.self) + section.tables {
        #expect(table.rows.allSatisfy { $0.count == table.header.count }, "\(section.title)")
        #expect(!table.rows.isEmpty, "\(name), \(section.title): \(table.caption ?? "")")
      }
      for chart in section.charts {
        #expect(!chart.rows.isEmpty, "\(name): \(chart.caption)")
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(chart.specification.utf8))
        }
        let isWhole = chart.rows.allSatisfy { $0.values.allSatisfy { $0.isThere } }
        #expect(isWhole, "\(chart.caption)")
      }
    }
    let html = try page.html(vega: nil)
    #expect(!html.contains("<script") && !html.contains("\u{202E}"))
    // Something simple stands beside every model, those of labels too.
    let table = page.sections.first { $0.title.hasPrefix("Errors and lists") }?.table
    #expect((table?.header.count ?? 0) >= 3, "\(name): \(table?.header ?? [])")
  }

  @Test func figuresAreThoseOfTheTestRows() throws {
    let (run, model) = try Self.page(.mf)
    let predictions = try #require(run.predictions)
    #expect(
      predictions
        == model.parameters.scores(
          users: run.test.users, items: run.test.items, threads: 1))
    let errors = zip(predictions, run.test.values).map { Double($0) - Double($1) }
    let rmse = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    #expect(abs(rmse - (run.evaluation?["rmse"]?.value ?? 0)) < 1e-6)
    let (page, _) = try run.page()
    func section(_ title: String) throws -> ReportSection {
      try #require(page.sections.first { $0.title == title }, "\(title)")
    }
    // By true rating, each row counted once.
    let byRating = try #require(try section("Where it errs").tables.first)
    let rows = byRating.rows.map { Int($0[1].replacing(",", with: "")) ?? 0 }
    #expect(rows.reduce(0, +) == run.test.count)
    for line in byRating.rows {
      let own = run.test.values.indices.filter {
        RatingHistogram.label(run.test.values[$0]) == line[0]
      }
      let squares = own.reduce(0) { $0 + errors[$1] * errors[$1] } / Double(own.count)
      #expect(line[4] == squares.squareRoot().figure, "rated \(line[0])")
    }
    for table in try section("Where it errs").tables {
      #expect(
        table.rows.reduce(0) { $0 + (Int($1[1].replacing(",", with: "")) ?? 0) } == run.test.count)
    }
    // The density holds every row: shares of a column add up to 1.
    let cells = try #require(section("Predicted against true ratings").charts.first).rows
      .filter { $0["kind"] == "cell" }
    #expect(cells.count > 20 && cells.allSatisfy { $0["value"].map { $0 != .number(0) } ?? false })
    let calibration = try #require(try section("Calibration").details)
    #expect(
      calibration.rows.reduce(0) { $0 + (Int($1[4].replacing(",", with: "")) ?? 0) }
        == run.test.count)
    let truths = run.test.values.map { Double($0) }
    let found = calibration.rows.reduce(0.0) {
      $0 + (Double($1[2]) ?? 0) * (Double($1[4].replacing(",", with: "")) ?? 0)
    }
    #expect(abs(found - truths.reduce(0, +)) < 0.01 * truths.reduce(0, +))
  }

  @Test func whatBeatsNobodySaysSo() throws {
    let (run, _) = try Self.page(.flaxBias) { $0.epochs = 1 }
    let text = run.findings.joined(separator: " ")
    #expect(text.contains("does NOT beat the baselines"), "\(text)")
    let good = try Self.page(.mf).page.findings.joined(separator: " ")
    #expect(good.contains("less than the best baseline's (bias) by"), "\(good)")
  }

  @Test func aModelOfAllRowsIsNotJudged() throws {
    let (run, _) = try Self.page(.mf, rule: .none)
    #expect(run.evaluation == nil && run.findings.last?.contains("all ratings") == true)
    let (page, missing) = try run.page()
    #expect(missing.contains { $0.part == "errors and intervals" })
    #expect(page.sections.contains { $0.title == "Map of the items" })
    #expect(page.sections.contains { $0.title.hasPrefix("User ") })
  }

  @Test func hiddenUsersAreFoldedIn() throws {
    let (run, _) = try Self.page(.mf, rule: .strong(testFraction: 0.2))
    let (_, missing) = try run.page()
    #expect(run.predictions?.count == run.test.count && run.test.count > 20)
    #expect(missing.map(\.part).contains("lists by activity"))
  }

  @Test func timesMakeMonthsAndSearchesNameTheEpochKept() throws {
    let (run, _) = try Self.page(.mf, timestamps: true) {
      ($0.epochs, $0.earlyStopping, $0.learningRate) = (40, 2, 0.05)
    }
    let (page, missing) = try run.page()
    #expect(!missing.contains { $0.part == "errors by month" })
    let months = try #require(page.sections.first { $0.title == "Errors by month" }?.details)
    #expect(
      months.rows.reduce(0) { $0 + (Int($1[1].replacing(",", with: "")) ?? 0) } == run.test.count)
    let record = try #require(run.run)
    let kept = try #require(KeptEpoch(search: record.search, epochs: record.epochs))
    let best = record.search.min { ($0.validRMSE ?? 9) < ($1.validRMSE ?? 9) }
    #expect(kept.epoch == best?.epoch && kept.value == best?.validRMSE && kept.refitted)
    #expect(kept.searched == record.search.count && kept.epoch == record.epochs.count)
    let curve = try #require(page.sections.first { $0.title == "Learning curve" })
    #expect(curve.text.contains { $0.contains("number \(kept.epoch) was best, RMSE") })
    let labels = curve.charts.flatMap(\.rows).compactMap { $0["label"] }
    for label in ["train", "validation", "test"] as [ChartValue] { #expect(labels.contains(label)) }
  }

  @Test func thePageIsTheSameForAnyThreads() throws {
    let pages = try [1, 2, 3].map { threads in
      try Self.page(.lists, threads: threads).page.page().page.html(vega: nil)
    }
    #expect(pages[0] == pages[1] && pages[0] == pages[2])
  }

  /// All charts of the richest page are drawn, and at 400 pixels nothing is wider than the window.
  @Test(
    .enabled(
      if: Browser.path != nil && VegaLibrary.installed != nil, "needs chromium and libjs-vega"),
    arguments: [1280, 500])
  func everyChartIsDrawn(width: Int) throws {
    let (run, _) = try Self.page(.lists, timestamps: true)
    let page = try run.page().page
    let folder = FileManager.default.temporaryDirectory.appending(path: "osusume-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let telling = """
      <script>(function wait() {
        if (!document.body.classList.contains("drawn")) return setTimeout(wait, 50);
        const marks = [...document.querySelectorAll(".drawing svg")].map(drawing =>
          drawing.querySelectorAll("g[role='graphics-symbol'] > path, g[role='graphics-object'] path").length);
        document.title = JSON.stringify([document.documentElement.scrollWidth,
          window.innerWidth, ...marks]);
      })();</script></body>
      """
    try page.html().replacingOccurrences(of: "</body>", with: telling)
      .write(toFile: "\(folder)/page.html", atomically: true, encoding: .utf8)
    var browser = Browser(folder: folder)
    browser.window = (width, 3000)
    let told = try browser.load("\(folder)/page.html", ["--dump-dom"])
    let title = try #require(
      told.output.firstMatch(of: /<title>(\[.*?\])<\/title>/)?.1, "drawn: \(told.log)")
    let figures = try JSONDecoder().decode([Int].self, from: Data(title.utf8))
    #expect(!told.log.contains("CONSOLE"), "\(told.log)")
    #expect(figures[0] <= figures[1], "wider than the window: \(figures)")
    let charts = page.sections.flatMap(\.charts)
    #expect(figures.count - 2 == charts.count)
    for (chart, marks) in zip(charts, figures.dropFirst(2)) {
      #expect(marks > 5, "\(chart.caption): \(marks) marks")
    }
  }
}

extension ChartValue {
  /// Whether it is a finite number or a text.
  var isThere: Bool { if case .number(let number) = self { number.isFinite } else { true } }
}

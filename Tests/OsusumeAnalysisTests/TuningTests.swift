// Searches for settings on made-up ratings: who wins, what the test ratings have no part in, and that nothing but
// times depends on threads or on a process that was killed.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct TuningTests {
  private static let ratings = ComparisonTests.ratings

  private func split(_ rule: SplitRule = .perUser(testFraction: 0.2)) throws -> Split {
    try Self.ratings.split(rule, seed: 1, threads: 1)
  }

  private func plan(
    _ spec: ModelSpec = .mf, _ search: SearchMethod = .random, trials: Int = 12,
    given: [String: String] = ["factors": "4"], metric: TuningMetric? = nil, threads: Int = 2
  ) throws -> TuningPlan {
    var plan = try TuningPlan(spec, given: given, metric: metric) {
      $0.split = .perUser(testFraction: 0.2)
    }
    plan.search = search
    plan.trials = trials
    plan.bootstrap.resamples = 200
    plan.threads = threads
    return plan
  }

  private func data(_ plan: TuningPlan, _ split: Split? = nil) throws -> TuningData {
    try TuningData(plan, ratings: Self.ratings, split: try split ?? self.split())
  }

  /// What came of each trial's fits, times left out.
  private func figures(_ tuning: Tuning) -> [[String]] {
    tuning.trials.map { trial in
      ["\(trial.settings.sorted { $0.key < $1.key })", trial.outcome.rawValue]
        + trial.runs.map { "\($0.stage) \($0.figure ?? -1) \($0.curves) \($0.isHopeless)" }
    }
  }

  @Test func trialsOfListsHaveTheSettingsThatWereGiven() throws {
    var settings = ModelSpec.lists.defaults
    (settings.dropout, settings.userExponent, settings.factors) = (0.1, 0.5, 7)
    let (spec, own) = ModelSpec.lists.part(judgedBy: .ndcg, settings)
    #expect(spec == .ease && own.dropout == 0.1 && own.userExponent == 0.5 && own.factors == 0)
    let ratings = ModelSpec.lists.part(judgedBy: .rmse, settings)
    #expect(ratings.spec.lists == nil && ratings.settings == settings)
  }

  @Test func theFirstTrialIsTheDefaultAndTheBestIsOneFittedWhole() throws {
    let plan = try self.plan()
    let tuning = try Tuning(plan, on: data(plan))
    #expect(tuning.trials.map(\.number) == Array(1...12) && tuning.stages == [1])
    #expect(tuning.trials[0].settings["learning_rate"] == "0.06")
    #expect(tuning.trials[0].settings["factors"] == nil)
    #expect(Set(tuning.trials.map(\.settings)).count == 12)
    let whole = tuning.trials.filter { $0.outcome == .finished }
    let least = try #require(whole.compactMap(\.figure).min())
    #expect(tuning.best.figure == least && tuning.best.outcome == .finished)
    #expect(tuning.ranked.first == tuning.best)
    // The figure is that of a fit to the trial's part of the training ratings, on the rest of them.
    let part = try data(plan).parts[0]
    let settings = try plan.settings(tuning.best.number == 1 ? [:] : tuning.best.settings)
    let fit = try Trainer(.mf, settings).fit(
      part.split.train, users: Self.ratings.userIDs.count, items: Self.ratings.itemIDs.count)
    let errors = try #require(fit.parameters.errors(on: part.split.test, threads: 1))
    #expect(errors.rmse == least)
  }

  /// Trials differ in the training ratings alone: whatever the test ratings say, figures and winner are the same.
  @Test(arguments: SearchMethod.allCases)
  func testRatingsHaveNoPartInTrials(search: SearchMethod) throws {
    let space = [
      "factors": "4", "epochs": "9", "bias_learning_rate": "0.01", "row_regularization": "4",
    ]
    let plan = try self.plan(.mf, search, trials: 10, given: space)
    var other = try split()
    other.test.values = other.test.values.map { 20 - $0 }
    let (one, two) = (
      try Tuning(plan, on: data(plan)), try Tuning(plan, on: data(plan, other))
    )
    #expect(figures(one) == figures(two) && one.best.number == two.best.number)
    let parts = try data(plan).parts
    let train = try split().train
    for part in parts {
      #expect(part.split.train.count + part.split.test.count == train.count)
    }
  }

  @Test(arguments: SearchMethod.allCases)
  func threadsDoNotMoveFigures(search: SearchMethod) throws {
    let given = [
      "factors": "4", "epochs": "9", "bias_learning_rate": "0.01", "row_regularization": "4",
    ]
    let found = try [1, 2, 5].map { threads in
      let plan = try self.plan(.mf, search, trials: 20, given: given, threads: threads)
      return figures(try Tuning(plan, on: data(plan)))
    }
    #expect(found[0] == found[1] && found[0] == found[2])
    var plan = try self.plan(.mf, search, trials: 20, given: given)
    plan.seed = 7
    #expect(figures(try Tuning(plan, on: data(plan))) != found[0])
  }

  @Test func halvingKeepsTheBestThirdAndTheDefault() throws {
    let plan = try self.plan(
      .mf, .halving, trials: 20, given: ["factors": "4", "epochs": "30"])
    // Thirty epochs: three and ten of them come first.
    let tuning = try Tuning(plan, on: data(plan))
    #expect(tuning.stages == [1.0 / 9, 1.0 / 3, 1])
    let reached = (0..<3).map { stage in tuning.trials.count { $0.stage >= stage } }
    let isKept = (1...2).map { stage in tuning.trials[0].stage >= stage }
    #expect(reached[0] == 20 && isKept == [true, true])
    #expect((7...8).contains(reached[1]) && (3...4).contains(reached[2]), "\(reached)")
    for stage in 0..<2 {
      func figures(_ isOn: Bool) -> [Double] {
        tuning.trials.filter { $0.number > 1 && ($0.stage > stage) == isOn && $0.stage >= stage }
          .compactMap { $0.runs[stage].figure }
      }
      #expect(try #require(figures(true).max()) <= #require(figures(false).min()), "\(stage)")
    }
    #expect(tuning.best.outcome == .finished && tuning.best.stage == 2)
    #expect(plan.mostRuns >= reached.reduce(0, +))
  }

  @Test(arguments: [(2, 1), (8, 1), (9, 2), (26, 2), (27, 3), (81, 4), (1000, 4)])
  func cheapTrialsHaveThreeEpochsAtLeast(epochs: Int, stages: Int) throws {
    let plan = try self.plan(.mf, .halving, given: ["epochs": "\(epochs)"])
    #expect(plan.stages(of: 100).count == stages && plan.stages(of: 2) == [1])
  }

  @Test func aFitWithoutEpochsIsHalvedByRatings() throws {
    for spec in [ModelSpec.itemKNN, .ease, .bias, .svd] {
      let plan = try self.plan(spec, .halving, trials: 9, given: [:])
      let data = try self.data(plan)
      let tuning = try Tuning(plan, on: data)
      #expect(tuning.stages == [1.0 / 3, 1], "\(spec.name)")
      let cheap = data.parts[0].given(1.0 / 3, of: plan).split
      #expect(cheap.train.count == (data.parts[0].split.train.count + 2) / 3)
      #expect(cheap.test == data.parts[0].split.test)
      #expect(
        tuning.trials[0].runs.count == 2 && tuning.trials[0].runs[0] != tuning.trials[0].runs[1])
    }
  }

  @Test func hopelessTrialsStop() throws {
    let runs = (1...5).map { trial in
      TrialRun(
        trial: trial, stage: 0, settings: [:], figure: Double(trial),
        curves: [[9, 5, 2, 1].map { $0 + Double(trial) }], failure: nil, isHopeless: false,
        seconds: 0)
    }
    let bars = HopelessBars(runs, .rmse)
    // The median after half of the epochs is 5 + 3.
    #expect(
      !bars.isHopeless(8, epoch: 2, of: 4, fold: 0)
        && bars.isHopeless(8.1, epoch: 2, of: 4, fold: 0))
    #expect(bars.isHopeless(8.1, epoch: 5, of: 10, fold: 0))
    #expect(!bars.isHopeless(99, epoch: 1, of: 4, fold: 0), "not before half")
    #expect(!bars.isHopeless(99, epoch: 4, of: 4, fold: 0), "there is nothing left to save")
    #expect(!HopelessBars(Array(runs.prefix(4)), .rmse).isHopeless(99, epoch: 2, of: 4, fold: 0))
    // Where more is better, less is hopeless.
    let gains = HopelessBars(runs, .ndcg)
    #expect(
      gains.isHopeless(-9, epoch: 2, of: 4, fold: 0)
        && !gains.isHopeless(-13, epoch: 2, of: 4, fold: 0))

    let plan = try self.plan(trials: 40)
    let tuning = try Tuning(plan, on: data(plan))
    let stopped = tuning.trials.filter { $0.outcome == .stopped }
    #expect((3...25).contains(stopped.count) && stopped.allSatisfy { $0.number > 8 })
    for trial in stopped {
      let epochs = try #require(Int(trial.settings["epochs"] ?? ""))
      let run = try #require(trial.runs.last?.curves.first)
      #expect(2 * run.count >= epochs && run.count < epochs && run.last == trial.figure)
    }
  }

  @Test func foldsAreAllOfTheTrainingRatings() throws {
    var plan = try self.plan(.bias, .grid, trials: 5, given: [:])
    plan.folds = 3
    let data = try self.data(plan)
    #expect(data.parts.count == 3)
    #expect(data.parts.reduce(0) { $0 + $1.split.test.count } == (try split().train.count))
    let tuning = try Tuning(plan, on: data)
    let figures = try data.parts.map { part in
      let fit = try Trainer(.bias).fit(
        part.split.train, users: Self.ratings.userIDs.count, items: Self.ratings.itemIDs.count)
      return try #require(fit.parameters.errors(on: part.split.test, threads: 1)).rmse
    }
    #expect(abs(try #require(tuning.trials[0].figure) - figures.reduce(0, +) / 3) < 1e-12)
  }

  @Test func whatCannotBeFittedFailsAndNeverWins() throws {
    let space = try withTemporaryFile(
      #"{"regularization": [1e-9, 0.1, 100, 1e8], "neighbours": [3, 8]}"#
    ) {
      try SearchSpace.read($0, for: .ease)
    }
    var plan = try TuningPlan(.ease, space: space) {
      $0.split = .perUser(testFraction: 0.2)
    }
    plan.search = .grid
    plan.trials = 9
    let tuning = try Tuning(plan, on: data(plan))
    #expect(tuning.trials.count == 9)
    for trial in tuning.trials where trial.outcome == .failed {
      #expect(trial.figure == nil && trial.failure?.contains("positive definite") == true)
    }
    #expect(tuning.best.outcome == .finished)
    #expect(throws: TuningError.self) {
      let plan = try self.plan(.flaxDot, given: ["learning_rate": "1e30", "factors": "4"])
      return try Tuning(plan, on: data(plan))
    }
  }

  private func withTemporaryFile<Result>(_ text: String, _ body: (String) throws -> Result) throws
    -> Result
  {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }

  @Test func theWinnerIsFittedToAllTrainingRatingsAndJudgedOnce() throws {
    // At a rate of a thousandth nearly nothing is learned of tastes: the search finds better ones.
    var spec = ModelSpec.mf
    spec.defaults.learningRate = 0.001
    let plan = try self.plan(spec, .halving, trials: 15)
    let data = try self.data(plan)
    let tuning = try Tuning(plan, on: data)
    let winner = try TunedModel(tuning, on: data)
    let number = tuning.best.number
    #expect(number > 1)
    let train = try split().train
    let fit = try Trainer(spec, plan.settings(tuning.best.settings)).fit(
      train, users: Self.ratings.userIDs.count, items: Self.ratings.itemIDs.count)
    let errors = try #require(fit.parameters.errors(on: try split().test, threads: 1))
    #expect(winner.model.metrics["valid_rmse"] == errors.rmse)
    let figure = try #require(winner.figure)
    #expect(abs(figure - errors.rmse) < 1e-9)
    #expect(winner.model.provenance.trainRows == train.count)
    let comparison = try #require(winner.comparison)
    #expect(comparison.difference < 0 && comparison.verdict == .better)
    let verdict = winner.verdict
    #expect(verdict.contains("lower than the default by "))
    let names = winner.test.defaults.map(\.name)
    #expect(names.contains("rmse"))
  }

  @Test func theDefaultMayWin() throws {
    let plan = try self.plan(.mf, .random, trials: 1)
    let data = try self.data(plan)
    let tuning = try Tuning(plan, on: data)
    let winner = try TunedModel(tuning, on: data)
    let (number, verdict, hasComparison) = (
      tuning.best.number, winner.verdict, winner.comparison != nil
    )
    #expect(number == 1 && !hasComparison)
    #expect(verdict.hasSuffix("no trial was better than the default settings"))
  }

  @Test func modelsAreJudgedByWhatTheyAreFor() throws {
    #expect(TuningMetric.usual(for: .mf) == .rmse && TuningMetric.usual(for: .lists) == .ndcg)
    for spec in [ModelSpec.ease, .ials, .bpr] { #expect(TuningMetric.usual(for: spec) == .ndcg) }
    #expect(TuningMetric.usual(for: .kerasNNInteraction) == .logLoss)
    #expect(TuningMetric.usual(for: .kerasHybrid) == .rmse)
    #expect(throws: TuningError.unfitMetric(.rmse, model: "ease")) {
      try plan(.ease, metric: .rmse)
    }
    #expect(throws: TuningError.unfitMetric(.auc, model: "mf")) { try plan(metric: .auc) }
    // Lists of a model of both: the ratings are not fitted, and the figure is that of ease.
    let both = try plan(.lists, .grid, trials: 4, given: [:])
    let lists = try plan(.ease, .grid, trials: 3, given: ["neighbours": "128"])
    let (one, two) = (
      try Tuning(both, on: data(both)), try Tuning(lists, on: data(lists))
    )
    #expect(one.trials[0].figure == two.trials[0].figure)
    #expect(
      one.trials.count == 4 && one.trials.allSatisfy { $0.settings.keys.first == "neighbours" })
    let ratings = try plan(.lists, trials: 2, metric: .rmse)
    #expect(ratings.space == (try plan(.mf)).space)
    #expect(
      try Tuning(ratings, on: data(ratings)).trials[0].figure
        == (try Tuning(plan(trials: 2), on: data(plan(trials: 2)))).trials[0].figure)
  }

  // MARK: Journals

  private func identity(_ plan: TuningPlan, _ data: TuningData) -> TuningIdentity {
    TuningIdentity(plan, on: data, instructionSet: "test")
  }

  /// A journal cut after any byte is what a killed process may have left.
  @Test(arguments: [SearchMethod.halving, .random])
  func aSearchThatWasKilledEndsInTheSame(search: SearchMethod) throws {
    let given = [
      "factors": "4", "epochs": "9", "bias_learning_rate": "0.01", "row_regularization": "4",
    ]
    let plan = try self.plan(.mf, search, trials: 18, given: given)
    let data = try self.data(plan)
    let folder = FileManager.default.temporaryDirectory.appending(path: "tuning-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func tune() throws -> (Tuning, lines: Data) {
      let tuning = try {
        try Tuning(plan, on: data, journal: TuningJournal(folder: folder, identity(plan, data)))
      }()
      return (tuning, try Data(contentsOf: URL(filePath: folder + "/journal.jsonl")))
    }
    let (straight, journal) = try tune()
    let bare = try Tuning(plan, on: data)
    #expect(figures(straight) == figures(bare) && straight.best.number == bare.best.number)
    let runs = straight.trials.reduce(0) { $0 + $1.runs.count }
    #expect(journal.count { $0 == UInt8(ascii: "\n") } == runs + 1)
    for part in 0...10 {
      let kept = journal.prefix(journal.count * part / 10)
      try kept.write(to: URL(filePath: folder + "/journal.jsonl"))
      let (resumed, lines) = try tune()
      #expect(figures(resumed) == figures(straight) && resumed.best.number == straight.best.number)
      let whole = max(0, kept.count { $0 == UInt8(ascii: "\n") } - 1)
      #expect(resumed.resumedRuns == whole && (part == 0 || whole < runs || part == 10))
      #expect(lines.count { $0 == UInt8(ascii: "\n") } == runs + 1)
    }
  }

  @Test func aJournalOfAnotherSearchIsSaid() throws {
    let plan = try self.plan(trials: 2)
    let data = try self.data(plan)
    let folder = FileManager.default.temporaryDirectory.appending(path: "tuning-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try Tuning(plan, on: data, journal: TuningJournal(folder: folder, identity(plan, data)))
    var changes: [(TuningIdentity, String)] = []
    func change(_ words: String, _ change: (inout TuningIdentity) -> Void) {
      var other = identity(plan, data)
      change(&other)
      changes.append((other, words))
    }
    change("version of osusume (0") { $0.version = "9" }
    change("instruction set (test)") { $0.instructionSet = "avx9" }
    change("model (mf)") { $0.specification = .als }
    change("ratings file") { $0.dataSHA256 = "1" }
    change("file of items") { $0.itemsSHA256 = "1" }
    change("file of test rows") { $0.testSHA256 = "1" }
    change("seed (42)") { $0.seed = 1 }
    change("`search` (random)") { $0.search = .grid }
    change("number of `trials` (2)") { $0.trials = 3 }
    change("`metric` (rmse)") { $0.metric = .mae }
    change("number of `folds` (none)") { $0.folds = 2 }
    change("space of settings") { $0.space["epochs"] = "1 to 2" }
    change("setting that all trials have") { $0.settings.factors = 5 }
    change("data options") { $0.trainRows += 1 }
    change("data options") { $0.relevantAt = 1 }
    for (other, words) in changes {
      let error = #expect(throws: TuningJournalError.self) {
        _ = try TuningJournal(folder: folder, other)
      }
      #expect("\(try #require(error))".contains("is of a search with another \(words)"), "\(words)")
    }
    _ = try TuningJournal(folder: folder, identity(plan, data))
  }

  @Test func aDamagedJournalIsSaid() throws {
    let plan = try self.plan(trials: 3)
    let data = try self.data(plan)
    let folder = FileManager.default.temporaryDirectory.appending(path: "tuning-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/journal.jsonl"
    _ = try Tuning(plan, on: data, journal: TuningJournal(folder: folder, identity(plan, data)))
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(
      String.init)
    func open(_ lines: [String]) throws {
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: path, atomically: true, encoding: .utf8)
      let journal = try TuningJournal(folder: folder, identity(plan, data))
      _ = try Tuning(plan, on: data, journal: journal)
    }
    #expect(throws: TuningJournalError.damaged(path: path, line: 1)) {
      try open(["{}"] + lines.dropFirst())
    }
    for broken in ["", "null", "[", lines[2].replacing("figure", with: "figur")] {
      #expect(throws: TuningJournalError.damaged(path: path, line: 3)) {
        try open([lines[0], lines[1], broken, lines[3]])
      }
    }
    // A run of a trial that there is not, or of other values; runs stand in the order in which they ended.
    let third = try #require(lines.firstIndex { $0.contains("\"trial\":3") })
    for (from, to) in [
      ("\"trial\":3", "\"trial\":4"), ("\"stage\":0", "\"stage\":1"),
      ("\"epochs\":\"", "\"epochs\":\"1"),
    ] {
      #expect(throws: TuningJournalError.another(path: path, difference: "set of trials")) {
        var changed = lines
        changed[third] = lines[third].replacing(from, with: to)
        try open(changed)
      }
    }
    try open(lines)
  }
}

// `osusume tune`: a search for settings that do better than the default ones.
import ArgumentParser
import Foundation
import Osusume

struct TuneCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Search over settings, and judge the winner once on the test ratings.",
    discussion: """
      Trials are fitted to a part of the training ratings and judged on the rest of them, cut off by the rule that \
      cuts off the test, or on --folds. The first has the default settings. The winner and the default settings are \
      then fitted to all training ratings and judged on the test ratings, which nothing looked at before.

      Without --space, what is searched follows from the model's fit:
      \(Self.usualSpaces)

      --space FILE.json searches other settings, or other values: an object of settings by name, each a range or \
      a list of values: {"factors": {"from": 16, "to": 128, "scale": "log"}, "shuffle": ["once", "each-epoch"]}. \
      A setting that is given, as in --factors 32, is not searched. --help-all lists all settings.

      Example:
        osusume tune --ratings rating.csv --model mf --trials 60 --journal tuning
      """)

  /// A line for each fit that has a space.
  private static var usualSpaces: String {
    FitKind.allCases.compactMap { kind in
      let ranges = Setting.all.compactMap { setting in
        setting.searched[kind].map { "\(setting.name) \($0.words)" }
      }
      let models = ModelSpec.catalog.filter { $0.fit == kind }.map(\.name)
      guard !ranges.isEmpty else { return nil }
      let named = models.prefix(4).joined(separator: ", ") + (models.count > 4 ? " …" : "")
      return "\(named): \(ranges.joined(separator: "; "))"
    }.joined(separator: "\n")
  }

  @Option(
    help: ArgumentHelp(
      "A model of the catalog (osusume models lists them), or a specification, SPEC.json.",
      valueName: "name"),
    completion: .list(ModelSpec.catalog.map(\.name)))
  var model = ModelSpec.lists.name

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    help:
      "How settings are chosen: at random, by halving (all get a third of their epochs or less, or of the ratings, and the best third three times as much), or on a grid."
  )
  var search = SearchMethod.halving

  @Option(help: ArgumentHelp("Settings to try, the default ones included.", valueName: "n"))
  var trials = 60

  @Option(help: ArgumentHelp("Settings to search, and their values.", valueName: "file"))
  var space: String?

  @Option(
    help:
      "What trials are judged by (default: log_loss for interactions, ndcg@10 for lists, else rmse)."
  )
  var metric: TuningMetric?

  @Option(
    help: ArgumentHelp(
      "Judge trials on so many parts of the training ratings in turn, in place of one.",
      valueName: "n"))
  var folds: Int?

  @Option(
    help: ArgumentHelp(
      "Keep finished trials in this folder, and go on from those that are there.", valueName: "dir")
  )
  var journal: String?

  @Option(
    name: [.short, .long], help: ArgumentHelp("Save the winner's model here.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write the winner as a specification here, for train --model.", valueName: "file"))
  var outputSpec: String?

  @Option(help: ArgumentHelp("Write an HTML page with charts here.", valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Held-out rows rated at least this are relevant (default: the median training rating).",
      valueName: "rating"))
  var relevantAt: Float?

  @Option(
    help: ArgumentHelp(
      "Bootstrap resamples of users; 0: no interval of what the winner gains.", valueName: "n"))
  var resamples = 1000

  @OptionGroup(title: "Settings of all trials") var settings: TrainOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    try check("--trials", trials, in: 1...100_000)
    try check("--folds", folds, in: 2...100)
    try check("--resamples", resamples, in: 0...1_000_000)
    try checkRating("--relevant-at", relevantAt)
    if let outputSpec, !outputSpec.hasSuffix(".json") {
      throw ValidationError(
        "--output-spec \(outputSpec): give a name that ends in .json, by which train --model knows it"
      )
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let results = [output, outputSpec, report].compactMap(\.self)
    for (place, path) in results.enumerated() {
      try OutputCheck.canCreate(
        path, besides: data.files + [model, space] + Array(results[..<place]))
    }
    let plan = try self.plan()
    let loaded = try load(plan)
    let tuningData = try cut(plan, loaded)
    let read = ContinuousClock.now
    let keeping = try journal.map {
      try TuningJournal(
        folder: $0,
        TuningIdentity(
          plan, on: tuningData, instructionSet: InstructionSet.active))
    }
    let tuning = try search(plan, tuningData, keeping)
    let searched = ContinuousClock.now
    Activity.now("fitting the winner")
    let winner = try TunedModel(tuning, on: tuningData)
    let figures = TuneReport(
      tuning, winner, loaded: loaded, split: tuningData.split, options: options,
      train: trainLine(tuning), outputs: (output, outputSpec, report),
      seconds: .init(
        ingest: loaded.ingestSeconds,
        prepare: (read - start) / .seconds(1) - loaded.ingestSeconds,
        search: (searched - read) / .seconds(1),
        winner: searched.duration(to: .now) / .seconds(1),
        total: start.duration(to: .now) / .seconds(1)))
    try write(tuning, winner)
    options.say(loaded.notes)
    try options.show(figures)
  }

  private func plan() throws -> TuningPlan {
    let spec = try ModelSpec.lookup(model)
    let given = settings.given
    var plan = try TuningPlan(
      spec, given: given,
      space: space.map { try SearchSpace.read($0, for: spec, fixed: given.keys) }, metric: metric
    ) { settings in
      settings.split = data.split ?? settings.split
      settings.minUserRatings = data.minUserRatings ?? settings.minUserRatings
    }
    plan.search = search
    plan.trials = trials
    plan.folds = folds
    plan.bootstrap = Bootstrap(resamples: resamples, seed: options.seed)
    plan.seed = options.seed
    plan.threads = options.threads
    return plan
  }

  private func load(_ plan: TuningPlan) throws -> DataOptions.Loaded {
    var data = data
    let settings = try plan.settings([:])
    data.split = settings.split
    return try data.load(for: plan.spec, settings, threads: options.threads)
  }

  private func cut(_ plan: TuningPlan, _ loaded: DataOptions.Loaded) throws -> TuningData {
    let settings = try plan.settings([:])
    let split = try loaded.ratings.split(
      settings.split, seed: options.seed, threads: options.threads)
    return try TuningData(
      plan, ratings: loaded.ratings, split: split, catalog: loaded.catalog,
      itemsSHA256: loaded.itemsSHA256, testSHA256: loaded.testSHA256, relevantAt: relevantAt,
      labels: loaded.labels(for: plan.spec, settings, threads: options.threads))
  }

  private func search(
    _ plan: TuningPlan, _ data: TuningData, _ journal: TuningJournal?
  ) throws -> Tuning {
    Activity.now("fitting the first trials")
    let bar = ProgressBar(total: plan.mostRuns, of: "fits", quiet: options.quiet)
    defer { bar.finish() }
    return try Tuning(plan, on: data, journal: journal) { run, done in
      let figure = run.figure.map { String(format: "%@ %.4f", plan.metric.title, $0) } ?? "failed"
      bar.update(
        epoch: done, label: plan.spec.name, detail: "trial \(run.trial) \(figure)")
    }
  }

  private func write(_ tuning: Tuning, _ winner: TunedModel) throws {
    if let output { _ = try winner.model.write(to: output) }
    try outputSpec.map { path in
      var spec = tuning.plan.spec
      let own = spec.defaults.split
      spec.defaults = winner.settings
      // A specification names no file.
      if case .file = spec.defaults.split { spec.defaults.split = own }
      try spec.write(to: path)
    }
    try report.map { path in
      let name = data.file.ratings.split(separator: "/").last.map(String.init) ?? "ratings"
      try tuning.page(winner, source: name, command: trainLine(tuning)).write(to: path, options)
    }
  }

  /// What trains the winner again.
  private func trainLine(_ tuning: Tuning) -> String {
    let searched = tuning.best.number == 1 ? [:] : tuning.best.settings
    let words = Setting.all.flatMap { setting -> [String] in
      guard let text = searched[setting.name] ?? settings.given[setting.name] else { return [] }
      let name = "--" + setting.name.replacing("_", with: "-")
      return setting.isList
        ? [name] + text.split(separator: " ").map(String.init) : [name, text]
    }
    let seed = options.seed == 42 ? [] : ["--seed", String(options.seed)]
    return
      (["osusume", "train"] + data.arguments + ["--model", model] + words + seed
      + ["--output", output ?? "model.safetensors"]).shellLine
  }
}

extension SearchMethod: ExpressibleByArgument {}
extension TuningMetric: ExpressibleByArgument {}

// `osusume compare`: several models on one split, side by side.
import ArgumentParser
import Foundation
import Osusume

struct CompareCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Several models on one split, side by side: table, JSON, HTML report.",
    discussion: """
      All models are trained on the same rows and evaluated on the same test rows, each with its own default \
      settings unless a flag overrides them. Figures and times are of the first fit of each; further fits \
      with other seeds show how much they vary with the seed. mf@7 is mf with seed 7 on the same split; a model \
      given twice gets the next seed.

      Example: osusume compare --ratings rating.csv --items anime.csv --models mf,flax-bias,bias \\
                 --factors 50 --report compare.html
      """)

  @Option(
    help: ArgumentHelp("Models of the catalog, set apart by commas.", valueName: "mf,flax-bias"))
  var models: NameList

  @OptionGroup var data: DataOptions
  @OptionGroup(title: "Settings of all models") var settings: TrainOptions

  @Option(
    help: ArgumentHelp("Fit models with factors at these widths too.", valueName: "16,32,128"))
  var alsoFactors: WidthList?

  @Option(
    help: ArgumentHelp(
      "Test rows rated at least this are relevant (default: the median training rating).",
      valueName: "rating"))
  var relevantAt: Float?

  @Option(
    help: ArgumentHelp(
      "Fits of each model, each with a seed of its own: verdicts allow for the variation between seeds.",
      valueName: "n"))
  var repeats = 3

  @Option(help: ArgumentHelp("Bootstrap resamples of users.", valueName: "n"))
  var resamples = 1000

  @Option(help: ArgumentHelp("Write an HTML page with charts here.", valueName: "file"))
  var report: String?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard repeats >= 1 && repeats <= 100 else {
      throw ValidationError("--repeats \(repeats): give a number from 1 to 100")
    }
    guard resamples >= 100 && resamples <= 1_000_000 else {
      throw ValidationError("--resamples \(resamples): give a number from 100 to 1000000")
    }
    if let relevantAt, !relevantAt.isFinite {
      throw ValidationError("--relevant-at \(relevantAt): give a rating")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    if let report { try OutputCheck.canCreate(report) }
    let contenders = try contenders()
    let rule = rule(of: contenders)
    var data = data
    data.split = rule
    let loaded = try data.load(
      .init(
        minUserRatings: contenders.map(\.hyperparameters.minUserRatings).max() ?? 1,
        needsTimes: contenders.contains { $0.spec.needsTimestamps }),
      threads: options.threads)
    let split = try loaded.ratings.split(rule, seed: options.seed, threads: options.threads)
    let beyond = contenders.compactMap { $0.spec.reachWarning(of: split.train) }
    options.warn(beyond)
    let comparison = try compare(contenders, loaded, split)
    try report.map { try write(comparison, rule, to: $0) }
    let figures = CompareReport(
      comparison, loaded: loaded, split: split, rule: rule, options: options,
      seconds: start.duration(to: .now) / .seconds(1), report: report)
    options.say(loaded.notes)
    options.warn(figures.warnings)
    try options.show(figures)
  }

  private func write(_ comparison: Comparison, _ rule: SplitRule, to path: String) throws {
    let name = data.file.ratings.split(separator: "/").last.map(String.init) ?? "ratings"
    try comparison.page(source: name, rule: rule, seed: options.seed).write(to: path)
    if VegaLibrary.installed == nil && !options.quiet {
      Output.note(
        "osusume: Vega is not installed, so \(path) holds tables alone; for charts, "
          + "apt-get install \(VegaLibrary.package)")
    }
  }

  private func contenders() throws -> [Contender] {
    try Contender.named(models.names, seed: options.seed).map { contender in
      var contender = contender
      contender.hyperparameters = try contender.spec.settings(overriding: settings.given)
      return contender
    }
  }

  /// The models' own rule where they agree on one.
  private func rule(of contenders: [Contender]) -> SplitRule {
    let own = Set(contenders.map(\.hyperparameters.split))
    return data.split ?? (own.count == 1 ? own.first : nil) ?? .perUser(testFraction: 0.1)
  }

  private func compare(
    _ contenders: [Contender], _ loaded: DataOptions.Loaded, _ split: Split
  ) throws -> Comparison {
    var wanted = ComparisonOptions()
    wanted.relevantAt = relevantAt
    wanted.bootstrap = Bootstrap(resamples: resamples, seed: options.seed)
    wanted.repeats = repeats - 1
    wanted.alsoFactors = alsoFactors?.widths ?? []
    wanted.threads = options.threads
    let bar = ProgressBar(
      total: contenders.map(\.hyperparameters.epochs).max() ?? 1, quiet: options.quiet)
    defer { bar.finish() }
    return try Comparison(
      contenders, on: loaded.ratings, split: split, catalog: loaded.catalog, wanted
    ) { label, report in
      bar.update(
        epoch: report.epoch, label: label,
        rate: Double(split.train.count) / max(report.seconds, 1e-9),
        detail: report.validRMSE.map { String(format: "RMSE %.4f", $0) } ?? "")
    }
  }
}

/// Widths set apart by commas.
struct WidthList: ExpressibleByArgument {
  let widths: [Int]

  init?(argument: String) {
    var settings = Hyperparameters()
    let widths = argument.split(separator: ",").map { part -> Int? in
      guard (try? Setting.factors.set(String(part), in: &settings)) != nil else { return nil }
      return settings.factors
    }
    guard !widths.isEmpty, widths.allSatisfy({ $0 != nil }) else { return nil }
    self.widths = widths.compactMap { $0 }
  }
}

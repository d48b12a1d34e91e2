// `osusume compare`: several models on one split, side by side.
import ArgumentParser
import Foundation
import Osusume
import OsusumeBench

struct CompareCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Several models on one split, side by side: table, JSON, HTML report.",
    discussion: """
      All models are trained on the same rows and evaluated on the same test rows, each with its own default \
      settings unless a flag overrides them for all, or the list for one: 'als:factors=64;flax-bias:epochs=126,\
      learning-rate=1e-3;wide.json;old.safetensors'. A saved model takes part where it was trained on the same rows \
      (same file, split and seed). Figures and times are of the first fit of each; further fits \
      with other seeds show how much they vary with the seed. mf@7 is mf with seed 7 on the same split; a model \
      given twice gets the next seed.

      Models that predict whether somebody would like an item are judged on that, and beside models of ratings \
      on the same rows; seen without a rating counts as liked there (--positive-above). --help-all lists all settings.

      Example:
        osusume compare --ratings rating.csv --items anime.csv \\
          --models mf,flax-bias,bias --factors 50 --report compare.html
      """)

  @Option(
    help: ArgumentHelp(
      "Models of the catalog, specifications (.json) and saved models, set apart by commas or semicolons, "
        + "each with settings of its own.",
      valueName: "mf,als:factors=64"),
    completion: .list(ModelSpec.catalog.map(\.name)))
  var models: String

  @Flag(
    inversion: .prefixedNo,
    help: "Beside them mean, bias, popularity and ease, the best ranker that is simple.")
  var baselines = true

  @OptionGroup(title: "Data") var data: DataOptions
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

  @Flag(
    help:
      "Fit models that had not converged anew, for as many epochs as held-out training ratings ask for."
  )
  var untilConverged = false

  @Option(
    help: ArgumentHelp(
      "Bootstrap resamples of users; 0: no intervals and no verdicts.", valueName: "n"))
  var resamples = 1000

  @Option(help: ArgumentHelp("Write an HTML page with charts here.", valueName: "file"))
  var report: String?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    try check("--repeats", repeats, in: 1...100)
    try check("--resamples", resamples, in: 0...1_000_000)
    try checkRating("--relevant-at", relevantAt)
  }

  func run() throws {
    let start = ContinuousClock.now
    if let report {
      try OutputCheck.canCreate(
        report, besides: data.files + models.split { ",;".contains($0) }.map(String.init))
    }
    var contenders = try Contender.list(models, settings: settings.given, seed: options.seed)
    let rule = rule(of: contenders)
    var data = data
    data.split = rule
    let bound = try labelBound(of: contenders)
    let loaded = try data.load(
      .init(
        minUserRatings: minUserRatings(of: contenders),
        forLabels: bound != nil, needsTimes: contenders.contains { $0.spec.needsTimestamps },
        model: contenders.lazy.compactMap { $0.saved?.provenance }.first),
      threads: options.threads)
    if baselines {
      contenders += Contender.baselines(
        beside: contenders, of: loaded.ratings.feedback, seed: options.seed)
    }
    var split = try loaded.ratings.split(rule, seed: options.seed, threads: options.threads)
    if let bound {
      split = loaded.labels(above: bound, threads: options.threads)
        .labelled(split, threads: options.threads)
      let alike =
        split.train.labelWarning(above: bound, of: "training")
        ?? split.test.labelWarning(above: bound, of: "test")
      options.warn([alike].compactMap { $0?.namingFlags })
    }
    options.warn(contenders.compactMap { $0.spec.reachWarning(of: split.train.rated) })
    let comparison = try compare(contenders, loaded, split)
    try report.map { try write(comparison, rule, loaded.itemsSHA256, to: $0) }
    let figures = CompareReport(
      comparison, loaded: loaded, split: split, rule: rule, options: options,
      seconds: start.duration(to: .now) / .seconds(1), report: report)
    options.say(loaded.notes)
    options.warn(figures.warnings)
    try options.show(figures)
  }

  private func write(
    _ comparison: Comparison, _ rule: SplitRule, _ itemsSHA256: String?, to path: String
  ) throws {
    let machine = Machine.current
    let origin = PageOrigin(
      command: Invocation.text, processor: machine.processor, instructionSet: machine.isa,
      threads: options.threads, itemsSHA256: itemsSHA256)
    try comparison.page(source: data.file.name, rule: rule, seed: options.seed, origin: origin)
      .write(to: path, options)
  }

  /// The rating above which an interaction is positive, for all models that learn from that; nil where none
  /// does.
  private func labelBound(of contenders: [Contender]) throws -> Double? {
    let labelled = contenders.filter { $0.spec.needsLabels }
    guard let first = labelled.first else { return nil }
    let bound = first.hyperparameters.positiveAbove
    if let other = labelled.first(where: { $0.hyperparameters.positiveAbove != bound }) {
      throw ValidationError(
        "\(first.label) and \(other.label) call other interactions positive: give --positive-above for both"
      )
    }
    return bound
  }

  /// As many as a saved model was trained with, or else as the most demanding model asks for.
  private func minUserRatings(of contenders: [Contender]) -> Int {
    contenders.first { $0.saved != nil }?.hyperparameters.minUserRatings
      ?? contenders.map(\.hyperparameters.minUserRatings).max() ?? 1
  }

  /// The rule of saved models, else of all, where they agree on one.
  private func rule(of contenders: [Contender]) -> SplitRule {
    func own(_ contenders: [Contender]) -> SplitRule? {
      // Of test rows in a file of their own, a saved model keeps no path.
      let rules = Set(contenders.map(\.hyperparameters.split)).filter {
        if case .file = $0 { false } else { true }
      }
      return rules.count == 1 ? rules.first : nil
    }
    return data.split ?? own(contenders.filter { $0.saved != nil }) ?? own(contenders)
      ?? .perUser(testFraction: 0.1)
  }

  private func compare(
    _ contenders: [Contender], _ loaded: DataOptions.Loaded, _ split: Split
  ) throws -> Comparison {
    var wanted = ComparisonOptions()
    wanted.relevantAt = relevantAt
    wanted.bootstrap = Bootstrap(resamples: resamples, seed: options.seed)
    wanted.repeats = repeats - 1
    wanted.untilConverged = untilConverged
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
        detail: report.validRMSE.map { String(format: "RMSE %.4f", $0) }
          ?? report.labels.map { String(format: "log-loss %.4f", $0.logLoss) } ?? "")
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

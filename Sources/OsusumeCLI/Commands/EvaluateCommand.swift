// `osusume evaluate`: errors and ranking metrics of a saved model on a ratings file.
import ArgumentParser
import Osusume

struct EvaluateCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Errors and ranking metrics of a saved model on a ratings file.",
    discussion: """
      Evaluates on the rows that the model was not trained on: of its own training file, the test part of \
      its split; of any other file, every row, or the test part of --split. Intervals hold the middle \
      95 % of bootstrap resamples of users.

      With --folds a model of the catalog, or a specification, is fitted to all folds but one in turn and judged on \
      that one, so that every row is predicted once by a model that has not seen it.

      Examples: osusume evaluate --model model.safetensors --ratings rating.csv --top 10 20
                osusume evaluate --model mf --folds 5 --ratings rating.csv
      """)

  @Option(
    help: ArgumentHelp(
      "A saved model; with --folds, a model of the catalog or a specification, SPEC.json.",
      valueName: "file"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Deal the ratings into so many parts and judge the model on each in turn.", valueName: "n"))
  var folds: Int?

  @OptionGroup var data: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Ranks at which rankings are cut.", valueName: "k"))
  var top: [Int] = [10]

  @Option(
    help: ArgumentHelp(
      "Test rows rated at least this are relevant (default: the median training rating).",
      valueName: "rating"))
  var relevantAt: Float?

  @Option(help: ArgumentHelp("Bootstrap resamples; 0: no intervals.", valueName: "n"))
  var resamples = 1000

  @Flag(
    inversion: .prefixedNo,
    help:
      "Evaluate mean, bias and popularity too, if the file holds all rows the model was trained on."
  )
  var baselines = true

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    for cutoff in top where cutoff < 1 || cutoff > 10_000 {
      throw ValidationError("--top \(cutoff): give numbers from 1 to 10000")
    }
    guard Set(top).count == top.count else {
      throw ValidationError("--top: give each number once")
    }
    guard resamples >= 0 && resamples <= 1_000_000 else {
      throw ValidationError("--resamples \(resamples): give a number from 0 to 1000000")
    }
    if let relevantAt, !relevantAt.isFinite {
      throw ValidationError("--relevant-at \(relevantAt): give a rating")
    }
    if let folds {
      guard folds >= 2 && folds <= 100 else {
        throw ValidationError("--folds \(folds): give a number from 2 to 100")
      }
      guard data.split == nil else {
        throw ValidationError("--folds cuts the ratings itself: leave out --split")
      }
    }
  }

  func run() throws {
    if let folds { return try crossValidate(folds) }
    let saved = try Model.read(model)
    let (all, notes) = try heldOutRows(for: saved)
    let held = saved.spec.needsLabels ? all.rated : all
    let settings = EvaluationOptions(
      cutoffs: top,
      relevantAt: relevantAt
        ?? saved.provenance.feedback.relevantFrom(median: saved.medianRating),
      bootstrap: Bootstrap(resamples: resamples, seed: options.seed), threads: options.threads)
    // Fitted to a few training rows that another file happens to hold, baselines would mislead.
    let holdsTraining = all.train.count == saved.provenance.trainRows
    let known: [ModelSpec] =
      saved.provenance.feedback == .ratings ? [.mean, .bias, .popularity] : [.popularity]
    let names = baselines && holdsTraining ? known : []
    Activity.now("evaluating \(saved.spec.name)")
    let evaluation = try Evaluation(saved, on: held, settings)
    Activity.now("evaluating baselines")
    let beside = try names.filter { $0.name != saved.spec.name }.map {
      (name: $0.name, evaluation: try Evaluation(baseline: $0, beside: saved, on: held, settings))
    }
    let popularity =
      beside.first { $0.name == ModelSpec.popularity.name }?.evaluation
      ?? Evaluation(popularityBeside: saved, on: held, settings)
    let warning = evaluation.rankingWarning(
      of: saved.spec, popularity: popularity, cutoff: top.contains(10) ? 10 : top.first ?? 10)
    let alike = all.test.labelWarning(above: saved.hyperparameters.positiveAbove, of: "test")
    let report = EvaluationReport(
      model: saved.spec.name, evaluation: evaluation, held: held,
      labels: labelMetrics(saved, all), relevantAt: settings.relevantAt, cutoffs: top,
      baselines: beside, warnings: [warning, alike].compactMap { $0?.namingFlags })
    options.say(notes)
    options.warn(report.warnings)
    try options.show(report)
  }

  /// Metrics of labels or classes by name; none for models of neither.
  private func labelMetrics(_ model: Model, _ held: HeldOutRatings) -> [String: Double] {
    let parameters = model.parameters.extended(users: held.users, items: held.items)
    let labels = parameters.labelMetrics(on: held.test, threads: options.threads)?.named
    let classes =
      model.spec.target == .ratingClass
      ? parameters.classMetrics(on: held.test, threads: options.threads)?.named : nil
    let named = labels ?? classes ?? [:]
    return Dictionary(
      uniqueKeysWithValues: named.map { (String($0.key.dropFirst("valid_".count)), $0.value) })
  }

  /// The rows of the file that the model was not trained on.
  ///
  /// Of the model's own file, users and items the model lacks were dropped when it was made, whatever
  /// the options then, and are dropped here.
  private func heldOutRows(for model: Model) throws -> (HeldOutRatings, notes: [String]) {
    let loaded = try data.load(
      .init(
        minUserRatings: data.split == nil ? 1 : model.hyperparameters.minUserRatings,
        forLabels: model.spec.needsLabels, model: model.provenance),
      threads: options.threads)
    let ratings = loaded.ratings
    try model.spec.checkFeedback(ratings.feedback)
    let isOwn = ratings.sha256 == model.provenance.dataSHA256
    let unfollowed = data.unfollowed(of: model.provenance.dataOptions ?? [:])
    var notes = loaded.notes
    if !isOwn && !unfollowed.isEmpty {
      notes.append(
        "the model was trained with \(unfollowed.joined(separator: " and ")); give `items FILE` to "
          + "keep to that here")
    }
    var rows =
      switch data.split {
      case nil, SplitRule.none?: ratings.rows
      case let rule?:
        try testRows(ratings, rule)
      }
    if model.spec.needsLabels {
      rows = loaded.labels(above: model.hyperparameters.positiveAbove, threads: options.threads)
        .labelled(rows, threads: options.threads)
    }
    let isOfAnotherFile = if case .file? = data.split { true } else { false }
    var held = try HeldOutRatings(
      rows, of: ratings, for: model, keepUnknown: !isOwn || isOfAnotherFile,
      threads: options.threads)
    // Of its own file, the model's cut is made again, by the seed it was made with.
    let own = isOwn && data.split == nil ? model.hyperparameters.split : nil
    if case .strong? = data.split ?? own {
      held = held.foldingIn(
        seed: own == nil ? options.seed : model.provenance.seed, to: model,
        threads: options.threads)
    }
    guard held.test.count > 0 else {
      throw EvaluateError.nothingToEvaluate(path: data.file.ratings, rows: rows.count)
    }
    if isOwn && data.split == nil && held.test.count != model.provenance.testRows {
      notes.append(
        "\(held.test.count) rows were not trained on, but the model's split had "
          + "\(model.provenance.testRows) test rows: give the data options it was trained with")
    }
    return (held, notes)
  }
}

extension EvaluateCommand {
  /// The rows of a rule's test part, those by which hidden users are folded in included, in file order.
  private func testRows(_ ratings: Ratings, _ rule: SplitRule) throws -> IndexedRatings {
    let split = try ratings.split(rule, seed: options.seed, threads: options.threads)
    guard split.foldIn.count > 0 else { return split.test }
    let hidden = Set(split.foldIn.users)
    let rows = ratings.rows
    let kept = rows.users.indices.filter { hidden.contains(rows.users[$0]) }
    return IndexedRatings(
      users: kept.map { rows.users[$0] }, items: kept.map { rows.items[$0] },
      values: kept.map { rows.values[$0] })
  }
}

/// Why there is nothing to evaluate.
enum EvaluateError: OsusumeError, Equatable {
  /// The model was trained on all rows there are, or knows none of their users and items.
  case nothingToEvaluate(path: String, rows: Int)

  var description: String {
    switch self {
    case .nothingToEvaluate(let path, let rows):
      "none of the \(rows) rows of \(path) can be evaluated on: the model was trained on them; give "
        + "ratings that it has not seen"
    }
  }
}

// `osusume evaluate`: errors and ranking metrics of a saved model on a ratings file.
import ArgumentParser
import Osusume

struct EvaluateCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Errors and ranking metrics of a saved model on a ratings file.",
    discussion: """
      Evaluates on the rows that the model was not trained on: of its own training file, the test part of \
      its split (trained with --retrain-on-all it has none left: what is shown is what it was judged by); of any other \
      file, every row, or the test part of --split. Intervals hold the middle \
      95 % of bootstrap resamples of users.

      With --folds a model of the catalog, or a specification, is fitted to all folds but one in turn and judged on \
      that one, so that every row is predicted once by a model that has not seen it. --help-all lists all \
      options.

      Examples:
        osusume evaluate --model model.safetensors --ratings rating.csv --top 10 20
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

  @OptionGroup(title: "Data") var data: DataOptions

  /// Which rows errors are of.
  enum Part: String, ExpressibleByArgument, CaseIterable { case test, train }

  @Option(
    help:
      "Rows to evaluate on: those it was not trained on (test), or errors alone on those it was.")
  var on = Part.test

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
    try check("--resamples", resamples, in: 0...1_000_000)
    try checkRating("--relevant-at", relevantAt)
    if let folds {
      try check("--folds", folds, in: 2...100)
      guard data.split == nil else {
        throw ValidationError("--folds cuts the ratings itself: leave out --split")
      }
    }
  }

  func run() throws {
    if let folds { return try crossValidate(folds) }
    let saved = try Model.read(model)
    let read = try data.heldOut(for: saved, options)
    let (all, note) =
      on == .train ? trainingRows(of: saved, read) : (rows: read.rows, note: nil)
    if on == .test, all.test.count == 0, all.train.count > 0, let judged = saved.provenance.judged {
      let report = JudgedReport(saved, judged, rows: all.train.count, path: data.file.name)
      options.say(read.notes)
      options.warn(report.warnings)
      return try options.show(report)
    }
    guard all.test.count > 0 else {
      throw on == .train
        ? EvaluateError.nothingTrainedOn(path: data.file.ratings, rows: read.rows.test.count)
        : EvaluateError.nothingToEvaluate(
          path: data.file.ratings, rows: read.rows.train.count + read.rows.unknownRows)
    }
    guard on == .test || saved.spec.predictsRatings || saved.spec.needsLabels else {
      throw EvaluateError.noErrors(model: saved.spec.name)
    }
    // Lists are of what users have not rated, of which training rows hold nothing.
    let top = on == .train ? [] : top
    let held = saved.spec.needsLabels ? all.rated : all
    let settings = EvaluationOptions(
      cutoffs: top,
      relevantAt: relevantAt
        ?? saved.provenance.feedback.relevantFrom(median: saved.medianRating),
      bootstrap: Bootstrap(resamples: resamples, seed: options.seed), threads: options.threads)
    // Fitted to a few training rows that another file happens to hold, baselines would mislead.
    let holdsTraining = all.train.count == saved.provenance.trainRows
    let known: [ModelSpec] =
      saved.provenance.feedback != .ratings
      ? [.popularity] : on == .train ? [.mean, .bias] : [.mean, .bias, .popularity]
    let names = baselines && holdsTraining ? known : []
    Activity.now("evaluating \(saved.spec.name)")
    let evaluation = try Evaluation(saved, on: held, settings)
    Activity.now("evaluating baselines")
    let beside = try names.filter { $0.name != saved.spec.name }.map {
      (name: $0.name, evaluation: try Evaluation(baseline: $0, beside: saved, on: held, settings))
    }
    var warning: String?
    if on == .test {
      let popularity =
        beside.first { $0.name == ModelSpec.popularity.name }?.evaluation
        ?? Evaluation(popularityBeside: saved, on: held, settings)
      warning = evaluation.rankingWarning(
        of: saved.spec, popularity: popularity, cutoff: top.contains(10) ? 10 : top.first ?? 10)
    }
    let alike = all.test.labelWarning(
      above: saved.hyperparameters.positiveAbove, of: on == .train ? "training" : "test")
    let report = EvaluationReport(
      model: saved.spec.name, evaluation: evaluation, held: held, on: on,
      labels: saved.metrics(ofLabelsIn: all, threads: options.threads),
      relevantAt: settings.relevantAt, cutoffs: top,
      baselines: beside, warnings: [warning, alike].compactMap { $0?.namingFlags })
    options.say(read.notes + (note.map { [$0] } ?? []))
    options.warn(report.warnings)
    try options.show(report)
  }

  /// The rows that a model was trained on, and what is to be said of them where they are of another file.
  ///
  /// There, a user and an item may meet with another rating than they had in training: those are not its rows.
  private func trainingRows(
    of model: Model, _ read: DataOptions.HeldOut
  ) -> (rows: HeldOutRatings, note: String?) {
    let path = data.file.name
    guard read.loaded.ratings.sha256 != model.provenance.dataSHA256 else {
      return (read.rows.onTraining, nil)
    }
    guard let changed = read.rows.changed(since: model, threads: options.threads) else {
      return (
        read.rows.onTraining,
        "\(path) is not the file that the model was trained on, and the model does not keep ratings: its rows are "
          + "of users and items that it was trained on, and may have other ratings"
      )
    }
    return (
      read.rows.withoutTraining(changed).onTraining,
      "\(path) is not the file that the model was trained on: \((read.rows.train.count - changed.count).grouped) of "
        + "its rows are among the \(model.provenance.trainRows.grouped) of training"
        + (changed.isEmpty
          ? ""
          : ", and \(changed.count.grouped) of the same users and items with other ratings are left out")
    )
  }
}

/// Why there is nothing to evaluate.
enum EvaluateError: OsusumeError, Equatable {
  /// The model was trained on all rows there are, or knows none of their users and items.
  case nothingToEvaluate(path: String, rows: Int)
  /// The model was trained on none of the rows there are.
  case nothingTrainedOn(path: String, rows: Int)
  /// The model makes lists and predicts nothing else.
  case noErrors(model: String)

  var description: String {
    switch self {
    case .nothingTrainedOn(let path, let rows):
      "the model was trained on none of the \(rows) rows of \(path); give the ratings it was trained on"
    case .noErrors(let model):
      "\(model) makes lists and predicts no ratings: it has no errors on training rows; leave out --on train"
    case .nothingToEvaluate(let path, let rows):
      "none of the \(rows) rows of \(path) can be evaluated on: the model was trained on them; give "
        + "ratings that it has not seen"
    }
  }
}

// A trained model as a page: its data, what it learned, how well it predicts, where it errs, what it recommends.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining

/// What a page about a model is made of; whatever does not apply to its kind is left out and named.
///
/// A page is about a megabyte whatever the size of the data: charts show groups of rows, tables the ends of lists, and
/// the map the most rated items.
public struct RunPage: Sendable {
  /// A part that the page does not have.
  public struct Missing: Sendable, Equatable {
    /// What it would be.
    public var part: String
    /// Why it is not there.
    public var reason: String
  }

  let model: Model
  let version: String
  let held: HeldOutRatings
  let data: RatingsPage
  let run: TrainingRecord?
  let command: String?
  let threads: Int
  let seed: UInt64
  /// The test rows that have a rating.
  let test: IndexedRatings
  /// The evaluation on the test rows; nil where there are none.
  public let evaluation: Evaluation?
  /// The evaluations of simple models on the same rows.
  let baselines: [(name: String, evaluation: Evaluation)]
  /// Raw predictions of the test rows; nil for models that predict no ratings.
  let predictions: [Float]?
  /// Those of `bias`, which any model of ratings must beat.
  let biasPredictions: [Float]?
  /// Metrics of labels or classes on the test rows.
  let labelMetrics: [String: Double]
  /// The ranking that recommends; nil where nobody was judged by lists.
  let options: EvaluationOptions

  /// Judges a model and makes ready what its page shows.
  ///
  /// - Parameters:
  ///   - version: Identifies the model's contents.
  ///   - held: The rows of `data` by whether the model was trained on them.
  ///   - run: What only the training run knows; nil for a model from a file.
  ///   - command: How the page was made.
  ///
  /// Errors: those of the model's evaluation; `RatingsFault.otherModel` for rows that were not made for the model.
  public init(
    _ model: Model, version: String, of data: RatingsPage, held: HeldOutRatings,
    run: TrainingRecord? = nil, command: String? = nil, bootstrap: Bootstrap = .init(),
    threads: Int = allCores
  ) throws {
    try held.check(for: model)
    try SettingError.check("threads", threads, in: 1...1024)
    self.model = model
    self.version = version
    self.data = data
    self.held = held
    self.run = run
    self.command = command
    self.threads = threads
    seed = bootstrap.seed
    let rated = model.spec.needsLabels ? held.rated : held
    test = rated.test
    options = EvaluationOptions(
      cutoffs: [10],
      relevantAt: model.provenance.feedback.relevantFrom(median: model.medianRating),
      bootstrap: bootstrap, threads: threads)
    labelMetrics = model.metrics(ofLabelsIn: held, threads: threads)
    guard rated.test.count > 0 else {
      (evaluation, baselines, predictions, biasPredictions) = (nil, [], nil, nil)
      return
    }
    let folded =
      rated.foldIn.count > 0
      ? try FoldedUsers(rated.foldIn, in: model, threads: threads) : nil
    try options.check()
    evaluation = Evaluation(model, on: rated, options, folded: folded)
    predictions =
      model.spec.predictsRatings
      ? Evaluation.predictions(model, on: rated, folded, threads: threads) : nil
    // Fitted to a few training rows that another file happens to hold, baselines would mislead.
    let isComparable = held.train.count == model.provenance.trainRows
    let specs: [ModelSpec] =
      !isComparable
      ? [] : model.provenance.feedback == .ratings ? [.mean, .bias, .popularity] : [.popularity]
    var baselines: [(name: String, evaluation: Evaluation)] = []
    var biasPredictions: [Float]?
    for spec in specs where spec.name != model.spec.name {
      let baseline = model.baseline(spec, trainedOn: rated, threads: threads)
      let folded =
        rated.foldIn.count > 0
        ? try FoldedUsers(rated.foldIn, in: baseline, threads: threads) : nil
      baselines.append((spec.name, Evaluation(baseline, on: rated, options, folded: folded)))
      if spec.name == ModelSpec.bias.name, model.spec.predictsRatings {
        biasPredictions = Evaluation.predictions(baseline, on: rated, folded, threads: threads)
      }
    }
    self.baselines = baselines
    self.biasPredictions = biasPredictions
  }

  /// The page, and the parts that it does not have.
  ///
  /// Errors: those of the model's map.
  public func page() throws -> (page: ReportPage, missing: [Missing]) {
    var missing: [Missing] = []
    func part(_ name: String, _ section: ReportSection?, _ reason: @autoclosure () -> String)
      -> ReportSection?
    {
      if section == nil { missing.append(Missing(part: name, reason: reason())) }
      return section
    }
    let noRatings = "\(model.spec.name) predicts no ratings"
    let noTest = "there are no ratings that the model was not trained on"
    let unpredicted = test.count == 0 ? noTest : noRatings
    var sections: [ReportSection?] = [
      data.card,
      part("ratings by genre and type", data.kinds, "nothing is known of the items: give `items`"),
      modelSection,
      part(
        "learning curve", learningCurve,
        run == nil
          ? "a model file holds no curve: make the page with `osusume train --report`"
          : "\(model.spec.name) is fitted in one step"),
      part("errors and intervals", metricsSection, noTest),
      part("predicted against true ratings", densitySection, unpredicted),
      part("errors by rating, popularity and activity", errorSection, unpredicted),
      part(
        "calibration", calibrationSection,
        test.count == 0
          ? noTest : "\(model.spec.name) predicts neither ratings nor probabilities"),
      part(
        "errors by month", monthSection,
        predictions == nil
          ? unpredicted : "the ratings have no times, or all are of one month"),
      part("lists by activity", listSection, noTest),
      part(
        "items by bias", biasSection, "\(model.spec.name) has no biases of items"),
      part(
        "similarities of items", similaritySection,
        "\(model.spec.name) relates no items to each other"),
      part(
        "nearest neighbours", try neighbourSection(),
        "\(model.spec.name) relates no items to each other"),
    ]
    let people = try people()
    sections += people.isEmpty ? [part("three people", nil, "no user has ratings")] : people
    sections.append(try mapSection(&missing))
    sections += [
      part(
        "seconds and machine", timeSection,
        "a model file holds no clock: make the page with `osusume train --report`"),
      originSection,
    ]
    if !missing.isEmpty {
      sections.append(
        ReportSection(
          "What is not here",
          table: ReportTable(
            ["part", "why"],
            missing.map { [$0.part, $0.reason.replacingOccurrences(of: "`", with: "")] },
            textColumns: 2)))
    }
    let page = ReportPage(
      "\(model.spec.name.shown()) on \(data.sourceName)", summary: findings,
      sections: sections.compactMap { $0 }, colours: colours)
    return (page, missing)
  }

  /// The name of the model in charts.
  var label: String { model.spec.name }

  /// What charts are drawn in: the model, what it stands beside, and parts of training.
  private var colours: [(name: String, colour: String)] {
    let palette = ReportPage.palette
    let baselines = [
      (name: ModelSpec.bias.name, colour: palette[1]), (ModelSpec.mean.name, palette[6]),
      (ModelSpec.popularity.name, palette[4]),
    ].filter { $0.name != label }
    let own = [
      (name: Self.trainLabel, colour: palette[0]), (Self.validationLabel, palette[1]),
      (Self.testLabel, palette[3]), (Self.regressionLabel, palette[3]),
      (Self.diagonalLabel, "#888888"), (Self.pairsLabel, palette[0]),
      (Self.nearestLabel, palette[1]), (Self.secondsLabel, palette[0]),
    ]
    return [(name: label, colour: palette[0])] + baselines + own + RatingsPage.colours + mapColours
  }

  static let trainLabel = "train"
  static let validationLabel = "validation"
  static let testLabel = "test"
  static let regressionLabel = "regression line"
  static let diagonalLabel = "no error"
  static let pairsLabel = "all pairs"
  static let nearestLabel = "each item and its nearest"
  static let secondsLabel = "seconds"

  // MARK: What was found

  /// The page in a few sentences.
  public var findings: [String] {
    let provenance = model.provenance
    var lines = [
      "\(model.spec.summary) Trained on \(provenance.trainRows.grouped) \(data.noun) by osusume "
        + "\(provenance.version), seed \(provenance.seed), split \(provenance.split); model version "
        + "\(version)."
    ]
    guard let evaluation else {
      if let judged = provenance.judged { return lines + [Self.finding(judged, model.metrics)] }
      return lines + [
        "Nothing here says how well it predicts: all \(data.noun) of the file were trained on."
      ]
    }
    lines.append(
      "Judged on \(evaluation.rows.grouped) \(data.noun) of \(evaluation.users.grouped) users that it was "
        + "not trained on"
        + (held.coldRows > 0
          ? "; of \(held.coldRows.grouped) of them the user or the item has none to train on."
          : ".")
    )
    if let sentence = ratingFinding { lines.append(sentence) }
    if let sentence = listFinding { lines.append(sentence) }
    if let sentence = labelFinding { lines.append(sentence) }
    return lines
  }

  /// What is known of a model that was trained on all ratings after it was judged.
  private static func finding(_ judged: JudgedFit, _ metrics: [String: Double]) -> String {
    let figures = [("RMSE", "valid_rmse"), ("MAE", "valid_mae"), ("NDCG@10", "valid_ndcg@10")]
      .compactMap { name, key in metrics[key].map { "\(name) \($0.figure)" } }
    return "All ratings of the file were trained on, after a fit with the same settings to "
      + "\(judged.trainRows.grouped) of them was judged on \(judged.testRows.grouped) others"
      + (figures.isEmpty ? "." : ": \(figures.joined(separator: ", ")).")
  }

  private func evaluation(of name: String) -> Evaluation? {
    baselines.first { $0.name == name }?.evaluation
  }

  /// How far the errors of ratings are from those of the best baseline.
  private var ratingFinding: String? {
    guard let evaluation, let own = evaluation["rmse"] else { return nil }
    var sentence = "RMSE \(own.value.figure)\(own.bracket)"
    let rivals = baselines.filter { $0.evaluation["rmse"] != nil }
    let best = rivals.min {
      ($0.evaluation["rmse"]?.value ?? 0) < ($1.evaluation["rmse"]?.value ?? 0)
    }
    guard let best,
      let paired = PairedComparison(of: "rmse", evaluation, against: best.evaluation)
    else { return sentence + "." }
    // Where the interval excludes 0, both of its ends have the sign of the difference.
    let ends = [paired.interval.lowerBound, paired.interval.upperBound]
    let shown = paired.verdict == .undecided ? ends : ends.map { abs($0) }.sorted()
    let difference = paired.verdict == .undecided ? paired.difference : abs(paired.difference)
    let margin = "\(difference.figure) [\(shown[0].figure), \(shown[1].figure)]"
    switch paired.verdict {
    case .better: sentence += ", less than the best baseline's (\(best.name)) by \(margin)."
    case .worse:
      sentence +=
        ": it does NOT beat the baselines; \(best.name)'s is less by \(margin). Train longer, or take "
        + "another model."
    case .undecided, .more, .less:
      sentence +=
        "; there is no evidence that it differs from the best baseline's (\(best.name)), \(margin)."
    }
    return sentence
  }

  private var listFinding: String? {
    guard let evaluation, let own = evaluation["ndcg@10"] else { return nil }
    var sentence = "Lists: NDCG@10 \(own.value.figure)\(own.bracket)"
    guard let popularity = self.evaluation(of: ModelSpec.popularity.name),
      let paired = PairedComparison(of: "ndcg@10", evaluation, against: popularity)
    else { return sentence + "." }
    let theirs = popularity["ndcg@10"]?.value.figure ?? "–"
    switch paired.verdict {
    case .better: sentence += "; the most popular items come to \(theirs)."
    case .worse:
      sentence +=
        ", WORSE than the most popular items (\(theirs)): recommend by a model that makes lists (lists, ease), "
        + "not by this one."
    case .undecided, .more, .less:
      sentence += ", no evidence of a difference from the most popular items (\(theirs))."
    }
    return sentence
  }

  private var labelFinding: String? {
    guard let auc = labelMetrics["auc"] else { return nil }
    let share = Double(held.test.labels.count { $0 > 0.5 }) / Double(max(1, held.test.count))
    return String(
      format:
        "Labels: AUC %.4f, log loss %.4f, accuracy %.4f, where always saying the more frequent one "
        + "would come to %.4f.", auc, labelMetrics["log_loss"] ?? .nan,
      labelMetrics["accuracy"] ?? .nan, max(share, 1 - share))
  }

  // MARK: The model

  private var modelSection: ReportSection {
    let spec = model.spec
    let tensors = spec.tensors(
      factors: model.hyperparameters.factors, users: model.userIDs.count,
      items: model.itemIDs.count)
    var facts: [[String]] = [
      ["formula", spec.score.formula], ["predicts", spec.target.rawValue],
      ["fit", spec.fit.rawValue], ["source", spec.source],
      [
        "users, items",
        "\(model.userIDs.count.grouped), \(model.itemIDs.count.grouped); with metadata "
          + model.catalog.items.count.grouped,
      ],
      [
        "scale",
        "\(RatingHistogram.label(model.scale.lowerBound)) to "
          + "\(RatingHistogram.label(model.scale.upperBound)), median "
          + RatingHistogram.label(model.medianRating),
      ],
    ]
    if let lists = spec.listsModel { facts.append(["lists by", lists.name]) }
    for head in spec.heads {
      facts.append([
        "a further head", "\(head.score.formula): \(head.target.rawValue), weight \(head.weight)",
      ])
    }
    return ReportSection(
      "The model", table: ReportTable(["", label.shown()], facts, textColumns: 2),
      tables: [
        ReportTable(
          ["tensor", "symbol", "shape", "numbers"],
          tensors.map { tensor in
            [
              tensor.name, tensor.symbol,
              tensor.extents.isEmpty
                ? "scalar"
                : tensor.extents.map {
                  $0.text(users: model.userIDs.count, items: model.itemIDs.count)
                }.joined(separator: " × "),
              tensor.count(users: model.userIDs.count, items: model.itemIDs.count)?.grouped ?? "–",
            ]
          }, textColumns: 3, caption: "What it learns")
      ], details: settingsTable)
  }

  /// The settings that fitting reads, as the command line takes them.
  private var settingsTable: ReportTable {
    let names = model.spec.settingNames(model.hyperparameters)
    let rows = Setting.all.filter { names.contains($0.name) }.sorted { $0.name < $1.name }
      .map { [$0.name, $0.text(in: model.hyperparameters)] }
    return ReportTable(["setting", "value"], rows, textColumns: 2)
  }

  /// Where model, data and page come from.
  private var originSection: ReportSection {
    let provenance = model.provenance
    var rows = [
      ["model", "\(label.shown()), version \(version)"],
      ["trained by", "osusume \(provenance.version)"], ["split", provenance.split],
      ["seed", String(provenance.seed)],
      ["rows to train on", provenance.trainRows.grouped],
      ["rows held out then", provenance.testRows.grouped],
      ["SHA-256 of its ratings", provenance.dataSHA256],
      ["SHA-256 of the ratings here", data.summary.sha256],
    ]
    if let judged = provenance.judged {
      rows.append([
        "judged by",
        "a fit to \(judged.trainRows.grouped) rows, on \(judged.testRows.grouped) others",
      ])
    }
    if let items = provenance.itemsSHA256 { rows.append(["SHA-256 of its items", items]) }
    for (name, value) in (provenance.dataOptions ?? [:]).sorted(by: { $0.key < $1.key }) {
      rows.append(["--" + name.replacingOccurrences(of: "_", with: "-"), value.shown()])
    }
    if let stamp = provenance.stamp { rows.append(["stamp", stamp.shown()]) }
    if let command { rows.append(["this page", command.shown(400)]) }
    return ReportSection(
      "Where it comes from",
      provenance.dataSHA256 == data.summary.sha256
        ? []
        : [
          "The ratings here are not those the model was trained on: another file, by its SHA-256."
        ],
      table: ReportTable(["what", "value"], rows, textColumns: 2, wraps: true))
  }

  /// The seconds of each step, and the machine.
  private var timeSection: ReportSection? {
    guard let run, !run.phases.isEmpty else { return nil }
    let total = run.phases.reduce(0) { $0 + $1.seconds }
    return ReportSection(
      "Seconds and machine", run.notes,
      charts: [
        ReportChart(
          VegaSpecifications.lyingBars(.init(title: "seconds", startsAtZero: true)),
          rows: run.phases.map { phase in
            [
              "group": .text(phase.name), "value": .number(phase.seconds),
              "label": .text(Self.secondsLabel),
              "tip": .text("\(phase.name): \(String(format: "%.3f", phase.seconds)) s"),
            ]
          }, caption: "Seconds of each step")
      ],
      table: ReportTable(
        ["step", "seconds", "share"],
        run.phases.map {
          [
            $0.name, String(format: "%.3f", $0.seconds),
            RatingsPage.percent(total > 0 ? $0.seconds / total : 0),
          ]
        } + [["all", String(format: "%.3f", total), ""]]),
      tables: [
        ReportTable(
          ["what", "value"], run.machine.map { [$0.name, $0.value] }, textColumns: 2,
          caption: "Machine")
      ])
  }
}

extension Model {
  /// Metrics of labels or classes on test rows by name, without what names them test figures; none for models
  /// of neither.
  package func metrics(ofLabelsIn held: HeldOutRatings, threads: Int) -> [String: Double] {
    let scorer = parameters.extended(users: held.users, items: held.items)
    let named =
      scorer.labelMetrics(on: held.test, threads: threads)?.named
      ?? (spec.target == .ratingClass
        ? scorer.classMetrics(on: held.test, threads: threads)?.named : nil) ?? [:]
    return Dictionary(
      uniqueKeysWithValues: named.map { (String($0.key.dropFirst("valid_".count)), $0.value) })
  }
}

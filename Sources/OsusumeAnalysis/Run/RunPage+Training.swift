// The learning curve of a page about a model, and its metrics beside those of baselines.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining

extension RunPage {
  /// Most epochs that a curve or a table shows, evenly among all.
  private static let mostEpochs = 300

  /// Losses and errors by epoch: of training, of the ratings held out to find the number of epochs, of the test.
  var learningCurve: ReportSection? {
    guard let run, !run.epochs.isEmpty || !run.search.isEmpty else { return nil }
    var text = [
      "The training loss is what is minimised, a mean over the training rows as an epoch meets them, penalties "
        + "excluded where a fit adds them elsewhere. Test rows are only looked at: nothing is chosen by them."
    ]
    if let kept = KeptEpoch(search: run.search, epochs: run.epochs) { text.append(kept.sentence) }
    let metrics = Self.metrics.filter { metric in
      (run.epochs + run.search).contains { metric.value($0) != nil }
    }
    return ReportSection(
      "Learning curve", text,
      charts: [lossChart(run)] + metrics.map { chart(run, $0) },
      details: epochTable(run, metrics))
  }

  /// A figure of an epoch.
  private struct EpochMetric: Sendable {
    var name: String
    var value: @Sendable (EpochReport) -> Double?
    /// The same on training rows that were held out and that nothing goes by.
    var heldOut: @Sendable (EpochReport) -> Double? = { _ in nil }
  }

  /// Epochs and what a metric is of there, by the name of the rows.
  private func parts(
    _ run: TrainingRecord, _ metric: EpochMetric
  ) -> [(label: String, reports: [EpochReport], value: @Sendable (EpochReport) -> Double?)] {
    [
      (Self.validationLabel, run.search, metric.value),
      (Self.validationLabel, run.epochs, metric.heldOut),
      (Self.testLabel, run.epochs, metric.value),
    ].map { ($0.0, $0.1, $0.2) }.filter { part in part.1.contains { part.2($0) != nil } }
  }

  private static let metrics = [
    EpochMetric(name: "RMSE", value: { $0.validRMSE }, heldOut: { $0.heldOutRMSE }),
    EpochMetric(name: "MAE", value: { $0.validMAE }, heldOut: { $0.heldOutMAE }),
    EpochMetric(
      name: "log loss", value: { $0.labels?.logLoss }, heldOut: { $0.heldOutLogLoss }),
    EpochMetric(name: "AUC") { $0.labels?.auc }, EpochMetric(name: "NDCG@10") { $0.validNDCG },
  ]

  /// Some of many reports, evenly among them, the first and the last included.
  private static func thinned(_ reports: [EpochReport]) -> [EpochReport] {
    guard reports.count > mostEpochs else { return reports }
    return (0..<mostEpochs).map { reports[$0 * (reports.count - 1) / (mostEpochs - 1)] }
  }

  private func row(_ label: String, _ report: EpochReport, _ value: Double, _ name: String)
    -> [String: ChartValue]
  {
    [
      "label": .text(label), "x": .number(Double(report.epoch)), "y": .number(value),
      "tip": .text("\(label), epoch \(report.epoch): \(name) \(value.figure)"),
    ]
  }

  private func lossChart(_ run: TrainingRecord) -> ReportChart {
    // Of a search, the loss is of the training rows less the held-out ones: shown where there is no other.
    let reports = Self.thinned(run.epochs.isEmpty ? run.search : run.epochs)
    return ReportChart(
      VegaSpecifications.lines(
        .init(title: "epoch", isWhole: true), .init(title: "loss"), legend: false, width: 380,
        height: 220),
      rows: reports.map { row(Self.trainLabel, $0, $0.trainLoss, "loss") },
      caption: "Training loss")
  }

  private func chart(_ run: TrainingRecord, _ metric: EpochMetric) -> ReportChart {
    let parts = parts(run, metric)
    return ReportChart(
      VegaSpecifications.lines(
        .init(title: "epoch", isWhole: true), .init(title: metric.name),
        legend: parts.count > 1,
        width: 380, height: 220),
      rows: parts.flatMap { label, reports, value in
        Self.thinned(reports).compactMap { report in
          value(report).map { row(label, report, $0, metric.name) }
        }
      },
      caption: "\(metric.name) on "
        + parts.map { "\($0.label) rows" }.joined(separator: " and "))
  }

  private func epochTable(_ run: TrainingRecord, _ metrics: [EpochMetric]) -> ReportTable {
    ReportTable(
      ["rows", "epoch", "seconds", "training loss"] + metrics.map(\.name),
      rows(run.search, Self.validationLabel, metrics.map(\.value))
        + rows(
          metrics.contains { metric in run.epochs.contains { metric.heldOut($0) != nil } }
            ? run.epochs : [], Self.validationLabel, metrics.map(\.heldOut))
        + rows(run.epochs, Self.testLabel, metrics.map(\.value)))
  }

  private func rows(
    _ reports: [EpochReport], _ label: String, _ values: [@Sendable (EpochReport) -> Double?]
  ) -> [[String]] {
    Self.thinned(reports).map { report in
      [
        label, String(report.epoch), String(format: "%.3f", report.seconds),
        report.trainLoss.figure,
      ] + values.map { $0(report)?.figure ?? "–" }
    }
  }

  // MARK: Metrics

  /// Metrics in the order of the table, with what is better.
  private static let shownMetrics = [
    ("rmse", "RMSE, rating points"), ("rmse_clipped", "RMSE, predictions clipped to the scale"),
    ("mae", "MAE, rating points"), ("ndcg@10", "NDCG@10"), ("recall@10", "recall@10"),
    ("precision@10", "precision@10"), ("map@10", "MAP@10"), ("mrr@10", "MRR@10"),
    ("disliked@10", "disliked@10"), ("coverage@10", "coverage@10"), ("gini@10", "Gini@10"),
    ("novelty@10", "novelty@10, bits"),
  ]

  private static let labelNames = ["auc": "AUC", "f1": "F1"]

  /// Every metric with its interval, beside the baselines.
  var metricsSection: ReportSection? {
    guard let evaluation else { return nil }
    let all = [(name: label, evaluation: evaluation)] + baselines
    let shown = Self.shownMetrics.filter { evaluation[$0.0] != nil }
    var rows = shown.map { name, title in
      [title]
        + all.enumerated().map { place, entry in
          entry.evaluation[name].map {
            $0.value.isFinite ? $0.value.figure + (place == 0 ? $0.bracket : "") : "–"
          } ?? "–"
        }
    }
    for (name, value) in labelMetrics.sorted(by: { $0.key < $1.key }) {
      rows.append(
        [
          Self.labelNames[name] ?? name.replacingOccurrences(of: "_", with: " "),
          value.isFinite ? value.figure : "–",
        ]
          + baselines.map { _ in "–" })
    }
    var text = [
      "Brackets hold the middle 95 % of \(evaluation.bootstrap.resamples) bootstrap resamples of users. Lists are of "
        + "all items that a user has not rated in training; a test row rated "
        + "\(RatingHistogram.label(options.relevantAt)) or higher is relevant, one rated "
        + "\(Double(evaluation.dislikedAt).short) or lower disliked. "
        + "\(evaluation.usersWithoutRelevant.grouped) users have nothing relevant and are left out of lists."
    ]
    if baselines.isEmpty {
      text.append(
        "No baselines: the file does not hold all rows that the model was trained on, or there are none for its "
          + "kind.")
    }
    let charts = [("rmse", "less"), ("ndcg@10", "more")].compactMap {
      name, better -> ReportChart? in
      let rows = all.compactMap { entry in
        entry.evaluation[name].flatMap { $0.value.isFinite ? $0.row(label: entry.name) : nil }
      }
      guard evaluation[name] != nil, rows.count > 1 else { return nil }
      return ReportChart(
        VegaSpecifications.intervals(
          .init(title: name == "rmse" ? "RMSE, rating points" : "NDCG@10")),
        rows: rows, caption: "\(name.ranked): \(better) is better; bars are 95 % intervals")
    }
    return ReportSection(
      "Errors and lists, beside simple models", text, charts: charts,
      table: ReportTable(["on rows it was not trained on"] + all.map { $0.name.shown(24) }, rows))
  }

  /// Lists of users by how many training ratings they have.
  var listSection: ReportSection? {
    guard let evaluation, evaluation["ndcg@10"] != nil else { return nil }
    let rated = model.spec.needsLabels ? held.rated : held
    let thirds = Segment.thirds(of: rated).filter { $0.entity == .user && !$0.rows.isEmpty }
    guard thirds.count > 1, rated.foldIn.count == 0 else { return nil }
    let compared = baselines.first { $0.name == ModelSpec.popularity.name }
    let results = thirds.map { third in
      let part = rated.testing(onRows: third.rows)
      let own = Evaluation(model, on: part, options, folded: nil)
      let popularity = compared.map { _ in
        Evaluation(
          model.baseline(.popularity, trainedOn: rated, threads: threads), on: part, options,
          folded: nil)
      }
      return (third, own, popularity)
    }
    func text(_ metric: Metric?) -> String { metric.map { $0.value.figure + $0.bracket } ?? "–" }
    return ReportSection(
      "Lists by activity",
      ["Users in thirds by number of training ratings: who gets good lists?"],
      table: ReportTable(
        ["", "training ratings", "users", "NDCG@10", "recall@10"]
          + (compared == nil ? [] : ["NDCG@10 of popularity"]),
        results.map { third, own, popularity in
          [
            third.name, "\(third.counts.lowerBound.grouped)–\(third.counts.upperBound.grouped)",
            own.users.grouped, text(own["ndcg@10"]), text(own["recall@10"]),
          ] + (compared == nil ? [] : [text(popularity?["ndcg@10"])])
        }))
  }
}

extension KeptEpoch {
  /// Which epoch was kept, in a sentence.
  public var sentence: String {
    let found =
      "Early stopping: of \(searched) epoch\(searched == 1 ? "" : "s") on training rows less the held-out ones, "
      + "number \(epoch) was best, \(figure) \(String(format: "%.4f", value)) on those held out"
    return found
      + (refitted
        ? "; the model was then fitted anew to all training rows for \(epoch)."
        : "; the model is what had been learned by then.")
  }
}

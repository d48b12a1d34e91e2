// A comparison as a page: what was found first, then why, each chart with its figures.
import Foundation
import OsusumeData
import OsusumeModels

extension Comparison {
  /// The comparison as a report.
  ///
  /// - Parameters:
  ///   - source: What was read, as in "rating.csv".
  ///   - rule: How it was split.
  ///   - seed: The seed of the split.
  ///   - origin: What it takes to make the page again.
  public func page(source: String, rule: SplitRule, seed: UInt64, origin: PageOrigin) -> ReportPage
  {
    let evaluation = models[0].evaluation
    let train = ratedItemCounts.reduce(0) { $0 + Int($1) }
    return ReportPage(
      "Comparison of "
        + models.filter { !$0.contender.isBaseline }.map(\.label).joined(separator: ", "),
      summary: [
        "\(source): \(train.grouped) ratings to train on, \(evaluation.rows.grouped) of "
          + "\(evaluation.users.grouped) users to test on (\(rule), seed \(seed)). All models are "
          + "trained on the same rows and evaluated on the same rows.",
        finding,
      ] + convergenceNotes,
      sections: [
        errorSection, labelSection, listSection, verdictSection, timeSection, segmentSection,
        spectrumSection, agreementSection, directionSection, neighbourSection, personSection,
        popularitySection, widthSection, modelSection,
        settingsSection, originSection(rule, seed, origin),
      ].compactMap { $0 },
      colours: colours)
  }

  /// Models by the palette; pairs of models too, which never share a chart with models.
  private var colours: [(name: String, colour: String)] {
    let palette = ReportPage.palette
    let names = [
      models.map(\.mark) + labelBaselines.map(\.name), factorPairs.map { pairLabel($0) },
    ]
    return names.flatMap { names in
      names.enumerated().map { ($1, palette[$0 % palette.count]) }
    }
  }

  /// Pairs of models that both have factors.
  var factorPairs: [Agreement] { agreements.filter { $0.principalCosines != nil } }

  func pairLabel(_ agreement: Agreement) -> String {
    "\(models[agreement.models.0].mark), \(models[agreement.models.1].mark)"
  }

  /// What the asterisks mean, a line a model.
  var convergenceNotes: [String] {
    models.compactMap { model in
      model.convergenceNote.map { (model.mark == model.label ? "" : "* ") + $0 + "." }
    }
  }

  /// A sentence on who errs least, and on whether that may be chance.
  private var finding: String {
    let found = [
      best.flatMap { best in
        best["rmse"].map { error in
          "The lowest error is \(best.mark)'s, RMSE \(error.value.figure)\(error.bracket)"
            + beaten("rmse", by: best.label, models.filter { $0.rmse != nil }.map(\.label))
        }
      },
      bestOfLabels.flatMap { best in
        best["log_loss"].map { error in
          "The lowest log-loss is \(best.mark)'s, \(error.value.figure)\(error.bracket)"
            + beaten(
              "log_loss", by: best.label,
              models.filter { $0.labels != nil }.map(\.label) + labelBaselines.map(\.name))
        }
      },
    ].compactMap { $0 }
    return found.isEmpty ? "No model here predicts ratings." : found.joined(separator: " ")
  }

  /// Whether a model's error is less than that of all others, as the end of a sentence.
  private func beaten(_ metric: String, by best: String, _ names: [String]) -> String {
    let rivals = names.filter { $0 != best }
    let unbeaten = rivals.filter { rival in
      guard let verdict = verdict(metric, best, rival) else { return false }
      let isBetter = verdict.comparison.verdict == (verdict.first == best ? .better : .worse)
      return !isBetter
    }
    if rivals.isEmpty { return "." }
    return unbeaten.isEmpty
      ? ", less than any other by more than chance."
      : "; there is no evidence that it is less than that of " + unbeaten.joined(separator: ", ")
        + (models.contains { $0.repeats.count == 1 } ? " (two seeds make wide intervals)." : ".")
  }

  private var errorSection: ReportSection? {
    let rated = models.filter { $0.rmse != nil }
    guard !rated.isEmpty else { return nil }
    return ReportSection(
      "Errors of ratings",
      ["Of models that predict ratings, on the test rows that have one. " + intervalsNote]
        + edgeNote(Self.errorMetrics, of: rated),
      charts: Self.errorMetrics.map { metric in
        ReportChart(
          VegaSpecifications.intervals(.init(title: "\(metric.ranked), rating points")),
          rows: rows(metric, of: rated),
          caption: "\(metric.ranked): less is better; bars are 95 % intervals")
      }, table: metricTable(Self.errorMetrics, of: rated))
  }

  private var labelSection: ReportSection? {
    let labelled = models.filter { $0.labels != nil }
    guard !labelled.isEmpty else { return nil }
    let test = labelled[0].model.provenance.testRows
    let guess = labelBaselines.first?.evaluation["accuracy"].map {
      " Calling every row what most are is right in \(String(format: "%.1f", 100 * $0.value)) % of them."
    }
    return ReportSection(
      "Would they like it?",
      [
        "Of models that predict whether a user would like an item, on \(test.grouped) test rows, those seen "
          + "without a rating included. A row is positive where its rating is above the threshold, or where "
          + "it was seen without one, and was not dropped; a prediction is positive from a probability of "
          + "0.5 on. Baselines know no tastes: the share of positives among all training rows, among items "
          + "about as popular, and the item's own share." + (guess ?? "")
      ] + edgeNote(["log_loss"], of: labelled),
      charts: ["accuracy", "auc", "log_loss"].compactMap { metric in
        let rows =
          self.rows(metric, of: labelled)
          + labelBaselines.compactMap {
            $0.evaluation[metric]?.row(label: $0.name, edge: edge(metric))
          }
        guard !rows.isEmpty else { return nil }
        let isLoss = metric == "log_loss"
        return ReportChart(
          VegaSpecifications.intervals(.init(title: metric.ranked + (isLoss ? ", nats" : ""))),
          rows: rows,
          caption:
            "\(metric.ranked): \(isLoss ? "less" : "more") is better; bars are 95 % intervals")
      },
      table: metricTable(Evaluation.labelMetrics, of: labelled, baselines: labelBaselines))
  }

  private var listSection: ReportSection {
    let accuracy = "ndcg@\(ComparisonData.listLength)"
    let charts = Self.listMetrics.compactMap { metric -> ReportChart? in
      guard let kind = models.lazy.compactMap({ $0[metric] }).first else { return nil }
      let rows = models.compactMap { model -> [String: ChartValue]? in
        guard var row = model[metric]?.row(label: model.mark) else { return nil }
        // Random lists cover everything: what is covered says nothing without how good the lists are.
        if !kind.isQuality, let value = model[accuracy]?.value {
          row["figure"] = .text("\(accuracy.ranked) \(value.figure)")
        }
        return row
      }
      guard !rows.isEmpty else { return nil }
      let sense =
        kind.isQuality
        ? "\(kind.lowerIsBetter ? "less" : "more") is better"
        : "neither good nor bad by itself, so \(accuracy.ranked) stands beside it"
      return ReportChart(
        VegaSpecifications.intervals(.init(title: metric.ranked)), rows: rows,
        caption: "\(metric.ranked): \(sense); bars are 95 % intervals")
    }
    return ReportSection(
      "Lists",
      [
        "Rankings are of all items that a user has not rated in training; a test "
          + "row rated \(RatingHistogram.label(relevantAt)) or higher is relevant. Coverage is the fraction "
          + "of all items that somebody is recommended: of two models whose lists are as good, the one that "
          + "covers more serves more tastes, but random lists cover everything. " + intervalsNote
      ], charts: charts, table: metricTable(Self.listMetrics, of: models))
  }

  private var intervalsNote: String {
    "Intervals hold the middle 95 % of \(models[0].evaluation.bootstrap.resamples) bootstrap resamples of "
      + "users."
  }

  /// Metrics of some models, and of baselines of labels.
  private func metricTable(
    _ metrics: [String], of shown: [ComparedModel], baselines: [LabelBaseline] = []
  ) -> ReportTable {
    func cells(_ metric: (String) -> Metric?) -> [String] {
      metrics.map { name in metric(name).map { $0.value.figure + $0.bracket } ?? "–" }
    }
    return ReportTable(
      ["model", "k"] + metrics.map(\.ranked) + ["train, s"],
      shown.map { model in
        [model.mark, model.model.parameters.vectors(of: .item).map { String($0.factors) } ?? "–"]
          + cells { model[$0] } + [model.trainText]
      }
        + baselines.map { baseline in
          [baseline.name, "–"] + cells { baseline.evaluation[$0] } + ["–"]
        })
  }
}

// MARK: What lies beyond a chart

extension Comparison {
  /// Where a chart of an error ends: at 1.3 times the lowest, or the others would be squeezed to a line; nil for
  /// a metric that is no error.
  func edge(_ metric: String) -> Double? {
    let values = models.compactMap { $0[metric] }
    guard values.first?.lowerIsBetter == true else { return nil }
    return values.map(\.value).filter(\.isFinite).min().map { 1.3 * $0 }
  }

  /// A row a model for a chart of intervals; those beyond its edge stand at it with their figures.
  func rows(_ metric: String, of models: [ComparedModel]) -> [[String: ChartValue]] {
    models.compactMap { $0[metric]?.row(label: $0.mark, edge: edge(metric)) }
  }

  /// What an arrow at the edge means, where some chart has one.
  func edgeNote(_ metrics: [String], of models: [ComparedModel]) -> [String] {
    let isBeyond = metrics.contains { metric in
      models.contains { ($0[metric]?.value ?? 0) > edge(metric) ?? .infinity }
    }
    return isBeyond ? [Self.edgeWords] : []
  }

  static let edgeWords =
    "An arrow at a chart's edge is a figure beyond it, written beside it: the axis ends at 1.3 times the lowest."
}

extension ComparedModel {
  /// Seconds of the fit, where it was fitted here.
  var trainText: String { trainSeconds?.seconds ?? "–" }

  /// Seconds until its error was as low as another's at its end.
  public func timeText(toReach target: ComparedModel) -> String {
    guard !curve.isEmpty, let bound = target.rmse else { return "–" }
    return seconds(toReach: bound)?.seconds ?? "never"
  }
}

extension Metric {
  /// The interval in brackets.
  var bracket: String {
    interval.map { " [\($0.lowerBound.figure), \($0.upperBound.figure)]" } ?? ""
  }

  /// A row of a chart of intervals; beyond `edge` it stands there, with its figure.
  func row(label: String, edge: Double? = nil) -> [String: ChartValue] {
    let (low, high) = (interval?.lowerBound ?? value, interval?.upperBound ?? value)
    let end = edge ?? .infinity
    var row: [String: ChartValue] = [
      "label": .text(label), "value": .number(min(value, end)), "low": .number(min(low, end)),
      "high": .number(min(high, end)), "tip": .text("\(label): \(value.figure)\(bracket)"),
    ]
    if value > end {
      (row["low"], row["edge"]) = (.number(end), .number(1))
      row["figure"] = .text(value.figure)
    }
    return row
  }
}

extension String {
  /// A metric's name as it is written in prose.
  var ranked: String {
    replacingOccurrences(of: "ndcg", with: "NDCG").replacingOccurrences(of: "rmse", with: "RMSE")
      .replacingOccurrences(of: "mae", with: "MAE").replacingOccurrences(of: "auc", with: "AUC")
      .replacingOccurrences(of: "f1", with: "F1").replacingOccurrences(
        of: "log_loss", with: "log-loss"
      ).replacing("_", with: " ")
  }
}

extension Double {
  /// Four decimals.
  var figure: String { String(format: "%.4f", self) }
  /// Two decimals, as of a fraction or a correlation.
  var short: String { String(format: "%.2f", self) }
  /// Three decimals, as of a cosine.
  var thousandths: String { String(format: "%.3f", self) }
  /// Seconds with two decimals.
  var seconds: String { String(format: "%.2f", self) }
}

extension Int {
  /// The number with its thousands set apart: 6,337,241.
  package var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + text
  }
}

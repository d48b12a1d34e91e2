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
  public func page(source: String, rule: SplitRule, seed: UInt64) -> ReportPage {
    let evaluation = models[0].evaluation
    let train = models[0].model.provenance.trainRows
    return ReportPage(
      "Comparison of " + models.map(\.label).joined(separator: ", "),
      summary: [
        "\(source): \(train.grouped) ratings to train on, \(evaluation.rows.grouped) of "
          + "\(evaluation.users.grouped) users to test on (\(rule), seed \(seed)). All models are "
          + "trained on the same rows and evaluated on the same rows.",
        finding,
      ],
      sections: [
        errorSection, verdictSection, timeSection, segmentSection, spectrumSection,
        agreementSection,
        popularitySection, widthSection, settingsSection,
      ].compactMap { $0 },
      colours: colours)
  }

  /// Models by the palette; pairs of models too, which never share a chart with models.
  private var colours: [(name: String, colour: String)] {
    let palette = ReportPage.palette
    let names = [models.map(\.label), factorPairs.map { pairLabel($0) }]
    return names.flatMap { names in
      names.enumerated().map { ($1, palette[$0 % palette.count]) }
    }
  }

  /// Pairs of models that both have factors.
  var factorPairs: [Agreement] { agreements.filter { $0.principalCosines != nil } }

  func pairLabel(_ agreement: Agreement) -> String {
    "\(models[agreement.models.0].label), \(models[agreement.models.1].label)"
  }

  /// One sentence on who errs least.
  private var finding: String {
    guard let best, let error = best.evaluation["rmse"] else {
      return "No model here predicts ratings: only rankings are compared."
    }
    let rivals = models.filter { $0.label != best.label && $0.rmse != nil }
    let undecided = rivals.filter {
      verdict("rmse", best.label, $0.label)?.comparison.verdict == .undecided
    }
    let beaten =
      undecided.isEmpty
      ? (rivals.isEmpty ? "" : ", less than any other by more than chance")
      : "; there is no evidence that it differs from "
        + undecided.map(\.label).joined(separator: ", ")
    return
      "The lowest error is \(best.label)'s, RMSE \(error.value.figure)\(error.bracket)\(beaten)."
  }

  /// Models whose errors fit one chart with the best one's; the others would squeeze it to a line.
  var closeModels: [ComparedModel] { models.filter { ($0.rmse ?? .infinity) <= highestDrawn } }

  /// Where charts of errors end.
  var highestDrawn: Double { 1.3 * (best?.rmse ?? 0) }

  /// What to say of the models that a chart of errors leaves out.
  var farModelsNote: [String] {
    let far = models.filter { model in
      model.rmse != nil && !closeModels.contains { $0.label == model.label }
    }
    guard !far.isEmpty else { return [] }
    return [
      "Beyond the chart, which ends at 1.3 times the lowest error: "
        + far.map { "\($0.label) (RMSE \($0.rmse?.figure ?? ""))" }.joined(separator: ", ") + "."
    ]
  }

  private var errorSection: ReportSection {
    let charts = Self.metrics.compactMap { metric -> ReportChart? in
      let shown = metric == "rmse" || metric == "mae" ? closeModels : models
      let rows = shown.compactMap { $0.evaluation[metric]?.row(label: $0.label) }
      guard !rows.isEmpty else { return nil }
      let isError = metric == "rmse" || metric == "mae"
      let title = isError ? "\(metric.uppercased()), rating points" : metric.ranked
      return ReportChart(
        VegaSpecifications.intervals(.init(title: title)), rows: rows,
        caption: "\(metric.ranked): \(isError ? "less" : "more") is better; bars are 95 % intervals"
      )
    }
    let table = ReportTable(
      ["model", "k"] + Self.metrics.map(\.ranked) + ["train, s"],
      models.enumerated().map { place, model in
        [model.label, geometry[place].map { String($0.factors) } ?? "–"]
          + Self.metrics.map { metric in
            model.evaluation[metric].map { $0.value.figure + $0.bracket } ?? "–"
          } + [model.trainSeconds.seconds]
      })
    return ReportSection(
      "Error and ranking",
      [
        "Intervals hold the middle 95 % of \(models[0].evaluation.bootstrap.resamples) bootstrap "
          + "resamples of users. Rankings are of all items that a user has not rated in training; a test "
          + "row rated \(RatingHistogram.label(relevantAt)) or higher is relevant. Coverage is the fraction "
          + "of all items that somebody is recommended."
      ] + farModelsNote, charts: charts, table: table)
  }

  private var verdictSection: ReportSection? {
    guard models.count > 1 else { return nil }
    let fits = models.map { $0.repeats.count + 1 }.max() ?? 1
    let sources =
      fits > 1
      ? "Intervals allow for the sampling of users and for the seed, from \(fits) fits of each "
        + "model that has one."
      : "Intervals allow for the sampling of users, not for the seed: each model was fitted once."
    return ReportSection(
      "Verdicts",
      [
        "Differences between two models on the same users, resampled together. " + sources
          + " Each interval holds for itself: of twenty verdicts without a difference, one may claim one."
      ],
      table: verdictTable(onlyOf: (best ?? models[0]).label),
      details: models.count > 2 ? verdictTable(onlyOf: nil) : nil)
  }

  /// Verdicts by metric; those that a model is part of, or all.
  private func verdictTable(onlyOf label: String?) -> ReportTable {
    ReportTable(
      ["metric", "verdict"],
      Self.metrics.flatMap { metric in
        verdicts.filter {
          $0.comparison.metric == metric && (label == nil || [$0.first, $0.second].contains(label))
        }.map { [metric.ranked, $0.sentence] }
      }, textColumns: 2)
  }

  private var settingsSection: ReportSection {
    ReportSection(
      "Models",
      table: ReportTable(
        ["model", "formula", "fit", "seed", "epochs run", "notes"],
        models.map { model in
          [
            model.label, model.contender.spec.score.formula, model.contender.spec.fit.rawValue,
            String(model.contender.seed), String(model.fit.epochs.count),
            model.fit.notes.joined(separator: "; "),
          ]
        }, textColumns: 3))
  }
}

extension Metric {
  /// The interval in brackets.
  var bracket: String {
    interval.map { " [\($0.lowerBound.figure), \($0.upperBound.figure)]" } ?? ""
  }

  /// A row of a chart of intervals.
  func row(label: String) -> [String: ChartValue] {
    [
      "label": .text(label), "value": .number(value),
      "low": .number(interval?.lowerBound ?? value), "high": .number(interval?.upperBound ?? value),
      "tip": .text("\(label): \(value.figure)\(bracket)"),
    ]
  }
}

extension String {
  /// A metric's name as it is written in prose.
  var ranked: String {
    replacingOccurrences(of: "ndcg", with: "NDCG").replacingOccurrences(of: "rmse", with: "RMSE")
      .replacingOccurrences(of: "mae", with: "MAE")
  }
}

extension Double {
  /// Four decimals.
  var figure: String { String(format: "%.4f", self) }
  /// Two decimals, as of a fraction or a correlation.
  var short: String { String(format: "%.2f", self) }
  /// Seconds with two decimals.
  var seconds: String { String(format: "%.2f", self) }
}

extension Int {
  /// With thousands set apart.
  var grouped: String {
    let digits = Array(String(self))
    return digits.enumerated().map { place, digit in
      place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : String(digit)
    }.joined()
  }
}

// A search for settings as a page: the verdict first, then what the trials say of each setting.
import Foundation
import OsusumeData
import OsusumeModels

extension Tuning {
  /// The search as a report.
  ///
  /// - Parameters:
  ///   - winner: The winner on the test ratings.
  ///   - source: What was read, as in "rating.csv".
  ///   - command: What trains the winner.
  public func page(_ winner: TunedModel, source: String, command: String) -> ReportPage {
    let method =
      plan.search == .halving
      ? "by halving: stages of \(stages.map(Self.share).joined(separator: ", ")), the best third of each in the next"
      : plan.search == .random ? "at random" : "on a grid"
    return ReportPage(
      "Settings of \(plan.spec.name)",
      summary: [
        Self.sentence(winner.verdict),
        "\(source), SHA-256 \(winner.model.provenance.dataSHA256.prefix(12))…: "
          + "\(winner.model.provenance.trainRows.grouped) ratings to train on, "
          + "\(winner.model.provenance.testRows.grouped) to test on (\(plan.defaults.split), seed \(plan.seed)); "
          + "osusume \(osusumeVersion). \(trials.count) trials \(method).",
        command,
      ],
      sections: [testSection(winner), settingSection, parallelSection, trialSection],
      colours: [
        (Kind.best.rawValue, "#f28e2b"), (Kind.defaults.rawValue, "#4e79a7"),
        (Kind.finished.rawValue, "#76b7b2"), (Kind.others.rawValue, "#bab0ac"),
      ])
  }

  /// What a trial is drawn as.
  private enum Kind: String {
    case best
    case defaults = "default settings"
    case finished = "fitted whole"
    case others = "dropped or stopped"
  }

  private func kind(_ trial: Trial) -> Kind {
    trial.number == best.number
      ? .best : trial.number == 1 ? .defaults : trial.outcome == .finished ? .finished : .others
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func testSection(_ winner: TunedModel) -> ReportSection {
    let names = winner.test.best.map(\.name)
    func row(_ label: String, _ metrics: [Metric]) -> [String] {
      [label]
        + names.map { name in
          metrics.first { $0.name == name }.map { $0.value.figure + $0.bracket } ?? "–"
        }
    }
    return ReportSection(
      "On the test ratings",
      [
        "The winner and the default settings, each fitted to all training ratings. No trial saw the test ratings. "
          + "Intervals hold the middle 95 % of \(plan.bootstrap.resamples) bootstrap resamples of users; that of the "
          + "difference is of resamples that both share. They allow for the sampling of users, not for the seed."
      ],
      table: ReportTable(
        ["settings"] + names.map(\.ranked),
        [row("best", winner.test.best), row("default", winner.test.defaults)])
    )
  }

  /// Trials with a figure at the last stage they came to, the winner last, so that it is drawn on top.
  private var drawn: [Trial] {
    trials.filter { $0.figure != nil }.sorted {
      (order(kind($0)), $0.number) < (order(kind($1)), $1.number)
    }
  }

  private func order(_ kind: Kind) -> Int {
    switch kind {
    case .others: 0
    case .finished: 1
    case .defaults: 2
    case .best: 3
    }
  }

  /// Where charts of the figure end: the worst of the trials that were fitted whole, and a third of their spread more.
  private var figureAxis: VegaSpecifications.Axis {
    let figures = trials.filter { $0.outcome == .finished }.compactMap(\.figure)
    let (low, high) = (figures.min() ?? 0, figures.max() ?? 1)
    let room = max((high - low) / 3, abs(high) * 1e-4, 1e-9)
    return .init(title: "\(plan.metric.title), held out", domain: (low - room)...(high + room))
  }

  private func tip(_ trial: Trial) -> String {
    "trial \(trial.number): "
      + (trial.figure.map { "\(plan.metric.title) \($0.figure)" } ?? "failed") + ", "
      + plan.space.settings.map { "\($0.name) \(trial.settings[$0.name] ?? "")" }
      .joined(separator: ", ")
  }

  private var settingSection: ReportSection {
    let axis = figureAxis
    let charts = plan.space.settings.compactMap { setting -> ReportChart? in
      guard case .range(let range) = setting.values else { return nil }
      // A model may stand outside what is searched: it keeps its figure in the table.
      let rows = drawn.compactMap { trial -> [String: ChartValue]? in
        guard let text = trial.settings[setting.name], let x = Double(text), let y = trial.figure,
          x > 0 || !range.isLogarithmic
        else { return nil }
        let bounds = axis.domain ?? y...y
        let kind = kind(trial)
        return [
          "x": .number(x), "y": .number(min(max(y, bounds.lowerBound), bounds.upperBound)),
          "label": .text(kind.rawValue), "size": .number(order(kind) > 1 ? 110 : 36),
          "tip": .text(tip(trial)),
        ]
      }
      guard !rows.isEmpty else { return nil }
      let x = VegaSpecifications.Axis(
        title: setting.name.replacing("_", with: " "), isLogarithmic: range.isLogarithmic)
      return ReportChart(
        VegaSpecifications.trials(x, axis), rows: rows,
        caption: "\(plan.metric.title) against \(x.title)")
    }
    return ReportSection(
      "The figure against each setting",
      [
        "\(plan.metric.title) on ratings held out of the training ratings; "
          + "\(plan.metric.lowerIsBetter ? "less" : "more") is better. Grey trials had a part of their epochs or "
          + "ratings alone; what lies beyond a chart stands at its edge."
      ], charts: charts)
  }

  private var parallelSection: ReportSection {
    let axis = figureAxis.domain ?? 0...1
    var rows: [[String: ChartValue]] = []
    let name = "\(plan.metric.title)"
    for setting in plan.space.settings {
      rows += [(0, setting.endTexts.low), (1, setting.endTexts.high)].map { place, text in
        Self.end(setting.name, Double(place), text)
      }
    }
    rows += [
      Self.end(name, 0, axis.lowerBound.figure), Self.end(name, 1, axis.upperBound.figure),
    ]
    for trial in drawn {
      let kind = kind(trial)
      func row(_ axis: String, _ place: Double?) -> [String: ChartValue] {
        [
          "trial": .number(Double(trial.number)), "axis": .text(axis),
          "place": .number(place.map { min(max($0, 0), 1) } ?? .nan),
          "label": .text(kind.rawValue), "width": .number(order(kind) > 1 ? 3 : 1),
          "tip": .text(tip(trial)),
        ]
      }
      rows += plan.space.settings.map { setting in
        row(setting.name, trial.settings[setting.name].flatMap(setting.place))
      }
      rows.append(
        row(
          name,
          trial.figure.map {
            ($0 - axis.lowerBound) / (axis.upperBound - axis.lowerBound)
          }))
    }
    return ReportSection(
      "All settings side by side",
      ["A line is a trial: through its value of each setting, to its figure on the right."],
      charts: [
        ReportChart(
          VegaSpecifications.parallelLines(axes: plan.space.settings.count + 1), rows: rows,
          caption: "Each trial's settings and its \(name) on held-out ratings")
      ])
  }

  private static func end(_ axis: String, _ place: Double, _ text: String) -> [String: ChartValue] {
    [
      "axis": .text(axis), "place": .number(place), "text": .text(text), "label": "end",
    ]
  }

  private var trialSection: ReportSection {
    let names = plan.space.settings.map(\.name)
    return ReportSection(
      "Trials",
      table: ReportTable(
        ["trial", "outcome"] + names + ["share", plan.metric.title, "s"],
        ranked.map { trial in
          [
            String(trial.number),
            trial.failure ?? (trial.number == best.number ? "best" : trial.outcome.rawValue),
          ]
            + names.map { trial.settings[$0] ?? "" }
            + [
              Self.share(stages[trial.stage]), trial.figure?.figure ?? "–", trial.seconds.seconds,
            ]
        }, textColumns: 2))
  }
}

extension SearchedSetting {
  /// What stands at both ends of an axis.
  fileprivate var endTexts: (low: String, high: String) { (text(at: 0), text(at: 1)) }
}

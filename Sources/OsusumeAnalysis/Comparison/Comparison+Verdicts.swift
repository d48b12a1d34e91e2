// The verdicts of a comparison's page: who is better than whom, as a matrix in words.
import OsusumeData
import OsusumeModels

extension Comparison {
  var verdictSection: ReportSection? {
    guard models.count > 1 else { return nil }
    let fits = models.map { $0.repeats.count + 1 }.max() ?? 1
    let sources =
      fits > 1
      ? "Intervals allow for the sampling of users and for the seed, from \(fits) fits of each "
        + "model that has one, baselines and saved models excepted."
      : "Intervals allow for the sampling of users, not for the seed: each model was fitted once."
    let metrics = ["rmse", "log_loss", "ndcg@\(ComparisonData.listLength)"]
    return ReportSection(
      "Verdicts",
      [
        "Differences between two models on the same users, resampled together. " + sources
          + " Each interval holds for itself: of twenty verdicts without a difference, one may claim one.",
        "Read a row from the left: in the row of A and the column of B, “better 0.0120” says that A is better "
          + "than B by 0.0120 with an interval that excludes 0, and “no evidence 0.0003” that its interval "
          + "holds 0. Whether more or less is better is taken care of.",
      ] + (fits == 2 ? ["Beware: " + Self.twoSeeds.replacing("`", with: "") + "."] : [])
        + convergenceNotes,
      table: ReportTable(
        ["by", "A ↓   B →"] + participants.map(\.mark), metrics.flatMap { matrix($0) },
        textColumns: 2 + participants.count, wraps: true),
      details: ReportTable(
        ["metric", "verdict, with its 95 % interval"],
        Self.metrics.flatMap { metric in
          verdicts.filter { $0.comparison.metric == metric }.map { [metric.ranked, $0.sentence] }
        }, textColumns: 2))
  }

  /// Models and baselines of labels: names, and as they are marked.
  private var participants: [(label: String, mark: String)] {
    models.map { ($0.label, $0.mark) } + labelBaselines.map { ($0.name, $0.name) }
  }

  /// A row a model that has a metric: what it is beside each other one.
  private func matrix(_ metric: String) -> [[String]] {
    participants.compactMap { first in
      let cells = participants.map { second -> String in
        guard let verdict = verdict(metric, first.label, second.label) else {
          return first.label == second.label ? "·" : "–"
        }
        return verdict.words(of: first.label)
      }
      return cells.allSatisfy { $0 == "–" || $0 == "·" }
        ? nil : [metric.ranked, first.mark] + cells
    }
  }
}

extension Verdict {
  /// What it says of one of the two beside the other: `better 0.0120`.
  func words(of label: String) -> String {
    let outcome = comparison.verdict
    let size = abs(comparison.difference).figure
    switch (outcome, label == first) {
    case (.undecided, _): return "no evidence \(size)"
    case (.better, true), (.worse, false): return "better \(size)"
    case (.worse, true), (.better, false): return "worse \(size)"
    case (.more, true), (.less, false): return "more \(size)"
    case (.less, true), (.more, false): return "less \(size)"
    }
  }
}

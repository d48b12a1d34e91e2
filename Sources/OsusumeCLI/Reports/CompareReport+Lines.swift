// What `osusume compare` prints for people.
import Foundation
import Osusume

extension CompareReport {
  /// Tables with headings.
  var lines: [String] {
    let sections = [
      [heading], errorTable, labelTable, listTable, convergenceLines, verdictLines, timeTable,
      segmentTable, factorTable,
      directionTable, agreementTable, comparison.agreementWords, widthTable, notes,
    ]
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
      + ["", String(format: "%.1f s in all", seconds.total) + (report.map { ", \($0)" } ?? "")]
  }

  private var heading: String {
    let unrated =
      unratedTrain > 0
      ? " (\(unratedTrain.grouped) and \(unratedTest.grouped) of them seen without a rating, for models of "
        + "labels alone)" : ""
    let kind = unrated.isEmpty ? "ratings" : "rows"
    return
      "\(data.train.grouped) \(kind) to train on, \(data.test.grouped) to test on\(unrated) (\(split), seed "
      + "\(seed)); \(data.users.grouped) users, \(data.items.grouped) items; relevant from "
      + "\(RatingHistogram.label(relevantAt))"
  }

  private var errorTable: [String] {
    metricTable(
      "ratings", Comparison.errorMetrics, of: comparison.models.filter { $0.rmse != nil })
  }

  private var labelTable: [String] {
    metricTable(
      "would like it", Evaluation.labelMetrics, of: comparison.models.filter { $0.labels != nil },
      baselines: comparison.labelBaselines)
  }

  private var listTable: [String] {
    metricTable("lists", Comparison.listMetrics, of: comparison.models)
  }

  /// Each model in three lines: values, 95 % intervals over users, standard deviation over seeds.
  private func metricTable(
    _ title: String, _ metrics: [String], of models: [ComparedModel],
    baselines: [LabelBaseline] = []
  ) -> [String] {
    var table = TextTable(
      [title, "k"] + metrics.map { $0.replacing("_", with: " ") } + ["train s"],
      alignments: [.left, .right] + metrics.map { _ in .right } + [.right])
    func add(_ name: String, _ width: String, _ seconds: String, _ metric: (String) -> Metric?) {
      table.add([name, width] + metrics.map { Self.figure(metric($0)?.value) } + [seconds])
      let intervals = metrics.map { name in
        metric(name)?.interval.map {
          "\(Self.figure($0.lowerBound))…\(Self.figure($0.upperBound))"
        } ?? ""
      }
      guard intervals.contains(where: { !$0.isEmpty }) else { return }
      table.add(["", ""] + intervals + [""])
    }
    for model in models {
      let width = model.model.parameters.vectors(of: .item).map { String($0.factors) }
      add(model.mark, width ?? "–", Self.seconds(model.trainSeconds)) { model[$0] }
      guard !model.repeats.isEmpty else { continue }
      let deviations = metrics.map { name in
        model.seedDeviation(name).map { "±" + Self.figure($0.value) + " by seed" } ?? ""
      }
      table.add(["", ""] + deviations + [""])
    }
    for baseline in baselines { add(baseline.name, "–", "–") { baseline.evaluation[$0] } }
    return models.isEmpty ? [] : table.lines
  }

  /// Models that had not converged, and what would do.
  private var convergenceLines: [String] {
    let noted = comparison.models.filter { $0.convergenceNote != nil }
    let isOpen = noted.contains { $0.epochsBefore == nil && $0.contender.saved == nil }
    return noted.compactMap { model in
      model.convergenceNote.map { (model.mark == model.label ? "  " : "* ") + $0 }
    }
      + (isOpen
        ? ["  (--until-converged finds on held-out training ratings how many epochs would do)"]
        : [])
  }

  /// Every model against the best one, by error and by ranking.
  private var verdictLines: [String] {
    let reference = comparison.best ?? comparison.models[0]
    let names = comparison.models.map(\.label)
    let ofLabels = comparison.bestOfLabels.map {
      verdicts("log_loss", $0.label, names + comparison.labelBaselines.map(\.name))
    }
    let ofLists = comparison.models.max {
      ($0["ndcg@10"]?.value ?? -1) < ($1["ndcg@10"]?.value ?? -1)
    }
    return verdicts("rmse", reference.label, names) + (ofLabels ?? [])
      + verdicts("ndcg@10", (ofLists ?? reference).label, names)
  }

  /// The verdicts on one model and each of some others.
  private func verdicts(_ metric: String, _ reference: String, _ others: [String]) -> [String] {
    others.compactMap { other in
      comparison.verdict(metric, reference, other).map { "\(metric): \($0.sentence)" }
    }
  }

  private var timeTable: [String] {
    let rated = comparison.models.filter { $0.rmse != nil }
    guard rated.count > 1 else { return [] }
    var table = TextTable(
      ["seconds to the RMSE of"] + rated.map(\.mark),
      alignments: [.left] + rated.map { _ in .right })
    for model in rated {
      table.add(
        [model.mark]
          + rated.map { target in
            model.timeText(toReach: target)
          })
    }
    return table.lines
  }

  private var segmentTable: [String] {
    let rated = comparison.models.filter { $0.rmse != nil }
    guard !rated.isEmpty else { return [] }
    var table = TextTable(
      ["RMSE among", "training ratings", "test rows"] + rated.map(\.mark),
      alignments: [.left, .right, .right] + rated.map { _ in .right })
    for (place, segment) in comparison.segments.enumerated() {
      table.add(
        [
          segment.name, "\(segment.counts.lowerBound)…\(segment.counts.upperBound)",
          segment.rowCount.grouped,
        ]
          + rated.map { Self.figure($0.segmentErrors[place]?.value) })
    }
    return table.lines
  }

  private var factorTable: [String] {
    let places = comparison.models.indices.filter { comparison.geometry[$0] != nil }
    guard !places.isEmpty else { return [] }
    var table = TextTable(
      ["factors", "k", "effective rank", "largest σ", "norm against popularity"],
      alignments: [.left, .right, .right, .right, .right])
    for place in places {
      guard let geometry = comparison.geometry[place] else { continue }
      table.add(
        comparison.models[place].label, String(geometry.factors),
        String(format: "%.1f", geometry.effectiveRank), Self.figure(geometry.spectrum.first),
        String(format: "%+.2f", comparison.popularityCorrelation(place)?.ranked ?? 0))
    }
    return table.lines
  }

  private var agreementTable: [String] {
    var table = TextTable(
      ["agreement", "shared space", "CKA", "of scores", "neighbours@10", "RBO@10"],
      alignments: [.left, .right, .right, .right, .right, .right])
    for entry in agreement {
      table.add(
        "\(entry.first), \(entry.second)", Self.fraction(entry.sharedSpace),
        Self.fraction(entry.cka),
        Self.fraction(entry.ckaOfScores), Self.fraction(entry.sharedNeighbours),
        Self.fraction(entry.rankBiasedOverlap))
    }
    return agreement.isEmpty ? [] : table.lines
  }

  private var widthTable: [String] {
    var table = TextTable(
      ["width", "k", "rmse", "ndcg@10", "train s", "effective rank", "shared space"],
      alignments: [.left] + Array(repeating: .right, count: 6))
    for entry in widths {
      table.add(
        entry.model, String(entry.factors), Self.figure(entry.rmse), Self.figure(entry.ndcg),
        Self.seconds(entry.seconds), String(format: "%.1f", entry.effectiveRank),
        Self.fraction(entry.sharedSpace))
    }
    return widths.isEmpty ? [] : table.lines
  }

  private var notes: [String] {
    comparison.models.flatMap { model in model.fit.notes.map { "\(model.label): \($0)" } }
  }

  private static func figure(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? String(format: "%.4f", $0) : nil } ?? "–"
  }

  private static func fraction(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? String(format: "%.2f", $0) : nil } ?? "–"
  }

  private static func seconds(_ value: Double?) -> String {
    value.map { String(format: "%.2f", $0) } ?? "–"
  }
}

// What `osusume compare` prints for people.
import Foundation
import Osusume

extension CompareReport {
  /// Tables with headings.
  var lines: [String] {
    let sections = [
      [heading], metricsTable, verdictLines, timeTable, segmentTable, factorTable,
      agreementTable, widthTable, notes,
    ]
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
      + ["", String(format: "%.1f s in all", seconds.total) + (report.map { ", \($0)" } ?? "")]
  }

  private var heading: String {
    "\(data.train.grouped) ratings to train on, \(data.test.grouped) to test on (\(split), seed "
      + "\(seed)); \(data.users.grouped) users, \(data.items.grouped) items; relevant from "
      + "\(RatingHistogram.label(relevantAt))"
  }

  /// Each model in three lines: values, 95 % intervals over users, standard deviation over seeds.
  private var metricsTable: [String] {
    var table = TextTable(
      ["", "k"] + Comparison.metrics + ["train s"],
      alignments: [.left, .right] + Comparison.metrics.map { _ in .right } + [.right])
    for (place, model) in comparison.models.enumerated() {
      table.add(
        [model.label, comparison.geometry[place].map { String($0.factors) } ?? "–"]
          + Comparison.metrics.map { Self.figure(model.evaluation[$0]?.value) }
          + [Self.seconds(model.trainSeconds)])
      let intervals = Comparison.metrics.map { name in
        model.evaluation[name]?.interval.map {
          "\(Self.figure($0.lowerBound))…\(Self.figure($0.upperBound))"
        } ?? ""
      }
      table.add(["", ""] + intervals + [""])
      guard !model.repeats.isEmpty else { continue }
      let deviations = Comparison.metrics.map { name in
        model.seedDeviation(name).map { "±" + Self.figure($0.value) + " by seed" } ?? ""
      }
      table.add(["", ""] + deviations + [""])
    }
    return table.lines
  }

  /// Every model against the best one, by error and by ranking.
  private var verdictLines: [String] {
    let reference = comparison.best ?? comparison.models[0]
    return ["rmse", "ndcg@10"].flatMap { metric in
      comparison.models.compactMap { model in
        comparison.verdict(metric, reference.label, model.label)
          .map { "\(metric): \($0.sentence)" }
      }
    }
  }

  private var timeTable: [String] {
    let rated = comparison.models.filter { $0.rmse != nil }
    guard rated.count > 1 else { return [] }
    var table = TextTable(
      ["seconds to the RMSE of"] + rated.map(\.label),
      alignments: [.left] + rated.map { _ in .right })
    for model in rated {
      table.add(
        [model.label]
          + rated.map { target in
            target.rmse.flatMap { model.seconds(toReach: $0) }.map(Self.seconds) ?? "never"
          })
    }
    return table.lines
  }

  private var segmentTable: [String] {
    let rated = comparison.models.filter { $0.rmse != nil }
    guard !rated.isEmpty else { return [] }
    var table = TextTable(
      ["RMSE among", "training ratings", "test rows"] + rated.map(\.label),
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

  private static func seconds(_ value: Double) -> String { String(format: "%.2f", value) }
}

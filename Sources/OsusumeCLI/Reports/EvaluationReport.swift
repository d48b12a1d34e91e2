// What `osusume evaluate` prints: a table, or JSON whose keys are the metrics' names.
import Foundation
import Osusume

struct EvaluationReport: Report {
  let command = "evaluate"
  let model: String
  let evaluation: Evaluation
  /// The rows of a saved model; nil where models were fitted to folds.
  let held: HeldOutRatings?
  /// What each fold came to; empty for a saved model.
  var folds: [CrossValidation.Fold] = []
  /// Which rows of the file they are.
  var on = EvaluateCommand.Part.test
  /// Metrics of labels or classes by name.
  var labels: [String: Double] = [:]
  /// The same with their intervals, where these are known.
  var labelled: Evaluation?
  let relevantAt: Float
  let cutoffs: [Int]
  let baselines: [(name: String, evaluation: Evaluation)]
  let warnings: [String]

  /// The metrics of the table, in the order shown; a model may lack some, and JSON has all.
  private var shown: [String] {
    ["rmse", "rmse_clipped", "mae", "mae_clipped"]
      + cutoffs.flatMap { cutoff in
        (["ndcg", "recall", "precision", "mrr", "map", "coverage", "disliked"] + Self.ofGenres)
          .map { "\($0)@\(cutoff)" }
      }
  }

  /// Metrics that there are where items have genres; others have a dash.
  private static let ofGenres = ["intra_list_distance", "miscalibration"]

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: JSONKey.self)
    try container.encode(model, forKey: "model")
    try container.encode(on.rawValue, forKey: "on")
    try container.encode(evaluation.rows, forKey: "n")
    try container.encode(evaluation.users, forKey: "users")
    try container.encode(evaluation.usersWithoutRelevant, forKey: "users_without_relevant")
    if let held {
      try container.encode(held.coldRows, forKey: "cold_rows")
      try container.encode(held.train.count, forKey: "seen_rows")
      if held.foldIn.count > 0 { try container.encode(held.foldIn.count, forKey: "fold_in_rows") }
      try container.encode(held.unknownRows, forKey: "unknown_rows")
    } else {
      try encodeFolds(into: &container)
    }
    try container.encode(relevantAt, forKey: "relevant_at")
    try container.encode(evaluation.dislikedAt, forKey: "disliked_at")
    try container.encode(warnings, forKey: "warnings")
    for (name, value) in labels {
      try container.encode(value.isFinite ? value : nil, forKey: JSONKey(name))
    }
    for metric in labelled?.metrics ?? [] {
      try container.encode(metric.value.isFinite ? metric.value : nil, forKey: JSONKey(metric.name))
      try container.encode(metric.bounds, forKey: JSONKey(metric.name + "_ci95"))
    }
    try encode(evaluation, into: &container)
    var others = container.nestedContainer(keyedBy: JSONKey.self, forKey: "baselines")
    for baseline in baselines {
      var other = others.nestedContainer(keyedBy: JSONKey.self, forKey: JSONKey(baseline.name))
      try encode(baseline.evaluation, into: &other)
    }
  }

  private func encodeFolds(into container: inout KeyedEncodingContainer<JSONKey>) throws {
    try container.encode(folds.reduce(0) { $0 + $1.coldRows }, forKey: "cold_rows")
    var list = container.nestedUnkeyedContainer(forKey: "folds")
    for fold in folds {
      var entry = list.nestedContainer(keyedBy: JSONKey.self)
      try entry.encode(fold.trainRows, forKey: "train")
      try entry.encode(fold.testRows, forKey: "test")
      try entry.encode(fold.coldRows, forKey: "cold_rows")
      try entry.encode(fold.seconds, forKey: "seconds")
      for metric in fold.evaluation.metrics + (fold.labels?.metrics ?? []) {
        try entry.encode(metric.value.isFinite ? metric.value : nil, forKey: JSONKey(metric.name))
      }
    }
  }

  /// Writes each metric and its interval; null where the model has none or it is not a number.
  private func encode(
    _ evaluation: Evaluation, into container: inout KeyedEncodingContainer<JSONKey>
  ) throws {
    for name in Evaluation.names(cutoffs: cutoffs) {
      let metric = evaluation[name]
      let value = metric.flatMap { $0.value.isFinite ? $0.value : nil }
      let interval = metric?.interval.map { [$0.lowerBound, $0.upperBound] }
      try container.encode(value, forKey: JSONKey(name))
      try container.encode(
        interval.flatMap { $0.allSatisfy { $0.isFinite } ? $0 : nil },
        forKey: JSONKey(name + "_ci95"))
    }
  }

  /// The report for people.
  var lines: [String] {
    var table = TextTable(
      ["", model, "95 % interval"] + baselines.map(\.name),
      alignments: [.left, .right, .left] + baselines.map { _ in .right })
    for name in shown
    where evaluation[name] != nil || Self.ofGenres.contains(where: name.hasPrefix) {
      let interval = evaluation[name]?.interval
      table.add(
        [
          name, number(evaluation[name]?.value),
          interval.map { "\(number($0.lowerBound)) … \(number($0.upperBound))" } ?? "",
        ] + baselines.map { number($0.evaluation[name]?.value) })
    }
    for metric in labelled?.metrics ?? [] {
      table.add(
        [
          metric.name.replacing("_", with: " "), number(metric.value),
          metric.interval.map { "\(number($0.lowerBound)) … \(number($0.upperBound))" } ?? "",
        ] + baselines.map { _ in "" })
    }
    for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
      table.add([name.replacing("_", with: " "), number(value), ""] + baselines.map { _ in "" })
    }
    guard on == .test else {
      return [
        "errors on \(evaluation.rows.grouped("row")) of \(evaluation.users.grouped("user")) that the model was trained "
          + "on: lower than on new ones"
      ] + table.lines + comparisons
    }
    let cold = held?.coldRows ?? folds.reduce(0) { $0 + $1.coldRows }
    return [
      "\(evaluation.rows.grouped("test row")) of \(evaluation.users.grouped("user")); "
        + "relevant from \(relevantAt); \(evaluation.usersWithoutRelevant.grouped("user")) without "
        + "anything relevant; \(cold.grouped("row")) of a user or item without training rows; "
        + (held.map {
          "\($0.train.count.grouped) rows of the file were trained on" + leftOutRows($0)
        }
          ?? "each predicted once, by \(model) trained on the other \(folds.count - 1) of \(folds.count) folds")
    ] + table.lines + comparisons + foldTable
  }

  /// Each fold's figures.
  private var foldTable: [String] {
    guard !folds.isEmpty else { return [] }
    let names =
      shown.filter { name in folds.contains { $0.evaluation[name] != nil } }
      + Evaluation.labelMetrics.filter { name in folds.contains { $0.labels?[name] != nil } }
    var table = TextTable(
      ["fold", "train", "test"] + names + ["s"],
      alignments: Array(repeating: .right, count: names.count + 4))
    for (place, fold) in folds.enumerated() {
      table.add(
        [String(place + 1), fold.trainRows.grouped, fold.testRows.grouped]
          + names.map { number((fold.evaluation[$0] ?? fold.labels?[$0])?.value) }
          + [String(format: "%.2f", fold.seconds)])
    }
    return [""] + table.lines
  }

  /// What became of further rows of the file.
  private func leftOutRows(_ held: HeldOutRatings) -> String {
    let parts = [
      (held.foldIn.count, "fold hidden users in"),
      (held.unknownRows, "are of users or items that the model has left out"),
    ]
    return parts.filter { $0.0 > 0 }.map { ", \($0.0.grouped) \($0.1)" }.joined()
  }

  /// What the differences to the baselines amount to.
  private var comparisons: [String] {
    baselines.flatMap { baseline in
      ["rmse", cutoffs.first.map { "ndcg@\($0)" } ?? "rmse"].uniqued.compactMap { name in
        PairedComparison(of: name, evaluation, against: baseline.evaluation).map {
          "\($0.metric) against \(baseline.name): \(number($0.difference)) "
            + "(\(number($0.interval.lowerBound)) … \(number($0.interval.upperBound))), "
            + $0.verdict.rawValue
        }
      }
    }
  }

  private func number(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? String(format: "%.4f", $0) : nil } ?? "–"
  }
}

extension [String] {
  /// Each once, in order.
  fileprivate var uniqued: [String] { enumerated().filter { !self[..<$0].contains($1) }.map(\.1) }
}

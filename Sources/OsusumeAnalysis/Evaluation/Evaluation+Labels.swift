// How well probabilities tell labels apart on test rows, each metric with a 95 % interval over users.
import Foundation
import OsusumeData
import OsusumeModels

extension Evaluation {
  /// The names of the metrics of labels, in the order they are shown.
  public static let labelMetrics = ["accuracy", "precision", "recall", "f1", "auc", "log_loss"]

  /// Evaluates probabilities of labels; the metrics are those of `LabelMetrics`, and one that labels cannot
  /// tell is absent.
  ///
  /// - Parameters:
  ///   - test: At least one test row, each with a label.
  ///   - probabilities: That the label is 1, one a test row.
  init(labelsOf test: IndexedRatings, probabilities: [Float], bootstrap: Bootstrap, threads: Int) {
    precondition(probabilities.count == test.count && test.labels.count == test.count)
    let owners = RowOwners(test)
    let columns = LabelColumn.allCases.count
    var table = [Double](repeating: 0, count: owners.users.count * columns)
    for (row, label) in test.labels.enumerated() {
      let (isPositive, isPredicted) = (label > 0.5, probabilities[row] >= 0.5)
      let given = Double(isPositive ? probabilities[row] : 1 - probabilities[row])
      let first = Int(owners.positions[row]) * columns
      for (column, value) in [
        (LabelColumn.rows, 1), (.right, isPositive == isPredicted ? 1 : 0),
        (.truePositives, isPositive && isPredicted ? 1 : 0), (.predicted, isPredicted ? 1 : 0),
        (.positives, isPositive ? 1 : 0),
        (.positivesAndPredicted, (isPositive ? 1 : 0) + (isPredicted ? 1 : 0)),
        (.twiceTruePositives, isPositive && isPredicted ? 2 : 0),
        // A float says no more than that a probability is within 2⁻²⁴ of 1.
        (.loss, -log(max(given, 0x1p-24))),
      ] as [(LabelColumn, Double)] {
        table[first + column.rawValue] += value
      }
    }
    let draws = bootstrap.draw(
      statistics: table, columns: columns, recommended: [], threads: threads)
    let totals = (0..<columns).map { column in
      stride(from: column, to: table.count, by: columns).reduce(0) { $0 + table[$1] }
    }
    let ratios = [
      ("accuracy", LabelColumn.right, LabelColumn.rows), ("precision", .truePositives, .predicted),
      ("recall", .truePositives, .positives), ("f1", .twiceTruePositives, .positivesAndPredicted),
      ("log_loss", .loss, .rows),
    ].map { Ratio(name: $0, numerator: $1.rawValue, denominator: $2.rawValue) }
    let found = ratios.filter { totals[$0.denominator] > 0 }.map { ratio in
      Metric(
        name: ratio.name, value: ratio.value(of: totals),
        resamples: (0..<bootstrap.resamples).map {
          ratio.value(of: draws.sums[$0 * columns..<($0 + 1) * columns])
        },
        users: owners.users.indices.count { table[$0 * columns + ratio.denominator] > 0 })
    }
    let curve = RankedLabels(probabilities, test.labels, owners.positions)
    let area = curve.map { curve in
      Metric(
        name: "auc", value: curve.area { _ in 1 },
        resamples: bootstrap.weighted(users: owners.users.count, threads: threads) { weights in
          curve.area { Double(weights[Int($0)]) }
        }, users: owners.users.count)
    }
    self.init(
      metrics: (found + (area.map { [$0] } ?? [])).sorted {
        (Self.labelMetrics.firstIndex(of: $0.name) ?? 0)
          < (Self.labelMetrics.firstIndex(of: $1.name) ?? 0)
      }, rows: test.count, users: owners.users.count, bootstrap: bootstrap)
  }
}

extension Evaluation {
  /// Evaluates a model's probabilities of labels; nil where it predicts none, or the rows have none.
  init?(labelsOf test: IndexedRatings, by model: Model, _ options: EvaluationOptions) {
    guard let probabilities = model.probabilities(ofLabelsOf: test, threads: options.threads)
    else { return nil }
    self.init(
      labelsOf: test, probabilities: probabilities, bootstrap: options.bootstrap,
      threads: options.threads)
  }
}

extension Model {
  /// The probability that the label is 1, of each row; nil where the model predicts none, or the rows have none.
  func probabilities(ofLabelsOf rows: IndexedRatings, threads: Int) -> [Float]? {
    guard spec.needsLabels, !rows.labels.isEmpty else { return nil }
    return parameters.prepared(threads: threads)
      .probabilities(users: rows.users, items: rows.items, threads: threads)
  }
}

/// What a user's rows add up to, from which the metrics are ratios.
private enum LabelColumn: Int, CaseIterable {
  case rows, right, truePositives, predicted, positives, positivesAndPredicted, twiceTruePositives
  case loss
}

/// Labels in the order of their probabilities.
private struct RankedLabels {
  /// Position of each row's user, rows by rising probability.
  private let users: [Int32]
  private let isPositive: [Bool]
  /// Whether the next row's probability is another.
  private let endsTie: [Bool]

  /// nil where labels are all alike, or a probability is not a number: nothing can be ranked.
  init?(_ probabilities: [Float], _ labels: [Float], _ positions: [Int32]) {
    guard labels.contains(where: { $0 > 0.5 }), labels.contains(where: { $0 <= 0.5 }),
      probabilities.allSatisfy({ !$0.isNaN })
    else { return nil }
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    users = order.map { positions[$0] }
    isPositive = order.map { labels[$0] > 0.5 }
    endsTie = order.indices.map {
      $0 + 1 == order.count || probabilities[order[$0]] != probabilities[order[$0 + 1]]
    }
  }

  /// The chance that a positive row ranks above a negative one, ties by half, rows weighted by user; not a
  /// number where either weigh nothing.
  func area(_ weight: (Int32) -> Double) -> Double {
    var (won, positives, negatives) = (0.0, 0.0, 0.0)
    var tied = (positives: 0.0, negatives: 0.0)
    for row in users.indices {
      let own = weight(users[row])
      if isPositive[row] { tied.positives += own } else { tied.negatives += own }
      guard endsTie[row] else { continue }
      won += tied.positives * (negatives + tied.negatives / 2)
      positives += tied.positives
      negatives += tied.negatives
      tied = (0, 0)
    }
    return positives * negatives > 0 ? won / (positives * negatives) : .nan
  }
}

/// Probabilities of labels by what is known without a model of tastes: any model of labels must beat them.
public struct LabelBaseline: Sendable {
  /// What it is called: `share of positives`.
  public let name: String
  /// How it does on the test rows.
  public let evaluation: Evaluation

  /// How many rows that do not count stand behind an item's own.
  private static let damping = 5.0
  /// Groups of items by popularity.
  private static let groups = 20

  /// The share of positives among all training rows; that among items about as popular, in twenty groups of
  /// as many rows; and an item's own share: of the two last as if five rows of the overall share stood behind.
  static func all(
    train: IndexedRatings, test: IndexedRatings, items: Int, bootstrap: Bootstrap, threads: Int
  ) -> [LabelBaseline] {
    var (rows, positives) = (
      [Double](repeating: 0, count: items), [Double](repeating: 0, count: items)
    )
    for (item, label) in zip(train.items, train.labels) {
      rows[Int(item)] += 1
      positives[Int(item)] += Double(label)
    }
    let share = positives.reduce(0, +) / Double(max(1, train.count))
    func damped(_ positives: Double, of rows: Double) -> Double {
      (positives + damping * share) / (rows + damping)
    }
    let byItem = rows.indices.map { damped(positives[$0], of: rows[$0]) }
    var byPopularity = byItem
    for group in groups(of: rows) {
      let own = group.reduce((rows: 0.0, positives: 0.0)) {
        ($0.rows + rows[$1], $0.positives + positives[$1])
      }
      for item in group { byPopularity[item] = damped(own.positives, of: own.rows) }
    }
    return [
      ("share of positives", [Double](repeating: share, count: items)),
      ("popularity's share of positives", byPopularity), ("item's share of positives", byItem),
    ].map { name, probabilities in
      LabelBaseline(
        name: name,
        evaluation: Evaluation(
          labelsOf: test, probabilities: test.items.map { Float(probabilities[Int($0)]) },
          bootstrap: bootstrap, threads: threads))
    }
  }

  /// Items about as popular, by number of rows; those as popular as each other stay together.
  private static func groups(of rows: [Double]) -> [ArraySlice<Int>] {
    let order = rows.indices.sorted { (rows[$0], $0) < (rows[$1], $1) }
    let size = rows.reduce(0, +) / Double(groups)
    var found: [ArraySlice<Int>] = []
    var (start, count) = (0, 0.0)
    for place in order.indices {
      count += rows[order[place]]
      let next = place + 1
      guard next == order.count || count >= size && rows[order[next]] > rows[order[place]] else {
        continue
      }
      found.append(order[start..<next])
      (start, count) = (next, 0)
    }
    return found
  }
}

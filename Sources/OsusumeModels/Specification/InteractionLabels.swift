// Labels of interactions: would this user like this item?
import Foundation
import OsusumeData

/// How rows become labels: 0 where a title was dropped or rated at or below a bound, else 1.
///
/// A title seen and not rated counts as liked: nobody made them see it.
public struct InteractionLabels: Sendable {
  private let bound: Float
  private let dropped: SeenItems

  /// Makes labels for rows of some ratings.
  package init(above bound: Double, dropped: UnratedRows, users: Int, threads: Int) {
    self.bound = Float(bound)
    self.dropped = SeenItems(
      rows: IndexedRatings(
        users: dropped.users, items: dropped.items,
        values: [Float](repeating: 0, count: dropped.users.count)),
      users: users, threads: threads)
  }

  /// Rows with their labels.
  package func labelled(_ rows: IndexedRatings, threads: Int) -> IndexedRatings {
    let wasDropped = dropped.contains(users: rows.users, items: rows.items, threads: threads)
    var rows = rows
    rows.labels = rows.values.indices.map {
      wasDropped[$0] != 0 || rows.values[$0] <= bound ? 0 : 1
    }
    return rows
  }

  /// A split with labels on its training and test rows.
  package func labelled(_ split: Split, threads: Int) -> Split {
    var split = split
    split.train = labelled(split.train, threads: threads)
    split.test = labelled(split.test, threads: threads)
    return split
  }
}

extension IndexedRatings {
  /// What to say where all labels are alike, so that there is nothing to tell apart; nil otherwise.
  ///
  /// - Parameters:
  ///   - bound: The setting `positive_above`, by which they were made.
  ///   - kind: Which rows these are: training, test.
  public func labelWarning(above bound: Double, of kind: String) -> String? {
    guard let first = labels.first, labels.allSatisfy({ $0 == first }) else { return nil }
    let threshold = "`positive_above \(RatingHistogram.label(Float(bound)))`"
    return first == 0
      ? "none of the \(count) \(kind) rows is positive: none is rated above \(threshold) or seen without a "
        + "rating, so AUC and recall cannot be told; train with a lower one"
      : "all of the \(count) \(kind) rows are positive: each is rated above \(threshold) or seen without a "
        + "rating, so AUC cannot be told; train with a higher one"
  }
}

/// How well probabilities separate labels of 1 from labels of 0; the prediction is 1 from 0.5 on.
///
/// What cannot be told from these labels is not a number.
public struct LabelMetrics: Sendable, Equatable, Codable {
  /// Fraction of correct predictions.
  public var accuracy: Double
  /// Fraction of the predicted 1s that are 1; not a number where none is predicted.
  public var precision: Double
  /// Fraction of the 1s that are predicted; not a number where there is none.
  public var recall: Double
  /// Harmonic mean of precision and recall; not a number where nothing is 1 or predicted to be.
  public var f1: Double
  /// Chance that a random 1 is given a higher probability than a random 0; ties count half.
  ///
  /// Not a number where all labels are alike.
  public var auc: Double
  /// Mean of −log of the probability given to what is.
  public var logLoss: Double

  /// Computes the metrics of probabilities; nil without labels.
  package init?(probabilities: [Float], labels: [Float]) {
    precondition(probabilities.count == labels.count)
    guard !labels.isEmpty else { return nil }
    var (truePositives, predicted, positives, right) = (0.0, 0.0, 0.0, 0.0)
    logLoss = 0
    for (probability, label) in zip(probabilities, labels) {
      let isPredicted = probability >= 0.5
      let isPositive = label > 0.5
      predicted += isPredicted ? 1 : 0
      positives += isPositive ? 1 : 0
      truePositives += isPredicted && isPositive ? 1 : 0
      right += isPredicted == isPositive ? 1 : 0
      // A float says no more than that a probability is within 2⁻²⁴ of 1.
      let given = Double(isPositive ? probability : 1 - probability)
      logLoss -= given.isNaN ? .nan : log(max(given, 0x1p-24))
    }
    let count = Double(labels.count)
    logLoss /= count
    accuracy = right / count
    precision = predicted > 0 ? truePositives / predicted : .nan
    recall = positives > 0 ? truePositives / positives : .nan
    f1 = predicted + positives > 0 ? 2 * truePositives / (predicted + positives) : .nan
    auc = Self.auc(probabilities, labels, positives: positives)
  }

  /// The sum of the ranks of the positives, as Mann and Whitney have it.
  private static func auc(_ probabilities: [Float], _ labels: [Float], positives: Double) -> Double
  {
    let negatives = Double(labels.count) - positives
    guard positives > 0, negatives > 0 else { return .nan }
    guard probabilities.allSatisfy({ !$0.isNaN }) else { return .nan }
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    var ranks = 0.0
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, probabilities[order[end]] == probabilities[order[start]] { end += 1 }
      let middle = Double(start + end + 1) / 2
      for place in start..<end where labels[order[place]] > 0.5 { ranks += middle }
      start = end
    }
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)
  }

  /// The metrics by the names they have in reports.
  public var named: [String: Double] {
    [
      "valid_accuracy": accuracy, "valid_precision": precision, "valid_recall": recall,
      "valid_f1": f1, "valid_auc": auc, "valid_log_loss": logLoss,
    ]
  }
}

/// How well a distribution over ratings fits what was rated.
public struct ClassMetrics: Sendable, Equatable {
  /// Fraction of rows whose most probable rating is the rating.
  public var accuracy: Double
  /// Mean of −log of the probability of the rating given.
  public var logLoss: Double
  /// Expected calibration error (Naeini, Cooper and Hauskrecht 2015): over 15 bins of the likeliest rating's
  /// probability, the mean distance between it and the fraction that is correct.
  public var calibrationError: Double

  /// Computes the metrics of distributions [rows, classes] over the ratings 1, 2, 3 …; nil without rows,
  /// and where a probability or a rating is not a finite number.
  package init?(distributions: [Float], classes: Int, ratings: [Float]) {
    precondition(distributions.count == classes * ratings.count)
    guard !ratings.isEmpty, distributions.allSatisfy(\.isFinite), ratings.allSatisfy(\.isFinite)
    else { return nil }
    let bins = 15
    var (sure, right, number) = (
      [Double](repeating: 0, count: bins), [Double](repeating: 0, count: bins),
      [Double](repeating: 0, count: bins)
    )
    logLoss = 0
    for (row, rating) in ratings.enumerated() {
      let probabilities = distributions[row * classes..<(row + 1) * classes]
      let best =
        probabilities.indices.max { probabilities[$0] < probabilities[$1] }
        ?? probabilities.startIndex
      // Beyond the classes any number means none of them.
      let own =
        probabilities.startIndex + Int(min(max(rating.rounded(), 0), Float(classes + 1))) - 1
      let bin = min(bins - 1, Int(probabilities[best] * Float(bins)))
      sure[bin] += Double(probabilities[best])
      right[bin] += best == own ? 1 : 0
      number[bin] += 1
      let given = probabilities.indices.contains(own) ? Double(probabilities[own]) : 0
      logLoss -= log(max(given, 0x1p-24))
    }
    let count = Double(ratings.count)
    logLoss /= count
    accuracy = right.reduce(0, +) / count
    calibrationError = zip(sure, right).reduce(0) { $0 + abs($1.0 - $1.1) } / count
  }

  /// The metrics by the names they have in reports.
  public var named: [String: Double] {
    [
      "valid_accuracy": accuracy, "valid_log_loss": logLoss,
      "valid_calibration_error": calibrationError,
    ]
  }
}

extension Scorer {
  /// Metrics of labels on rows that have some; nil for models that predict none.
  package func labelMetrics(on rows: IndexedRatings, threads: Int) -> LabelMetrics? {
    guard !rows.labels.isEmpty,
      let probabilities = prepared(threads: threads).probabilities(
        users: rows.users, items: rows.items, threads: threads)
    else { return nil }
    return LabelMetrics(probabilities: probabilities, labels: rows.labels)
  }

  /// Metrics of a distribution over ratings; nil for models that predict none.
  package func classMetrics(on rows: IndexedRatings, threads: Int) -> ClassMetrics? {
    let scorer = prepared(threads: threads)
    guard let classes = scorer.classes,
      let distributions = scorer.distributions(
        users: rows.users, items: rows.items, threads: threads)
    else { return nil }
    return ClassMetrics(
      distributions: distributions, classes: classes, ratings: rows.values)
  }
}

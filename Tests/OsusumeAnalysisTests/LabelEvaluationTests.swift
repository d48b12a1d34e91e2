// Metrics of labels with intervals: the figures of `LabelMetrics`, and resamples of users as counted by hand.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct LabelEvaluationTests {
  /// Rows of 30 users whose probabilities tell labels apart somewhat, with ties.
  private static let (rows, probabilities): (IndexedRatings, [Float]) = {
    var random = SplitMix(state: 5)
    var (users, items, labels, probabilities) = ([Int32](), [Int32](), [Float](), [Float]())
    for row in 0..<400 {
      users.append(Int32.random(in: 0..<30, using: &random) * 2)
      items.append(Int32(row % 17))
      labels.append(Float.random(in: 0...1, using: &random) < 0.7 ? 1 : 0)
      let guess = 0.3 + 0.3 * labels[row] + Float.random(in: -0.3...0.3, using: &random)
      probabilities.append((guess * 20).rounded() / 20)
    }
    var rows = IndexedRatings(
      users: users, items: items, values: [Float](repeating: .nan, count: 400))
    rows.labels = labels
    return (rows, probabilities)
  }()

  private static func evaluation(resamples: Int, threads: Int = 2) -> Evaluation {
    Evaluation(
      labelsOf: rows, probabilities: probabilities,
      bootstrap: Bootstrap(resamples: resamples, seed: 3), threads: threads)
  }

  @Test func figuresAreThoseOfLabelMetrics() throws {
    let evaluation = Self.evaluation(resamples: 200)
    let expected = try #require(
      LabelMetrics(probabilities: Self.probabilities, labels: Self.rows.labels))
    #expect(evaluation.metrics.map(\.name) == Evaluation.labelMetrics)
    #expect(evaluation.rows == 400 && evaluation.users == 30)
    for (name, value) in expected.named {
      let metric = try #require(evaluation[String(name.dropFirst("valid_".count))])
      #expect(abs(metric.value - value) < 1e-12, "\(name)")
      let interval = try #require(metric.interval)
      #expect(interval.contains(value) && interval.lowerBound < interval.upperBound, "\(name)")
    }
    #expect(evaluation["log_loss"]?.lowerIsBetter == true)
    #expect(evaluation["auc"]?.lowerIsBetter == false)
  }

  /// Each resample is what the metrics are of rows repeated as often as their user was drawn.
  @Test func resamplesRepeatUsers() throws {
    let evaluation = Self.evaluation(resamples: 20)
    let order = Array(Set(Self.rows.users)).sorted()
    let key = ck_random_key(3, RandomStream.bootstrap)
    for resample in 0..<20 {
      var weights = [UInt8](repeating: 0, count: order.count)
      ck_bootstrap_weights(key, UInt64(resample), order.count, &weights)
      var (probabilities, labels) = ([Float](), [Float]())
      for row in 0..<Self.rows.count {
        let place = try #require(order.firstIndex(of: Self.rows.users[row]))
        for _ in 0..<weights[place] {
          probabilities.append(Self.probabilities[row])
          labels.append(Self.rows.labels[row])
        }
      }
      let expected = try #require(LabelMetrics(probabilities: probabilities, labels: labels))
      for (name, value) in expected.named {
        let metric = try #require(evaluation[String(name.dropFirst("valid_".count))])
        #expect(abs(metric.resamples[resample] - value) < 1e-12, "\(name), \(resample)")
      }
    }
  }

  @Test func threadsDoNotMoveFigures() {
    let (one, three) = (
      Self.evaluation(resamples: 50, threads: 1), Self.evaluation(resamples: 50, threads: 3)
    )
    #expect(one.metrics == three.metrics)
  }

  @Test func whatLabelsCannotTellIsAbsent() {
    var rows = Self.rows
    rows.labels = [Float](repeating: 0, count: rows.count)
    let evaluation = Evaluation(
      labelsOf: rows, probabilities: [Float](repeating: 0.2, count: rows.count),
      bootstrap: Bootstrap(resamples: 0), threads: 1)
    #expect(evaluation.metrics.map(\.name) == ["accuracy", "log_loss"])
    #expect(evaluation["accuracy"]?.value == 1)
  }

  @Test func baselinesAreSharesOfTrainingRows() throws {
    // Item 0: 3 of 4 positive; item 1: 0 of 1; item 2 has no training row.
    var train = IndexedRatings(
      users: [0, 1, 2, 3, 0], items: [0, 0, 0, 0, 1], values: [9, 9, 9, 2, 2])
    train.labels = [1, 1, 1, 0, 0]
    var test = IndexedRatings(users: [0, 1, 1], items: [0, 1, 2], values: [9, 2, 9])
    test.labels = [1, 0, 1]
    let baselines = LabelBaseline.all(
      train: train, test: test, items: 3, bootstrap: Bootstrap(resamples: 0), threads: 1)
    #expect(
      baselines.map(\.name) == [
        "share of positives", "popularity's share of positives", "item's share of positives",
      ])
    let losses = try baselines.map { try #require($0.evaluation["log_loss"]?.value) }
    func loss(_ first: Double, _ second: Double, _ third: Double) -> Double {
      -(log(first) + log(1 - second) + log(third)) / 3
    }
    // Probabilities are floats.
    #expect(abs(losses[0] - loss(0.6, 0.6, 0.6)) < 1e-6)
    #expect(abs(losses[2] - loss(6.0 / 9, 3.0 / 6, 0.6)) < 1e-6)
    // Items 2 and 1 are one group, item 0 another.
    #expect(abs(losses[1] - loss(6.0 / 9, 3.0 / 6, 3.0 / 6)) < 1e-6)
  }
}

// Whether a fit had come to its end: does its error still fall, or had it been lower before?
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// What the errors on the test rows after each epoch say of a fit's end.
///
/// A fit has not converged where its error fell by more than a hundredth of itself in the last tenth of its
/// epochs, one at least; and it is past its best where the error at the end is more than a hundredth above the
/// lowest there was. Figures after epochs are of the test rows, so this describes a fit, and chooses none.
public struct Convergence: Sendable, Equatable {
  /// What was found.
  public enum Finding: String, Sendable, Codable {
    /// Neither of the others.
    case converged
    /// The error still fell.
    case falling
    /// The error had been lower.
    case pastBest = "past_best"
  }

  /// What was found.
  public let finding: Finding
  /// The metric it was found by: `rmse`, `log_loss`, or `ndcg@10`, which rises.
  public let metric: String
  /// Number of the last epochs that are looked at.
  public let window: Int
  /// How much better the metric became in them; below 0 where it became worse.
  public let change: Double
  /// The epoch after which it was best, from 1.
  public let bestEpoch: Int
  /// Its value then.
  public let best: Double
  /// The last epoch.
  public let lastEpoch: Int
  /// Its value at the end.
  public let last: Double

  /// The part of an error that counts.
  private static let threshold = 0.01

  /// Judges the epochs of a fit by each metric that they have.
  ///
  /// The first that did not converge counts; nil without two epochs to judge by.
  init?(_ epochs: [EpochReport]) {
    let metrics: [(String, Double, (EpochReport) -> Double?)] = [
      ("rmse", 1, { $0.validRMSE }), ("log_loss", 1, { $0.labels?.logLoss }),
      ("ndcg@10", -1, { $0.validNDCG }),
    ]
    let found = metrics.compactMap { name, sign, value in
      Convergence(name, sign: sign, epochs.compactMap(value).filter(\.isFinite))
    }
    guard let first = found.first(where: { $0.finding != .converged }) ?? found.first else {
      return nil
    }
    self = first
  }

  /// - Parameters:
  ///   - sign: 1 where less is better, −1 where more is.
  ///   - values: After each epoch.
  init?(_ metric: String, sign: Double, _ values: [Double]) {
    guard values.count > 1, let last = values.last,
      let bestPlace = values.indices.min(by: { sign * values[$0] < sign * values[$1] })
    else { return nil }
    let window = max(1, values.count / 10)
    let change = sign * (values[values.count - 1 - window] - last)
    self.metric = metric
    self.window = window
    self.change = change
    (bestEpoch, best) = (bestPlace + 1, values[bestPlace])
    (lastEpoch, self.last) = (values.count, last)
    if change > Self.threshold * abs(last) {
      finding = .falling
    } else if sign * (last - best) > Self.threshold * abs(best) {
      finding = .pastBest
    } else {
      finding = .converged
    }
  }

  /// What was found, of a model by name: `flax-bias had not converged: RMSE fell by 1.2 in its last epoch`; nil
  /// where it converged.
  public func sentence(_ model: String) -> String? {
    let rises = metric.hasPrefix("ndcg")
    switch finding {
    case .converged: return nil
    case .falling:
      return
        "\(model) had not converged: \(metric.ranked) \(rises ? "rose" : "fell") by "
        + "\(String(format: "%.2g", change)) in its last "
        + (window == 1 ? "epoch" : "\(window) epochs")
    case .pastBest:
      return
        "\(model) had been better before its end: \(metric.ranked) \(best.figure) after epoch \(bestEpoch), "
        + "\(last.figure) after \(lastEpoch)"
    }
  }

  /// The same in two words.
  var words: String? {
    switch finding {
    case .converged: nil
    case .falling: "had not converged"
    case .pastBest: "had been better before its end"
    }
  }
}

extension Contender {
  /// Whether held-out training ratings can say after how many epochs to stop.
  var canSearchEpochs: Bool { saved == nil && Set<FitKind>.ofEpochs.contains(spec.fit) }

  /// The same with settings under which a tenth of the training ratings, held out, say when to stop: after three
  /// epochs without a lower error.
  ///
  /// Where the step size falls to nothing over the epochs their number is a choice, not a limit: four times as
  /// many at most.
  var searchingEpochs: Contender {
    var contender = self
    let own = hyperparameters
    let schedules =
      own.rateSchedule == .linear && Setting.rateSchedule.isRead(by: spec, own)
    contender.hyperparameters.epochs = schedules ? 4 * max(1, own.epochs) : max(1000, own.epochs)
    contender.hyperparameters.earlyStopping = 3
    contender.hyperparameters.refit = false
    if own.validation == 0 { contender.hyperparameters.validation = 0.1 }
    return contender
  }
}

extension [EpochReport] {
  /// The number of epochs after which held-out ratings were predicted best; nil without such errors.
  var bestSearched: Int? {
    compactMap { report in report.error.map { (epoch: report.epoch, error: $0) } }
      .min { $0.error < $1.error }?.epoch
  }
}

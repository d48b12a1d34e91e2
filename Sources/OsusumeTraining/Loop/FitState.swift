// The state of a fit between two epochs: all it takes to go on from there.
import OsusumeData
import OsusumeModels

/// The state of a fit between two epochs.
///
/// With the same data, settings and seed, a fit resumed from it ends in the same bytes as one that was not
/// stopped. Its tables are shared with the fit: write or copy them before the next epoch does.
public struct FitState: Sendable {
  /// Which epochs have been run, and what came of them.
  public var progress: FitProgress
  /// The tables that the next epoch depends on.
  public var tables: [FloatMatrix]
  /// Numbers in double precision that it depends on besides.
  public var numbers: [[Double]]
  /// The tables of the parameters after the best epoch of a search; empty where they are not needed.
  public var best: [FloatMatrix]
}

/// Which epochs of a fit have been run, and what came of them.
public struct FitProgress: Sendable, Equatable, Codable {
  /// What the epochs now run are for.
  public var phase: FitPhase
  /// Reports of the search so far.
  public var search: [EpochReport] = []
  /// Reports of the fit so far.
  public var epochs: [EpochReport] = []
  /// The epoch of the search with the lowest error on the held-out ratings; 0 before any.
  public var bestEpoch = 0
  /// That error.
  public var bestError: Double?
  /// Factor on all learning rates: halved each time that training diverges.
  public var rateScale = 1.0

  /// The progress before the first epoch.
  public init(phase: FitPhase) { self.phase = phase }

  /// Epochs run in this phase.
  var epoch: Int { phase == .search ? search.count : epochs.count }

  /// Epochs to run in this phase: after a search, as many as it found best.
  func planned(_ settings: Hyperparameters) -> Int {
    phase == .search || search.isEmpty ? settings.epochs : bestEpoch
  }

  /// Whether the error on the held-out ratings has stopped falling.
  func hasStoppedImproving(_ settings: Hyperparameters) -> Bool {
    phase == .search && epoch - bestEpoch >= settings.earlyStopping
  }

  /// Adds an epoch; returns whether it is the best of the search so far.
  mutating func add(_ report: EpochReport, error: Double) -> Bool {
    guard phase == .search else {
      epochs.append(report)
      return false
    }
    search.append(report)
    guard error < bestError ?? .infinity else { return false }
    (bestError, bestEpoch) = (error, report.epoch)
    return true
  }

  /// Begins the phase again at half the learning rates; false where they are as low as they may be.
  mutating func halveRates() -> Bool {
    guard rateScale > 2 * Self.lowestRateScale else { return false }
    rateScale /= 2
    switch phase {
    case .search: (search, bestEpoch, bestError) = ([], 0, nil)
    case .fit: epochs = []
    }
    return true
  }

  private static let lowestRateScale = 1e-3
}

extension FitProgress {
  /// What is wrong with the progress of a fit with these settings, as a clause; nil where nothing is.
  ///
  /// The loop relies on it: progress decides how many epochs it runs and when it stops.
  func fault(_ settings: Hyperparameters) -> String? {
    for (name, reports) in [("epochs", epochs), ("search", search)] {
      guard reports.count <= settings.epochs else {
        return "its '\(name)' are \(reports.count), and \(settings.epochs) are to be run"
      }
      if let wrong = reports.indices.first(where: { !reports[$0].isPossible(epoch: $0 + 1) }) {
        return "number \(wrong + 1) of its '\(name)' is no report of an epoch"
      }
    }
    guard (0...search.count).contains(bestEpoch) else {
      return "its 'bestEpoch' is \(bestEpoch) of \(search.count)"
    }
    let searchIsOver =
      search.count == settings.epochs || search.count - bestEpoch >= settings.earlyStopping
    guard phase == .search || search.isEmpty || settings.refit && searchIsOver else {
      return "its 'phase' is fit, and its search is not over"
    }
    guard phase == .fit || epochs.isEmpty, epoch <= planned(settings) else {
      return "its 'epochs' are \(epochs.count), more than its 'phase' has"
    }
    guard bestError.map({ $0.isFinite && $0 >= 0 && bestEpoch > 0 }) ?? (bestEpoch == 0) else {
      return "its 'bestError' is \(bestError.map { "\($0)" } ?? "missing")"
    }
    guard rateScale > Self.lowestRateScale, rateScale <= 1 else {
      return "its 'rateScale' is \(rateScale), not above \(Self.lowestRateScale) and at most 1"
    }
    return nil
  }
}

extension EpochReport {
  /// Whether these can be the figures of an epoch.
  fileprivate func isPossible(epoch: Int) -> Bool {
    let errors = [validRMSE ?? 0, validMAE ?? 0]
    return self.epoch == epoch && (0..<1e12).contains(seconds)
      && trainLoss.isFinite && trainLoss >= 0 && errors.allSatisfy { $0 >= 0 }
      && (0...1).contains(validNDCG ?? 0)
  }
}

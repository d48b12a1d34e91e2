// A search for settings: trials on a part held out of the training ratings, stage by stage.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Synchronization

/// Trials of settings, judged without the test ratings.
///
/// Of a search by halving, each stage gives its trials three times as many epochs as the one before, or training
/// ratings where a fit has no epochs, and keeps the best third; the default settings stay to the last. Of other
/// searches, a trial is stopped at half of its epochs or later where its best figure so far is worse than the
/// median of those that earlier groups of trials had by then. Nothing but times depends on threads.
public struct Tuning: Sendable {
  /// What was asked for.
  public let plan: TuningPlan
  /// All trials, in order.
  public let trials: [Trial]
  /// The fraction of its epochs, or of its training ratings, that a trial was given at each stage.
  public let stages: [Double]
  /// The trial with the best figure among those that were fitted whole.
  public let best: Trial
  /// Fits that were taken from a journal.
  public let resumedRuns: Int

  /// Called after each run with it and the number of runs so far, on whichever thread made it.
  public typealias Progress = @Sendable (_ run: TrialRun, _ done: Int) -> Void

  /// Runs all trials that a journal does not have yet.
  ///
  /// - Parameters:
  ///   - data: The ratings; its test rows are not looked at.
  ///   - journal: Where finished runs are kept; nil: nowhere.
  /// - Throws: `TuningError`, `TuningJournalError`, `SearchSpaceError`, `SettingError`.
  public init(
    _ plan: TuningPlan, on data: TuningData, journal: TuningJournal? = nil,
    progress: @escaping Progress = { _, _ in }
  ) throws {
    try plan.check()
    self.plan = plan
    var trials = try plan.values().enumerated().map { place, values in
      Trial(number: place + 1, settings: place == 0 ? plan.defaultValues() : values)
    }
    stages = plan.stages(of: trials.count)
    resumedRuns = journal?.runs.count ?? 0
    try journal?.check(trials, stages: stages.count)
    let judge = TrialJudge(plan, data)
    let counter = RunCounter(progress)
    var places = Array(trials.indices)
    for (stage, fraction) in stages.enumerated() {
      let parts = data.parts.map { $0.given(fraction, of: plan) }
      let group = plan.search == .halving ? places.count : Self.group
      for start in stride(from: 0, to: places.count, by: group) {
        let wave = Array(places[start..<min(start + group, places.count)])
        let bars =
          plan.search == .halving
          ? nil : HopelessBars(places[..<start].compactMap { trials[$0].runs.last }, plan.metric)
        let runs = try Self.runs(wave.map { trials[$0] }, stage, plan, data, journal, counter) {
          try judge.run($0, stage: stage, fraction, on: parts, bars, threads: $1)
        }
        for (place, run) in zip(wave, runs) { trials[place].runs.append(run) }
        if start == 0, let failure = trials[0].failure { throw TuningError.defaults(failure) }
      }
      if stage + 1 < stages.count { places = Self.survivors(of: places, trials, plan.metric) }
    }
    for place in trials.indices {
      trials[place].outcome = trials[place].outcome(stages: stages.count)
    }
    self.trials = trials
    best = Self.best(of: trials.filter { $0.outcome == .finished }, plan.metric) ?? trials[0]
  }

  /// A stage's fraction in words: `1/9`, `all`.
  package static func share(_ fraction: Double) -> String {
    fraction == 1 ? "all" : "1/\(Int((1 / fraction).rounded()))"
  }

  /// Trials that are run before the next ones are held up to what they had come to.
  private static let group = 8

  /// The runs of a group of trials, those that the journal has taken from it, side by side where there are threads.
  ///
  /// Side by side rather than one after the other on all threads: in a fit, one thread prepares while the others
  /// have nothing to do, and all wait for the last of them at the end of every pass.
  private static func runs(
    _ trials: [Trial], _ stage: Int, _ plan: TuningPlan, _ data: TuningData,
    _ journal: TuningJournal?, _ counter: RunCounter,
    _ fit: (Trial, _ threads: Int) throws -> TrialRun
  ) throws -> [TrialRun] {
    let known = trials.map { journal?.runs[.init(trial: $0.number, stage: stage)] }
    let missing = known.indices.filter { known[$0] == nil }
    let workers = max(1, min(plan.threads, missing.count, data.fitsInMemory(plan)))
    let failed = Mutex(false)
    let made = mapChunks(missing.count, threads: workers) { place -> Result<TrialRun?, any Error> in
      // After an error nobody waits for the others.
      guard !failed.withLock({ $0 }) else { return .success(nil) }
      let result = Result {
        let run = try fit(trials[missing[place]], max(1, plan.threads / workers))
        try journal?.append(run)
        counter.add(run)
        return Optional(run)
      }
      if case .failure = result { failed.withLock { $0 = true } }
      return result
    }
    if let error = made.lazy.compactMap(\.failure).first { throw error }
    var runs = known
    for (place, result) in zip(missing, made) { runs[place] = try result.get() }
    for run in known.compactMap(\.self) { counter.skip(run) }
    return runs.compactMap(\.self)
  }

  /// The best third, and the default settings.
  private static func survivors(
    of places: [Int], _ trials: [Trial], _ metric: TuningMetric
  ) -> [Int] {
    let able = places.filter { trials[$0].figure != nil }
    let ranked = able.sorted {
      (metric.cost(trials[$0].figure ?? 0), $0) < (metric.cost(trials[$1].figure ?? 0), $1)
    }
    let kept = Set(ranked.prefix((places.count + 2) / 3)).union([0])
    return places.filter(kept.contains)
  }

  /// All trials, those that came further first, of these the better ones.
  public var ranked: [Trial] {
    func order(_ trial: Trial) -> (Int, Double, Int) {
      (
        trial.outcome == .finished ? 0 : trial.outcome == .failed ? 2 : 1,
        trial.figure.map(plan.metric.cost) ?? .infinity, trial.number
      )
    }
    return trials.sorted { a, b in
      a.outcome == .dropped && b.outcome == .dropped && a.stage != b.stage
        ? a.stage > b.stage : order(a) < order(b)
    }
  }

  private static func best(of trials: [Trial], _ metric: TuningMetric) -> Trial? {
    trials.filter { $0.figure != nil }.min {
      (metric.cost($0.figure ?? 0), $0.number) < (metric.cost($1.figure ?? 0), $1.number)
    }
  }
}

extension Trial {
  fileprivate func outcome(stages: Int) -> Outcome {
    guard figure != nil else { return .failed }
    if runs.last?.isHopeless == true { return .stopped }
    return stage == stages - 1 ? .finished : .dropped
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}

/// Counts runs, whoever makes them.
private final class RunCounter: Sendable {
  private let done = Mutex(0)
  private let progress: Tuning.Progress

  init(_ progress: @escaping Tuning.Progress) { self.progress = progress }

  func add(_ run: TrialRun) {
    let number = done.withLock {
      $0 += 1
      return $0
    }
    progress(run, number)
  }

  /// Counts a run that was made before.
  func skip(_ run: TrialRun) { done.withLock { $0 += 1 } }
}

/// What a trial must have come to by some fraction of its epochs: the median of earlier trials.
struct HopelessBars {
  /// The best figure so far after each epoch, as a cost, by fold and trial.
  private let curves: [[[Double]]]

  /// Trials that a median wants at least.
  private static let fewest = 5

  init(_ runs: [TrialRun], _ metric: TuningMetric) {
    let folds = runs.map(\.curves.count).max() ?? 0
    curves = (0..<folds).map { fold in
      runs.filter { !$0.isHopeless && $0.failure == nil && fold < $0.curves.count }
        .map { run in
          var best = Double.infinity
          return run.curves[fold].map { figure in
            best = min(best, metric.cost(figure))
            return best
          }
        }.filter { !$0.isEmpty }
    }
  }

  /// Whether a trial with this lowest cost after `epoch` of `epochs` is worse than half of the others were.
  func isHopeless(_ cost: Double, epoch: Int, of epochs: Int, fold: Int) -> Bool {
    guard fold < curves.count, curves[fold].count >= Self.fewest, epoch < epochs,
      2 * epoch >= epochs
    else { return false }
    let costs = curves[fold].map { curve in
      curve[max(0, (curve.count * epoch + epochs - 1) / epochs - 1)]
    }.sorted()
    return cost > costs[costs.count / 2]
  }
}

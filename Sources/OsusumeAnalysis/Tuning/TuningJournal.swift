// The journal of a search: which runs are done, on disk as soon as they are, so that a search can go on.
import Foundation
import OsusumeData
import OsusumeModels
import Synchronization

/// What a journal belongs to; going on with anything else would mix two searches.
public struct TuningIdentity: Codable, Sendable, Equatable {
  var version = osusumeVersion
  var instructionSet: String
  var specification: ModelSpec
  var settings: Hyperparameters
  var space: [String: String]
  var search: SearchMethod
  var trials: Int
  var metric: TuningMetric
  var folds: Int?
  var seed: UInt64
  var relevantAt: Float
  var dataSHA256: String
  var itemsSHA256: String?
  var testSHA256: String?
  /// Rows and ids after all data options.
  var trainRows: Int, testRows: Int, users: Int, items: Int

  /// What a search is, on some data.
  ///
  /// - Parameter instructionSet: What kernels run on; between two of them figures differ by rounding.
  public init(_ plan: TuningPlan, on data: TuningData, instructionSet: String) {
    self.instructionSet = instructionSet
    specification = plan.spec
    settings = plan.defaults
    space = Dictionary(uniqueKeysWithValues: plan.space.settings.map { ($0.name, $0.words) })
    search = plan.search
    trials = plan.trials
    metric = plan.metric
    folds = plan.folds
    seed = plan.seed
    relevantAt = data.relevantAt
    dataSHA256 = data.ratings.sha256
    itemsSHA256 = data.itemsSHA256
    testSHA256 = data.testSHA256
    trainRows = data.split.train.count
    testRows = data.split.test.count
    users = data.ratings.userIDs.count
    items = data.ratings.itemIDs.count
  }

  /// What differs in the other, in words; nil where a search may go on from it.
  func difference(from other: TuningIdentity) -> String? {
    if version != other.version { return "version of osusume (\(other.version))" }
    if instructionSet != other.instructionSet { return "instruction set (\(other.instructionSet))" }
    if specification != other.specification { return "model (\(other.specification.name))" }
    if dataSHA256 != other.dataSHA256 { return "ratings file" }
    if itemsSHA256 != other.itemsSHA256 { return "file of items" }
    if testSHA256 != other.testSHA256 { return "file of test rows" }
    if seed != other.seed { return "seed (\(other.seed))" }
    if search != other.search { return "`search` (\(other.search.rawValue))" }
    if trials != other.trials { return "number of `trials` (\(other.trials))" }
    if metric != other.metric { return "`metric` (\(other.metric.rawValue))" }
    if folds != other.folds {
      return "number of `folds` (\(other.folds.map(String.init) ?? "none"))"
    }
    if space != other.space { return "space of settings" }
    if settings != other.settings { return "setting that all trials have" }
    return self == other ? nil : "data options"
  }
}

/// The finished runs of a search, a line each under a line that says which search it is.
public final class TuningJournal: Sendable {
  /// Which run.
  struct Key: Hashable {
    let trial: Int
    let stage: Int
  }

  /// Where it is.
  public let path: String
  /// The runs that were there when it was opened.
  let runs: [Key: TrialRun]
  private let log: Mutex<LineLog>

  /// Opens the journal of a folder, which is made where there is none.
  ///
  /// Errors: `TuningJournalError`, `LineLogError`, `OutputError`.
  public init(folder: String, _ identity: TuningIdentity) throws {
    path = folder + "/journal.jsonl"
    try DirectoryPath.make(folder)
    let log = try LineLog(path)
    if let head = log.lines.first {
      guard let theirs = try? JSONDecoder().decode(TuningIdentity.self, from: Data(head.utf8))
      else {
        throw TuningJournalError.damaged(path: path, line: 1)
      }
      if let difference = identity.difference(from: theirs) {
        throw TuningJournalError.another(path: path, difference: difference)
      }
    } else {
      let head = try String(json: identity)
      // A search killed in its first line leaves a piece of that; anything else is no journal.
      guard head.utf8.starts(with: log.unfinished) else {
        throw TuningJournalError.damaged(path: path, line: 1)
      }
      try log.append(head)
    }
    var runs: [Key: TrialRun] = [:]
    for (number, line) in log.lines.enumerated().dropFirst() {
      guard let run = try? JSONDecoder().decode(TrialRun.self, from: Data(line.utf8)),
        (run.figure == nil) == (run.failure != nil), run.figure?.isFinite ?? true,
        run.trial >= 1, run.stage >= 0
      else { throw TuningJournalError.damaged(path: path, line: number + 1) }
      runs[Key(trial: run.trial, stage: run.stage)] = run
    }
    self.runs = runs
    self.log = Mutex(log)
  }

  /// Fails where a run is of no trial of the search.
  func check(_ trials: [Trial], stages: Int) throws {
    for run in runs.values {
      guard trials.indices.contains(run.trial - 1), (0..<stages).contains(run.stage),
        trials[run.trial - 1].settings == run.settings
      else { throw TuningJournalError.another(path: path, difference: "set of trials") }
    }
  }

  /// Adds a run; it is on disk when this returns.
  ///
  /// Errors: `OutputError`.
  func append(_ run: TrialRun) throws {
    let line = try String(json: run)
    try log.withLock { try $0.append(line) }
  }
}

/// Why a search cannot go on from a journal.
public enum TuningJournalError: OsusumeError, Equatable {
  /// A line is not one that was written.
  case damaged(path: String, line: Int)
  /// It belongs to another search.
  case another(path: String, difference: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .damaged(let path, let line):
      "line \(line) of \(path) is damaged: give another `journal`, or remove the file to begin anew"
    case .another(let path, let difference):
      "\(path) is of a search with another \(difference): repeat the options it was made with, or give another "
        + "`journal`"
    }
  }
}

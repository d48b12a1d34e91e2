// What only a training run knows, and no model file: its curve, its seconds, its machine.
import OsusumeTraining

/// A training run as its page shows it.
public struct TrainingRecord: Sendable {
  /// One report an epoch of the fit; empty for closed forms.
  public var epochs: [EpochReport]
  /// One report an epoch of the search for the number of epochs; empty where there was none.
  public var search: [EpochReport]
  /// What the steps took, in order: name and seconds.
  public var phases: [(name: String, seconds: Double)]
  /// What it ran on: name and value.
  public var machine: [(name: String, value: String)]
  /// What a reader should know of the run, a line each.
  public var notes: [String]

  /// Makes a record from its parts.
  public init(
    epochs: [EpochReport], search: [EpochReport] = [],
    phases: [(name: String, seconds: Double)] = [], machine: [(name: String, value: String)] = [],
    notes: [String] = []
  ) {
    (self.epochs, self.search) = (epochs, search)
    (self.phases, self.machine) = (phases, machine)
    self.notes = notes
  }
}

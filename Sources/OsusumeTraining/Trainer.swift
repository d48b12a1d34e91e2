// Fits any model of the catalog to ratings.
import OsusumeData
import OsusumeModels

/// A fit: what to learn, with which settings.
public struct Trainer: Sendable {
  /// What is fitted.
  public let spec: ModelSpec
  /// With which settings.
  public let hyperparameters: Hyperparameters
  /// Seed of every random choice.
  public let seed: UInt64
  /// Threads to use; the result does not depend on it.
  public let threads: Int
  /// Where the parts of the fit's epochs tell their time; nil: nobody wants to know.
  package var parts: EpochParts?

  /// Makes a trainer; without settings, with the model's own.
  public init(
    _ spec: ModelSpec, _ hyperparameters: Hyperparameters? = nil, seed: UInt64 = 42,
    threads: Int = allCores
  ) {
    self.spec = spec
    self.hyperparameters = hyperparameters ?? spec.defaults
    self.seed = seed
    self.threads = threads
  }

  /// Fits the model to training rows.
  ///
  /// - Parameters:
  ///   - train: The rows to learn from; at least one.
  ///   - test: Rows for the learning curve, never learned from; nil: no curve.
  ///   - users: Number of users; those without a training row get the mean row of the others.
  ///   - items: Number of items, likewise.
  ///   - features: What a network reads of items; needed where `spec.needsItems`.
  ///   - side: What is known besides ratings, for models that use it.
  ///   - resuming: The state of a fit of the same data, settings and seed; it ends in the same bytes as one
  ///     that was not stopped.
  ///   - earlier: A fit of the same model to a part of these rows, whose number of epochs is repeated: nothing is held
  ///     out, and nothing searched for.
  ///   - fit: What fits the model; nil: what the list of fits (`ModelSpec.fitType`) has for it.
  ///   - progress: Called after each epoch, and once after a fit without epochs, with its report and a way to get the
  ///     state to resume from; false stops there and keeps what was learned.
  /// - Throws: `SpecificationError.unfit`, `SettingError` for a setting out of range, `RatingsFault` for rows that name nobody,
  ///   `TrainingError`, `PlanError`, and what `progress` throws.
  public func fit(
    _ train: IndexedRatings, test: IndexedRatings? = nil, users: Int, items: Int,
    features: ItemFeatures? = nil, side: SideInformation = .init(), resuming: FitState? = nil,
    repeating earlier: FitResult? = nil, by fit: (any Fit.Type)? = nil,
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    if fit == nil { try spec.check() }
    try hyperparameters.check(for: spec)
    try SettingError.check("threads", threads, in: 1...1024)
    try checkRows(train, test, side, features, users: users, items: items)
    guard train.count > 0 else { throw TrainingError.noRatings }
    try checkMemory(of: train, side, items: items)
    for rows in [train] + (test.map { [$0] } ?? []) {
      // Rows that are seen and not rated have labels instead.
      if let row = rows.values.firstThatIsNoRating(unrated: spec.needsLabels) {
        throw TrainingError.notARating(rows.values[row], row: row + 1)
      }
    }
    try spec.checkTimestamps(of: train)
    guard spec.fit != .minibatch || hyperparameters.loss.suits(spec.target) else {
      throw TrainingError.lossOfAnotherTarget(hyperparameters.loss, model: spec.name)
    }
    var task = FitTask(
      spec, settings(repeating: earlier), seed: seed, threads: threads, train: train,
      test: test.flatMap { $0.count > 0 ? $0 : nil }, users: users, items: items,
      features: features, side: side)
    task.parts = parts
    task.lastEpoch = earlier?.keptEpochs
    return try (fit ?? spec.fitType(hyperparameters)).run(task, resuming: resuming, progress)
  }

  /// The settings of a fit that repeats the epochs of an earlier one.
  private func settings(repeating earlier: FitResult?) -> Hyperparameters {
    guard earlier != nil else { return hyperparameters }
    var settings = hyperparameters
    (settings.earlyStopping, settings.validation) = (0, 0)
    return settings
  }

  /// How many items a fit of lists relates to each other, and the bytes of memory that this takes; nil where
  /// it relates none.
  public func listsNeed(
    of train: IndexedRatings, _ side: SideInformation, items: Int
  ) -> (items: Int, bytes: Int)? {
    guard spec.fit == .ease || spec.lists == .ease else { return nil }
    return ItemGram.need([train.items, side.unrated.items], items: items)
  }

  /// Fails where memory does not hold the relations of lists; returns how many items they are of and what they take,
  /// nil where there are none.
  @discardableResult
  package func checkMemory(
    of train: IndexedRatings, _ side: SideInformation, items: Int
  ) throws -> (items: Int, bytes: Int)? {
    guard let need = listsNeed(of: train, side, items: items) else { return nil }
    try ItemGram.check(core: need.items, memory: AvailableMemory.bytes)
    return need
  }

  /// Fails where columns are of other lengths, or name users, items or labels that are not there.
  private func checkRows(
    _ train: IndexedRatings, _ test: IndexedRatings?, _ side: SideInformation,
    _ features: ItemFeatures?, users: Int, items: Int
  ) throws {
    try train.check(users: users, items: items)
    try test?.check(users: users, items: items)
    try side.check(users: users, items: items)
    if let features, features.offsets.count != items + 1 {
      throw RatingsFault.length(
        column: "items with features", features.offsets.count - 1, rows: items)
    }
  }

  /// Fails where there are no epochs to save or resume between.
  ///
  /// Errors: `TrainingError.nothingToResume`.
  public func checkResumable() throws {
    guard spec.fitType(hyperparameters).hasEpochs else {
      throw TrainingError.nothingToResume(model: spec.name)
    }
  }
}

extension Fit {
  fileprivate static func run(
    _ task: FitTask, resuming: FitState?, _ progress: (EpochReport, () -> FitState) throws -> Bool
  ) throws -> FitResult {
    try TrainingLoop<Self>(task).run(resuming: resuming, progress)
  }
}

extension ModelSpec {
  /// Fails where the model learns from ratings and there are none.
  ///
  /// Errors: `TrainingError.needsRatings`.
  public func checkFeedback(_ feedback: Feedback) throws {
    guard feedback == .ratings || takesInteractions else {
      throw TrainingError.needsRatings(model: name, feedback)
    }
  }

  /// Fails where the model learns from times and rows have none.
  ///
  /// Errors: `TrainingError.noTimestamps`.
  public func checkTimestamps(of rows: IndexedRatings) throws {
    guard !needsTimestamps || !rows.timestamps.isEmpty else {
      throw TrainingError.noTimestamps(model: name)
    }
  }
}

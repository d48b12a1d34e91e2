// The ratings of a search: what the winner is fitted to and judged on, and what trials are.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// Ratings for a search, cut once and shared by all trials.
public struct TuningData: Sendable {
  /// A part of the training ratings to fit to, and the rest of them to judge by.
  struct Part: Sendable {
    var split: Split
    /// The rows that have a rating.
    let held: HeldOutRatings
  }

  /// What was cut.
  public let ratings: Ratings
  /// Metadata of items.
  public let catalog: ItemCatalog
  /// SHA-256 of the item file, if there is one.
  public let itemsSHA256: String?
  /// SHA-256 of the file of test rows, if the split names one.
  public let testSHA256: String?
  /// All training ratings, and the test ratings, which no trial sees.
  public let split: Split
  /// The rating from which on a held-out row is relevant.
  public let relevantAt: Float
  /// One part, or one for each fold.
  let parts: [Part]

  /// Cuts ratings for a plan.
  ///
  /// - Parameters:
  ///   - split: The training and the test ratings.
  ///   - relevantAt: The rating from which on a held-out row is relevant; nil: the median training rating.
  ///   - labels: What gives rows their labels, where the model needs them.
  /// - Throws: `TuningError`, `FoldsError`, `SplitError`, `TrainingError`, `RatingsFault`.
  public init(
    _ plan: TuningPlan, ratings: Ratings, split: Split, catalog: ItemCatalog = .init(),
    itemsSHA256: String? = nil, testSHA256: String? = nil, relevantAt: Float? = nil,
    labels: InteractionLabels? = nil
  ) throws {
    try ratings.check()
    try plan.spec.checkFeedback(ratings.feedback)
    try plan.spec.checkTimestamps(of: split.train)
    try plan.spec.checkFoldIn(of: split)
    guard split.test.count > 0 else {
      throw TuningError.nothingToJudge(plan.defaults.split, of: "the winner")
    }
    self.ratings = ratings
    self.catalog = catalog
    self.itemsSHA256 = itemsSHA256
    self.testSHA256 = testSHA256
    self.split = labels?.labelled(split, threads: plan.threads) ?? split
    self.relevantAt =
      relevantAt
      ?? ratings.feedback.relevantFrom(
        median: RatingSummary(rows: split.train.rated, items: ratings.itemIDs.count).median)
    parts = try Self.cut(plan, ratings, split.train).map { cut in
      guard cut.test.count > 0, cut.train.count > 0 else {
        throw TuningError.nothingToJudge(plan.defaults.split, of: "trials")
      }
      let cut = labels?.labelled(cut, threads: plan.threads) ?? cut
      return Part(
        split: cut,
        held: try HeldOutRatings(
          cut.rated, users: ratings.userIDs.count, items: ratings.itemIDs.count,
          unrated: ratings.allUnrated, threads: plan.threads))
    }
  }

  /// The training ratings cut once more by the rule that cut them from the test, or dealt into folds.
  private static func cut(
    _ plan: TuningPlan, _ ratings: Ratings, _ train: IndexedRatings
  ) throws -> [Split] {
    if let count = plan.folds {
      let folds = try Folds(
        of: train, users: ratings.userIDs.count, count: count, seed: plan.seed,
        threads: plan.threads)
      return try (0..<count).map { try folds.split(testingOn: $0) }
    }
    var inner = ratings
    (inner.rows, inner.testRows) = (train, nil)
    let rule: SplitRule =
      switch plan.defaults.split {
      case .file, .none: .perUser(testFraction: 0.1)
      case let rule: rule
      }
    // Another seed than the test's, whose cut would be repeated within each user.
    return [try inner.split(rule, seed: ~plan.seed, threads: plan.threads)]
  }

  /// How many fits can be side by side in a quarter of the machine's memory.
  func fitsInMemory(_ plan: TuningPlan) -> Int {
    let (users, items) = (ratings.userIDs.count, ratings.itemIDs.count)
    let widest =
      plan.space.settings.first { $0.name == Setting.factors.name }
      .flatMap { Int($0.text(at: 1)) } ?? plan.defaults.factors
    // Rows are copied into the order of the fit; tables have an optimizer's two beside them.
    var bytes = 64 * split.train.count + 3 * 4 * (users + items) * (widest + 16)
    let (part, _) = plan.spec.part(judgedBy: plan.metric, plan.defaults)
    if part.fit == .ease { bytes += 3 * 4 * items * items }
    return max(1, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4) / max(1, bytes))
  }
}

extension TuningData.Part {
  /// The same with as many training ratings as a stage gives a fit that has no epochs; others have all.
  func given(_ fraction: Double, of plan: TuningPlan) -> Self {
    let (spec, settings) = plan.spec.part(judgedBy: plan.metric, plan.defaults)
    guard fraction < 1, !spec.fitType(settings).hasEpochs else { return self }
    var part = self
    part.split.train = split.train.sample(
      fraction: fraction, seed: plan.seed, threads: plan.threads)
    return part
  }
}

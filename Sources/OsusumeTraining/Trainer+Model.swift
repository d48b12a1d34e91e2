// From ratings to a model in one call.
import OsusumeData
import OsusumeModels

extension Trainer {
  /// Fits the model to a split's training rows and puts together everything that recommending needs,
  /// with the errors on the test rows among its metrics.
  ///
  /// ```swift
  /// let model = try Trainer(.mf).model(of: ratings, split: split) { report, _ in
  ///   print(report.epoch, report.validRMSE ?? 0)
  ///   return report.epoch < 10
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - split: What is trained on and what is judged on (`Ratings.split`); nil: all ratings train. Rows that lack the
  ///     labels which the model learns get them by the setting `positive_above`.
  ///   - catalog: Metadata of items, for models that read it and for lists.
  ///   - retrainsOnAll: Whether the model is fitted again after it was judged, to all rows of the split and for as many
  ///     epochs; its metrics stay those of the first fit (`Provenance.judged`). Both fits take their time.
  ///   - resuming: As of `fit`; of the first fit, where there are two.
  ///   - progress: Called after each epoch, and once after a fit without epochs, with a report and a way to get the
  ///     state to resume from; false stops there and keeps what was learned (of two fits, the model that was judged), an
  ///     error ends the fit.
  /// - Throws: `TrainingError`, `SettingError`, `RatingsFault`, `FeatureError`, and what `progress` throws.
  public func model(
    of ratings: Ratings, split: Split? = nil, catalog: ItemCatalog = .init(),
    retrainsOnAll: Bool = false, resuming: FitState? = nil,
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> Model {
    let split = try labelled(split ?? ratings.split(.none, seed: seed, threads: threads), ratings)
    let fit = try fit(
      split, of: ratings, catalog: catalog, test: split.test, resuming: resuming,
      progress: progress)
    var model = try model(fitted: fit, of: ratings, split: split, catalog: catalog)
    try model.evaluate(on: split, threads: threads)
    guard retrainsOnAll, fit.isComplete, split.test.count > 0 else { return model }
    let again = try self.fit(
      split.whole, of: ratings, catalog: catalog, test: nil, repeating: fit, progress: progress)
    guard again.isComplete else { return model }
    return try self.model(
      retrained: again, judged: model, of: ratings, split: split, catalog: catalog)
  }

  /// Makes a model of a fit to all rows of a split that repeats an earlier one: its metrics are those of the model
  /// that the earlier one made.
  ///
  /// - Parameters:
  ///   - fit: The fit to `split.whole`.
  ///   - judged: The model of the fit to `split.train`, with its metrics.
  ///
  /// Errors: as of the model of any fit.
  public func model(
    retrained fit: FitResult, judged: Model, of ratings: Ratings, split: Split,
    catalog: ItemCatalog = .init()
  ) throws -> Model {
    var model = try model(
      fitted: fit, of: ratings, split: split.whole, catalog: catalog,
      itemsSHA256: judged.provenance.itemsSHA256, stamp: judged.provenance.stamp)
    model.takeJudgement(of: judged, epochs: fit.epochs.isEmpty ? nil : fit.epochs.count)
    return model
  }

  /// The same in a task: it ends in `CancellationError` after the epoch in which the task is cancelled.
  ///
  /// Errors: as above, and `CancellationError`.
  public func model(
    of ratings: Ratings, split: Split? = nil, catalog: ItemCatalog = .init(),
    retrainsOnAll: Bool = false, resuming: FitState? = nil,
    progress: @Sendable (EpochReport) throws -> Bool = { _ in true }
  ) async throws -> Model {
    func fitted() throws -> Model {
      try model(
        of: ratings, split: split, catalog: catalog, retrainsOnAll: retrainsOnAll,
        resuming: resuming
      ) { report, _ in
        try Task.checkCancellation()
        return try progress(report)
      }
    }
    try Task.checkCancellation()
    return try fitted()
  }

  /// A split whose rows have the labels that the model learns, where it learns any.
  private func labelled(_ split: Split, _ ratings: Ratings) throws -> Split {
    guard spec.needsLabels, split.train.labels.isEmpty, split.test.labels.isEmpty else {
      return split
    }
    try hyperparameters.check(for: spec)
    for rows in [split.train, split.test] {
      try rows.check(users: ratings.userIDs.count, items: ratings.itemIDs.count)
    }
    return InteractionLabels(
      above: hyperparameters.positiveAbove, dropped: UnratedRows(),
      users: ratings.userIDs.count, threads: threads
    ).labelled(split, threads: threads)
  }

  /// Fits the model to a split's training rows and what it reads besides ratings, of items and of what
  /// was seen; the other parameters and errors are those of `fit`, `FeatureError` and `FoldingError`.
  ///
  /// Users whom the split hides are hidden whole, and not judged after epochs: nobody folds them in then.
  public func fit(
    _ split: Split, of ratings: Ratings, catalog: ItemCatalog, test: IndexedRatings?,
    resuming: FitState? = nil, repeating earlier: FitResult? = nil,
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    try ratings.checkAllButRows()
    try split.foldIn.check(users: ratings.userIDs.count, items: ratings.itemIDs.count)
    try spec.checkFoldIn(of: split)
    try spec.checkFeedback(ratings.feedback)
    let ratings = ratings.hiding(split.foldIn.users)
    return try fit(
      split.train, test: split.foldIn.count > 0 ? nil : test, users: ratings.userIDs.count,
      items: ratings.itemIDs.count,
      features: try features(of: ratings, catalog: catalog, train: split.train),
      side: sideInformation(of: ratings, catalog: catalog), resuming: resuming,
      repeating: earlier, progress: progress)
  }

  /// Makes a model of the result of a fit and everything that recommending needs; `Model.evaluate` adds errors.
  ///
  /// - Parameters:
  ///   - itemsSHA256: SHA-256 of the item file, if there was one.
  ///   - stamp: A text for the model's provenance.
  /// - Throws: `RatingsFault` where the ratings or the split are not those of the fit, `FoldInError`.
  public func model(
    fitted fit: FitResult, of ratings: Ratings, split: Split, catalog: ItemCatalog,
    itemsSHA256: String? = nil, stamp: String? = nil
  ) throws -> Model {
    try ratings.checkAllButRows()
    for rows in [split.train, split.test, split.foldIn] {
      try rows.check(users: ratings.userIDs.count, items: ratings.itemIDs.count)
    }
    let sizes = [
      ("users", fit.parameters.userCount, ratings.userIDs.count),
      ("items", fit.parameters.itemCount, ratings.itemIDs.count),
    ]
    for (kind, fitted, count) in sizes where fitted != count {
      throw RatingsFault.length(column: "fitted \(kind)", fitted, rows: count)
    }
    var model = Model(
      spec: spec, hyperparameters: hyperparameters, fitted: fit.parameters, learned: fit.learned,
      seen: fit.seen, split: split, ratings: ratings, catalog: catalog, itemsSHA256: itemsSHA256,
      seed: seed,
      stamp: stamp, threads: threads)
    if spec.lists != nil {
      model.learned.intervals = try RatingIntervals(of: model, seed: seed, threads: threads)
    }
    return model
  }
}

extension Ratings {
  /// The same without what some users have seen without rating it.
  fileprivate func hiding(_ hidden: [Int32]) -> Ratings {
    guard !hidden.isEmpty else { return self }
    let hidden = Set(hidden)
    let kept = unrated.users.indices.filter { !hidden.contains(unrated.users[$0]) }
    var ratings = self
    ratings.unrated = UnratedRows(
      users: kept.map { unrated.users[$0] }, items: kept.map { unrated.items[$0] })
    return ratings
  }
}

extension Trainer {
  /// The kinds of side information that the settings name; for relations between items, what was seen, and genres and types
  /// where they count.
  public func sideInformation(of ratings: Ratings, catalog: ItemCatalog) -> SideInformation {
    let kinds = hyperparameters.sideInformation
    guard !kinds.isEmpty || spec.fit == .ease || spec.lists == .ease else {
      return SideInformation()
    }
    let usesItems = kinds.contains(.metadata) || hyperparameters.genreWeight > 0
    return SideInformation(of: ratings, catalog: usesItems ? catalog : ItemCatalog())
  }

  /// What the model reads of items; nil where it reads nothing.
  ///
  /// - Throws: `FeatureError` where items lack what the model needs, `RatingsFault`.
  public func features(
    of ratings: Ratings, catalog: ItemCatalog, train: IndexedRatings
  ) throws -> ItemFeatures? {
    guard spec.needsItems else { return nil }
    let ids = ratings.itemIDs
    try train.check(users: ratings.userIDs.count, items: ids.count)
    let missing = (0..<ids.count).filter { catalog[ids[$0]] == nil }
    if let first = missing.first {
      throw FeatureError.itemsMissing(
        model: spec.name, count: missing.count, items: ids.count, first: ids[first])
    }
    let counts = RatingSummary(rows: train, items: ids.count).itemCounts
    return ItemFeatures(itemIDs: ids, catalog: catalog, counts: counts)
  }
}

/// Why a model cannot read what it needs of items.
public enum FeatureError: OsusumeError, Equatable {
  /// Rated items are not in the file of items.
  case itemsMissing(model: String, count: Int, items: Int, first: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .itemsMissing(let model, let count, let items, let first) where count == items:
      "\(model) reads genres or metadata, and none of the \(items) items, \(first) the first, has "
        + "any; give `items FILE`"
    case .itemsMissing(let model, let count, let items, let first):
      "\(model) reads genres or metadata, and \(count) of the \(items) rated items, \(first) the "
        + "first, are missing from `items`; complete it, or leave them out with `join inner`"
    }
  }
}

extension Model {
  /// Sets the metrics to the model's errors on a split's test rows; users hidden from training are folded
  /// in first.
  ///
  /// Errors: `FoldInError`, where users are hidden; `RatingsFault`.
  public mutating func evaluate(on split: Split, threads: Int = allCores) throws {
    for rows in [split.test, split.foldIn] {
      try rows.check(users: userIDs.count, items: itemIDs.count)
    }
    evaluate(on: split.test, threads: threads)
    guard spec.predictsRatings, split.foldIn.count > 0, split.test.count > 0 else { return }
    let folded = try FoldedUsers(split.foldIn, in: self, threads: threads)
    set(
      ErrorMetrics(
        predictions: folded.scores(
          users: split.test.users, items: split.test.items,
          others: scores(of: split.test, threads: threads), threads: threads),
        truths: split.test.values, scale: scale, threads: threads))
  }

  private mutating func set(_ errors: ErrorMetrics) {
    metrics["valid_rmse"] = errors.rmse
    metrics["valid_rmse_clipped"] = errors.rmseClipped
    metrics["valid_mae"] = errors.mae
  }

  /// Sets the metrics to the model's errors on rows; a model that predicts no ratings has none.
  package mutating func evaluate(on rows: IndexedRatings, threads: Int = allCores) {
    metrics = [:]
    if spec.predictsRatings,
      let errors = errors(on: rows.rated, threads: threads)
    {
      set(errors)
    }
    let found = [
      parameters.labelMetrics(on: rows, threads: threads)?.named,
      spec.target == .ratingClass
        ? parameters.classMetrics(on: rows, threads: threads)?.named : nil,
    ]
    for named in found.compactMap({ $0 }) { metrics.merge(named) { _, new in new } }
  }
}

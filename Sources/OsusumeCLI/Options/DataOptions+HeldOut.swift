// The rows of a ratings file that a saved model is judged on: those it was not trained on.
import Osusume

extension DataOptions {
  /// A ratings file as a saved model sees it.
  struct HeldOut {
    /// The file.
    var loaded: Loaded
    /// Its rows by whether the model was trained on them; with labels where the model has such.
    var rows: HeldOutRatings
    /// What is to be said of how they were read.
    var notes: [String]
  }

  /// Reads the files and divides their rows by a model.
  ///
  /// Of the model's own file, users and items the model lacks were dropped when it was made, whatever
  /// the options then, and are dropped here.
  func heldOut(for model: Model, _ options: GlobalOptions) throws -> HeldOut {
    let loaded = try load(
      .init(
        minUserRatings: split == nil ? 1 : model.hyperparameters.minUserRatings,
        forLabels: model.spec.needsLabels, model: model.provenance),
      threads: options.threads)
    let ratings = loaded.ratings
    try model.spec.checkFeedback(ratings.feedback)
    let isOwn = ratings.sha256 == model.provenance.dataSHA256
    let unfollowed = unfollowed(of: model.provenance.dataOptions ?? [:])
    var notes = loaded.notes
    if !isOwn && !unfollowed.isEmpty {
      notes.append(
        "the model was trained with \(unfollowed.joined(separator: " and ")); give `items FILE` to "
          + "keep to that here")
    }
    var rows =
      switch split {
      case nil, SplitRule.none?: ratings.rows
      case let rule?:
        try testRows(ratings, rule, options)
      }
    if model.spec.needsLabels {
      rows = loaded.labels(above: model.hyperparameters.positiveAbove, threads: options.threads)
        .labelled(rows, threads: options.threads)
    }
    let isOfAnotherFile = if case .file? = split { true } else { false }
    var held = try HeldOutRatings(
      rows, of: ratings, for: model, keepUnknown: !isOwn || isOfAnotherFile,
      threads: options.threads)
    // Of its own file, the model's cut is made again, by the seed it was made with.
    let own = isOwn && split == nil ? model.hyperparameters.split : nil
    if case .strong? = split ?? own {
      held = held.foldingIn(
        seed: own == nil ? options.seed : model.provenance.seed, to: model,
        threads: options.threads)
    }
    if isOwn && split == nil && held.test.count != model.provenance.testRows {
      notes.append(
        "\(held.test.count) rows were not trained on, but the model's split had "
          + "\(model.provenance.testRows) test rows: give the data options it was trained with")
    }
    return HeldOut(loaded: loaded, rows: held, notes: notes)
  }

  /// The rows of a rule's test part, those by which hidden users are folded in included, in file order.
  private func testRows(_ ratings: Ratings, _ rule: SplitRule, _ options: GlobalOptions) throws
    -> IndexedRatings
  {
    let split = try ratings.split(rule, seed: options.seed, threads: options.threads)
    guard split.foldIn.count > 0 else { return split.test }
    let hidden = Set(split.foldIn.users)
    let rows = ratings.rows
    let kept = rows.users.indices.filter { hidden.contains(rows.users[$0]) }
    return IndexedRatings(
      users: kept.map { rows.users[$0] }, items: kept.map { rows.items[$0] },
      values: kept.map { rows.values[$0] })
  }
}

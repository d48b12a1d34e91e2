// A model from fitted parameters and the ratings they were fitted to.
import OsusumeData

extension Model {
  /// Puts together a fitted model: seen lists, item counts, scale and median come from the training
  /// ratings.
  ///
  /// - Parameters:
  ///   - parameters: What was fitted, to each user and item of `ratings`.
  ///   - learned: By-products of the fit.
  ///   - seen: The training ratings by user, where the fit has found them.
  ///   - split: What it was fitted to, and what was held out.
  ///   - ratings: Where the split comes from.
  ///   - catalog: Metadata of items; those not in `ratings` are left out of the model.
  ///   - itemsSHA256: SHA-256 of the item file, if there was one.
  package init(
    spec: ModelSpec, hyperparameters: Hyperparameters, fitted parameters: any Scorer,
    learned: Learned = .init(), seen: FittedSeen? = nil,
    split: Split, ratings: Ratings, catalog: ItemCatalog, itemsSHA256: String?, seed: UInt64,
    stamp: String? = nil, metrics: [String: Double] = [:], threads: Int
  ) {
    let users = ratings.userIDs.count
    let unrated = ratings.unrated
    let summary = RatingSummary(rows: split.train.rated, items: ratings.itemIDs.count)
    let seen = seen ?? FittedSeen(split.train, users: users, threads: threads)
    self.init(
      spec: spec, hyperparameters: hyperparameters, parameters: parameters,
      userIDs: ratings.userIDs, itemIDs: ratings.itemIDs,
      seen: seen.items,
      itemCounts: summary.itemCounts, scale: summary.scale, medianRating: summary.median,
      deviation: summary.deviation,
      catalog: ItemCatalog((0..<ratings.itemIDs.count).compactMap { catalog[ratings.itemIDs[$0]] }),
      provenance: Provenance(
        dataSHA256: ratings.sha256, itemsSHA256: itemsSHA256,
        split: hyperparameters.split.description, seed: seed, trainRows: split.train.count,
        testRows: split.test.count, version: osusumeVersion, stamp: stamp,
        dataOptions: ratings.options.isEmpty ? nil : ratings.options),
      metrics: metrics, learned: learned,
      seenRatings: seen.ratings,
      seenInTest: SeenItems(
        users: split.test.users + split.foldIn.users, items: split.test.items + split.foldIn.items,
        of: users, threads: threads),
      seenUnrated: SeenItems(
        users: unrated.users, items: unrated.items, of: users, threads: threads))
  }
}

/// The training ratings by user: the items of each, and how they rated them.
package struct FittedSeen: Sendable {
  /// By user: the items rated, ascending.
  package let items: SeenItems
  /// Their ratings, where a byte each can hold them.
  package let ratings: SeenRatings?

  /// Groups ratings.
  package init(_ rows: IndexedRatings, users: Int, threads: Int) {
    items = SeenItems(rows: rows, users: users, threads: threads)
    ratings = SeenRatings(rows, in: items, threads: threads)
  }
}

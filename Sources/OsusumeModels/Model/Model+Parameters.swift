// What a model has learned as plain numbers: matrices of vectors, biases, scores of pairs.
import OsusumeData

extension Model {
  /// The vectors of users, [users, factors], rows in order of `userIDs`; nil for models without vectors.
  ///
  /// What a network multiplies or adds to them before it scores is not in them.
  public var userFactors: FactorVectors? { parameters.vectors(of: .user) }

  /// The vectors of items, [items, factors], rows in order of `itemIDs`; nil for models without vectors.
  public var itemFactors: FactorVectors? { parameters.vectors(of: .item) }

  /// The biases of users in rating points, [users], in order of `userIDs`; nil for models without.
  public var userBiases: [Float]? {
    spec.hasBiases(of: .user) ? parameters.biases(of: .user) : nil
  }

  /// The biases of items in rating points, [items], in order of `itemIDs`; nil for models without.
  public var itemBiases: [Float]? {
    spec.hasBiases(of: .item) ? parameters.biases(of: .item) : nil
  }

  /// Raw (unclipped) scores of pairs by index: element n is of users[n] and items[n].
  ///
  /// Ratings where the model predicts them, else what it ranks by. Where biases drift, as of the end of the training
  /// data (`asOf`). By original ids, with means for unknown ones, `PairPredictor` does the same.
  ///
  /// Errors: `RatingsFault` for arrays of other lengths and indices that there are not, `SettingError` for `threads`.
  public func scores(users: [Int32], items: [Int32], threads: Int = allCores) throws -> [Float] {
    guard users.count == items.count else {
      throw RatingsFault.length(column: "items", items.count, rows: users.count)
    }
    try users.check("user", count: userIDs.count)
    try items.check("item", count: itemIDs.count)
    try SettingError.check("threads", threads, in: 1...1024)
    return parameters.prepared(threads: threads).scores(
      users: users, items: items, threads: threads)
  }
}

// Why items are recommended: what each of the user's own adds to a score; and what they rated highest.
import OsusumeData
import OsusumeModels

extension Recommender {
  /// The same recommendations with the user's items that add to each score.
  ///
  /// Errors: `RecommenderError.cannotExplain` where scores are not sums over a user's items, `RatingsFault` for a
  /// user that there is not.
  public func explained(
    _ recommendations: Recommendations, for user: Int32
  ) throws -> Recommendations {
    try [user].check("user", count: model.userIDs.count)
    return try explained(recommendations, user: Int(user), scores: scorer.prepared(threads: 1)) {
      rating(of: Int32($0), by: Int(user))
    }
  }

  /// The same for a user who is not in the model.
  ///
  /// Errors: `RecommenderError.cannotExplain`, `NewcomerError`.
  public func explained(
    _ recommendations: Recommendations, for newcomer: Newcomer
  ) throws -> Recommendations {
    try newcomer.check(.user, others: model.itemIDs.count)
    let folded = rankBy == .rating ? newcomer.foldedIn : newcomer.forLists ?? newcomer.foldedIn
    return try explained(recommendations, user: 0, scores: folded.scorer) { newcomer.ratings[$0] }
  }

  private func explained(
    _ recommendations: Recommendations, user: Int, scores: any PairScorer,
    rating: (Int32) -> Float?
  ) throws -> Recommendations {
    var explained = recommendations
    guard !recommendations.isByPopularity else {
      // Nothing of the user's own speaks for what is popular.
      for place in explained.items.indices { explained.items[place].because = [] }
      return explained
    }
    for place in explained.items.indices {
      guard let index = model.itemIDs.index(of: explained.items[place].id),
        let contributions = scores.contributions(user: user, item: index)
      else { throw RecommenderError.cannotExplain(model: model.spec.name) }
      explained.items[place].because =
        contributions.filter { $0.value != 0 }
        .sorted { ($1.value, $0.item) < ($0.value, $1.item) }
        .map { contribution in
          let id = model.itemIDs[Int(contribution.item)]
          return Reason(
            id: id, item: model.catalog[id], rating: rating(contribution.item),
            contribution: contribution.value)
        }
    }
    return explained
  }

  /// What a user has rated highest: `count` items at most, of equal ratings those with more ratings first.
  ///
  /// Errors: `RatingsFault` for a user that there is not, `SettingError` for a count out of range.
  public func history(of user: Int32, _ count: Int) throws -> [RatedItem] {
    try SettingError.check("history", count, in: Self.counts)
    try [user].check("user", count: model.userIDs.count)
    let own = model.seen[Int(user)].map { (item: $0, rating: rating(of: $0, by: Int(user))) }
    return history(own, count)
  }

  /// The same of a user who is not in the model.
  ///
  /// Errors: `NewcomerError`, `SettingError` for a count out of range.
  public func history(of newcomer: Newcomer, _ count: Int) throws -> [RatedItem] {
    try SettingError.check("history", count, in: Self.counts)
    try newcomer.check(.user, others: model.itemIDs.count)
    return history(newcomer.rated.map { ($0, newcomer.ratings[$0]) }, count)
  }

  private func history(_ own: [(item: Int32, rating: Float?)], _ count: Int) -> [RatedItem] {
    own.sorted {
      ($1.rating ?? 0, model.itemCounts[Int($1.item)], $0.item)
        < ($0.rating ?? 0, model.itemCounts[Int($0.item)], $1.item)
    }.prefix(count).map {
      let id = model.itemIDs[Int($0.item)]
      return RatedItem(id: id, item: model.catalog[id], rating: $0.rating)
    }
  }

  private func rating(of item: Int32, by user: Int) -> Float? {
    let own = model.seen[user]
    return own.firstIndex(of: item).flatMap { model.seenRatings?[$0] }
  }
}

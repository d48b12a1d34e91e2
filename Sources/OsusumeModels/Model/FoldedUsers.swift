// Users hidden from training, folded into a model by some of their ratings.
import OsusumeData

/// Users by index, each folded into a model by ratings of its items; the model is not changed.
public struct FoldedUsers: Sendable {
  /// As the model's parameters score them.
  private let users: [Int32: FoldedIn]
  /// As the model's lists rank for them.
  private let ranked: [Int32: FoldedIn]

  /// Folds in the users of some ratings of a model's items; those without a rating are left out, and all
  /// are where the model scores every user alike.
  ///
  /// Errors: `FoldInError`, `RatingsFault`.
  public init(_ ratings: IndexedRatings, in model: Model, threads: Int) throws {
    try ratings.check(users: Int(Int32.max) - 1, items: model.itemIDs.count)
    guard !model.spec.scoresUsersAlike else {
      users = [:]
      ranked = [:]
      return
    }
    // Vectors must not depend on the errors of the users who are to be judged.
    var model = model
    model.metrics = [:]
    let users = try Self.fold(
      ratings.rated, by: model.parameters.foldIn(to: model), threads: threads)
    self.users = users
    ranked =
      try model.learned.lists.map {
        try Self.fold(
          ratings.rated, by: $0.foldIn(to: model), beside: users, threads: threads)
      } ?? users
  }

  /// Folds in users; for lists, `others` are the same users as their ratings are predicted.
  private static func fold(
    _ ratings: IndexedRatings, by method: any FoldInMethod, beside others: [Int32: FoldedIn] = [:],
    threads: Int
  ) throws -> [Int32: FoldedIn] {
    let rows = Grouping(
      keys: ratings.users, count: Int(ratings.users.max() ?? -1) + 1, threads: threads)
    let asked = (0..<rows.offsets.count - 1).filter { !rows[$0].isEmpty }
    let folded = mapChunks(asked.count, threads: threads) { place in
      Result {
        let own = rows[asked[place]].map {
          (index: ratings.items[Int($0)], value: ratings.values[Int($0)])
        }
        var user = try method.newcomer(.user, ratings: own.sorted { $0.index < $1.index })
        guard user.vector.isInRange else { throw FoldInError.notFinite }
        user.own = others[Int32(asked[place])].map {
          OwnRatings(own.map(\.value), scorer: $0.scorer)
        }
        return user
      }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(asked.map { Int32($0) }, try folded.map { try $0.get() }))
  }

  /// A user as lists rank for them; nil for one who was not folded in.
  package subscript(user: Int32) -> FoldedIn? { ranked[user] }

  /// Raw scores of pairs; those of users who were not folded in are taken from `others`.
  package func scores(
    users: [Int32], items: [Int32], others: [Float], threads: Int
  ) -> [Float] {
    var scores = others
    let rows = Grouping(keys: users, count: Int(users.max() ?? -1) + 1, threads: threads)
    let asked = self.users.keys.filter { $0 < rows.offsets.count - 1 }.sorted()
    let own = mapChunks(asked.count, threads: threads) { place in
      self.users[asked[place]]?.scores(rows[Int(asked[place])].map { items[Int($0)] }) ?? []
    }
    for (user, values) in zip(asked, own) {
      for (row, value) in zip(rows[Int(user)], values) { scores[Int(row)] = value }
    }
    return scores
  }
}

/// Why a model cannot be judged on users hidden from training.
public enum FoldingError: OsusumeError, Equatable {
  /// It has no way to score a user by ratings as it scores users it was trained on.
  case noFoldIn(model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noFoldIn(let model):
      "\(model) cannot fold in users by ratings alone, as split strong has it: use per-user:0.1, or "
        + "another model"
    }
  }
}

extension ModelSpec {
  /// Whether nothing in a score depends on the user.
  fileprivate var scoresUsersAlike: Bool {
    heads.isEmpty && score.terms.allSatisfy { $0 == .globalMean || $0 == .itemCount }
  }

  /// Checks that a split's hidden users can be folded into models of this specification.
  ///
  /// Errors: `FoldingError`: labels are learned from what was not rated too, classes are known of whole ratings
  /// alone, and biases that drift are of times.
  public func checkFoldIn(of split: Split) throws {
    guard split.foldIn.count > 0 else { return }
    let drifts = score.terms.contains { if case .drift = $0 { true } else { false } }
    if needsLabels || target == .ratingClass || drifts {
      throw FoldingError.noFoldIn(model: name)
    }
  }
}

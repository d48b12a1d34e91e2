// The ratings of a file that a model can be evaluated on: those it was not trained on.
import OsusumeData

/// A ratings file divided by a model: the ratings it was trained on, and the others.
///
/// A rating was trained on exactly when its item is among those the model has for its user. For the file a
/// model was trained on this finds the test part of its split again, without repeating the split.
public struct HeldOutRatings: Sendable {
  /// Ratings to evaluate on, in order of the file.
  ///
  /// Indices are the model's; users and items it does not know are numbered on from its last.
  public private(set) var test: IndexedRatings
  /// Ratings the model was trained on.
  public private(set) var train: IndexedRatings
  /// Ratings by which users hidden from training are folded in; none but of a `strong` split.
  public private(set) var foldIn: IndexedRatings
  /// What each user has seen without rating it: not to be recommended, and no test ratings.
  public let leftOut: SeenItems
  /// Number of users, those included that the model does not know.
  public let users: Int
  /// Number of items, those included that the model does not know.
  public let items: Int
  /// Test ratings whose user or item has no training rating.
  public private(set) var coldRows: Int
  /// Ratings that were dropped because the model's data had no such user or item.
  public private(set) var unknownRows: Int

  /// Divides ratings of a file into those a model was trained on and the others.
  ///
  /// - Parameters:
  ///   - rows: Ratings that refer to the id maps of `ratings`.
  ///   - ratings: Where they come from.
  ///   - keepUnknown: Whether ratings of users and items that the model does not know are kept; of the
  ///     model's own file, they are those that were dropped before training.
  /// - Throws: `RatingsFault`.
  public init(
    _ rows: IndexedRatings, of ratings: Ratings, for model: Model, keepUnknown: Bool, threads: Int
  ) throws {
    try ratings.check()
    try rows.check(users: ratings.userIDs.count, items: ratings.itemIDs.count)
    let userMap = Numbering(ratings.userIDs, in: model.userIDs)
    let itemMap = Numbering(ratings.itemIDs, in: model.itemIDs)
    let rowUsers = userMap.renumbered(rows.users)
    let rowItems = itemMap.renumbered(rows.items)
    users = userMap.count
    items = itemMap.count
    let wasTrained = model.seen.extended(users: users)
      .contains(users: rowUsers, items: rowItems, threads: threads)
    let knownUsers = model.userIDs.count
    let knownItems = model.itemIDs.count
    var trainRows: [Int] = []
    var testRows: [Int] = []
    var cold = 0
    var unknown = 0
    for row in 0..<rows.count {
      if wasTrained[row] != 0 {
        trainRows.append(row)
        continue
      }
      let (user, item) = (Int(rowUsers[row]), Int(rowItems[row]))
      let isKnown = user < knownUsers && item < knownItems
      if !isKnown && !keepUnknown {
        unknown += 1
        continue
      }
      if !isKnown || model.itemCounts[item] == 0 || model.seen[user].isEmpty { cold += 1 }
      testRows.append(row)
    }
    func taken(_ places: [Int]) -> IndexedRatings {
      var taken = IndexedRatings(
        users: places.map { rowUsers[$0] }, items: places.map { rowItems[$0] },
        values: places.map { rows.values[$0] })
      if !rows.timestamps.isEmpty {
        taken.timestamps = places.map { rows.timestamps[$0] }
      }
      if !rows.labels.isEmpty { taken.labels = places.map { rows.labels[$0] } }
      return taken
    }
    train = taken(trainRows)
    test = taken(testRows)
    foldIn = IndexedRatings(users: [], items: [], values: [])
    let unrated = ratings.allUnrated
    leftOut = SeenItems(
      unrated: UnratedRows(
        users: userMap.renumbered(unrated.users), items: itemMap.renumbered(unrated.items)),
      without: test.rated, users: users, items: knownItems, threads: threads)
    coldRows = cold
    unknownRows = unknown
  }
}

extension HeldOutRatings {
  /// The same for a model that a `strong` split by this seed hid users from: of the ratings of users
  /// without training ratings those that are test ratings stay so, the others fold the users in.
  package func foldingIn(seed: UInt64, to model: Model, threads: Int) -> HeldOutRatings {
    let isHidden = test.users.map { user in
      Int(user) >= model.userIDs.count || model.seen[Int(user)].isEmpty
    }
    func part(_ wanted: Bool) -> IndexedRatings {
      testing(onRows: isHidden.indices.filter { isHidden[$0] == wanted }).test.rated
    }
    let (known, cut) = (
      part(false), part(true).foldInSplit(users: users, seed: seed, threads: threads)
    )
    var held = self
    held.test = IndexedRatings(
      users: known.users + cut.test.users, items: known.items + cut.test.items,
      values: known.values + cut.test.values)
    held.foldIn = cut.train
    held.coldRows = held.test.items.count {
      Int($0) >= model.itemCounts.count || model.itemCounts[Int($0)] == 0
    }
    return held
  }

  /// Fails where there are fewer users or items than the model has: the rows were made for another.
  ///
  /// Errors: `RatingsFault.otherModel`.
  package func check(for model: Model) throws {
    for (kind, own, count) in [
      ("users", users, model.userIDs.count), ("items", items, model.itemIDs.count),
    ] where own < count {
      throw RatingsFault.otherModel(kind, own, count: count)
    }
  }

  /// The same without interactions that have no rating.
  public var rated: HeldOutRatings {
    var held = self
    held.train = train.rated
    held.test = test.rated
    return held
  }

  /// The same with the ratings the model was trained on in place of the others: how well it remembers them.
  public var onTraining: HeldOutRatings {
    var trained = self
    trained.test = train
    trained.foldIn = IndexedRatings(users: [], items: [], values: [])
    trained.coldRows = 0
    return trained
  }

  /// Which of the ratings that a model was trained on have another value than in its training; nil where the model
  /// does not keep ratings.
  ///
  /// Only another file than the model's own has such.
  package func changed(since model: Model, threads: Int = allCores) -> [Int]? {
    guard let known = model.seenRatings else { return nil }
    let places = model.seen.places(users: train.users, items: train.items, threads: threads)
    return places.indices.filter { row in
      !train.values[row].isNaN && known[Int(places[row])] != train.values[row]
    }
  }

  /// The same without some of the ratings the model was trained on, given by number in ascending order.
  package func withoutTraining(_ left: [Int]) -> HeldOutRatings {
    let left = Set(left)
    let kept = train.values.indices.filter { !left.contains($0) }
    var held = self
    held.train = IndexedRatings(
      users: kept.map { train.users[$0] }, items: kept.map { train.items[$0] },
      values: kept.map { train.values[$0] },
      timestamps: train.timestamps.isEmpty ? [] : kept.map { train.timestamps[$0] })
    held.train.labels = train.labels.isEmpty ? [] : kept.map { train.labels[$0] }
    return held
  }

  /// The two parts of a split, for models fitted to the one and evaluated on the other.
  ///
  /// - Parameters:
  ///   - users: Number of users of the `Ratings` that were split.
  ///   - items: Number of items, likewise.
  ///   - unrated: What its users have seen without rating it.
  /// - Throws: `RatingsFault`.
  public init(
    _ split: Split, users: Int, items: Int, unrated: UnratedRows = .init(), threads: Int = allCores
  ) throws {
    for rows in [split.train, split.test, split.foldIn] {
      try rows.check(users: users, items: items)
    }
    try unrated.check(users: users, items: items)
    leftOut = SeenItems(
      unrated: unrated, without: split.test.rated, users: users, items: items, threads: threads)
    test = split.test
    train = split.train
    foldIn = split.foldIn
    self.users = users
    self.items = items
    coldRows = split.coldRows
    unknownRows = 0
  }

  /// The same with only some of the test ratings, given by number in ascending order; `coldRows` stays
  /// that of all.
  package func testing(onRows chosen: [Int]) -> HeldOutRatings {
    var part = self
    part.test = IndexedRatings(
      users: chosen.map { test.users[$0] }, items: chosen.map { test.items[$0] },
      values: chosen.map { test.values[$0] },
      timestamps: test.timestamps.isEmpty ? [] : chosen.map { test.timestamps[$0] })
    return part
  }
}

extension SeenItems {
  /// The first `items` items, but for test ratings, that each user has seen without rating them.
  fileprivate init(
    unrated: UnratedRows, without test: IndexedRatings, users: Int, items: Int, threads: Int
  ) {
    let isTested = SeenItems(rows: test, users: users, threads: threads)
      .contains(users: unrated.users, items: unrated.items, threads: threads)
    let kept = isTested.indices.filter { isTested[$0] == 0 && unrated.items[$0] < items }
    self.init(
      rows: IndexedRatings(
        users: kept.map { unrated.users[$0] }, items: kept.map { unrated.items[$0] },
        values: [Float](repeating: 0, count: kept.count)),
      users: users, threads: threads)
  }
}

/// Numbers of a file's ids in a model, and new numbers for those that the model lacks.
private struct Numbering {
  let numbers: [Int32]
  let count: Int

  init(_ ids: IDMap, in known: IDMap) {
    var next = Int32(known.count)
    numbers = ids.mapping(into: known).map { number in
      guard number < 0 else { return number }
      defer { next += 1 }
      return next
    }
    count = Int(next)
  }

  func renumbered(_ column: [Int32]) -> [Int32] { column.map { numbers[Int($0)] } }
}

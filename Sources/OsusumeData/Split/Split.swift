// The rules by which ratings are cut into train and test rows.

/// How ratings are cut into a train and a test part.
public enum SplitRule: Sendable, Hashable {
  /// Rows shuffled by seed; of each user's n rows the first ⌊(1−f)·n + 1e-9⌋ train, the rest test; a
  /// single row trains.
  case perUser(testFraction: Double)
  /// ⌈f·N⌉ rows drawn at random test.
  case random(testFraction: Double)
  /// Each user's latest rows test: of n rows the first ⌊(1−f)·n + 1e-9⌋ in time train.
  case temporal(testFraction: Double)
  /// One instant for all: the rows from it on test, about f·N of the rated ones.
  case globalTime(testFraction: Double)
  /// ⌈f·U⌉ of the U users with at least two rows, drawn at random, are hidden from training; of each one's
  /// n rows ⌊0.8·n⌋ are there to fold the user in, the rest test.
  case strong(testFraction: Double)
  /// One row of each user with at least two tests: the latest, or a random one without timestamps; a draw
  /// decides among those of one time.
  case leaveOneOut
  /// Test rows come from a file of their own.
  case file(String)
  /// Everything trains.
  case none
}

/// Ratings cut in two; indices refer to the maps of the `Ratings` they came from.
public struct Split: Sendable {
  /// Rows to learn from, in the order the split leaves them (`perUser`: grouped by user).
  public var train: IndexedRatings
  /// Rows to be judged on.
  public var test: IndexedRatings
  /// Rows by which users hidden from training are folded in before they are judged; empty but for `strong`.
  public var foldIn: IndexedRatings
  /// Rows left out of `train` because a file of test rows has their users and items too.
  public var inTestFile = 0
  /// Rows without a rating of users hidden from training: they neither train, nor test, nor fold in.
  public var hiddenUnrated = 0

  /// Makes a split from its parts.
  public init(
    train: IndexedRatings, test: IndexedRatings,
    foldIn: IndexedRatings = IndexedRatings(users: [], items: [], values: [])
  ) {
    self.train = train
    self.test = test
    self.foldIn = foldIn
  }

  /// The same rows, all of them to learn from: what trained, then what tested, then what folded in.
  public var whole: Split {
    Split(
      train: train.followed(by: test).followed(by: foldIn),
      test: IndexedRatings(users: [], items: [], values: []))
  }
}

extension IndexedRatings {
  /// These rows and others after them; with times or labels where both have them.
  fileprivate func followed(by other: IndexedRatings) -> IndexedRatings {
    guard other.count > 0 else { return self }
    var all = IndexedRatings(
      users: users + other.users, items: items + other.items, values: values + other.values)
    if !timestamps.isEmpty, !other.timestamps.isEmpty {
      all.timestamps = timestamps + other.timestamps
    }
    if !labels.isEmpty, !other.labels.isEmpty { all.labels = labels + other.labels }
    return all
  }
}

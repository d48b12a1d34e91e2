// The rules of `SplitRule`, carried out.
import CKernels

extension Ratings {
  /// Cuts the ratings; a function of the rows, the rule and the seed alone.
  ///
  /// `perUser` and `temporal` leave both parts grouped by user (ascending), within a user in shuffled
  /// order and in time; `leaveOneOut` likewise. The other rules keep file order.
  /// - Throws: `SplitError`, `RatingsFault`.
  public func split(
    _ rule: SplitRule, seed: UInt64, threads: Int = allCores
  ) throws -> Split {
    try check()
    let split = try cut(rule, key: ck_random_key(seed, RandomStream.split), threads: threads)
    guard split.train.count > 0 else { throw SplitError.nothingToTrainOn(rule) }
    return split
  }

  private func cut(_ rule: SplitRule, key: UInt64, threads: Int) throws -> Split {
    let timed = !rows.timestamps.isEmpty
    switch rule {
    case .none:
      return Split(train: rows, test: IndexedRatings(users: [], items: [], values: []))
    case .file(let path):
      guard let testRows else { throw SplitError.testFileNotRead(path) }
      let train = rows.without(pairsOf: testRows, users: userIDs.count, threads: threads)
      var split = Split(train: train, test: testRows)
      split.inTestFile = rows.count - train.count
      return split
    case .random(let fraction):
      try check(fraction)
      return rows.cutAtRandom(testFraction: fraction, key: key, threads: threads)
    case .perUser(let fraction):
      try check(fraction)
      return rows.cutByUser(users: userIDs.count, threads: threads) { user, order in
        order.shuffle(key: ck_random_bits(key, UInt64(user)))
        return trainCount(of: order.count, testFraction: fraction)
      }
    case .temporal(let fraction):
      try check(fraction)
      guard timed else { throw SplitError.needsTimestamps(rule) }
      return rows.cutByUser(users: userIDs.count, threads: threads) { _, order in
        order.sort(by: rows.timestamps)
        return trainCount(of: order.count, testFraction: fraction)
      }
    case .globalTime(let fraction):
      try check(fraction)
      guard timed else { throw SplitError.needsTimestamps(rule) }
      return rows.cutAtTime(testFraction: fraction, threads: threads)
    case .strong(let fraction):
      try check(fraction)
      return rows.hidingUsers(fraction, users: userIDs.count, key: key, threads: threads)
    case .leaveOneOut:
      return rows.cutByUser(users: userIDs.count, threads: threads) { user, order in
        if timed {
          let own = ck_random_bits(key, UInt64(user))
          order.sort(by: rows.timestamps) { ck_random_bits(own, UInt64(rows.items[Int($0)])) }
        } else {
          order.shuffle(key: ck_random_bits(key, UInt64(user)))
        }
        return max(order.count - 1, min(order.count, 1))
      }
    }
  }

  private func check(_ fraction: Double) throws {
    guard fraction > 0 && fraction < 1 else { throw SplitError.badFraction(fraction) }
  }

  /// How many of a user's rows train; the 1e-9 keeps 0.9·10 from falling below 9.
  private func trainCount(of rows: Int, testFraction: Double) -> Int {
    rows <= 1 ? rows : Int((1 - testFraction) * Double(rows) + 1e-9)
  }
}

extension IndexedRatings {
  /// Holds out ⌈fraction·N⌉ rows at random for early stopping, as the `test` part; both parts keep order.
  ///
  /// - Throws: `SplitError.badFraction` unless 0 < fraction < 1.
  public func validationSplit(fraction: Double, seed: UInt64, threads: Int = 1) throws -> Split {
    guard fraction > 0 && fraction < 1 else { throw SplitError.badFraction(fraction) }
    let key = ck_random_key(seed, RandomStream.validation)
    return cutAtRandom(testFraction: fraction, key: key, threads: threads)
  }
}

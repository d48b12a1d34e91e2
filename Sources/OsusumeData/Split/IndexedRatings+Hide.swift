// Cuts of all ratings at one instant, of users as a whole, and of what a file of test rows has too.
import CKernels

extension IndexedRatings {
  /// The rated rows from one instant on test: that which leaves closest to ⌈f·N⌉ of them; both parts keep
  /// the order of rows.
  func cutAtTime(testFraction: Double, threads: Int) -> Split {
    let times = values.indices.filter { !values[$0].isNaN }.map { timestamps[$0] }.sorted()
    let wanted = min(times.count, Int((testFraction * Double(times.count) - 1e-9).rounded(.up)))
    guard wanted > 0 else { return Split(train: self, test: .empty) }
    // Rows of one instant stay together: with those of the earliest test row, or without them.
    let instant = times[times.count - wanted]
    let before = times.firstIndex(of: instant) ?? 0
    let after = times.firstIndex { $0 > instant } ?? times.count
    let target = times.count - wanted
    let isLater = after < times.count && (before == 0 || after - target < target - before)
    let marks: [UInt8] = values.indices.map {
      let isTest = isLater ? timestamps[$0] > instant : timestamps[$0] >= instant
      return isTest && !values[$0].isNaN ? 1 : 0
    }
    return Split(
      train: rows(marks, equal: 0, threads: threads), test: rows(marks, equal: 1, threads: threads))
  }

  /// The rows whose user and item do not occur together in other rows.
  func without(pairsOf others: IndexedRatings, users: Int, threads: Int) -> IndexedRatings {
    var known = CompressedRows(
      keys: others.users, columns: others.items, count: users, threads: threads)
    known.sortRows(columns: Int(others.items.max() ?? -1) + 1, threads: threads)
    var marks = [UInt8](repeating: 0, count: count)
    ck_csr_contains(known.offsets, known.columns, self.users, items, count, &marks)
    return rows(marks, equal: 0, threads: threads)
  }

  /// Hides some users with at least two rated rows: ⌈f·U⌉ of these U, those of the least draws.
  func hidingUsers(_ fraction: Double, users: Int, key: UInt64, threads: Int) -> Split {
    var counts = [Int](repeating: 0, count: users)
    for row in values.indices where !values[row].isNaN { counts[Int(self.users[row])] += 1 }
    let draws = counts.indices.filter { counts[$0] > 1 }
      .map { (draw: ck_random_bits(key, UInt64($0)), user: $0) }.sorted { $0 < $1 }
    var isHidden = [UInt8](repeating: 0, count: users)
    for hidden in draws.prefix(Int((fraction * Double(draws.count) - 1e-9).rounded(.up))) {
      isHidden[hidden.user] = 1
    }
    let marks = self.users.map { isHidden[Int($0)] }
    let all = rows(marks, equal: 1, threads: threads)
    let hidden = all.rated
    let parts = hidden.cutForFoldIn(users: users, key: key, threads: threads)
    var split = Split(
      train: rows(marks, equal: 0, threads: threads), test: parts.test, foldIn: parts.train)
    split.hiddenUnrated = all.count - hidden.count
    return split
  }

  /// Cuts the rated rows of users hidden from training, in file order: of each user's n rows ⌊0.8·n⌋, drawn
  /// at random, fold the user in and are `train` of the result.
  ///
  /// The same rows of a user of the same index are cut in the same way, whoever else has rows.
  fileprivate func cutForFoldIn(users: Int, key: UInt64, threads: Int) -> Split {
    cutByUser(users: users, threads: threads) { user, order in
      order.shuffle(key: ck_random_bits(key, UInt64(user)))
      return Int(0.8 * Double(order.count) + 1e-9)
    }
  }

  /// The two parts of rows of users whom a `strong` split by this seed hid from training, in file order:
  /// `train` of the result folds them in.
  package func foldInSplit(users: Int, seed: UInt64, threads: Int) -> Split {
    cutForFoldIn(users: users, key: ck_random_key(seed, RandomStream.split), threads: threads)
  }

  static let empty = IndexedRatings(users: [], items: [], values: [])
}

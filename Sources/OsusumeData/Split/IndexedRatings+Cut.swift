// Cuts rows in two: user by user, or by a draw for each row.
import CKernels

/// The row numbers of one user, to be put in the order in which they are cut.
struct UserOrder {
  fileprivate let rows: UnsafeMutableBufferPointer<Int32>

  /// Number of rows.
  var count: Int { rows.count }

  /// Shuffles by the draws of `key`.
  func shuffle(key: UInt64) { ck_split_shuffle(rows.baseAddress, rows.count, key) }

  /// Sorts by time, rows of the same time by another number, if that is equal too in file order.
  func sort(by timestamps: [Int64], then number: (Int32) -> UInt64 = { _ in 0 }) {
    var rows = rows
    rows.sort {
      let (a, b) = (timestamps[Int($0)], timestamps[Int($1)])
      return a == b ? (number($0), $0) < (number($1), $1) : a < b
    }
  }
}

extension IndexedRatings {
  /// Groups rows by user; `arrange` orders a user's rows and says how many of them train.
  func cutByUser(
    users: Int, threads: Int, arrange: (Int, UserOrder) -> Int
  ) -> Split {
    var groups = Grouping(keys: self.users, count: users, threads: threads)
    let offsets = groups.offsets
    // Enough parts to share evenly though some users have a thousand times the rows of others.
    let parts = min(users, 512)
    let trainCounts: [Int] = groups.order.withUnsafeMutableBufferPointer { order in
      Columns.array(users) { counts in
        forEachChunk(parts, threads: threads) { part in
          for user in evenRange(part, of: parts, count: users) {
            let range = Int(offsets[user])..<Int(offsets[user + 1])
            let mine = UserOrder(rows: .init(rebasing: order[range]))
            (counts + user).initialize(to: arrange(user, mine))
          }
        }
      }
    }
    let (trainPlaces, trainTotal) = Columns.starts(trainCounts)
    let timed = !timestamps.isEmpty
    var test = IndexedRatings(users: [], items: [], values: [])
    let train = IndexedRatings(count: trainTotal, timed: timed) { train in
      test = IndexedRatings(count: count - trainTotal, timed: timed) { test in
        withKernel { rows in
          forEachChunk(parts, threads: threads) { part in
            for user in evenRange(part, of: parts, count: users) {
              let (low, high) = (Int(offsets[user]), Int(offsets[user + 1]))
              let cut = low + trainCounts[user]
              ck_columns_gather(rows, groups.order, low, cut, train, trainPlaces[user])
              ck_columns_gather(rows, groups.order, cut, high, test, low - trainPlaces[user])
            }
          }
        }
      }
    }
    return Split(train: train, test: test)
  }

  /// Draws ⌈f·N⌉ rows without replacement; both parts keep the order of rows.
  ///
  /// Each row draws 64 bits; the rows with the least draws test. Which those are is found through a
  /// histogram of the draws' high 16 bits, so that only one bucket of it has to be sorted.
  func cutAtRandom(testFraction: Double, key: UInt64, threads: Int) -> Split {
    let wanted = min(count, Int((testFraction * Double(count) - 1e-9).rounded(.up)))
    let (bucket, below) = bucket(ofRank: wanted, key: key, threads: threads)
    var border = [Int32]()
    for rows in bucketRows(bucket, key: key, threads: threads) { border += rows }
    border.sort { (ck_random_bits(key, UInt64($0)), $0) < (ck_random_bits(key, UInt64($1)), $1) }
    var chosen: [UInt8] = Columns.array(count) { chosen in
      Columns.forEachRange(count, threads: threads) {
        ck_split_choose(key, $0.lowerBound, $0.upperBound, bucket, chosen)
      }
    }
    for row in border.prefix(wanted - below) { chosen[Int(row)] = 1 }
    return Split(
      train: rows(chosen, equal: 0, threads: threads),
      test: rows(chosen, equal: 1, threads: threads))
  }

  /// The bucket of draws in which the rank falls, and how many rows lie in lower buckets.
  private func bucket(ofRank rank: Int, key: UInt64, threads: Int) -> (bucket: UInt32, below: Int) {
    // One histogram for each of a few parts: 256 KB each.
    let parts = max(1, min(threads, 8, count / Columns.chunkRows))
    let buckets = 1 << 16
    var histograms = [Int32](repeating: 0, count: parts * buckets)
    histograms.withUnsafeMutableBufferPointer { histograms in
      guard let histograms = histograms.baseAddress else { return }
      forEachChunk(parts, threads: threads) { part in
        let range = evenRange(part, of: parts, count: count)
        ck_split_histogram(key, range.lowerBound, range.upperBound, histograms + part * buckets)
      }
    }
    var below = 0
    for bucket in 0..<buckets {
      let rows = (0..<parts).reduce(0) { $0 + Int(histograms[$1 * buckets + bucket]) }
      if below + rows >= rank { return (UInt32(bucket), below) }
      below += rows
    }
    return (UInt32(buckets), below)
  }

  private func bucketRows(_ bucket: UInt32, key: UInt64, threads: Int) -> [[Int32]] {
    Columns.mapRanges(count, threads: threads) { range in
      var rows = [Int32](repeating: 0, count: range.count)
      let found = ck_split_bucket(key, range.lowerBound, range.upperBound, bucket, &rows)
      return Array(rows.prefix(found))
    }
  }

  /// The rows whose mark is `wanted`, in order.
  func rows(_ marks: [UInt8], equal wanted: UInt8, threads: Int) -> IndexedRatings {
    let counts = Columns.mapRanges(count, threads: threads) {
      ck_split_count(marks, $0.lowerBound, $0.upperBound, wanted)
    }
    let (places, total) = Columns.starts(counts)
    return IndexedRatings(count: total, timed: !timestamps.isEmpty) { out in
      withKernel { rows in
        Columns.forEachRange(count, threads: threads) { range in
          ck_split_copy(
            rows, range.lowerBound, range.upperBound, marks, wanted, out,
            places[range.lowerBound / Columns.chunkRows])
        }
      }
    }
  }
}

extension Split {
  /// Test rows whose user, unless folded in, or item has no train row.
  public var coldRows: Int {
    let users = max(train.users.max() ?? -1, test.users.max() ?? -1) + 1
    let items = max(train.items.max() ?? -1, test.items.max() ?? -1) + 1
    var userSeen = [UInt8](repeating: 0, count: Int(users))
    var itemSeen = [UInt8](repeating: 0, count: Int(items))
    ck_split_mark(train.users, 0, train.count, &userSeen)
    ck_split_mark(foldIn.users, 0, foldIn.count, &userSeen)
    ck_split_mark(train.items, 0, train.count, &itemSeen)
    return ck_split_cold(test.users, test.items, test.count, userSeen, itemSeen)
  }
}

// Decides which rows of a coded table stay, and hands out those that do.
import CKernels

/// The rows of one table, users and items as codes, with the fate of each row (`ck_columns.h`).
struct RowFilter {
  private var rows: IndexedRatings
  private var dropReasons: [UInt8]
  private let threads: Int
  /// Number of rows of each fate, chunk by chunk, once duplicates are gone.
  private var tallies = [[Int]]()
  /// Rated rows whose item is missing from the item file, kept or not.
  let unlisted: Int

  /// Judges each row on its own: rated or not, in the item file or not, in the subset or not.
  init(rows: IndexedRatings, rules: RowFilterRules, threads: Int) {
    var unlisted = [Int]()
    dropReasons = Columns.array(rows.count) { dropReasons in
      unlisted = rows.withKernel { columns in
        Columns.mapRanges(rows.count, threads: threads) { range in
          ck_columns_sift(
            columns, range.lowerBound, range.upperBound, rules.sentinel, rules.maxUser,
            rules.itemDropReasons, dropReasons)
        }
      }
    }
    self.rows = rows
    self.unlisted = unlisted.reduce(0, +)
    self.threads = threads
  }

  /// Keeps one row of each pair, drops users with few ratings, and marks in `used` what is left.
  ///
  /// Without a policy, that is the newest where rows have timestamps, else the last.
  mutating func dedupe(minUserRatings: Int, duplicates: DuplicatePolicy?, used: inout UsedCodes) {
    let groups = Grouping(keys: rows.users, count: used.users.count, threads: threads)
    let (users, items, threads) = (used.users.count, used.items.count, threads)
    // A part has scratch of one place an item: only as many parts as keep that small beside the rows.
    let parts = max(1, min(64, rows.count / (4 * items + 1)))
    let timed = !rows.timestamps.isEmpty
    let duplicates = duplicates ?? (timed ? .newest : .last)
    let mean = duplicates == .mean
    // Written to for the mean only: a mutable borrow would copy a column that the table shares.
    var means = mean ? rows.values : []
    lendToDedupe(groups, &means, &used) { groups, columns, means, dropReasons, used in
      forEachChunk(parts, threads: threads) { part in
        let range = evenRange(part, of: parts, count: users)
        var stamp = [UInt32](repeating: 0, count: items)
        var sums = [Double](repeating: 0, count: mean ? 2 * items : 0)
        var newest = [Int32](repeating: 0, count: duplicates == .newest ? items : 0)
        newest.withUnsafeMutableBufferPointer { newest in
          var policy = ck_columns_policy(
            keep: duplicates.kernelCode, min_ratings: max(0, minUserRatings), means: means,
            newest: newest.baseAddress)
          ck_columns_dedupe(
            groups, columns, range.lowerBound, range.upperBound, &policy, dropReasons, &stamp,
            &sums, used)
        }
      }
    }
    if mean { rows.values = means }
    tallies = chunkTallies()
  }

  /// Calls `body` with what `ck_columns_dedupe` reads and writes.
  private mutating func lendToDedupe(
    _ groups: Grouping, _ means: inout [Float], _ used: inout UsedCodes,
    _ body: (
      UnsafePointer<ck_csr>, UnsafePointer<ck_ratings>, UnsafeMutablePointer<Float>?,
      UnsafeMutablePointer<UInt8>?, UnsafePointer<ck_columns_used>
    ) -> Void
  ) {
    let rows = rows
    groups.withKernel { groups in
      rows.withKernel { columns in
        means.withUnsafeMutableBufferPointer { means in
          dropReasons.withUnsafeMutableBufferPointer { dropReasons in
            used.withKernel { used in
              body(groups, columns, means.baseAddress, dropReasons.baseAddress, used)
            }
          }
        }
      }
    }
  }

  /// Number of rows.
  var rowCount: Int { rows.count }

  /// Number of rows of a fate (`CK_ROW_…`).
  func count(of fate: Int) -> Int { tallies.reduce(0) { $0 + $1[fate] } }

  /// The first row that repeats a pair, with its codes, or nil.
  var firstDuplicate: (row: Int, user: Int, item: Int)? {
    dropReasons.firstIndex(of: UInt8(CK_ROW_DUPLICATE)).map {
      ($0, Int(rows.users[$0]), Int(rows.items[$0]))
    }
  }

  /// Number of rows of each fate, chunk by chunk.
  private func chunkTallies() -> [[Int]] {
    Columns.mapRanges(rows.count, threads: threads) { range in
      var counts = [Int](repeating: 0, count: Int(CK_ROW_FATES))
      ck_columns_tally(dropReasons, range.lowerBound, range.upperBound, &counts)
      return counts
    }
  }

  /// The rows that stay, in file order, renumbered by rank.
  func kept(userRank: [Int32], itemRank: [Int32]) -> IndexedRatings {
    let (places, total) = Columns.starts(tallies.map { $0[Int(CK_ROW_KEPT)] })
    return IndexedRatings(count: total, timed: !rows.timestamps.isEmpty) { out in
      rows.withKernel { columns in
        Columns.forEachRange(rows.count, threads: threads) { range in
          ck_columns_keep(
            columns, range.lowerBound, range.upperBound, dropReasons, userRank, itemRank, out,
            places[range.lowerBound / Columns.chunkRows])
        }
      }
    }
  }

  /// The unrated rows whose user and item stay, in file order, renumbered by rank.
  func unrated(userRank: [Int32], itemRank: [Int32]) -> UnratedRows {
    let nowhere = ck_columns()
    return rows.withKernel { columns in
      let counts = Columns.mapRanges(rows.count, threads: threads) { range in
        ck_columns_keep_unrated(
          columns, range.lowerBound, range.upperBound, dropReasons, userRank, itemRank, nowhere, 0)
      }
      let (places, total) = Columns.starts(counts)
      var items = [Int32]()
      let users: [Int32] = Columns.array(total) { users in
        items = Columns.array(total) { items in
          let out = ck_columns(users: users, items: items, values: nil, timestamps: nil)
          Columns.forEachRange(rows.count, threads: threads) { range in
            _ = ck_columns_keep_unrated(
              columns, range.lowerBound, range.upperBound, dropReasons, userRank, itemRank, out,
              places[range.lowerBound / Columns.chunkRows])
          }
        }
      }
      return UnratedRows(users: users, items: items)
    }
  }
}

/// Which codes of users and items have a row that stays: 1, else 0.
struct UsedCodes {
  var users: [UInt8]
  var items: [UInt8]

  /// None yet.
  init(users: Int, items: Int) {
    self.users = .init(repeating: 0, count: users)
    self.items = .init(repeating: 0, count: items)
  }

  /// Calls `body` with both columns, which it may write to until it returns.
  mutating func withKernel(_ body: (UnsafePointer<ck_columns_used>) -> Void) {
    users.withUnsafeMutableBufferPointer { users in
      items.withUnsafeMutableBufferPointer { items in
        let used = ck_columns_used(users: users.baseAddress, items: items.baseAddress)
        withUnsafePointer(to: used) { body($0) }
      }
    }
  }
}

extension DuplicatePolicy {
  /// The kernel's number for which row is kept; `error` looks at what `first` drops.
  fileprivate var kernelCode: Int32 {
    switch self {
    case .first, .error: Int32(CK_KEEP_FIRST)
    case .last: Int32(CK_KEEP_LAST)
    case .mean: Int32(CK_KEEP_MEAN)
    case .newest: Int32(CK_KEEP_NEWEST)
    }
  }
}

// Ratings cut into parts, each of which tests what the others train (cross-validation).
import CKernels

/// Rows dealt into folds, every row into one.
///
/// The rows of each user are shuffled and dealt to the folds one after the other, the next user's from where
/// the last one's ended: folds differ by one row at most, and so do a user's rows in them.
public struct Folds: Sendable {
  /// Number of folds.
  public let count: Int
  private let rows: IndexedRatings
  /// The fold of each row.
  private let folds: [UInt8]
  private let threads: Int

  /// Deals rows into `count` folds; a function of the rows, the number of folds and the seed alone.
  ///
  /// - Parameters:
  ///   - rows: Of `users` users; at least `count`.
  ///   - count: From 2 to 100.
  /// - Throws: `FoldsError`.
  public init(
    of rows: IndexedRatings, users: Int, count: Int, seed: UInt64, threads: Int = allCores
  ) throws {
    try rows.check(users: users, items: Int(Int32.max) - 1)
    guard (2...100).contains(count) else { throw FoldsError.count(count) }
    guard rows.count >= count else { throw FoldsError.tooFewRows(rows.count, folds: count) }
    let key = ck_random_key(seed, RandomStream.folds)
    var groups = Grouping(keys: rows.users, count: users, threads: threads)
    let offsets = groups.offsets
    let parts = min(users, 512)
    groups.order.withUnsafeMutableBufferPointer { order in
      forEachChunk(parts, threads: threads) { part in
        for user in evenRange(part, of: parts, count: users) {
          let (low, high) = (Int(offsets[user]), Int(offsets[user + 1]))
          ck_split_shuffle(
            order.baseAddress.map { $0 + low }, high - low, ck_random_bits(key, UInt64(user)))
        }
      }
    }
    var folds = [UInt8](repeating: 0, count: rows.count)
    for (place, row) in groups.order.enumerated() { folds[Int(row)] = UInt8(place % count) }
    self.rows = rows
    self.count = count
    self.folds = folds
    self.threads = threads
  }

  /// One fold to test on, counted from 0, and the others to train on; both keep the order of rows.
  ///
  /// Errors: `FoldsError.noFold`.
  public func split(testingOn fold: Int) throws -> Split {
    guard (0..<count).contains(fold) else { throw FoldsError.noFold(fold, count: count) }
    // The kernels tell rows by whether their mark is a given one.
    let isTest = folds.map { $0 == UInt8(fold) ? UInt8(1) : 0 }
    return Split(
      train: rows.rows(isTest, equal: 0, threads: threads),
      test: rows.rows(isTest, equal: 1, threads: threads))
  }
}

/// Why rows cannot be dealt into folds.
public enum FoldsError: OsusumeError, Equatable {
  /// No number of folds.
  case count(Int)
  /// There is no such fold.
  case noFold(Int, count: Int)
  /// Some fold would be empty.
  case tooFewRows(Int, folds: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .count(let count): "`folds` \(count): give a whole number from 2 to 100"
    case .noFold(let fold, let count):
      "there is no fold \(fold): give a whole number from 0 to \(count - 1)"
    case .tooFewRows(let rows, let folds):
      "\(rows) row\(rows == 1 ? "" : "s") cannot be dealt into \(folds) folds: give fewer `folds`, or more ratings"
    }
  }
}

extension IndexedRatings {
  /// ⌈fraction·N⌉ rows drawn at random, in their order; of two fractions, the less is a part of the other.
  ///
  /// Rows are drawn without their labels.
  package func sample(fraction: Double, seed: UInt64, threads: Int) -> IndexedRatings {
    guard fraction < 1 else { return self }
    return cutAtRandom(
      testFraction: fraction, key: ck_random_key(seed, RandomStream.tuning), threads: threads
    ).test
  }
}

// What the benches work on: a set of the full anime set's size and shape, a tenth of it, or a file of one's own.
import Foundation
import Osusume

/// Ratings read, cleaned and cut as training does it, and what that took.
public struct BenchData {
  /// Rows to learn from, by user.
  let train: IndexedRatings
  /// Rows to be judged on.
  let test: IndexedRatings
  /// Users in all.
  let users: Int
  /// Items in all.
  let items: Int
  /// The bytes of a ratings file `user,item,rating` with a header.
  let text: [UInt8]
  /// All of it, its items and its split, as whole models are trained on.
  let ratings: Ratings, catalog: ItemCatalog, split: Split
  /// Bytes of the machine's last cache.
  private let lastCache: Int
  /// Reading, dropping, joining, numbering and splitting, from file to split: a line a thread count.
  public let preparations: [TrainingResult]

  /// Makes a set in a folder, which is removed again, or reads one, and prepares it.
  ///
  /// - Parameters:
  ///   - scale: Of the set that is made: 1 for 66,351 users, 9,926 items and 5,669,769 training rows.
  ///   - folder: Where the set is made; it must not exist.
  ///   - ratings: A ratings file in place of the one that is made.
  ///   - items: Its items, where there is a file of them.
  /// - Throws: `OutputError`, `RatingsFileError`, and `BenchDataError` where nothing is left to train on.
  public init(
    scale: Double, seed: UInt64, folder: String, ratings: String? = nil, items: String? = nil,
    threads: [Int], repeats: Int, caches: Machine.Caches
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if ratings == nil {
      try Synthesis(scale: scale, seed: seed).write(to: folder, threads: allCores)
    }
    let path = ratings ?? folder + "/rating.csv"
    let itemsPath = ratings == nil ? folder + "/anime.csv" : items
    let read = try Self.prepared(path, catalog: itemsPath, seed: seed, threads: allCores)
    guard read.split.train.count > 0, read.split.test.count > 0 else {
      throw BenchDataError.tooFew(path: path)
    }
    lastCache = max(caches.l2, caches.l3)
    (self.ratings, catalog, split) = read
    train = split.train
    test = split.test
    users = read.ratings.userIDs.count
    self.items = read.ratings.itemIDs.count
    text =
      ratings == nil
      ? [UInt8](try Data(contentsOf: URL(filePath: path))) : Self.text(of: read.ratings.rows)
    preparations = try threads.map { threads in
      var count = 0
      let timing = try Timing(repeats: repeats) {
        count = try Self.prepared(path, catalog: itemsPath, seed: seed, threads: threads)
          .ratings.counts.rows
      }
      return TrainingResult(
        name: "prepare", detail: "file to split", unit: "row", units: count, threads: threads,
        timing: timing)
    }
  }

  /// Where so many bytes come from that are gone through again and again.
  func bandwidth(of bytes: Int) -> Bandwidth { bytes > lastCache ? .memoryUpdate : .l3Read }

  /// Rows as lines of indices and whole ratings, eight million at most: what parsing is timed on.
  private static func text(of rows: IndexedRatings) -> [UInt8] {
    var text = Array("user,item,rating\n".utf8)
    for row in 0..<min(rows.count, 8_000_000) {
      let rating = Int(min(max(rows.values[row], 0), 1e6).rounded())
      text += Array("\(rows.users[row]),\(rows.items[row]),\(rating)\n".utf8)
    }
    return text
  }

  /// The steps of `osusume train` before training.
  private static func prepared(
    _ path: String, catalog: String?, seed: UInt64, threads: Int
  ) throws -> (ratings: Ratings, catalog: ItemCatalog, split: Split) {
    let items = try catalog.map { try ItemCatalog.read($0).catalog }
    var options = RatingsOptions()
    options.minUserRatings = 2
    if items != nil { options.join = .inner }
    let ratings = try Ratings(
      table: RatingTable.read(path, threads: threads), catalog: items ?? ItemCatalog(),
      options: options, threads: threads)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: seed, threads: threads)
    return (ratings, items ?? ItemCatalog(), split)
  }
}

/// Why there is nothing to bench.
public enum BenchDataError: OsusumeError, Equatable {
  /// A file leaves no training or no test rows.
  case tooFew(path: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .tooFew(let path):
      "\(path): too few ratings to time anything on; give a file of users with ten ratings and more"
    }
  }
}

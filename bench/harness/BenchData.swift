// What the benches work on: a set of the full anime set's size and shape, or a tenth of it.
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
  /// The ratings file's bytes.
  let text: [UInt8]
  /// Bytes of the machine's last cache.
  private let lastCache: Int
  /// Reading, dropping, joining, numbering and splitting, from file to split: a line a thread count.
  public let preparations: [TrainingResult]

  /// Makes a set in a folder, which is removed again, and prepares it.
  ///
  /// - Parameters:
  ///   - scale: 1 for 66,351 users, 9,926 items and 5,669,769 training rows.
  ///   - folder: Where the set is made; it must not exist.
  ///   - ratings: A ratings file to time the preparation of, in place of the one that is made.
  public init(
    scale: Double, seed: UInt64, folder: String, ratings: String?, threads: [Int], repeats: Int,
    caches: Machine.Caches
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Synthesis(scale: scale, seed: seed).write(to: folder, threads: allCores)
    let made = folder + "/rating.csv"
    let catalog = folder + "/anime.csv"
    let (rows, cut) = try Self.prepared(made, catalog: catalog, seed: seed, threads: allCores)
    lastCache = max(caches.l2, caches.l3)
    train = cut.train
    test = cut.test
    users = rows.userIDs.count
    items = rows.itemIDs.count
    text = [UInt8](try Data(contentsOf: URL(filePath: made)))
    preparations = try threads.map { threads in
      var count = 0
      let timing = try Timing(repeats: repeats) {
        count = try Self.prepared(
          ratings ?? made, catalog: ratings == nil ? catalog : nil, seed: seed, threads: threads
        ).ratings.counts.rows
      }
      return TrainingResult(
        name: "prepare", detail: "file to split", unit: "row", units: count, threads: threads,
        timing: timing)
    }
  }

  /// Where so many bytes come from that are gone through again and again.
  func bandwidth(of bytes: Int) -> Bandwidth { bytes > lastCache ? .memoryUpdate : .l3Read }

  /// The steps of `osusume train` before training.
  private static func prepared(
    _ path: String, catalog: String?, seed: UInt64, threads: Int
  ) throws -> (ratings: Ratings, split: Split) {
    let items = try catalog.map { try ItemCatalog.read($0).catalog }
    var options = RatingsOptions()
    options.minUserRatings = 2
    if items != nil { options.join = .inner }
    let ratings = try Ratings(
      table: RatingTable.read(path, threads: threads), catalog: items ?? ItemCatalog(),
      options: options, threads: threads)
    return (ratings, try ratings.split(.perUser(testFraction: 0.1), seed: seed, threads: threads))
  }
}

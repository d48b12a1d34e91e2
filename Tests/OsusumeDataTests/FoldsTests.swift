// Folds: every row tests once, folds and users are dealt evenly, and nothing depends on threads.
import Foundation
import Testing

@testable import OsusumeData

struct FoldsTests {
  /// User u rates u + 1 items; times are row numbers.
  private static let rows: IndexedRatings = {
    let pairs = (0..<40).flatMap { user in (0...user).map { (Int32(user), Int32($0)) } }
    return IndexedRatings(
      users: pairs.map(\.0), items: pairs.map(\.1), values: pairs.map { Float($0.1 % 10) },
      timestamps: pairs.indices.map { Int64($0) })
  }()

  private func folds(_ count: Int, seed: UInt64 = 42, threads: Int = 2) throws -> [Split] {
    let folds = try Folds(of: Self.rows, users: 40, count: count, seed: seed, threads: threads)
    return try (0..<count).map { try folds.split(testingOn: $0) }
  }

  @Test(arguments: [2, 3, 5, 7, 100])
  func everyRowTestsOnce(count: Int) throws {
    let splits = try folds(count)
    #expect(splits.flatMap(\.test.timestamps).sorted() == Self.rows.timestamps)
    for split in splits {
      #expect((split.train.timestamps + split.test.timestamps).sorted() == Self.rows.timestamps)
      #expect(split.test.timestamps == split.test.timestamps.sorted())
      let row = try #require(split.test.timestamps.last)
      #expect(split.test.users.last == Self.rows.users[Int(row)])
      #expect(split.test.values.last == Self.rows.values[Int(row)])
    }
    let sizes = splits.map(\.test.count)
    #expect(try #require(sizes.max()) - #require(sizes.min()) <= 1, "\(sizes)")
    for user in 0..<Int32(40) {
      let own = splits.map { split in split.test.users.count { $0 == user } }
      #expect(try #require(own.max()) - #require(own.min()) <= 1, "user \(user): \(own)")
    }
  }

  @Test func rowsAreShuffledByTheSeedAlone() throws {
    let first = try folds(5).map(\.test)
    for threads in [1, 3] { #expect(try folds(5, threads: threads).map(\.test) == first) }
    #expect(try folds(5, seed: 7).map(\.test) != first)
    // The items of the last user are not dealt in their order.
    let items = first[0].items.suffix(8)
    #expect(Set(zip(items, items.dropFirst()).map { $1 - $0 }).count > 1)
  }

  @Test func whatCannotBeDealtIsSaid() {
    for count in [0, 1, 101] {
      #expect(throws: FoldsError.count(count)) { try folds(count) }
    }
    #expect(throws: FoldsError.tooFewRows(1, folds: 2)) {
      try Folds(
        of: IndexedRatings(users: [0], items: [0], values: [1]), users: 1, count: 2, seed: 1)
    }
    #expect(throws: RatingsFault.self) {
      try Folds(of: Self.rows, users: 3, count: 2, seed: 1)
    }
  }

  @Test func smallerSamplesArePartsOfLargerOnes() {
    func sample(_ fraction: Double) -> [Int64] {
      Self.rows.sample(fraction: fraction, seed: 3, threads: 2).timestamps
    }
    let (ninth, third) = (sample(1.0 / 9), sample(1.0 / 3))
    #expect(ninth.count == 92 && third.count == 274 && sample(1) == Self.rows.timestamps)
    #expect(Set(ninth).isStrictSubset(of: third))
  }
}

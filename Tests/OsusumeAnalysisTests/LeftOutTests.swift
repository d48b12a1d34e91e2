// What users have seen without rating it is not ranked when models are evaluated.
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct LeftOutTests {
  /// Two users, of whom the first rated items 0 and 1 and has seen item 2; item 2 is the most popular.
  private static let ratings = Ratings(
    userIDs: .integers([1, 2, 3]), itemIDs: .integers([10, 20, 30, 40]),
    rows: IndexedRatings(
      users: [0, 0, 1, 2, 1, 2, 2], items: [0, 1, 2, 2, 1, 3, 0], values: [5, 9, 8, 7, 3, 9, 6]),
    unrated: UnratedRows(users: [0, 2], items: [2, 1]), counts: .init(), sha256: "")

  private static let split: Split = {
    let (rows, testing) = (ratings.rows, [1, 5])
    func part(_ places: [Int]) -> IndexedRatings {
      IndexedRatings(
        users: places.map { rows.users[$0] }, items: places.map { rows.items[$0] },
        values: places.map { rows.values[$0] })
    }
    return Split(
      train: part(rows.values.indices.filter { !testing.contains($0) }), test: part(testing))
  }()

  private let options = EvaluationOptions(
    cutoffs: [1], relevantAt: 8, bootstrap: Bootstrap(resamples: 0), threads: 1)

  @Test func seenItemsAreNoCandidates() throws {
    let model = try Trainer(.popularity).model(of: Self.ratings, split: Self.split)
    var bare = Self.ratings
    bare.unrated = UnratedRows()
    func hits(_ ratings: Ratings) throws -> Double? {
      let held = try HeldOutRatings(
        ratings.rows, of: ratings, for: model, keepUnknown: true, threads: 1)
      return try Evaluation(model, on: held, options)["recall@1"]?.value
    }
    // Counts in training are 2, 1, 2, 0: item 2 hides item 1 from user 0, and item 1 hides item 3 from
    // user 2, until they are left out.
    #expect(try hits(bare) == 0)
    #expect(try hits(Self.ratings) == 1)
    let held = try HeldOutRatings(
      Self.split, users: 3, items: 4, unrated: Self.ratings.unrated, threads: 1)
    #expect(try Evaluation(model, on: held, options)["recall@1"]?.value == 1)
  }

  @Test func rowsAmongTheRatingsAreLeftOutAndTestRatingsAreNot() throws {
    let joined = Self.ratings.withUnrated()
    #expect(joined.allUnrated == Self.ratings.unrated)
    // A file of test ratings may rate what the other file has without a rating.
    let held = try HeldOutRatings(
      Self.split, users: 3, items: 4, unrated: UnratedRows(users: [0, 0, 2], items: [1, 2, 3]))
    #expect(held.leftOut[0] == [2] && held.leftOut[1].isEmpty && held.leftOut[2].isEmpty)
  }

  @Test func comparisonsLeaveThemOutToo() throws {
    var options = ComparisonOptions()
    options.bootstrap.resamples = 0
    options.relevantAt = 8
    var bare = Self.ratings
    bare.unrated = UnratedRows()
    func mrr(_ ratings: Ratings) throws -> Double? {
      let comparison = try Comparison(
        try Contender.list("popularity", seed: 1), on: ratings, split: Self.split, options)
      return comparison.models[0].evaluation["mrr@10"]?.value
    }
    #expect(try mrr(Self.ratings) == 1)
    #expect(try mrr(bare) == 0.5)
  }
}

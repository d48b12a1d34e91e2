// als on published data: below its peers, and newcomers folded in as well as users trained.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct ALSRealDataTests {
  private static let anime = RealData.path("anime-2016/rating.csv")
  private static let movies = RealData.path("ml-latest-small/ratings.csv")

  private static var optimised: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  private func ratings(_ path: String, minUserRatings: Int) throws -> Ratings {
    var options = RatingsOptions()
    options.minUserRatings = minUserRatings
    return try Ratings(table: RatingTable.read(path, threads: 2), options: options, threads: 2)
  }

  private func error(_ path: String, minUserRatings: Int) throws -> Double {
    let ratings = try ratings(path, minUserRatings: minUserRatings)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    let result = try ALS(threads: 2).fit(
      train: split.train, users: ratings.userIDs.count, items: ratings.itemIDs.count,
      test: split.test)
    return try #require(result.epochs.last?.validRMSE)
  }

  @Test(
    .enabled(if: anime != nil, "needs anime-2016"),
    .enabled(if: optimised, "takes too long without optimisation: swift test -c release"))
  func animeIsBelowTheTunedPeers() throws {
    #expect(try error(#require(Self.anime), minUserRatings: 2) < 1.140)
  }

  @Test(
    .enabled(if: movies != nil, "needs ml-latest-small"),
    .enabled(if: optimised, "takes too long without optimisation: swift test -c release"))
  func moviesAreBelowTheTunedPeers() throws {
    #expect(try error(#require(Self.movies), minUserRatings: 1) < 0.840)
  }

  /// 500 users hidden whole, 80 % of their ratings folded in, the rest predicted: within 2 % of the error
  /// of the same users trained on the same ratings.
  @Test(
    .enabled(if: anime != nil, "needs anime-2016"),
    .enabled(if: optimised, "takes too long without optimisation: swift test -c release"))
  func newcomersArePredictedLikeUsersTrained() throws {
    let ratings = try ratings(#require(Self.anime), minUserRatings: 5)
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 42, threads: 2)
    let users = ratings.userIDs.count
    let hidden = Set((0..<500).map { Int32($0 * users / 500) })
    func rows(_ all: RatingRows, hidden wanted: Bool) -> RatingRows {
      let places = all.users.indices.filter { hidden.contains(all.users[$0]) == wanted }
      return RatingRows(
        users: places.map { all.users[$0] }, items: places.map { all.items[$0] },
        values: places.map { all.values[$0] })
    }
    let judges = rows(split.test, hidden: true)
    let trainer = Trainer(.als, threads: 2)
    let trained = try trainer.model(
      of: ratings, split: Split(train: split.train, test: judges))
    let without = try trainer.model(
      of: ratings, split: Split(train: rows(split.train, hidden: false), test: judges))
    let foldIn = try FoldIn(without)
    let folded = without.parameters.packed.copy()
    let known = rows(split.train, hidden: true)
    for (user, places) in Dictionary(grouping: known.users.indices, by: { known.users[$0] }) {
      let row = foldIn.row(
        of: .user, ratings: places.map { (known.items[$0], known.values[$0]) })
      for lane in 0..<row.stride { folded.users[Int(user)][lane] = row[0][lane] }
    }
    let own = try #require(trained.parameters.errors(on: judges, threads: 2)).rmse
    let new = try #require(folded.errors(on: judges, threads: 2)).rmse
    #expect(new < own * 1.02, "\(new) folded in, \(own) trained")
    print("fold-in: RMSE \(new), trained \(own)")
  }
}

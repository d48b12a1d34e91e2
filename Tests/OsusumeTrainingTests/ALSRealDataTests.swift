// als on published data: below its peers.
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
}

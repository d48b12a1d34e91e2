// The real data sets come out with the counts their descriptions give.
import OsusumeData
import Testing

@Suite(.enabled(if: RealData.isPresent, "needs the data sets"))
struct RealRatingsTests {
  @Test func animeCounts() throws {
    let table = try RatingTable.read(RealData.path("anime-2016/rating.csv"), threads: 2)
    let catalog = try ItemCatalog.read(RealData.path("anime-2016/anime.csv")).catalog
    var options = RatingsOptions()
    options.minUserRatings = 2
    let ratings = try Ratings(table: table, catalog: catalog, options: options, threads: 2)
    #expect(ratings.counts.rows == 612_649 && ratings.counts.sentinel == 118_336)
    #expect(ratings.counts.minUserRatings == 246 && ratings.counts.duplicates == 0)
    #expect(ratings.counts.notInItems == 0 && ratings.rows.count == 494_067)
    #expect(ratings.userIDs.count == 5_311 && ratings.itemIDs.count == 7_333)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    #expect(split.train.count == 442_212 && split.test.count == 51_855)
    #expect((1...1000).contains(split.coldRows))
  }

  @Test func animeDescription() throws {
    let table = try RatingTable.read(RealData.path("anime-2016/rating.csv"), threads: 2)
    let summary = try RatingsSummary(try Ratings(table: table, threads: 2), threads: 2)
    #expect(summary.rows == 612_649 && summary.rated == 494_313)
    #expect(summary.usersRated == 5_557 && summary.singleRatingUsers == 246)
    #expect(summary.itemsRated == 7_334)
    #expect(
      summary.histogram.counts == [
        1448, 2011, 3458, 8200, 22301, 49434, 107_237, 128_100, 98148, 73976,
      ])
    #expect(abs(summary.mean - 7.7993) < 5e-5 && abs(summary.sd - 1.5844) < 5e-5)
    #expect(abs(summary.perUser.mean - 88.95) < 5e-3)
    #expect(summary.perUser.median == 44 && summary.perUser.max == 1_991)
  }

  @Test func movieLensDescription() throws {
    let table = try RatingTable.read(RealData.path("ml-latest-small/ratings.csv"), threads: 2)
    let ratings = try Ratings(table: table, threads: 2)
    let summary = try RatingsSummary(ratings, threads: 2)
    #expect(summary.ratings == 100_836 && summary.users == 610 && summary.items == 9_724)
    #expect(summary.histogram.values == (1...10).map { Float($0) / 2 })
    #expect(
      summary.histogram.counts == [1370, 2811, 1791, 7551, 5550, 20047, 13136, 26818, 8551, 13211])
    #expect(ratings.rows.timestamps.count == 100_836)
  }
}

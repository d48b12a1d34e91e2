// The options by which commands read ratings.
import ArgumentParser
import Foundation
import Osusume
import Testing

@testable import OsusumeCLI

struct DataOptionsTests {
  private func write(_ text: String) throws -> String {
    let path = NSTemporaryDirectory() + "osusume-\(UUID()).csv"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func loadReadsCleansAndJoins() throws {
    let ratings = try write("user_id,anime_id,rating\n7,1,5\n7,2,-1\n9,1,3\n9,3,4\n")
    let test = try write("user,item,rating\n9,2,4\n")
    let items = try write("anime_id,name\n1,One\n2,Two\n")
    defer { for path in [ratings, test, items] { unlink(path) } }
    let options = try DataOptions.parse([
      "--ratings", ratings, "--items", items, "--join", "inner", "--split", "file:\(test)",
    ])
    let loaded = try options.load(threads: 2)
    #expect(loaded.ratings.userIDs == .integers([7, 9]))
    #expect(loaded.ratings.itemIDs == .integers([1, 2]))
    #expect(loaded.ratings.counts.notInItems == 1 && loaded.ratings.counts.sentinel == 1)
    #expect(loaded.ratings.testRows?.values == [4])
    #expect(loaded.catalog["2"]?.title == "Two" && loaded.itemsSHA256?.count == 64)
    let strict = try options.load(threads: 1)
    #expect(strict.ratings.rows == loaded.ratings.rows)
    #expect(throws: RatingsError.nothingLeft(rows: 4)) {
      try options.load(.init(minUserRatings: 2), threads: 1)
    }
  }

  @Test func rowsOfUsersCountRatedOrNot() throws {
    let ratings = try write(
      "user,item,rating,status\na,1,5,2\na,2,-1,1\na,3,-1,2\nb,1,3,2\nb,3,4,4\n")
    defer { unlink(ratings) }
    let options = try DataOptions.parse(["--ratings", ratings, "--min-user-rows", "3"])
    let loaded = try options.load(threads: 2)
    #expect(loaded.ratings.userIDs == .strings(["a"]) && loaded.ratings.rows.values == [5])
    let counts = loaded.ratings.counts
    #expect(counts.rows == 5 && counts.subset == 2 && counts.sentinel == 2)
    #expect(loaded.ratings.unrated.items == [])
    let report = TrainReport.DataCounts(
      loaded.ratings, split: try loaded.ratings.split(.none, seed: 1, threads: 1))
    #expect(report.dropped.subset == 2 && report.train == 1)
    #expect(options.arguments.suffix(2) == ["--min-user-rows", "3"])
  }

  @Test func watchingStatusesAreCounted() throws {
    let path = try write(
      "user_id,anime_id,rating,watching_status\n1,1,5,2\n1,2,0,6\n2,1,3,2\n2,3,4,4\n2,4,1,55\n")
    defer { unlink(path) }
    let loaded = try DataOptions.parse(["--ratings", path]).load(.init(forLabels: true), threads: 1)
    #expect(loaded.ratings.statuses.map(\.status) == [2, 4, 6, 55])
    #expect(loaded.ratings.statuses.map(\.rows) == [2, 1, 1, 1])
    #expect(loaded.ratings.statuses.map(\.name) == ["completed", "dropped", "planned", nil])
  }

  @Test func sentinels() throws {
    let base = ["--ratings", "r.csv"]
    #expect(try DataOptions.parse(base).file.dropRating == nil)
    #expect(try DataOptions.parse(base + ["--drop-rating", "-2"]).file.dropRating == .rating(-2))
    #expect(try DataOptions.parse(base + ["--drop-rating", "none"]).file.dropRating == .never)
    #expect(try DataOptions.parse(base).split == nil)
    #expect(try DataOptions.parse(base + ["--max-user-id", "5"]).maxUserID == 5)
  }

  @Test(arguments: [
    ["--drop-rating", "nan"], ["--split", "half"], ["--limit", "0"], ["--min-user-ratings", "0"],
    ["--min-user-rows", "0"],
    ["--join", "inner"], ["--only-type", "TV"], ["--duplicates", "sum"],
  ])
  func nonsenseIsRefused(arguments: [String]) {
    #expect(throws: (any Error).self) {
      try DataOptions.parse(["--ratings", "r.csv"] + arguments)
    }
  }
}

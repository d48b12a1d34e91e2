// Item files: schemas, quoting, damage.
import Foundation
import Testing

@testable import OsusumeData

struct ItemCatalogReadTests {
  private func parse(_ text: String) throws -> ItemCatalog {
    try .parse(Array(text.utf8), file: "items.csv")
  }

  @Test func kaggleSchema() throws {
    let catalog = try parse(
      """
      \u{feff}anime_id,name,genre,type,episodes,rating,members
      1,"Gintama&#039;, ""the"" best","Action, Sci-Fi",TV,51,9.16,151266\r
      2,Short & sweet,,,Unknown,,12\r\n
      """)
    #expect(
      catalog.items == [
        Item(
          id: "1", title: "Gintama', \"the\" best", genres: ["Action", "Sci-Fi"], type: "TV",
          episodes: 51, averageRating: 9.16, members: 151266),
        Item(id: "2", title: "Short & sweet", members: 12),
      ])
  }

  @Test func movieLensSchema() throws {
    let catalog = try parse(
      "movieId,title,genres\r\n7,\"A, B (1995)\",Comedy|War\r\n8,C,(no genres listed)")
    #expect(catalog["7"]?.title == "A, B (1995)" && catalog["7"]?.genres == ["Comedy", "War"])
    #expect(catalog["8"]?.genres.isEmpty == true)
  }

  @Test func otherShapes() throws {
    #expect(try parse("id\ttitle\n1\ta,b\n")["1"]?.title == "a,b")
    #expect(try parse("Item ID;Name\n1;5\" disc\n")["1"]?.title == "5\" disc")
    #expect(try parse("id,title\n1,\"two\nlines\"\n\n2\n")["2"]?.title == "2")
    #expect(try parse("id,title\r1,a\r2,b")["2"]?.title == "b")
    #expect(try parse("id,title\n1,a\n1,b\n")["1"]?.title == "b")
    #expect(try parse("id,title\n1,a\u{2028}b\n")["1"]?.title == "a\u{2028}b")
    let latin1 = try ItemCatalog.parse(Array("id,title\n1,caf".utf8) + [0xe9, 0x0a], file: "")
    #expect(latin1["1"]?.title == "café")
    #expect(try parse("id,rating\n1,nan\n2,1e999\n").items.allSatisfy { $0.averageRating == nil })
  }

  @Test func damage() {
    #expect(throws: ItemFileError.empty(file: "items.csv")) { try parse("") }
    #expect(throws: ItemFileError.noItems(file: "items.csv")) { try parse("id,title\n") }
    #expect(throws: ItemFileError.noIDColumn(file: "items.csv", columns: ["a", "b"])) {
      try parse("a,b\n1,2\n")
    }
    #expect(throws: ItemFileError.missingID(file: "items.csv", line: 3)) {
      try parse("id,title\n1,a\n,b\n")
    }
    #expect(throws: ItemFileError.unterminatedQuote(file: "items.csv", line: 4)) {
      try parse("id,title\n1,\"x\ny\"\n2,\"abc\n3,d\n")
    }
    #expect(throws: ItemFileError.self) { try ItemCatalog.read("/nowhere/items.csv") }
  }

  @Test(arguments: [
    ("a &amp; b", "a & b"), ("&#039;&#x27;&quot;", "''\""), ("&amp;lt;", "&lt;"), ("&", "&"),
    ("AT&T; x", "AT&T; x"), ("&#0;&#xd800;&#99999999;", "&#0;&#xd800;&#99999999;"),
    ("&eacute;&hellip;", "é…"), ("a &b &lt; c", "a &b < c"), ("&#;&#x;&;", "&#;&#x;&;"),
  ])
  func entities(text: String, decoded: String) {
    #expect(text.decodingHTMLEntities == decoded)
  }

  @Test(.enabled(if: RealData.isPresent, "needs the data sets")) func realFiles() throws {
    let (anime, sha256, _) = try ItemCatalog.read(RealData.path("anime-2016/anime.csv"))
    #expect(anime.items.count == 12_294 && sha256.count == 64)
    #expect(anime["9969"]?.title == "Gintama'")
    #expect(anime.items.count { $0.genres.isEmpty } == 62)
    #expect(anime.items.count { $0.type == nil } == 25)
    #expect(anime.items.count { $0.averageRating == nil } == 230)
    let movies = try ItemCatalog.read(RealData.path("ml-latest-small/movies.csv")).catalog
    #expect(movies.items.count == 9_742)
  }
}

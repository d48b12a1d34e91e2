// The page of a ratings file: its counts, its rows, and titles that would do harm.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeAnalysis

struct RatingsPageTests {
  static let hostile = "</script><script>throw 1</script> \"&'\u{202E}gnp\u{2069} مرحبا 👩‍🚀"

  private var ratings: Ratings {
    let day: Int64 = 86_400
    return Ratings(
      userIDs: .integers([1, 2, 3]), itemIDs: .integers([10, 20, 30]),
      rows: IndexedRatings(
        users: [0, 0, 0, 1, 1, 2], items: [0, 1, 2, 0, 1, 0], values: [5, 3, 1, 4, 2, 5],
        timestamps: [0, day, 40 * day, 41 * day, 70 * day, 70 * day]),
      counts: {
        var counts = IngestCounts()
        (counts.rows, counts.sentinel, counts.users, counts.items) = (8, 2, 3, 4)
        return counts
      }(), sha256: "abc")
  }

  private var catalog: ItemCatalog {
    ItemCatalog([
      Item(id: "10", title: Self.hostile, genres: ["Drama", "Action"], type: "TV", episodes: 12),
      Item(id: "20", title: "Plain", genres: ["Drama"], type: "Movie", averageRating: 7.5),
      Item(id: "30", title: "No genre", members: 1234),
    ])
  }

  @Test func countsAreThoseOfTheRows() throws {
    let page = try RatingsPage(ratings, catalog: catalog, source: "r.csv").page()
    let titles = page.sections.map(\.title)
    #expect(
      titles == [
        "The data", "By genre and type", "The most active users and the most rated items",
        "The first rows",
      ])
    let facts = try #require(page.sections[0].table).rows
    #expect(facts.contains(["seen but not rated (−1)", "2, 25.0 % of the rows"]))
    #expect(facts.contains(["rating", "mean 3.3333, standard deviation 1.4907"]))
    #expect(facts.contains(["users", "3; with ratings 3, once only 1"]))
    let charts = page.sections[0].charts
    #expect(charts.map(\.rows.count) == [5, 3, 2, 3])
    // 1 January to 12 March 1970.
    #expect(charts[3].rows.map { $0["y"] } == [.number(2), .number(2), .number(2)])
    let kinds = try #require(page.sections[1].details).rows
    #expect(
      kinds == [
        ["genre", "Drama", "2", "5", "83.3 %", "3.800"],
        ["genre", "Action", "1", "3", "50.0 %", "4.667"],
        ["genre", "(no genre)", "1", "1", "16.7 %", "1.000"],
        ["type", "TV", "1", "3", "50.0 %", "4.667"],
        ["type", "Movie", "1", "2", "33.3 %", "2.500"],
        ["type", "(no type)", "1", "1", "16.7 %", "1.000"],
      ])
  }

  @Test func theCrossTableHoldsEveryPair() throws {
    let page = try RatingsPage(ratings, catalog: catalog, source: "r.csv", head: 2).page()
    let table = try #require(page.sections[2].table)
    #expect(table.header == ["item", "ratings", "1", "2", "3"])
    #expect(table.rows[0] == ["", "ratings", "3", "2", "1"])
    #expect(
      table.rows.dropFirst().map { Array($0.dropFirst()) } == [
        ["3", "5", "4", "5"], ["2", "3", "2", ""], ["1", "1", "", ""],
      ])
    let first = page.sections[3]
    #expect(first.table?.rows == [["1", "10", "5", "0"], ["1", "20", "3", "86400"]])
    #expect(first.tables.map(\.caption) == ["Items", "Both joined"])
    #expect(first.tables.map(\.rows.count) == [2, 2])
    #expect(
      first.tables[1].rows[1] == [
        "1", "20", "3", "86400", "Plain", "Drama", "Movie", "–", "7.50", "–",
      ])
  }

  @Test func hostileTitlesAreHarmless() throws {
    let page = try RatingsPage(
      ratings, catalog: catalog, source: Self.hostile, threads: 1
    ).page()
    for vega in [VegaLibrary.installed, nil] {
      let html = try page.html(vega: vega)
      let ours = vega.map { html.replacingOccurrences(of: $0.script, with: "") } ?? html
      #expect(!ours.contains("<script>throw") && !ours.contains("\u{202E}"))
      #expect(ours.contains("مرحبا") && ours.contains("👩‍🚀"))
    }
    let name = Self.hostile.shown()
    #expect(name.hasPrefix("\u{2068}") && name.hasSuffix("\u{2069}"))
    #expect(name.dropFirst().dropLast().unicodeScalars.allSatisfy { !$0.properties.isBidiControl })
    #expect("Café".shown(4) == "Café" && "Cafés".shown(4) == "Caf…")
    #expect("a\nb\u{2028}c".shown() == "a\u{FFFD}b\u{FFFD}c")
  }

  @Test func aPageOfInteractionsHasNoRatings() throws {
    var seen = ratings
    seen.feedback = .seen
    seen.rows.values = [1, 1, 1, 1, 1, 1]
    let page = try RatingsPage(seen, source: "s.csv").page()
    #expect(page.sections.count == 3)
    #expect(!(page.sections[0].table?.rows.contains { $0[0] == "rating" } ?? true))
    #expect(page.sections[1].table?.rows[1].suffix(3) == ["×", "×", "×"])
    #expect(try page.html(vega: nil).contains("interactions"))
  }
}

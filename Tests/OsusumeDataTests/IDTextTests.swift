// Ids are their text: what is an integer, what is trimmed, and how files of either kind meet.
import Foundation
import Testing

@testable import OsusumeData

struct IDTextTests {
  /// A column with an integer that is not written as we write it is text, whole.
  @Test(arguments: ["007", "+7", "-0", "00", "0106", "-07", "\" 7\"", "\"7 \"", "7.0", "1e3", "7X"])
  func whatIsNoIntegerMakesTheColumnText(id: String) throws {
    let bare = id.replacing("\"", with: "")
    for text in [
      "user,item,rating\n\(id),1,5\n7,2,4\n", "user,item,rating\n1,\(id),5\n2,7,4\n",
      "user,item,rating\n1,\(id),5\n" + String(repeating: "2,7,4\n", count: 100),
    ] {
      let table = try read(text)
      let column = text.contains("\n\(id),") ? table.users : table.items
      guard case .strings(let codes, let names) = column else {
        Issue.record("'\(id)' was read as an integer")
        continue
      }
      #expect(names[Int(codes[0])] == bare && names[Int(codes[1])] == "7")
    }
  }

  @Test func integersAreTheirText() throws {
    let table = try read("\(Int64.max),\(Int64.min),1\n-5,0,2\n 10 ,\"7\",3\n")
    #expect(table.users == .integers([.max, -5, 10]) && table.items == .integers([.min, 0, 7]))
  }

  /// Blanks around unquoted text are no part of it, in quotes they are.
  @Test func blanksAreTrimmed() throws {
    let table = try read(
      "user,item,rating\nann, tea,5\nann,tea ,4\n\tbob ,\" tea\", 3\n bob,\t\"tea\" ,2\n")
    #expect(table.users == .strings(codes: [0, 0, 1, 1], names: ["ann", "bob"]))
    #expect(table.items == .strings(codes: [1, 1, 0, 1], names: [" tea", "tea"]))
  }

  /// Ratings typed as integers, a test file of text: the same items are the same.
  @Test func tablesOfEitherKindMeet() throws {
    let table = try read("user,item,rating\n1,106,5\n2,106,4\n2,7,3\n")
    let test = try read("user,item,rating\n1,7,5\n1,034545104X,4\n2,0106,1\n")
    let ratings = try Ratings(table: table, test: test, threads: 1)
    #expect(ratings.itemIDs == .strings(["0106", "034545104X", "106", "7"]))
    #expect(ratings.userIDs == .integers([1, 2]))
    #expect(ratings.testRows?.items == [3, 1, 0] && ratings.rows.items == [2, 2, 3])
  }

  @Test func lookupsGoByText() {
    let integers = IDMap.integers([-3, 7, 106])
    let strings = IDMap.strings(
      ["-3", "007", "106", "7"].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for map in [integers, strings] {
      let lookup = IDLookup(map)
      for id in ["-3", "007", "7", "106", "0106", "+7", " 7", "7 ", "-0", "", "x"] {
        let right = (0..<map.count).first { map[$0] == id }
        #expect(map.index(of: id) == right, "'\(id)'")
        #expect(lookup.index(of: Array(id.utf8)[...]) == right.map(Int32.init), "'\(id)'")
      }
      #expect(lookup.index(of: 7) == map.index(of: "7").map(Int32.init))
    }
    #expect(strings.mapping(into: integers) == [0, -1, 2, 1])
  }

  @Test func itemsOfTextJoinRatingsOfIntegers() throws {
    let items = try ItemCatalog.parse(
      Array("id,title\n106,A\n034545104X,B\n007,C\n".utf8), file: "i")
    let table = try read("user,item,rating\n1,106,5\n2,106,4\n2,7,3\n")
    var options = RatingsOptions()
    options.join = .inner
    let ratings = try Ratings(table: table, catalog: items, options: options, threads: 1)
    #expect(ratings.itemIDs == .integers([106]) && ratings.counts.notInItems == 1)
  }
}

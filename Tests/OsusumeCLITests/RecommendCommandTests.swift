// `osusume recommend`: what it accepts, and its JSON.
import ArgumentParser
import Foundation
import Osusume
import Testing

@testable import OsusumeCLI

struct RecommendCommandTests {
  @Test(arguments: [
    ["--user", "1"], ["--user", "1", "--user", "2"], ["--users", "1,2"], ["--users-file", "f"],
    ["--users", "all", "--output", "r.csv"], ["--users", "all", "--json"],
    ["--users", "all", "--output", "r.csv", "--json"],
  ])
  func accepts(arguments: [String]) {
    #expect(throws: Never.self) {
      try RecommendCommand.parse(["--model", "m"] + arguments)
    }
  }

  @Test(arguments: [
    [], ["--user", "1", "--top", "0"], ["--users", "all"],
    ["--user", "1", "--output", "-", "--json"],
  ])
  func refuses(arguments: [String]) {
    #expect(throws: (any Error).self) {
      try RecommendCommand.parse(["--model", "m"] + arguments)
    }
  }

  @Test func jsonHasTheContractsNames() throws {
    let answer = Recommendations(
      user: "123",
      items: [
        Recommendation(
          id: "5114", item: Item(id: "5114", title: "T"), score: 9.5, rank: 1)
      ], leftOut: LeftOut([.seen: 57]), asked: 1)
    let text = try Output.text(of: RecommendationsReport(answer, ofItems: 9, version: "abc"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    let expected: NSDictionary = [
      "user": "123", "model_version": "abc", "filtered": ["seen": 57],
      "items": [
        ["item": "5114", "title": "T", "genres": [], "score": 9.5, "rank": 1]
      ],
    ]
    #expect(json == expected)
  }
}

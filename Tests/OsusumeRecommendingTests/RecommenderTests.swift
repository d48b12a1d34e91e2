// Recommendations of a whole model: ids, metadata, seen items, CSV.
import Foundation
import ModelFixtures
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

struct RecommenderTests {
  @Test func bestItemsComeWithWhatIsKnownOfThem() throws {
    let recommender = try Recommender(tinyModel())
    let user = try recommender.index(ofUser: "5")
    let answer = try recommender.recommend(10, for: user)
    let parameters = recommender.model.parameters
    let scores = (0..<4).map { parameters.score(user: Int(user), item: $0) }
    let order = (0..<4).sorted { scores[$0] > scores[$1] }
    #expect(answer.user == "5" && answer.leftOut[.seen] == 0)
    #expect(answer.items.map(\.id) == order.map { recommender.model.itemIDs[$0] })
    #expect(answer.items.map(\.rank) == [1, 2, 3, 4])
    for (entry, item) in zip(answer.items, order) {
      #expect(abs(entry.score - min(max(scores[item], 1), 10)) < 1e-5)
    }
    let raw = try Recommender(recommender.model, raw: true).recommend(10, for: user)
    for (entry, item) in zip(raw.items, order) { #expect(abs(entry.score - scores[item]) < 1e-5) }
    #expect(answer.items.first { $0.id == "20" }?.item?.genres == ["Drama", "Sci-Fi"])
  }

  @Test func seenItemsAreLeftOutUnlessAskedFor() throws {
    let recommender = try Recommender(tinyModel())
    let user = try recommender.index(ofUser: "9")
    let answer = try recommender.recommend(10, for: user)
    #expect(answer.items.map(\.id) == [String(1 << 40)] && answer.leftOut[.seen] == 3)
    let whole = try recommender.recommend(10, for: user, leavingOut: [])
    #expect(whole.items.count == 4 && whole.leftOut[.seen] == 0)
  }

  @Test func filteredItemsAreLeftOutAndCounted() throws {
    let model = tinyModel()
    var filter = ItemFilter()
    filter.genres = ["drama"]
    let recommender = try Recommender(model, items: model.items(passing: filter))
    let answer = try recommender.recommend(10, for: 1)
    #expect(answer.items.map(\.id) == ["20"] && answer.asked == 10)
    #expect(answer.leftOut.counts == [.genre: 3])
    // User 9 has seen items 0, 1 and 2: the drama among them, and two of the three that are none.
    let other = try recommender.recommend(10, for: 2)
    #expect(other.items.isEmpty && other.leftOut.counts == [.seen: 3, .genre: 1])
  }

  @Test func anUnknownUserIsNamed() {
    let error = #expect(throws: RecommenderError.self) {
      try Recommender(tinyModel()).index(ofUser: "77")
    }
    #expect(
      error?.description.hasPrefix("unknown user 77: the model knows 3 users, from 1 to 9")
        == true)
  }

  @Test func theVersionIsTheFilesChecksum() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try tinyModel().write(to: path)
      let recommender = try Recommender(modelAt: path)
      let checksum = try ModelFile(path).checksum
      #expect(recommender.version == String(checksum.prefix(12)))
      #expect(recommender.version.count == 12)
    }
  }

  @Test(arguments: [1, 3]) func csvHoldsEveryUsersRanking(threads: Int) throws {
    var model = tinyModel(stringIDs: true)
    model.itemIDs = .strings(["", "a", "b,\"2\"", "c"])
    let recommender = try Recommender(model)
    let (rows, text) = try withTemporaryDirectory { directory in
      let path = directory + "/recs.csv"
      let rows = try WholeFile.write(to: path) {
        try recommender.writeCSV(top: 2, for: [2, 1, 0], to: $0, threads: threads)
      }
      return (rows, try String(contentsOfFile: path, encoding: .utf8))
    }
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "user,rank,item,score" && rows == 5 && lines.count == 6)
    let expected = try [2, 1, 0].flatMap { user in
      try recommender.recommend(2, for: user).items.map { entry in
        let id = entry.id == "b,\"2\"" ? "\"b,\"\"2\"\"\"" : entry.id
        return "\(model.userIDs[Int(user)]),\(entry.rank),\(id),\(entry.score)"
      }
    }
    #expect(lines.dropFirst().map(String.init) == expected)
  }
}

// A kind of scorer that only these tests know: saved, read back, recommended from, folded into.
import Foundation
import ModelFixtures
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

struct AddingAScorerTests {

  private func model(_ means: [Float] = [5, 9, 7, 8]) -> Model {
    var model = tinyModel()
    model.spec.name = "item-means"
    model.parameters = ItemMeans(userCount: 3, means: means)
    return model
  }

  private func readBack(_ model: Model, kinds: [any Scorer.Type]) throws -> Model {
    try withTemporaryDirectory { directory in
      try model.write(to: directory + "/m")
      return try ModelFile(directory + "/m").model(kinds: kinds)
    }
  }

  @Test func isReadBackAndAnswersEveryQuestion() throws {
    let read = try readBack(model(), kinds: [ItemMeans.self] + Model.scorerKinds)
    #expect((read.parameters as? ItemMeans)?.means == [5, 9, 7, 8])
    let recommender = try Recommender(read)
    // User 1 has rated the second and the fourth item, user 5 none.
    #expect(try recommender.recommend(10, for: 0).items.map(\.id) == ["30", "-3"])
    #expect(try recommender.recommend(2, for: 1).items.map(\.score) == [9, 8])
    var filter = ItemFilter()
    filter.excludedItems = ["20"]
    let filtered = try Recommender(read, items: read.items(passing: filter))
    #expect(try filtered.recommend(1, for: 1).items.map(\.score) == [8])
    let predictor = try PairPredictor(read, cold: .mean)
    #expect(try predictor.predict(user: "9", item: "30").score == 7)
    #expect(try predictor.predict(user: "77", item: "77").score == 7.25)
    let rating = IndexedRatings(users: [0], items: [1], values: [7])
    #expect(read.errors(on: rating, threads: 1)?.mae == 2)
    #expect(read.parameters.vectors(of: .item) == nil)
  }

  @Test func newcomersAreFoldedIn() throws {
    let foldIn = try FoldIn(model())
    let me = try foldIn.user([RatingByID("20", 3), RatingByID("nothing", 4)])
    let best = try Recommender(model()).recommend(2, for: me)
    #expect(best.items.map(\.score) == [8, 7] && me.unknown == ["nothing"])
    let item = try foldIn.item([RatingByID("1", 3), RatingByID("9", 5)])
    #expect(item.scores([0, 1, 2]) == [4, 4, 4])
  }

  @Test func numbersThatAreNotFiniteAreRefused() {
    #expect {
      try readBack(model([5, .nan, 7, 8]), kinds: [ItemMeans.self])
    } throws: {
      if case ModelFileError.unwritable(_, .notFinite("item_means")) = $0 { true } else { false }
    }
  }

  /// Without the line that registers it, the file is another kind's, whose tensors it lacks.
  @Test func isUnknownUnlessRegistered() {
    #expect(throws: ModelFileFault.tensorMissing("user_factors")) {
      try readBack(model(), kinds: Model.scorerKinds)
    }
    #expect(throws: ModelFileFault.metadata("specification")) {
      try readBack(model(), kinds: [])
    }
  }

  @Test func theDocumentShowsTheExample() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let example = try String(contentsOf: tests.appending(path: "ItemMeans.swift"), encoding: .utf8)
    let document = try String(
      contentsOf: tests.appending(path: "../../docs/adding-a-scorer.md"), encoding: .utf8)
    let code = example.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(4)
    #expect(document.contains(code.joined(separator: "\n")))
  }
}

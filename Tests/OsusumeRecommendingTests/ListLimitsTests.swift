// Lists that hold at most so many of a series or a genre, and which titles are of one series.
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeRecommending

struct ListLimitsTests {
  @Test(arguments: [
    ("Dragon Ball Z Movie 11: Super Senshi Gekiha!!", "dragon ball z"),
    ("Dragon Ball Z", "dragon ball z"),
    ("Dragon Ball", "dragon ball"),
    ("Code Geass: Hangyaku no Lelouch R2", "code geass"),
    ("Naruto: Shippuuden Movie 4 - The Lost Tower", "naruto"),
    ("Natsume Yuujinchou San", "natsume yuujinchou san"),
    ("Kaiji 2nd Season", "kaiji"),
    ("Toy Story 2 (1999)", "toy story"),
    ("Star Wars: Episode IV - A New Hope (1977)", "star wars"),
    ("Matrix, The (1999)", "matrix"),
    ("Matrix Reloaded, The (2003)", "matrix reloaded"),
    ("Rocky IV (1985)", "rocky"),
    ("1984", "1984"),
    ("9 (2009)", "9"),
    ("(500) Days of Summer", "days of summer"),
    ("!!!", "!!!"),
    ("", ""),
  ]) func titlesOfASeriesBeginAlike(title: String, series: String) {
    #expect(Item(id: "1", title: title).series == series)
  }

  /// Six items, the first the best: 1, 2 and 6 of series x, 3 of y, 4 and 5 without a title.
  private static let model: Model = {
    let titles = ["x", "x 2", "y", "", "", "X: three"]
    let genres = [["a"], ["a", "b"], ["b"], [], [], ["c"]]
    return Model(
      spec: .flaxBias, hyperparameters: .init(),
      parameters: ItemMeans(userCount: 1, means: [9, 8, 7, 6, 5, 4]), userIDs: .integers([1]),
      itemIDs: .integers([1, 2, 3, 4, 5, 6]), seen: .init(offsets: [0, 0], items: []),
      itemCounts: [6, 5, 4, 3, 2, 1], scale: 1...10, medianRating: 8,
      catalog: ItemCatalog(
        (0..<6).map { Item(id: "\($0 + 1)", title: titles[$0], genres: genres[$0]) }),
      provenance: Provenance(
        dataSHA256: "00", split: "none", seed: 42, trainRows: 5, testRows: 0, version: "0.1.0"))
  }()

  private func list(_ count: Int, _ limits: ListLimits, diversity: Double = 0) throws -> [String] {
    let recommender = try Recommender(Self.model, diversity: diversity, limits: limits)
    return try recommender.recommend(count, for: 0, leavingOut: []).items.map(\.id)
  }

  @Test func whatGoesBeyondALimitIsPassedOver() throws {
    #expect(try list(6, ListLimits()) == ["1", "2", "3", "4", "5", "6"])
    #expect(try list(6, ListLimits(perSeries: 1)) == ["1", "3", "4", "5"])
    #expect(try list(3, ListLimits(perSeries: 2)) == ["1", "2", "3"])
    #expect(try list(6, ListLimits(perSeries: 2)) == ["1", "2", "3", "4", "5"])
    #expect(try list(6, ListLimits(perGenre: 1)) == ["1", "3", "4", "5", "6"])
    #expect(try list(6, ListLimits(perSeries: 1, perGenre: 1)) == ["1", "3", "4", "5"])
    let diverse = try list(6, ListLimits(perSeries: 1), diversity: 0.3)
    #expect(diverse.count == 4 && Set(diverse).isDisjoint(with: ["2", "6"]))
  }
}

// Lists of a model with lists: what is expected far below one's mean comes last, and people of whom nothing is known get
// what is popular.
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeRecommending

struct ListSearchTests {
  /// By item: the score in lists, the expected rating, the number of ratings.
  private static let scores: [Float] = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
  private static let expected: [Float] = [9, 5.9, 8, 6.1, 2, 8, 7, 8, 8, 8]
  private static let counts: [Int32] = [1, 4, 2, 3, 4, 0, 1, 1, 2, 2]

  /// User 0 rated items 7, 8 and 9, which speak for all; user 1 rated item 4 and saw item 6, which speak for none;
  /// user 2 has met nothing.
  private static let model: Model = {
    let seen = SeenItems(offsets: [0, 3, 4, 4], items: [7, 8, 9, 4])
    var learned = Learned()
    // Of what items 7, 8 and 9 say of each, a third.
    let columns = (0..<30).map { Int32($0 % 10) }
    let weights = columns.map { scores[Int($0)] / 3 }
    learned.lists = ItemRelations(
      relation: ItemRelation(
        offsets: [Int32](repeating: 0, count: 8) + [10, 20, 30], columns: columns,
        weights: weights),
      rated: seen, strengths: [100, 100, 100, 100],
      unrated: SeenItems(offsets: [0, 0, 1, 1], items: [6]),
      strength: RatingStrength(likedFrom: 8, deviation: 2))
    learned.likelihood = LikelihoodCurve(scores: [0, 10], probabilities: [0, 1])
    return Model(
      spec: .lists, hyperparameters: .init(),
      parameters: ItemMeans(userCount: 3, means: expected), userIDs: .integers([1, 2, 3]),
      itemIDs: .integers((0..<10).map { $0 }), seen: seen, itemCounts: counts, scale: 1...10,
      medianRating: 8, deviation: 2, catalog: ItemCatalog(),
      provenance: Provenance(
        dataSHA256: "00", split: "none", seed: 42, trainRows: 4, testRows: 0, version: "0.1.0"),
      learned: learned, seenRatings: SeenRatings(values: [8], codes: [0, 0, 0, 0]),
      seenUnrated: SeenItems(offsets: [0, 0, 1, 1], items: [6]))
  }()

  private func ids(_ answer: Recommendations) -> [Int] { answer.items.compactMap { Int($0.id) } }

  @Test func whatLiesFarBelowTheOwnMeanComesLast() throws {
    // All ratings are 8, and 6.8 is six tenths of a deviation below: 5.9, 6.1 and 2 are last, in their order.
    let order = [0, 2, 5, 6, 1, 3, 4]
    let recommender = try Recommender(Self.model)
    for count in 1...7 {
      #expect(try ids(recommender.recommend(count, for: 0)) == Array(order.prefix(count)))
    }
    let answer = try recommender.recommend(7, for: 0)
    #expect(!answer.isByPopularity)
    for (item, score) in zip(answer.items, [10, 8, 5, 4, 9, 7, 6] as [Float]) {
      #expect(abs(item.score - score) < 1e-5)
    }
    for item in answer.items { #expect(abs((item.likely ?? 0) - item.score / 10) < 1e-5) }
    // By ratings, and where nothing is far below, items are as they were.
    #expect(try ids(Recommender(Self.model, rankBy: .rating).recommend(2, for: 0)) == [0, 2])
    var mild = Self.model
    mild.deviation = 20
    #expect(try ids(Recommender(mild).recommend(7, for: 0)) == [0, 1, 2, 3, 4, 5, 6])
  }

  /// Ten ratings at the common mean of 8 stand beside a user's own.
  @Test func fewRatingsDrawTheMeanLittle() throws {
    let distaste = Distaste(Self.model)
    #expect(abs(distaste.bound([]) - 6.8) < 1e-5)
    #expect(abs(distaste.bound([4, 4]) - (88.0 / 12 - 1.2)) < 1e-5)
    #expect(abs(distaste.bound([Float](repeating: 4, count: 90)) - (4.4 - 1.2)) < 1e-5)
    var unknown = Self.model
    unknown.seenRatings = nil
    #expect(Distaste(unknown).bound([4]) == -.infinity)
    #expect(try ids(Recommender(unknown).recommend(3, for: 0)) == [0, 1, 2])
  }

  @Test func scoresOfASearchHaveTheOrderOfItsLists() {
    for candidates in [nil, [6, 1, 0, 4, 3]] as [[Int32]?] {
      let search = Self.model.listSearch(candidates: candidates, users: 4, threads: 2)
      let items = candidates?.sorted() ?? (0..<10).map { $0 }
      let top = search.top(items.count, for: [0, 1, 2, 3], excluding: nil, threads: 2)
      for user in 0..<4 {
        let scores = search.scores(of: Int32(user))
        let order = items.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        let own = top.items[user * items.count..<(user + 1) * items.count]
        #expect(own.elementsEqual(order.map { items[$0] }), "user \(user)")
      }
    }
  }

  /// Popularity times how far up the scale from 1 to 10 an item is expected.
  @Test func whoIsNotKnownGetsWhatIsPopular() throws {
    let worth = zip(Self.counts, Self.expected).map { Float($0) / 2 * ($1 - 1) / 9 }
    let order = (0..<10).sorted { (-worth[$0], $0) < (-worth[$1], $1) }
    let recommender = try Recommender(Self.model)
    let answer = try recommender.recommend(10, for: 2)
    #expect(ids(answer) == order && answer.isByPopularity)
    for item in answer.items {
      let index = try #require(Int(item.id))
      #expect(abs(item.score - worth[index]) < 1e-6)
      #expect(item.likely == Float(Self.counts[index]) / 2)
    }
    let met = try recommender.recommend(10, for: 1)
    #expect(ids(met) == order.filter { $0 != 6 && $0 != 4 } && met.isByPopularity)
    #expect(try recommender.explained(met, for: 1).items.allSatisfy { $0.because == [] })
    #expect(try !recommender.recommend(3, for: 0).isByPopularity)
    #expect(try !Recommender(Self.model, rankBy: .rating).recommend(3, for: 2).isByPopularity)
    // A blend is no more than that.
    #expect(try ids(Recommender(Self.model, rankBy: .blend).recommend(10, for: 2)) == order)
  }

  @Test func newcomersAreServedAlike() throws {
    let recommender = try Recommender(Self.model)
    let rated = [7, 8, 9].map { RatingByID("\($0)", 8) }
    let known = try recommender.recommend(7, for: Self.model.foldIn(rated))
    #expect(ids(known) == [0, 2, 5, 6, 1, 3, 4] && !known.isByPopularity)
    let unknown = try recommender.recommend(
      9, for: try Self.model.foldIn([RatingByID("4", 8)], seen: ["6"]))
    #expect(try unknown.isByPopularity && ids(unknown) == ids(recommender.recommend(9, for: 1)))
    let seen = try Self.model.foldIn([RatingByID("4", 8)], seen: ["7"])
    #expect(try !recommender.recommend(9, for: seen).isByPopularity)
  }

  @Test func listsLeanTowardAndAwayFromWhatIsPopular() throws {
    func list(_ popularity: Double, _ count: Int = 7) throws -> Recommendations {
      try Recommender(Self.model, popularity: popularity).recommend(count, for: 0)
    }
    #expect(try ids(list(0)) == [0, 2, 5, 6, 1, 3, 4])
    // By number of ratings alone: 4, 4, 3, 2, 1, 1, 0, of equal ones the better first.
    #expect(try ids(list(1)) == [1, 4, 3, 2, 0, 6, 5] && list(1).popularity == 1)
    #expect(try ids(list(-1)) == [5, 0, 6, 2, 3, 1, 4])
    #expect(try ids(list(-1, 2)) == [5, 0])
    // A little moves neighbours alone, and scores stay those of the list.
    #expect(try ids(list(0.2)) == [0, 2, 1, 4, 3, 6, 5])
    for (item, score) in try zip(list(0.2).items, [10, 8, 9, 6, 7, 4, 5] as [Float]) {
      #expect(abs(item.score - score) < 1e-5)
    }
  }
}

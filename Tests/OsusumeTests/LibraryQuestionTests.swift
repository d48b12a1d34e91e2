// What a model answers when it is asked by index, with options out of range, or about parts of another model.
import Foundation
import Osusume
import Testing

extension LibraryCheckTests {
  /// Fits of other data, people whose ratings are none, ids that nobody has.
  @Test func whatAModelIsAsked() throws {
    let split = Split(train: Self.rows, test: Self.rows)
    let trainer = Trainer(.bias, threads: 1)
    let fit = try trainer.fit(Self.rows, users: 3, items: 3)
    expectFault("there are 3 fitted items and 4 rows", "another fit") {
      _ = try trainer.model(
        fitted: fit, of: ratings(items: .integers([1, 2, 3, 4])), split: split, catalog: .init())
    }
    let model = try trainer.model(of: ratings(), split: split)
    for rating in [Float.nan, .infinity, 1e30, 17] {
      #expect(throws: FoldInError.self) { try model.foldIn([RatingByID("a", rating)]) }
    }
    #expect(throws: FoldInError.self) { try model.foldIn([]) }
    #expect(throws: FoldInError.self) { try model.foldIn([RatingByID("nobody", 3)]) }
    #expect(throws: FoldInError.self) { try model.foldIn(item: [RatingByID("x", 3)]) }
    #expect(try model.foldIn([RatingByID("a", 1), RatingByID("a", 5)]).ratings == [0: 5])
    let recommender = try Recommender(model)
    #expect(throws: RecommenderError.self) { try recommender.recommend(3, forID: "9") }
    #expect(throws: RecommenderError.self) { try recommender.recommend(3, forID: "") }
    #expect(try recommender.recommend(0, forID: "1").items.isEmpty)
    for count in [-1, Int.min, Int.max] {
      #expect(throws: SettingError.self) { try recommender.recommend(count, forID: "1") }
      #expect(throws: SettingError.self) { try RankedBiases(model, of: .item, count: count) }
    }
    let output = ByteOutput(descriptor: 2, name: "none")
    #expect(throws: SettingError.self) {
      try recommender.writeCSV(top: -1, for: [0], to: output, threads: 1)
    }
    #expect(throws: RatingsFault.self) {
      try recommender.writeCSV(top: 1, for: [0, 3], to: output, threads: 1)
    }
    #expect(throws: SettingError.self) { try Recommender(modelAt: "none.st", diversity: 2) }
    for (rows, words) in wrongRows {
      expectFault(words, "summary") { _ = try RatingsSummary(ratings(rows)) }
      expectFault(words, "CSV") {
        try rows.writeCSV(
          to: "/dev/null", userIDs: .integers([1, 2, 3]), itemIDs: .integers([1, 2, 3]), threads: 1)
      }
    }
    #expect(throws: ItemLookupError.self) { try model.index(ofItem: "z") }
    let predictor = try PairPredictor(model)
    #expect(throws: PairError.self) { try predictor.predict(user: "9", item: "a") }
    #expect(throws: PairError.self) { try predictor.predict(user: "1", item: "") }
    var filter = ItemFilter()
    filter.onlyItems = []
    #expect(throws: ItemFilterError.self) { try model.items(passing: filter) }
    filter = ItemFilter()
    filter.genres = ["none"]
    #expect(throws: ItemFilterError.self) { try model.items(passing: filter) }
    filter = ItemFilter()
    filter.minRatings = -5
    filter.excludedItems = ["a", "zz", "a"]
    #expect(try model.items(passing: filter).candidates == [1, 2])
    #expect(model.unknownItems(in: filter) == ["zz"])
    for scale in [0, -1, .nan, 1e9] {
      #expect(throws: SynthesisError.self) { try Synthesis(scale: scale) }
    }
  }

  /// Users, items and places that a model does not have.
  @Test(arguments: ["mf", "lists", "ease", "item-knn", "flax-dense", "popularity"])
  func indicesThatThereAreNot(model name: String) throws {
    let split = Split(train: Self.rows, test: Self.rows)
    var settings = try #require(ModelSpec.named(name)).defaults
    if settings.factors > 0 { settings.factors = 2 }
    (settings.epochs, settings.earlyStopping, settings.validation) = (1, 0, 0)
    let trainer = Trainer(try #require(ModelSpec.named(name)), settings, threads: 1)
    let model = try trainer.model(of: ratings(), split: split)
    let recommender = try Recommender(model)
    let list = try recommender.recommend(2, for: 0)
    for index in [-1, 3, Int(Int32.max), Int(Int32.min)] {
      let short = Int32(index)
      func expectNobody(_ body: () throws -> Void, _ location: SourceLocation = #_sourceLocation) {
        #expect(throws: RatingsFault.self, "\(name), \(index)", sourceLocation: location) {
          try body()
        }
      }
      expectNobody { _ = try recommender.recommend(2, for: short) }
      expectNobody { _ = try recommender.rank(2, for: [0, short], threads: 1) }
      expectNobody { _ = try recommender.explained(list, for: short) }
      expectNobody { _ = try recommender.history(of: short, 2) }
      expectNobody { _ = try Person(model, user: short) }
      expectNobody { _ = try CommonRaters(model, item: index) }
      expectNobody { _ = try Similarity.Neighbours(2, toItem: index, in: model) }
      expectNobody { _ = try model.scores(users: [0, short], items: [0, 1]) }
      expectNobody { _ = try model.scores(users: [0], items: [short]) }
      for entity in [Entity.user, .item] {
        guard let similarity = try? Similarity(model, of: entity) else { continue }
        expectNobody {
          _ =
            entity == .user
            ? try similarity.nearest(2, toUser: index) : try similarity.nearest(2, toItem: index)
        }
        expectNobody { _ = try similarity.between(0, index) }
      }
    }
    #expect(throws: RatingsFault.self) { try model.scores(users: [0, 1], items: [0]) }
    #expect(try model.scores(users: [], items: []).isEmpty)
    for count in [-1, Int.min, Int.max] {
      func expectSetting(_ body: () throws -> Void, _ location: SourceLocation = #_sourceLocation) {
        #expect(throws: SettingError.self, "\(name), \(count)", sourceLocation: location) {
          try body()
        }
      }
      expectSetting { _ = try recommender.recommend(count, for: 0) }
      expectSetting { _ = try recommender.rank(count, for: [0], threads: 1) }
      expectSetting { _ = try recommender.rank(1, for: [0], threads: count) }
      expectSetting { _ = try recommender.history(of: 0, count) }
      expectSetting { _ = try Person(model, user: 0, neighbours: count) }
      expectSetting { _ = try Similarity.Neighbours(count, toItem: 0, in: model) }
      expectSetting { _ = try model.scores(users: [0], items: [0], threads: count) }
      guard let similarity = try? Similarity(model, of: .item) else { continue }
      expectSetting { _ = try similarity.nearest(count, toItem: 0) }
    }
  }

  /// Options of recommenders and predictors that are none.
  @Test func optionsOfQuestions() throws {
    let split = Split(train: Self.rows, test: Self.rows)
    let model = try Trainer(.bias, threads: 1).model(of: ratings(), split: split)
    for number in [-2, 1.5, .nan, .infinity, -.infinity] {
      #expect(throws: SettingError.self) { try Recommender(model, diversity: number) }
      #expect(throws: SettingError.self) { try Recommender(model, popularity: number) }
      #expect(throws: SettingError.self) { try PairPredictor(model, interval: number) }
    }
    for number in [0, 1.0] {
      #expect(throws: SettingError.self) { try PairPredictor(model, interval: number) }
    }
    for most in [0, -1, Int.min, Int.max] {
      #expect(throws: SettingError.self) { try Recommender(model, limits: .init(perSeries: most)) }
      #expect(throws: SettingError.self) { try Recommender(model, limits: .init(perGenre: most)) }
    }
    for rankBy in [RankBy.likely, .blend] {
      #expect(throws: RecommenderError.cannotRankBy(rankBy, model: "bias")) {
        try Recommender(model, rankBy: rankBy)
      }
    }
    let factors = try Trainer(
      .mf, Hyperparameters { ($0.factors, $0.epochs) = (2, 1) }, threads: 1
    ).model(of: ratings(), split: split)
    let similarity = try Similarity(factors, of: .item)
    #expect(throws: SimilarityError.otherEntity(.user, of: .item)) {
      try similarity.nearest(1, toUser: 0)
    }
    let subject = try MapSubject(factors, of: .items)
    for perplexity in [-1, 0, .nan, .infinity, 1e300] {
      var options = MapOptions()
      options.perplexities = [perplexity]
      #expect(throws: SettingError.self) { try ModelMap(subject, options) }
    }
    for threads in [0, -1, Int.max] {
      var options = MapOptions()
      options.threads = threads
      #expect(throws: SettingError.self) { try ModelMap(subject, options) }
      #expect(throws: SettingError.self) { try MapSubject(factors, of: .users, threads: threads) }
      // Reading and cutting take any number of threads.
      #expect(
        try Ratings(users: [1, 2], items: [1, 2], ratings: [3, 4], threads: threads).rows.count == 2
      )
      #expect(
        try ratings().split(.perUser(testFraction: 0.5), seed: 1, threads: threads).test.count == 3)
    }
    let folds = try Folds(of: Self.rows, users: 3, count: 2, seed: 1)
    for fold in [-1, 2, 256, Int.min, Int.max] {
      #expect(throws: FoldsError.noFold(fold, count: 2)) { try folds.split(testingOn: fold) }
    }
    for count in [Int.min, -1, 0, 1, 101, Int.max] {
      #expect(throws: FoldsError.count(count)) {
        try Folds(of: Self.rows, users: 3, count: count, seed: 1)
      }
    }
  }

  /// What was made for one model, given to another of other sizes.
  @Test func partsOfAnotherModel() throws {
    let other = try Ratings([
      (user: 1, item: "a", rating: 3), (user: 2, item: "b", rating: 4),
      (user: 2, item: "a", rating: 1), (user: 1, item: "b", rating: 2),
    ])
    let small = try Trainer(.bias, threads: 1).model(of: other)
    let split = Split(train: Self.rows, test: Self.rows)
    let model = try Trainer(.bias, threads: 1).model(of: ratings(), split: split)
    var filter = ItemFilter()
    filter.onlyItems = ["a"]
    let items = try small.items(passing: filter)
    #expect(throws: RatingsFault.self) { try Recommender(model, items: items) }
    #expect(throws: RatingsFault.self) {
      try RankedBiases(model, of: .item, count: 1, among: items)
    }
    let newcomer = try small.foldIn([RatingByID("a", 3)])
    #expect(throws: NewcomerError.otherModel) { try Recommender(model).recommend(1, for: newcomer) }
    #expect(throws: NewcomerError.otherModel) {
      try PairPredictor(model).predict(newcomer, item: "a")
    }
    #expect(throws: NewcomerError.otherModel) { try Recommender(model).history(of: newcomer, 1) }
    let item = try model.foldIn(item: [RatingByID("1", 3)])
    #expect(throws: NewcomerError.wrongKind(wanted: .user)) {
      try Recommender(model).recommend(1, for: item)
    }
    #expect(throws: NewcomerError.wrongKind(wanted: .user)) {
      try PairPredictor(model).predict(item, item: "a")
    }
    let held = try HeldOutRatings(
      Split(train: other.rows, test: other.rows), users: 2, items: 2, threads: 1)
    let options = EvaluationOptions(relevantAt: 3, threads: 1)
    #expect(throws: RatingsFault.otherModel("users", 2, count: 3)) {
      try Evaluation(model, on: held, options)
    }
    let common = try CommonRaters(small, item: 0)
    let similarity = try Similarity(
      try Trainer(.mf, Hyperparameters { ($0.factors, $0.epochs) = (2, 1) }, threads: 1)
        .model(of: ratings(), split: split), of: .item)
    #expect(throws: RatingsFault.otherModel("items", 2, count: 3)) {
      try similarity.nearest(1, toItem: 0, shrunkBy: common)
    }
  }

  /// Formulas that no fit finds, and numbers in them that are none: refused, or fitted.
  @Test func specificationsOfOnesOwn() throws {
    let formulas: [Formula] = [
      .globalMean, .dot, .bias(.user), .dot + .bias(.item), .dot.dense(-3), .dot.dense(0),
      .dot.dense(Int.max), .dot.dropout(-1), .dot.dropout(1), .dot.dropout(.nan),
      Formula.dot.dense(2, .relu).dense(1), .itemCount,
    ]
    let fits = Set(ModelSpec.catalog.map(\.fit))
    for formula in formulas {
      for fit in fits {
        var spec = ModelSpec.mf
        (spec.score, spec.fit) = (formula, fit)
        spec.defaults.factors = 2
        (spec.defaults.epochs, spec.defaults.burnIn, spec.defaults.samples) = (1, 0, 1)
        do {
          let model = try Trainer(spec, threads: 1).model(
            of: ratings(), split: Split(train: Self.rows, test: Self.rows))
          #expect(try Recommender(model).recommend(1, for: 0).items.count <= 1)
        } catch is any OsusumeError {
        }
      }
    }
  }

  @Test func genresThatThereAreNot() throws {
    let catalog = ItemCatalog(["a", "b", "c"].map { Item(id: $0, title: $0, genres: ["G", "H"]) })
    var settings = ModelSpec.genreDot.defaults
    (settings.factors, settings.epochs) = (2, 1)
    let model = try Trainer(.genreDot, settings, threads: 1).model(
      of: ratings(), split: Split(train: Self.rows, test: Self.rows), catalog: catalog)
    let genres = try GenreFactors(model)
    #expect(genres.names == ["G", "H"])
    #expect(try genres.vector(of: 1).count == 2)
    for genre in [-1, 2, .max] {
      #expect(throws: SettingError.self) { try genres.vector(of: genre) }
      #expect(throws: SettingError.self) { try genres.nearest(1, to: genre, by: .cosine) }
    }
  }
}

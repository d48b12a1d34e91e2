// What comes into the library from memory: out of range, unsorted, repeated, empty, not a number. Each is a
// typed error that names what is wrong; nothing traps.
import Foundation
import Osusume
import Testing

struct LibraryCheckTests {
  static let rows = IndexedRatings(
    users: [0, 0, 1, 1, 2, 2], items: [0, 1, 0, 2, 1, 2], values: [3, 4, 5, 1, 2, 4])

  func ratings(
    _ rows: IndexedRatings = rows, users: IDMap = .integers([1, 2, 3]),
    items: IDMap = .strings(["a", "b", "c"])
  ) -> Ratings {
    Ratings(userIDs: users, itemIDs: items, rows: rows, counts: IngestCounts(), sha256: "")
  }

  func changed(_ change: (inout IndexedRatings) -> Void) -> IndexedRatings {
    var rows = Self.rows
    change(&rows)
    return rows
  }

  /// Rows that are wrong, and the words of the error.
  var wrongRows: [(rows: IndexedRatings, words: String)] {
    [
      (changed { $0.items[3] = 3 }, "row 4 names the item with index 3, and there are 3"),
      (changed { $0.items[5] = .max }, "row 6 names the item with index 2147483647"),
      (changed { $0.users[0] = -1 }, "row 1 names the user with index -1"),
      (changed { $0.users[1] = .min }, "row 2 names the user with index -2147483648"),
      (changed { $0.items.removeLast() }, "there are 5 items and 6 rows"),
      (changed { $0.values.append(3) }, "there are 7 ratings and 6 rows"),
      (changed { $0.timestamps = [1] }, "there are 1 timestamps and 6 rows"),
      (changed { $0.labels = [1, 0] }, "there are 2 labels and 6 rows"),
    ]
  }

  func expectFault(
    _ words: String, _ what: String, _ body: () throws -> Void,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(
      throws: RatingsFault.self, Comment(rawValue: what), sourceLocation: location,
      performing: body)
    #expect(
      error?.description.hasPrefix(words) == true, "\(what): \(String(describing: error))",
      sourceLocation: location)
  }

  @Test func rowsThatNameNobody() throws {
    let none = IndexedRatings(users: [], items: [], values: [])
    for (rows, words) in wrongRows {
      for model in ["mf", "als", "popularity", "ease", "flax-bias", "item-knn"] {
        let trainer = Trainer(try #require(ModelSpec.named(model)), threads: 1)
        expectFault(words, model) { _ = try trainer.fit(rows, users: 3, items: 3) }
        expectFault(words, model) {
          _ = try trainer.fit(Self.rows, test: rows, users: 3, items: 3)
        }
        for split in [Split(train: rows, test: none), Split(train: Self.rows, test: rows)] {
          expectFault(words, model) { _ = try trainer.model(of: ratings(), split: split) }
        }
      }
      for rule in ["none", "per-user:0.5", "random:0.5", "strong:0.5", "leave-one-out"] {
        let rule = try #require(SplitRule(rule))
        expectFault(words, "\(rule)") { _ = try ratings(rows).split(rule, seed: 1) }
      }
      let split = Split(train: Self.rows, test: rows)
      expectFault(words, "held out") { _ = try HeldOutRatings(split, users: 3, items: 3) }
      expectFault(words, "comparison") {
        _ = try Comparison(
          Contender.list("mean", seed: 1), on: ratings(rows), split: split,
          ComparisonOptions())
      }
      let model = try Trainer(.bias, threads: 1).model(
        of: ratings(), split: Split(train: Self.rows, test: none))
      expectFault(words, "held out") {
        _ = try HeldOutRatings(
          rows, of: ratings(), for: model, keepUnknown: true, threads: 1)
      }
      var judged = model
      expectFault(words, "evaluate") { try judged.evaluate(on: split) }
    }
  }

  @Test func columnsOfOtherLengths() throws {
    let wrong = [
      (IndexedRatings(users: [0, 1], items: [0], values: [3, 4]), "there are 1 items and 2 rows"),
      (IndexedRatings(users: [0], items: [0], values: []), "there are 0 ratings and 1 rows"),
      (
        IndexedRatings(users: [0], items: [0], values: [3], timestamps: [1, 2]),
        "there are 2 timestamps and 1 rows"
      ),
    ]
    for (rows, words) in wrong {
      expectFault(words, "fit") { _ = try Trainer(.mf).fit(rows, users: 3, items: 3) }
      expectFault(words, "split") { _ = try ratings(rows).split(.none, seed: 1) }
    }
    var other = ratings()
    other.unrated = UnratedRows(users: [0, 1], items: [2])
    expectFault("there are 1 items and 2 rows", "unrated") { _ = try other.split(.none, seed: 1) }
    other.unrated = UnratedRows(users: [0], items: [3])
    expectFault("row 1 names the item with index 3", "unrated") {
      _ = try Trainer(.svdpp).model(of: other, split: Split(train: Self.rows, test: Self.rows))
    }
    let table = RatingTable(
      users: .integers([1]), items: .integers([1, 2]), values: [3, 4], sha256: "")
    expectFault("there are 1 user ids and 2 rows", "table") { _ = try Ratings(table: table) }
  }

  /// One rating, ratings of one user or one item, users and items without any: a fit, or a typed error.
  @Test(arguments: ModelSpec.catalog.map(\.name)) func theFewestRatings(model: String) throws {
    let spec = try #require(ModelSpec.named(model))
    var settings = spec.defaults
    if settings.factors > 0 { settings.factors = 2 }
    (settings.epochs, settings.burnIn, settings.samples) = (1, 0, 1)
    (settings.earlyStopping, settings.validation) = (0, 0)
    let trainer = Trainer(spec, settings, threads: 2)
    for (users, items) in [([0], [0]), ([0, 0], [0, 2]), ([0, 2], [1, 1]), ([2, 2], [1, 1])]
      as [([Int32], [Int32])]
    {
      var rows = IndexedRatings(
        users: users, items: items, values: users.map { _ in 3 }, timestamps: users.map { _ in 9 })
      rows.labels = users.map { _ in 1 }
      let catalog = ItemCatalog(["a", "b", "c"].map { Item(id: $0, title: $0, genres: ["G"]) })
      let split = Split(train: rows, test: rows)
      do {
        let fitted = try trainer.model(of: ratings(rows), split: split, catalog: catalog)
        #expect(fitted.metrics.values.allSatisfy { $0 >= 0 || $0.isNaN })
      } catch let error as any OsusumeError {
        #expect(error is TrainingError, "\(model), \(users): \(error)")
      }
    }
    // Nobody says what the items are.
    guard spec.needsItems else { return }
    #expect(throws: FeatureError.self) {
      try trainer.model(of: ratings(), split: Split(train: Self.rows, test: Self.rows))
    }
  }

  @Test func numbersOfUsersAndItems() {
    let trainer = Trainer(.bias, threads: 1)
    for (users, items, words) in [
      (-1, 3, "there cannot be -1 users"),
      (3, Int.max, "there cannot be 9223372036854775807 items"),
      (2, 3, "row 5 names the user with index 2, and there are 2"), (3, 0, "row 1 names the item"),
    ] {
      expectFault(words, "\(users), \(items)") {
        _ = try trainer.fit(Self.rows, users: users, items: items)
      }
    }
  }

  @Test func idsThatDoNotAscend() throws {
    let wrong: [(users: IDMap, items: IDMap, words: String)] = [
      (
        .integers([1, 3, 2]), .strings(["a", "b", "c"]), "the user id '2' at place 2 is not above"
      ),
      (.integers([1, 1, 2]), .strings(["a", "b", "c"]), "the user id '1' at place 1"),
      (.integers([1, 2, 3]), .strings(["b", "a", "c"]), "the item id 'a' at place 1"),
      (.integers([1, 2, 3]), .strings(["a", "b", "b"]), "the item id 'b' at place 2"),
    ]
    for (users, items, words) in wrong {
      let ratings = ratings(users: users, items: items)
      expectFault(words, "split") { _ = try ratings.split(.none, seed: 1) }
      let split = Split(train: Self.rows, test: Self.rows)
      expectFault(words, "model") { _ = try Trainer(.mean).model(of: ratings, split: split) }
    }
  }

  @Test func tablesOfText() throws {
    func table(_ codes: [Int32], _ names: [String]) -> RatingTable {
      RatingTable(
        users: .integers([1, 2, 3]), items: .strings(codes: codes, names: names),
        values: [1, 2, 3], sha256: "")
    }
    let right = try Ratings(table: table([0, 1, 0], ["a", "b"]), threads: 1)
    #expect(right.itemIDs.index(of: "b") == 1)
    for (codes, names, words) in [
      ([0, 1, 0], ["b", "a"], "the item id 'a' at place 1 is not above"),
      ([0, 1, 1], ["a", "a"], "the item id 'a' at place 1"),
      ([0, 2, 1], ["a", "b"], "row 2 names the item with index 2, and there are 2"),
      ([0, -1, 1], ["a", "b"], "row 2 names the item with index -1"),
      ([0, 0, 0], [], "row 1 names the item with index 0, and there are 0"),
    ] as [([Int32], [String], String)] {
      expectFault(words, "\(names)") { _ = try Ratings(table: table(codes, names)) }
    }
    var short = table([0, 1, 0], ["a", "b"])
    short.timestamps = [1]
    expectFault("there are 1 timestamps and 3 rows", "times") { _ = try Ratings(table: short) }
    short = table([0, 1, 0], ["a", "b"])
    short.users = .integers([1])
    expectFault("there are 1 user ids and 3 rows", "users") { _ = try Ratings(table: short) }
    #expect(throws: RatingsError.nothingLeft(rows: 0)) {
      try Ratings(
        table: RatingTable(users: .integers([]), items: .integers([]), values: [], sha256: ""))
    }
  }

  /// What is no rating is said as that, before anything is trained.
  @Test(arguments: [.nan, .infinity, -.infinity, 2e9, -3e38] as [Float])
  func ratingsThatAreNone(rating: Float) throws {
    let rows = changed { $0.values[2] = rating }
    for model in ["mf", "bias", "popularity", "ease", "svd", "flax-dot"] {
      let trainer = Trainer(try #require(ModelSpec.named(model)), threads: 1)
      let error = #expect(throws: TrainingError.self, "\(model)") {
        try trainer.fit(rows, users: 3, items: 3)
      }
      #expect(error?.description.hasPrefix("row 3 has the rating \(rating)") == true)
    }
    let table = RatingTable(
      users: .integers([1, 1, 2]), items: .integers([1, 2, 1]), values: [1, rating, 2], sha256: "")
    let error = #expect(throws: RatingsError.self) { try Ratings(table: table) }
    #expect(error?.description.hasPrefix("row 2 has the rating \(rating)") == true)
  }

  @Test func nothingToLearnFrom() throws {
    let none = IndexedRatings(users: [], items: [], values: [])
    #expect(throws: TrainingError.noRatings) {
      try Trainer(.mf).fit(none, users: 3, items: 3)
    }
    #expect(throws: SplitError.nothingToTrainOn(.none)) {
      try ratings(none).split(.none, seed: 1)
    }
    for fraction in [0, 1, -0.1, 1.5, .nan, .infinity] {
      for rule in [
        SplitRule.perUser(testFraction: fraction), .random(testFraction: fraction),
        .temporal(testFraction: fraction), .globalTime(testFraction: fraction),
        .strong(testFraction: fraction),
      ] {
        #expect(throws: SplitError.self) { try ratings().split(rule, seed: 1) }
      }
      #expect(throws: SplitError.self) {
        try Self.rows.validationSplit(fraction: fraction, seed: 1)
      }
    }
  }

  /// Settings that are none of a fit's; `SettingCheckTests` has those.
  @Test func optionsOutOfRange() throws {
    let split = Split(train: Self.rows, test: Self.rows)
    func expectSetting(_ words: String, _ body: () throws -> Void) {
      let error = #expect(throws: SettingError.self, Comment(rawValue: words), performing: body)
      #expect(error?.description.hasPrefix(words) == true)
    }
    for threads in [0, -3, 100_000] {
      expectSetting("`threads` \(threads): give a whole number from 1 to 1024") {
        _ = try Trainer(.mf, threads: threads).fit(Self.rows, users: 3, items: 3)
      }
    }
    let model = try Trainer(.bias, threads: 1).model(of: ratings(), split: split)
    let held = try HeldOutRatings(split, users: 3, items: 3)
    let right = EvaluationOptions(
      cutoffs: [1, 10], relevantAt: 3, bootstrap: Bootstrap(resamples: 10), threads: 1)
    #expect(try Evaluation(model, on: held, right)["rmse"] != nil)
    for (change, words) in [
      ({ $0.cutoffs = [0] }, "`top` 0: give"), ({ $0.cutoffs = [5, -2] }, "`top` -2: give"),
      ({ $0.cutoffs = [3, 3] }, "`top` 3 3: give each number once"),
      ({ $0.relevantAt = .nan }, "`relevant_at` nan: give a rating"),
      ({ $0.bootstrap.resamples = -1 }, "`resamples` -1: give"),
      ({ $0.threads = 0 }, "`threads` 0"),
    ] as [((inout EvaluationOptions) -> Void, String)] {
      var wrong = right
      change(&wrong)
      expectSetting(words) { _ = try Evaluation(model, on: held, wrong) }
    }
    for (change, words) in [
      ({ $0.repeats = -1 }, "`repeats` -1: give"), ({ $0.alsoFactors = [0] }, "`also_factors` 0"),
      ({ $0.threads = -1 }, "`threads` -1"), ({ $0.relevantAt = .infinity }, "`relevant_at` inf"),
      ({ $0.bootstrap.resamples = -5 }, "`resamples` -5"),
    ] as [((inout ComparisonOptions) -> Void, String)] {
      var wrong = ComparisonOptions()
      change(&wrong)
      expectSetting(words) {
        _ = try Comparison(Contender.list("mean", seed: 1), on: ratings(), split: split, wrong)
      }
    }
    #expect(throws: ComparisonError.nobody) {
      try Comparison([], on: ratings(), split: split, ComparisonOptions())
    }
    for setting in Setting.all where setting.range.contains("number") {
      var settings = Hyperparameters()
      let error = #expect(throws: SettingError.self) { try setting.set("nan", in: &settings) }
      #expect(error?.description.hasPrefix("`\(setting.name)` nan: give \(setting.range)") == true)
    }
  }
}

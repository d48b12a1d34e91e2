// The battery that every model of the catalog passes: what anybody may expect of any of them.
import Foundation
import Osusume
import Testing

struct ConformanceTests {
  static let users = 40
  static let items = 30

  /// A checkerboard: users like every other item; a seventh of the pairs is never shown.
  private static func isShown(_ user: Int, _ item: Int) -> Bool { (user * 3 + item * 5) % 7 != 0 }

  private static func rating(_ user: Int, _ item: Int) -> Float { (user + item) % 2 == 0 ? 5 : 1 }

  private static let ratings: Ratings = {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<users {
      for item in 0..<items where isShown(user, item) {
        rows.users.append(Int32(user))
        rows.items.append(Int32(item))
        rows.values.append(rating(user, item))
        rows.timestamps.append(Int64(1_000_000_000 + 100_000 * item + 30 * user))
      }
    }
    return Ratings(
      userIDs: .integers((0..<Int64(users)).map { 10 * $0 }),
      itemIDs: .integers((0..<Int64(items)).map { 7 * $0 }), rows: rows, counts: IngestCounts(),
      sha256: "")
  }()

  private static let catalog = ItemCatalog(
    (0..<items).map {
      Item(
        id: "\(7 * $0)", title: "t\($0)", genres: [$0 % 2 == 0 ? "even" : "odd"], episodes: $0)
    })

  /// A model of the checkerboard; settings suit a set of a thousand ratings, not a million.
  private static func model(_ spec: ModelSpec, epochs: Int = 60) throws -> Model {
    var settings = spec.defaults
    settings.epochs = epochs
    if settings.factors > 0 { settings.factors = 8 }
    // It takes an unseen pair for one without surprise; further directions would learn that pattern.
    if spec.fit == .svd { settings.factors = 1 }
    // Any penalty makes perfect lists here, so that none is chosen for how near to 0 and 1 scores lie.
    if spec.fit == .ease { settings.regularization = 100 }
    // To these an unseen pair is one not to recommend: further directions would learn which are shown.
    if spec.fit == .ials { settings.factors = 2 }
    if spec.fit == .bpr { (settings.factors, settings.dislikeWeight) = (1, 0) }
    if spec.fit == .minibatch {
      (settings.batchSize, settings.learningRate, settings.shuffle) = (64, 0.02, .eachEpoch)
      (settings.validation, settings.earlyStopping) = (0, 0)
      settings.regularization = min(settings.regularization, 1e-6)
    }
    var split = Split(train: ratings.rows, test: IndexedRatings(users: [], items: [], values: []))
    if spec.needsLabels {
      split.train = InteractionLabels(
        above: 3, dropped: UnratedRows(), users: users, threads: 1
      ).labelled(split.train, threads: 1)
    }
    return try Trainer(spec, settings, seed: 3, threads: 2).model(
      of: ratings, split: split, catalog: catalog)
  }

  /// Models that have no taste of their own.
  private static let tasteless: Set = ["mean", "bias", "popularity"]

  @Test(arguments: ModelSpec.catalog.map(\.name)) func learnsACheckerboard(_ name: String) throws {
    guard !Self.tasteless.contains(name) else { return }
    let spec = try #require(ModelSpec.named(name))
    let model = try Self.model(spec, epochs: 100)
    var right = 0
    var asked = 0
    for user in 0..<Self.users {
      let scores = (0..<Self.items).map { model.parameters.score(user: user, item: $0) }
      // bpr's scores have no other middle than that of a user's.
      let mean = scores.reduce(0, +) / Float(Self.items)
      let middle = spec.predictsRatings ? 3 : spec.fit == .bpr ? mean : 0.5
      for item in 0..<Self.items where !Self.isShown(user, item) {
        asked += 1
        right += (scores[item] > middle) == (Self.rating(user, item) > 3) ? 1 : 0
      }
    }
    #expect(Double(right) >= 0.9 * Double(asked), "\(right) of \(asked) unseen pairs")
  }

  @Test(arguments: ModelSpec.catalog.map(\.name)) func savedAndReadScoresAlike(_ name: String)
    throws
  {
    let spec = try #require(ModelSpec.named(name))
    let model = try Self.model(spec, epochs: 1)
    let path = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model.read(path)
    #expect(read.spec == spec)
    let pairs = (0..<Self.users * Self.items).map { Int32($0) }
    let users = pairs.map { $0 / Int32(Self.items) }
    let items = pairs.map { $0 % Int32(Self.items) }
    #expect(
      read.parameters.scores(users: users, items: items, threads: 2)
        == model.parameters.scores(users: users, items: items, threads: 1))
  }

  @Test(arguments: ModelSpec.catalog.map(\.name)) func recommendsUnseenItemsBestFirst(
    _ name: String
  ) throws {
    let model = try Self.model(try #require(ModelSpec.named(name)), epochs: 2)
    let recommender = try Recommender(model, raw: true)
    for user in [0, 17, 39] {
      // More places than there are items.
      let answer = try recommender.recommend(100, for: Int32(user))
      let unseen = (0..<Self.items).filter { !Self.isShown(user, $0) }
      #expect(Set(answer.items.map(\.id)) == Set(unseen.map { "\(7 * $0)" }))
      let scores = answer.items.map(\.score)
      #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
      for item in answer.items {
        let index = try #require(Int(item.id)) / 7
        let score = model.ranker.score(user: user, item: index)
        // Matrix products of other sizes round otherwise.
        #expect(abs(score - item.score) <= 1e-4 * max(1, abs(score)))
      }
      #expect(try recommender.recommend(100, for: Int32(user), leavingOut: []).items.count == 30)
    }
  }

  @Test(arguments: ModelSpec.catalog.map(\.name)) func unknownIDsAreErrorsOrMeans(_ name: String)
    throws
  {
    let model = try Self.model(try #require(ModelSpec.named(name)), epochs: 1)
    #expect(throws: RecommenderError.self) { try Recommender(model).recommend(5, forID: "3") }
    #expect(throws: PairError.self) {
      try PairPredictor(model).predict(user: "3", item: "7")
    }
    let cold = try PairPredictor(model, cold: .mean).predict(user: "3", item: "5")
    #expect(cold.isCold && cold.score.isFinite)
  }
}

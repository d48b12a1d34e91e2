// item-knn: its similarities and scores are those of the formula, and threads change nothing.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

struct ItemKNNTests {
  private static let world = World(users: 200, items: 40, rank: 2, density: 0.5, noise: 0.3)

  private func fit(threads: Int = 1, neighbours: Int = 12) throws -> NeighbourParameters {
    var settings = ModelSpec.itemKNN.defaults
    settings.neighbours = neighbours
    let result = try Trainer(.itemKNN, settings, threads: threads).fit(
      Self.world.train, users: Self.world.users, items: Self.world.items)
    guard let fitted = result.parameters as? NeighbourParameters else {
      throw TrainingError.otherState
    }
    return fitted
  }

  /// Residuals by user and item, NaN where there is no rating, in double.
  private func residuals(_ biases: FactorParameters) -> [[Double]] {
    let rows = Self.world.train
    var all = [[Double]](
      repeating: .init(repeating: .nan, count: Self.world.items), count: Self.world.users)
    for row in 0..<rows.count {
      let (user, item) = (Int(rows.users[row]), Int(rows.items[row]))
      all[user][item] = Double(rows.values[row]) - Double(biases.score(user: user, item: item))
    }
    return all
  }

  private func similarity(_ e: [[Double]], _ i: Int, _ j: Int) -> Double {
    let common = e.filter { !$0[i].isNaN && !$0[j].isNaN }
    let product = common.reduce(0) { $0 + $1[i] * $1[j] }
    let size = common.reduce(0) { $0 + $1[i] * $1[i] } * common.reduce(0) { $0 + $1[j] * $1[j] }
    let count = Double(common.count)
    return size > 0 ? product / size.squareRoot() * count / (count + 100) : 0
  }

  @Test func scoresAreTheFormula() throws {
    let found = try fit()
    let e = residuals(found.biases)
    let items = Self.world.items
    let neighbours = (0..<items).map { i in
      (0..<items).filter { $0 != i }.map { (item: $0, s: similarity(e, i, $0)) }
        .sorted { abs($0.s) > abs($1.s) }.prefix(12)
    }
    let pairs = (0..<300).map { (Int32($0 * 7 % Self.world.users), Int32($0 * 11 % items)) }
    let scores = found.scores(
      users: pairs.map(\.0), items: pairs.map(\.1), threads: 2)
    for (place, (user, item)) in pairs.enumerated() {
      let rated = neighbours[Int(item)].filter { !e[Int(user)][$0.item].isNaN }
      let said = rated.reduce(0) { $0 + $1.s * e[Int(user)][$1.item] }
      let weight = rated.reduce(0.3) { $0 + abs($1.s) }
      let expected =
        Double(found.biases.score(user: Int(user), item: Int(item))) + said / weight
      #expect(abs(Double(scores[place]) - expected) < 1e-3, "user \(user), item \(item)")
    }
  }

  @Test func pairsAreScoredAsAllItemsAre() throws {
    let parameters = try fit().extended(users: 201, items: 41)
    let users = (0..<400 as Range<Int32>).map { $0 * 7 % 201 }
    let items = (0..<400 as Range<Int32>).map { $0 * 11 % 41 }
    let scores = parameters.scores(users: users, items: items, threads: 2)
    for (place, score) in scores.enumerated() {
      let alone = parameters.score(user: Int(users[place]), item: Int(items[place]))
      #expect(score == alone, "user \(users[place]), item \(items[place])")
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let results = try [1, 2, 3].map { try fit(threads: $0) }
    for result in results[1...] {
      #expect(result.reverseNeighbours.items == results[0].reverseNeighbours.items)
      #expect(result.reverseNeighbours.values == results[0].reverseNeighbours.values)
      #expect(result.ratings.values == results[0].ratings.values)
    }
  }

  private func fitted(_ spec: ModelSpec) throws -> Model {
    let world = Self.world
    let ratings = Ratings(
      userIDs: .integers((0..<Int64(world.users)).map { $0 }),
      itemIDs: .integers((0..<Int64(world.items)).map { $0 }), rows: world.train,
      counts: IngestCounts(), sha256: "")
    return try Trainer(spec, threads: 2).model(
      of: ratings, split: Split(train: world.train, test: world.test))
  }

  /// Known users as newcomers: their biases are damped means of what is left, their scores the formula's.
  @Test func aNewcomerIsScoredLikeAKnownUser() throws {
    let model = try fitted(.itemKNN)
    let rows = Self.world.train
    for user in 0..<20 as Range<Int32> {
      let rated = rows.users.indices.filter { rows.users[$0] == user }
        .map { RatingByID("\(rows.items[$0])", rows.values[$0]) }
      let newcomer = try model.foldIn(rated + [RatingByID("none", rated[0].rating)])
      #expect(newcomer.unknown == ["none"])
      for item in 0..<Self.world.items {
        let known = model.parameters.score(user: Int(user), item: item)
        #expect(abs(newcomer.score(item) - known) < 2e-3, "user \(user), item \(item)")
      }
      let best = try Recommender(model, raw: true).recommend(40, for: newcomer)
      #expect(best.items.count == Self.world.items - newcomer.rated.count)
      for item in best.items {
        #expect(item.score == newcomer.score(Int(item.id) ?? 0))
      }
    }
    #expect(throws: FoldInError.usersOnly(model: "item-knn")) {
      try model.foldIn(item: [RatingByID("3", rows.values[0])])
    }
  }

  @Test func itIsATrainedModelLikeAnyOther() throws {
    let world = Self.world
    let model = try fitted(.itemKNN)
    let bias = try fitted(.bias)
    #expect(try #require(model.metrics["valid_rmse"]) < #require(bias.metrics["valid_rmse"]) * 0.9)
    let path =
      NSTemporaryDirectory() + "knn-\(ProcessInfo.processInfo.processIdentifier).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model.read(path)
    let (users, items) = (world.test.users, world.test.items)
    let scores = model.parameters.scores(users: users, items: items, threads: 1)
    #expect(read.parameters.scores(users: users, items: items, threads: 3) == scores)
    let best = try Recommender(read, raw: true).recommend(5, for: 3)
    #expect(best.items.count == 5)
    for item in best.items {
      #expect(!read.seen[3].contains(Int32(item.id) ?? -1))
      #expect(item.score == read.parameters.score(user: 3, item: Int(item.id) ?? 0))
    }
    // Somebody and something unknown: the mean of the biases.
    let more = model.parameters.extended(users: world.users + 1, items: world.items + 1)
    #expect(more.score(user: world.users, item: world.items).isFinite)
  }
}

// The fits of lists by p·q, ials and bpr: what they recover, repeat, resume, take in and refuse.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

@testable import OsusumeTraining

struct ListFitTests {
  static let users = 120
  static let items = 60
  static let models: [ModelSpec] = [.ials, .bpr]

  /// Users meet items of one of four kinds, most of them, and like half of those; a few of others at random.
  static let rows: IndexedRatings = {
    var rows = IndexedRatings(users: [], items: [], values: [])
    let key = ck_random_key(5, 1)
    for user in 0..<users {
      for item in 0..<items {
        let draw = ck_random_uniform(key, UInt64(user * items + item))
        guard item % 4 == user % 4 ? draw < 0.6 : draw < 0.02 else { continue }
        rows.users.append(Int32(user))
        rows.items.append(Int32(item))
        rows.values.append(Float(4 + (user + item / 4) % 6))
      }
    }
    return rows
  }()

  static func settings(
    _ spec: ModelSpec, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Hyperparameters {
    var settings = spec.defaults
    settings.factors = 10
    if spec.fit == .bpr { settings.negatives = 5 }
    change(&settings)
    return settings
  }

  static func fit(
    _ spec: ModelSpec, threads: Int = 2, test: IndexedRatings? = nil, resuming: FitState? = nil,
    _ change: (inout Hyperparameters) -> Void = { _ in },
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    try Trainer(spec, settings(spec, change), threads: threads).fit(
      rows, test: test, users: users, items: items, resuming: resuming, progress: progress)
  }

  @Test(arguments: models) func listsFindTheKindOfEachUser(spec: ModelSpec) throws {
    let parameters = try Self.fit(spec) { $0.factors = 4 }.parameters
    let seen = SeenItems(rows: Self.rows, users: Self.users, threads: 1)
    let top = parameters.topItems(
      for: (0..<Int32(Self.users)).map { $0 }, count: 3, excluding: seen, threads: 2)
    var (right, possible) = (0, 0)
    for user in 0..<Self.users {
      let list = top.items[3 * user..<3 * user + 3]
      right += list.count { Int($0) % 4 == user % 4 }
      possible += min(3, 15 - seen[user].count { Int($0) % 4 == user % 4 })
    }
    // By chance it would be an eighth: of 15 items of a kind some 9 are seen.
    #expect(possible > 300 && Double(right) > 0.95 * Double(possible), "\(right) of \(possible)")
  }

  @Test(arguments: models) func theSameBytesForAnyNumberOfThreads(spec: ModelSpec) throws {
    // Enough ratings for several tiles and ranges.
    let world = World(users: 700, items: 300, rank: 2, density: 0.2, noise: 0.3)
    let fits = try (1...3).map { threads in
      try Trainer(spec, Self.settings(spec) { $0.epochs = 3 }, threads: threads).fit(
        world.train, test: world.test, users: world.users, items: world.items)
    }
    let whole = bytes(fits[0].parameters)
    #expect(Set(whole).count > 1000)
    for other in fits.dropFirst() {
      #expect(bytes(other.parameters) == whole)
      #expect(other.epochs.map(\.trainLoss) == fits[0].epochs.map(\.trainLoss))
      #expect(other.epochs.map(\.validNDCG) == fits[0].epochs.map(\.validNDCG))
    }
    if spec.fit == .bpr {
      #expect(
        TileGrid(ratings: world.train.count, items: 300, layout: spec.layout(spec.defaults)).blocks
          > 1)
    }
  }

  @Test(arguments: models) func resumedFromAnyEpochItEndsInTheSameBytes(spec: ModelSpec) throws {
    func fit(
      resuming: FitState? = nil,
      progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
    ) throws -> FitResult {
      try Self.fit(
        spec, resuming: resuming, { ($0.epochs, $0.earlyStopping) = (6, 2) }, progress: progress)
    }
    let whole = try fit()
    #expect(!whole.search.isEmpty && whole.search.allSatisfy { $0.validNDCG != nil })
    let total = whole.search.count + whole.epochs.count
    for stop in [1, whole.search.count, total - 1] {
      var epochs = 0
      var saved: FitState?
      _ = try fit { _, state in
        epochs += 1
        if epochs == stop { saved = state().copy() }
        return epochs < stop + 1
      }
      let state: FitState = try #require(saved)
      let resumed = try fit(resuming: state)
      #expect(bytes(resumed.parameters) == bytes(whole.parameters), "stop \(stop) of \(total)")
      #expect(resumed.epochs.map(\.trainLoss) == whole.epochs.map(\.trainLoss))
    }
  }

  @Test(arguments: models) func theSearchStopsByLists(spec: ModelSpec) throws {
    let result = try Self.fit(spec) { ($0.epochs, $0.earlyStopping) = (40, 3) }
    let values = result.search.compactMap(\.validNDCG)
    let best = try #require(values.indices.max { values[$0] < values[$1] })
    #expect(values[best] > 0.3)
    let first = try #require(values.firstIndex { $0 == values[best] })
    #expect(result.search.count == min(40, first + 1 + 3))
    #expect(result.epochs.count == first + 1)
  }

  @Test func listsAreJudgedByHand() throws {
    // Items score 14, 13, 12 …; the first is seen, so that ranks are those of items 1, 2, 3 …
    let parameters = FactorParameters(
      layout: FactorLayout(factors: 1, biased: false), users: 2, items: 14)
    parameters.users[0][0] = 1
    for item in 0..<14 { parameters.items[item][0] = Float(14 - item) }
    func task(_ items: [Int32], _ values: [Float]) -> FitTask {
      FitTask(
        .ials, ModelSpec.ials.defaults,
        train: IndexedRatings(users: [0, 1, 1], items: [0, 1, 2], values: [5, 5, 5]),
        test: IndexedRatings(
          users: items.map { _ in 0 }, items: items, values: values), users: 2, items: 14)
    }
    // Relevant at ranks 1, 3 and 11; disliked at rank 2.
    let value = try #require(HeldOutLists(task([1, 2, 3, 11], [5, 4, 9, 5])))
      .ndcg(of: parameters)
    let right = (1 + 0.5) / (1 + 1 / 1.584_962_500_721_156 + 0.5)  // log₂ 2, 3 and 4
    #expect(abs(value - right) < 1e-12)
    #expect(HeldOutLists(task([1], [4])).map { _ in 0 } == nil, "nothing is relevant")
  }

  /// Σ over ratings of w(1 − p·q)² + α₀ Σ over all pairs of (p·q)² and the penalties, term by term.
  private func objective(_ factors: FactorParameters, _ settings: Hyperparameters) -> Double {
    let rows = Self.rows
    let median = RatingSummary(rows: rows, items: Self.items).median
    func score(_ user: Int, _ item: Int) -> Double {
      (0..<factors.layout.factors).reduce(0.0) {
        $0 + Double(factors.users[user][$1]) * Double(factors.items[item][$1])
      }
    }
    var sum = 0.0
    for user in 0..<Self.users {
      for item in 0..<Self.items {
        sum += settings.unobservedWeight * score(user, item) * score(user, item)
      }
    }
    for row in 0..<rows.count {
      let left = 1 - score(Int(rows.users[row]), Int(rows.items[row]))
      sum += (rows.values[row] >= median ? 1 : settings.dislikeWeight) * left * left
    }
    for (table, keys, others) in [
      (factors.users, rows.users, Self.items), (factors.items, rows.items, Self.users),
    ] {
      for (row, count) in Grouping.counts(keys, keys: table.rows).enumerated() {
        let squares = table[row].reduce(0.0) { $0 + Double($1) * Double($1) }
        sum +=
          settings.regularization
          * (Double(count) + settings.unobservedWeight * Double(others)) * squares
      }
    }
    return sum
  }

  @Test func theLossOfIALSIsItsObjectiveAndFalls() throws {
    for epochs in [1, 4] {
      let fit = try Self.fit(.ials) { $0.epochs = epochs }
      let last = try #require(fit.epochs.last)
      let right = objective(fit.parameters.packed, Self.settings(.ials))
      #expect(abs(last.trainLoss * Double(Self.rows.count) - right) <= 1e-5 * right)
    }
    let losses = try Self.fit(.ials).epochs.map(\.trainLoss)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-6) })
  }

  @Test func aConvergedFitCannotBeImproved() throws {
    // Where sweeps no longer move anything, no vector can be improved: the gradient of each is zero.
    let fit = try Self.fit(.ials) { ($0.epochs, $0.solverSteps) = (200, 5) }
    let factors = fit.parameters.packed
    let settings = Self.settings(.ials)
    let here = objective(factors, settings)
    for (table, row) in [(factors.users, 3), (factors.users, 77), (factors.items, 8)] {
      for lane in 0..<10 {
        let value = table[row][lane]
        for offset in [Float(0.01), -0.01] {
          table[row][lane] = value + offset
          #expect(objective(factors, settings) > here)
        }
        table[row][lane] = value
      }
    }
  }

  private static func model(_ spec: ModelSpec) throws -> Model {
    let ratings = Ratings(
      userIDs: .integers((0..<Int64(users)).map { $0 }),
      itemIDs: .integers((0..<Int64(items)).map { $0 }), rows: rows, counts: IngestCounts(),
      sha256: "")
    let split = Split(train: rows, test: IndexedRatings(users: [], items: [], values: []))
    return try Trainer(spec, settings(spec) { $0.epochs = 40 }).model(of: ratings, split: split)
  }

  private func ratings(of user: Int) -> [RatingByID] {
    Self.rows.users.indices.filter { Int(Self.rows.users[$0]) == user }.map {
      RatingByID("\(Self.rows.items[$0])", Self.rows.values[$0])
    }
  }

  @Test func aUserFoldedIntoIALSIsTheTrainedOne() throws {
    let model = try Self.model(.ials)
    for user in [0, 50, 119] {
      let newcomer = try model.foldIn(ratings(of: user))
      for item in 0..<Self.items {
        let trained = model.parameters.score(user: user, item: item)
        #expect(abs(newcomer.score(item) - trained) < 5e-3, "user \(user), item \(item)")
      }
    }
    let item = try model.foldIn(
      item: Self.rows.items.indices.filter { Self.rows.items[$0] == 9 }.map {
        RatingByID("\(Self.rows.users[$0])", Self.rows.values[$0])
      })
    for user in 0..<Self.users {
      #expect(abs(item.score(user) - model.parameters.score(user: user, item: 9)) < 5e-3)
    }
  }

  @Test(arguments: models) func aNewcomersListIsOfTheirKind(spec: ModelSpec) throws {
    let model = try Self.model(spec)
    for kind in 0..<4 {
      let rated = (0..<5).map { RatingByID("\(8 * $0 % 60 / 4 * 4 + kind)", 9) }
      let newcomer = try model.foldIn(rated)
      let list = try Recommender(model, raw: true).recommend(5, for: newcomer).items.map(\.id)
      #expect(list.allSatisfy { (Int($0) ?? -1) % 4 == kind }, "\(spec.name), \(kind): \(list)")
      #expect(try model.foldIn(rated).scores([0, 1, 2]) == newcomer.scores([0, 1, 2]))
    }
  }

  @Test func bprTakesInUsersOnly() throws {
    let model = try Self.model(.bpr)
    #expect(throws: FoldInError.usersOnly(model: "bpr")) {
      try model.foldIn(item: [RatingByID("1", 9)])
    }
  }

  @Test(arguments: models) func theyPredictNoRatings(spec: ModelSpec) throws {
    #expect(!spec.predictsRatings)
    let fit = try Self.fit(spec, test: Self.rows) { $0.epochs = 1 }
    #expect(fit.epochs.allSatisfy { $0.validRMSE == nil && $0.validNDCG != nil })
    #expect(try Self.model(spec).metrics["valid_rmse"] == nil)
  }

  @Test func settingsThatAFitDoesNotReadAreSaid() throws {
    let given = ["unobserved_weight", "negatives", "learning_rate", "row_solver", "solver_steps"]
    let notes = Self.models.map { $0.unreadNote(given: given, $0.defaults) ?? "" }
    #expect(notes[0].contains("`learning_rate`, `negatives`, `row_solver`:"))
    #expect(notes[1].contains("`row_solver`, `solver_steps`, `unobserved_weight`:"))
    for (spec, change): (ModelSpec, (inout Hyperparameters) -> Void) in [
      (.ials, { $0.unobservedWeight = 0 }), (.ials, { $0.dislikeWeight = -1 }),
      (.bpr, { $0.negatives = 0 }), (.bpr, { $0.negatives = 256 }),
    ] {
      #expect(throws: SettingError.self) { try Self.fit(spec, change) }
    }
  }

  @Test(arguments: models) func whoeverHasNoRatingsIsScoredByTheOthers(spec: ModelSpec) throws {
    let fit = try Trainer(spec, Self.settings(spec)).fit(
      Self.rows, users: Self.users + 2, items: Self.items + 1
    ).parameters.packed
    let mean = (0..<Self.items).map { item in
      (0..<Self.users).reduce(0.0) { $0 + Double(fit.score(user: $1, item: item)) }
        / Double(Self.users)
    }
    for item in 0..<Self.items {
      #expect(abs(Double(fit.score(user: Self.users + 1, item: item)) - mean[item]) < 1e-4)
    }
    if spec.fit == .ials { #expect(fit.score(user: 0, item: Self.items) == 0) }
  }

  /// Ratings of weight 0 are none: a fit to them and others is one to the others.
  @Test(arguments: models) func dislikesOfNoWeightAreLeftOut(spec: ModelSpec) throws {
    let median = RatingSummary(rows: Self.rows, items: Self.items).median
    var liked = IndexedRatings(users: [], items: [], values: [])
    for row in Self.rows.values.indices where Self.rows.values[row] >= median {
      liked.users.append(Self.rows.users[row])
      liked.items.append(Self.rows.items[row])
      liked.values.append(9)
    }
    #expect(liked.count < Self.rows.count)
    let others = try Trainer(spec, Self.settings(spec)).fit(
      liked, users: Self.users, items: Self.items)
    let all = try Self.fit(spec) { $0.dislikeWeight = 0 }
    #expect(bytes(all.parameters) == bytes(others.parameters))
  }

  @Test(arguments: models) func awkwardDataIsFitted(spec: ModelSpec) throws {
    let one = IndexedRatings(users: [1], items: [2], values: [4])
    let few = try Trainer(spec, Self.settings(spec)).fit(one, test: one, users: 3, items: 4)
    #expect(few.parameters.score(user: 1, item: 2).isFinite)
    // A user who has met all items leaves nothing to draw.
    let all = IndexedRatings(users: [0, 0, 0], items: [0, 1, 2], values: [1, 2, 3])
    let whole = try Trainer(spec, Self.settings(spec)).fit(all, users: 1, items: 3)
    #expect((0..<3).allSatisfy { whole.parameters.score(user: 0, item: $0).isFinite })
  }
}

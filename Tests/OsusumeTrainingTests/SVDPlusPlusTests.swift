// SVD++: what was seen tells, rated or not; newcomers get the rows they would have had; threads, files.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

struct SVDPlusPlusTests {
  /// Two camps: people mostly see what theirs likes, and rate little of it.
  private struct Camps {
    static let users = 300
    static let items = 60
    let ratings: Ratings
    let split: Split

    /// Item 0 is seen by the even camp alone, and rated by nobody.
    init() {
      let key = ck_random_key(8, 95)
      var (train, test) = (
        IndexedRatings(users: [], items: [], values: []),
        IndexedRatings(users: [], items: [], values: [])
      )
      var unrated = UnratedRows()
      for user in 0..<Self.users {
        for item in 0..<Self.items {
          let draw = ck_random_uniform(key, UInt64(user * Self.items + item))
          let isLiked = (user + item) % 2 == 0
          let value: Float = (isLiked ? 8 : 4) + Float(item % 3) / 2
          func append(to rows: inout IndexedRatings) {
            rows.users.append(Int32(user))
            rows.items.append(Int32(item))
            rows.values.append(value)
          }
          if item > 0 && draw < 0.03 {
            append(to: &train)
          } else if item > 0 && draw < 0.06 {
            append(to: &test)
          } else if isLiked && draw < 0.5 {
            unrated.users.append(Int32(user))
            unrated.items.append(Int32(item))
          }
        }
      }
      ratings = Ratings(
        userIDs: .integers((0..<Int64(Self.users)).map { $0 }),
        itemIDs: .integers((0..<Int64(Self.items)).map { $0 }), rows: train, unrated: unrated,
        counts: IngestCounts(), sha256: "")
      split = Split(train: train, test: test)
    }
  }

  private static let camps = Camps()

  private func model(_ side: [SideInformation.Kind], unrated: Bool = true) throws -> Model {
    var settings = ModelSpec.svdpp.defaults
    (settings.factors, settings.sideInformation) = (4, side)
    var ratings = Self.camps.ratings
    if !unrated { ratings.unrated = UnratedRows() }
    return try Trainer(.svdpp, settings, threads: 2).model(of: ratings, split: Self.camps.split)
  }

  @Test func whatIsSeenTellsWhatIsLiked() throws {
    func error(_ side: [SideInformation.Kind], unrated: Bool = true) throws -> Double {
      try #require(try model(side, unrated: unrated).metrics["valid_rmse"])
    }
    let alone = try error([])
    let rated = try error([.history, .audience], unrated: false)
    let both = try error([.history, .audience])
    #expect(both < 0.6 * alone && both < 0.7 * rated, "\(both), \(rated) by ratings, \(alone)")
  }

  @Test func whatNobodyRatedIsKnownByItsAudience() throws {
    let model = try model([.history, .audience])
    let scores = (0..<Camps.users).map { model.parameters.score(user: $0, item: 0) }
    func mean(_ camp: Int) -> Float {
      let mine = scores.enumerated().filter { $0.offset % 2 == camp }.map(\.element)
      return mine.reduce(0, +) / Float(mine.count)
    }
    #expect(mean(0) > mean(1) + 1)
  }

  @Test func newcomersGetTheRowsTheyWouldHaveHad() throws {
    let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)
    var settings = ModelSpec.svdpp.defaults
    (settings.factors, settings.epochs) = (6, 30)
    let ratings = Ratings(
      userIDs: .integers((0..<300).map { $0 }), itemIDs: .integers((0..<120).map { $0 }),
      rows: world.train, counts: IngestCounts(), sha256: "")
    let fitted = try Trainer(.svdpp, settings, threads: 2).model(
      of: ratings, split: Split(train: world.train, test: world.test))
    // ImplicitFactors are part of the file.
    let path = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try fitted.write(to: path)
    let model = try Model.read(path)
    let p = model.parameters.packed
    for (entity, table, keys, others) in [
      (Entity.user, p.users, world.train.users, world.train.items),
      (.item, p.items, world.train.items, world.train.users),
    ] {
      for row in [0, 7, 50] {
        let mine = keys.indices.filter { keys[$0] == row }
        let found = try FoldIn(model).newcomer(
          entity, ratings: mine.map { (others[$0], world.train.values[$0]) }
        ).vector
        for lane in 0..<p.layout.lanes {
          // What rows come from is not kept: it is told by a sample of them, and of users' noise nothing.
          #expect(
            abs(found[0][lane] - table[row][lane]) < 0.1, "\(entity) \(row), lane \(lane)")
        }
      }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let camps = Self.camps
    let results = try [1, 2, 3].map { threads in
      var settings = ModelSpec.svdpp.defaults
      (settings.factors, settings.epochs) = (17, 5)
      return try Trainer(.svdpp, settings, threads: threads).fit(
        camps.split.train, users: Camps.users, items: Camps.items,
        side: SideInformation(unrated: camps.ratings.unrated))
    }
    func weights(_ result: FitResult) -> [UInt32] {
      [result.learned.implicitFactors?.history, result.learned.implicitFactors?.audience].flatMap {
        table in
        table.map { table in (0..<table.capacity).map { table.base[$0].bitPattern } } ?? []
      }
    }
    #expect(!weights(results[0]).isEmpty)
    for result in results[1...] {
      #expect(bytes(result.parameters) == bytes(results[0].parameters))
      #expect(weights(result) == weights(results[0]))
      #expect(result.epochs.map(\.trainLoss) == results[0].epochs.map(\.trainLoss))
    }
  }

  /// Also where biases move, whose state is a part of the fit's.
  @Test(arguments: [false, true])
  func aCheckpointEndsInTheSameBytes(moving: Bool) throws {
    let camps = Self.camps
    var train = camps.split.train
    train.timestamps = train.users.indices.map { Int64($0 * 7919 % 1_000_003) * 100 }
    let spec = moving ? ModelSpec.timeMF : .svdpp
    var settings = spec.defaults
    settings.factors = 4
    func fit(_ resuming: FitState? = nil, stop: Int = 99) throws -> (FitResult, FitState?) {
      var last: FitState?
      let result = try Trainer(spec, settings, threads: 2).fit(
        train, users: Camps.users, items: Camps.items,
        side: SideInformation(unrated: camps.ratings.unrated), resuming: resuming
      ) { report, state in
        last = state()
        return report.epoch < stop
      }
      return (result, last)
    }
    let whole = try fit().0
    let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let checkpoint = Checkpoint(
      folder: folder,
      identity: FitIdentity(
        specification: spec, hyperparameters: settings, seed: 42, dataSHA256: "",
        trainRows: train.count, users: Camps.users, items: Camps.items))
    for stop in [1, 5, 8] {
      // Written once the fit has ended, as an interrupted one is.
      try checkpoint.write(try #require(try fit(stop: stop).1))
      let resumed = try fit(try checkpoint.read()).0
      #expect(bytes(resumed.parameters) == bytes(whole.parameters))
      #expect(resumed.epochs.map(\.trainLoss) == whole.epochs.map(\.trainLoss))
      #expect(resumed.learned.timeBiases?.users.states == whole.learned.timeBiases?.users.states)
      #expect(resumed.learned.timeBiases?.items.states == whole.learned.timeBiases?.items.states)
    }
  }

  @Test func stopsAndAwkwardData() throws {
    let camps = Self.camps
    let stopped = try Trainer(.svdpp).fit(
      camps.split.train, users: Camps.users, items: Camps.items
    ) { report, _ in report.epoch < 3 }
    #expect(stopped.epochs.count == 3)
    #expect(throws: TrainingError.noRatings) {
      try Trainer(.svdpp).fit(
        IndexedRatings(users: [], items: [], values: []), users: 2, items: 2)
    }
    let one = try Trainer(.svdpp).fit(
      IndexedRatings(users: [1], items: [0], values: [3]), users: 2, items: 2)
    #expect(one.parameters.score(user: 1, item: 0).isFinite)
    #expect(one.parameters.score(user: 0, item: 1).isFinite)
  }

  /// Genres and types become labels; items that the catalog lacks have none.
  @Test func labelsOfItems() {
    let ratings = Ratings(
      userIDs: .integers([1]), itemIDs: .integers([3, 5, 8]),
      rows: IndexedRatings(users: [0], items: [0], values: [1]), counts: IngestCounts(), sha256: "")
    let side = SideInformation(
      of: ratings,
      catalog: ItemCatalog([
        Item(id: "8", title: "", genres: ["b", "a", "b"], type: "TV"),
        Item(id: "3", title: "", genres: ["TV"]), Item(id: "9", title: "", genres: ["c"]),
      ]))
    #expect(side.labels.names == ["genre TV", "genre a", "genre b", "type TV"])
    #expect(side.labels.items == [0, 2, 2, 2])
    #expect(side.labels.labels == [0, 1, 2, 3])
  }

  @Test func rowsShareAmongTheirFeatures() {
    let features = SideFeatures(
      .history, rows: [0, 2, 0, 0, 0], features: [4, 1, 1, 0, 3], count: 5,
      isRated: [true, true, false], threads: 1)
    #expect(features.scales == [0.5, 0, 1])
    #expect(features.values == [0.5, 0.5, 0.5, 0.5, 1])
    // The last row has no ratings to tell anything of its feature by.
    #expect(features.byFeature.offsets == [0, 1, 2, 2, 3, 4])
    #expect(features.byFeature.columns == [0, 0, 0, 0])
  }
}

struct SideInformationRealDataTests {
  /// Errors of a model as the catalog has it, and of biases.
  private func errors(
    _ spec: ModelSpec, _ ratingsPath: String, items: String
  ) throws -> (mine: Double, biases: Double) {
    let ratings = try RealData.ratings(ratingsPath)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    let model = try Trainer(spec, threads: 2).model(
      of: ratings, split: split, catalog: try ItemCatalog.read(items).catalog)
    let biases = try Trainer(.bias, threads: 2).model(of: ratings, split: split)
    return (
      try #require(model.metrics["valid_rmse"]), try #require(biases.metrics["valid_rmse"])
    )
  }

  @Test(
    .enabled(if: RealData.path("anime-2016/rating.csv") != nil, "needs anime-2016"),
    .enabled(if: RealData.optimised, "takes too long without optimisation: swift test -c release"),
    arguments: [ModelSpec.svdpp, .bpmf])
  func animeIsFarBelowBiases(_ spec: ModelSpec) throws {
    let found = try errors(
      spec, #require(RealData.path("anime-2016/rating.csv")),
      items: #require(RealData.path("anime-2016/anime.csv")))
    #expect(found.mine < found.biases - 0.09, "\(found.mine), biases \(found.biases)")
  }

  @Test(
    .enabled(if: RealData.path("ml-latest-small/ratings.csv") != nil, "needs ml-latest-small"),
    .enabled(if: RealData.optimised, "takes too long without optimisation: swift test -c release"),
    arguments: [(ModelSpec.svdpp, 0.04), (.bpmf, 0.055)])
  func moviesAreFarBelowBiases(_ spec: ModelSpec, margin: Double) throws {
    let found = try errors(
      spec, #require(RealData.path("ml-latest-small/ratings.csv")),
      items: #require(RealData.path("ml-latest-small/movies.csv")))
    #expect(found.mine < found.biases - margin, "\(found.mine), biases \(found.biases)")
  }
}

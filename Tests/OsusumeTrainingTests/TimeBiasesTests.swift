// time-mf: planted drift is found, none is not made up; threads, units of time, files, published data.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

struct TimeBiasesTests {
  private static let users = 200
  private static let items = 80
  private static let day: Int64 = 86_400
  private static let start: Int64 = 1_000_000_000

  /// Users rate in two sittings, ten years all in all, one item every twenty seconds.
  private enum Change { case none, sittings, items }

  /// Ratings of a world in which something changes or nothing does, one in ten to judge by.
  private static func split(_ change: Change) -> Split {
    let key = ck_random_key(5, 96)
    var parts = [
      IndexedRatings(users: [], items: [], values: []), .init(users: [], items: [], values: []),
    ]
    var position: UInt64 = 0
    func normal() -> Double {
      position += 1
      return ck_random_normal(key, position)
    }
    let taste = (0..<users).map { _ in 0.5 * normal() }
    let quality = (0..<items).map { _ in 0.5 * normal() }
    for user in 0..<users {
      for sitting in 0..<2 {
        position += 1
        let began = start + Int64(ck_random_uniform(key, position) * 3650) * day
        let mood = change == .sittings ? 0.8 * normal() : 0
        for place in 0..<20 {
          position += 1
          let item = Int(ck_random_below(key, position, UInt64(items)))
          let time = began + Int64(20 * place)
          // Even items rise by 1.5 in the middle of the ten years.
          let jump =
            change == .items && item % 2 == 0 && time > start + 1825 * day ? 1.5 : 0
          let value = 6 + taste[user] + quality[item] + mood + jump + 0.5 * normal()
          let part = (user + sitting + place) % 10 == 0 ? 1 : 0
          parts[part].users.append(Int32(user))
          parts[part].items.append(Int32(item))
          parts[part].values.append(Float(value))
          parts[part].timestamps.append(time)
        }
      }
    }
    return Split(train: parts[0], test: parts[1])
  }

  private static func ratings(_ split: Split) -> Ratings {
    Ratings(
      userIDs: .integers((0..<Int64(users)).map { $0 }),
      itemIDs: .integers((0..<Int64(items)).map { $0 }), rows: split.train,
      counts: IngestCounts(), sha256: "")
  }

  private static func model(
    _ spec: ModelSpec, _ split: Split, factors: Int = 2, threads: Int = 2
  ) throws -> Model {
    var settings = spec.defaults
    settings.factors = factors
    return try Trainer(spec, settings, threads: threads).model(of: ratings(split), split: split)
  }

  private static func error(_ spec: ModelSpec, _ split: Split) throws -> Double {
    try #require(try model(spec, split).metrics["valid_rmse"])
  }

  @Test func sittingsAreFound() throws {
    let split = Self.split(.sittings)
    let still = try Self.error(.svdpp, split)
    let moving = try Self.error(.timeMF, split)
    // Noise of 0.5, and biases that 36 ratings tell; without a clock, half the difference of two moods too.
    #expect(still > 0.7)
    #expect(moving < 0.65)
  }

  @Test func aJumpOfItemsIsFound() throws {
    let split = Self.split(.items)
    let model = try Self.model(.timeMF, split)
    let still = try Self.error(.svdpp, split)
    let moving = try #require(model.metrics["valid_rmse"])
    #expect(moving < 0.85 * still)
    // As of now even items stand where they rose to, as of the start where they came from.
    let predictor = try PairPredictor(model, raw: true)
    var rises = [0.0, 0.0]
    for item in 0..<Self.items {
      let now = try predictor.predict(user: "1", item: "\(item)").score
      let then = try predictor.predict(
        user: "1", item: "\(item)", at: Self.start + 365 * Self.day
      ).score
      rises[item % 2] += Double(now - then) / Double(Self.items / 2)
    }
    #expect(abs(rises[0] - rises[1] - 1.5) < 0.35, "\(rises)")
  }

  @Test func whatDoesNotMoveStandsStill() throws {
    let split = Self.split(.none)
    let still = try Self.error(.svdpp, split)
    let moving = try Self.error(.timeMF, split)
    #expect(moving < still * 1.01)
    // Nor is there anything to keep of it.
    let kept = try #require(try Self.model(.timeMF, split).learned.timeBiases)
    #expect(kept.users.times.isEmpty && kept.items.times.isEmpty)
  }

  @Test func millisecondsAreSecondsToo() throws {
    let split = Self.split(.items)
    var fine = split
    fine.train.timestamps = fine.train.timestamps.map { 1000 * $0 }
    fine.test.timestamps = fine.test.timestamps.map { 1000 * $0 }
    let coarse = try Self.model(.timeMF, split)
    let model = try Self.model(.timeMF, fine)
    #expect(bytes(model.parameters) == bytes(coarse.parameters))
    #expect(model.metrics == coarse.metrics)
  }

  @Test func threadsChangeNothing() throws {
    let split = Self.split(.sittings)
    let models = try [1, 2, 3].map { try Self.model(.timeMF, split, threads: $0) }
    for model in models {
      #expect(bytes(model.parameters) == bytes(models[0].parameters))
      #expect(model.learned.timeBiases?.users.states == models[0].learned.timeBiases?.users.states)
      #expect(model.learned.timeBiases?.items.states == models[0].learned.timeBiases?.items.states)
      #expect(model.metrics == models[0].metrics)
    }
  }

  @Test func savedAndReadMovesAlike() throws {
    let split = Self.split(.items)
    let model = try Self.model(.timeMF, split)
    let path = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model.read(path)
    #expect(
      read.scores(of: split.test, threads: 1) == model.scores(of: split.test, threads: 2))
    // Without times scores are as of the latest rating.
    var untimed = split.test
    untimed.timestamps = untimed.timestamps.map { _ in read.learned.timeBiases?.now ?? 0 }
    let now = read.scores(of: untimed, threads: 1)
    untimed.timestamps = []
    #expect(zip(now, read.scores(of: untimed, threads: 1)).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func withoutTimesNothingIsTrained() {
    var split = Self.split(.none)
    split.train.timestamps = []
    #expect {
      try Self.model(.timeMF, split)
    } throws: {
      guard case TrainingError.noTimestamps("time-mf") = $0 else { return false }
      return true
    }
  }

  @Test func absurdTimesAreTaken() throws {
    var split = Self.split(.none)
    split.train.timestamps[0] = .min
    split.train.timestamps[1] = .max
    split.test.timestamps[0] = .max
    let model = try Self.model(.timeMF, split)
    let isFinite = model.scores(of: split.test, threads: 1).allSatisfy { $0.isFinite }
    #expect(isFinite)
    for row in split.train.timestamps.indices { split.train.timestamps[row] = 0 }
    let error = try Self.error(.timeMF, split)
    #expect(error.isFinite)
  }

  @Test func aLawIsFoundAgain() {
    // One process of a variance of 0.5 that remembers 100 s, noise of 0.3.
    let key = ck_random_key(2, 98)
    var (times, values): ([Int64], [Float]) = ([], [])
    var state = 0.0
    var users: [Int32] = []
    for place in 0..<20_000 {
      let gap = place % 100 == 0 ? 1e9 : 10
      let kept = exp(-gap / 100)
      state =
        kept * state
        + (0.5 * (1 - kept * kept)).squareRoot() * ck_random_normal(key, UInt64(2 * place))
      users.append(Int32(place / 100))
      times.append(Int64(10 * (place % 100)))
      values.append(Float(state + 0.3.squareRoot() * ck_random_normal(key, UInt64(2 * place + 1))))
    }
    let series = DriftSeries(keys: users, times: times, count: 200, threads: 2)
    let law = DriftLaw(startingAt: [1e5], fittedTo: series, values, threads: 2)
    #expect(abs(law.memories[0] / 100 - 1) < 0.2)
    #expect(abs(law.variances[0] - 0.5) < 0.06)
    #expect(abs(law.noise - 0.3) < 0.03)
  }

  private static let movies = RealData.path("ml-latest-small/ratings.csv")

  private static var optimised: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  @Test(
    .enabled(if: movies != nil, "needs ml-latest-small"),
    .enabled(if: optimised, "takes too long without optimisation: swift test -c release"),
    arguments: [SplitRule.perUser(testFraction: 0.1), .temporal(testFraction: 0.1)])
  func moviesAreBelowWhatStandsStill(rule: SplitRule) throws {
    let path = try #require(Self.movies)
    let ratings = try Ratings(
      table: RatingTable.read(path, threads: 2), options: .init(), threads: 2)
    let split = try ratings.split(rule, seed: 42, threads: 2)
    let errors = try [ModelSpec.mf, .svdpp, .timeMF].map {
      try Trainer($0, threads: 2).model(of: ratings, split: split).metrics["valid_rmse"] ?? .nan
    }
    #expect(errors[2] < errors[0] - 0.03 && errors[2] < errors[1] - 0.005, "\(errors)")
  }
}

// Bayesian matrix factorisation as a fit: structure found, means of draws, intervals, threads.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct BPMFTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)

  private func solver(
    threads: Int = 1, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> BPMF {
    var settings = ModelSpec.bpmf.defaults
    (settings.factors, settings.epochs, settings.burnIn, settings.samples) = (6, 40, 20, 10)
    change(&settings)
    return BPMF(hyperparameters: settings, threads: threads)
  }

  private func fit(_ solver: BPMF) throws -> FitResult {
    let world = Self.world
    return try solver.fit(
      train: world.train, users: world.users, items: world.items, test: world.test)
  }

  @Test func findsStructureAndTheNoise() throws {
    let result = try fit(solver())
    #expect(try #require(result.epochs.last?.validRMSE) < 0.36, "noise alone is 0.3")
    let errors = try #require(result.parameters.errors(on: Self.world.test, threads: 1))
    #expect(errors.rmse < 0.36)
    let draws = try #require(result.draws)
    #expect(draws.count == 10)
    let noise = draws.userNoise.reduce(0, +) / Float(draws.userNoise.count) + draws.noise[0]
    #expect(noise > 0.08 && noise < 0.12, "0.09 and what rows vary by: \(noise)")
  }

  @Test func threadsDoNotChangeABit() throws {
    let results = try [1, 2, 3].map { try fit(solver(threads: $0) { $0.epochs = 25 }) }
    for result in results[1...] {
      #expect(bytes(result.parameters) == bytes(results[0].parameters))
      #expect(result.epochs.map(\.trainLoss) == results[0].epochs.map(\.trainLoss))
      #expect(result.draws?.noise == results[0].draws?.noise)
    }
  }

  @Test(arguments: [0.5, 0.8, 0.95]) func intervalsHoldTheirShare(share: Double) throws {
    let result = try fit(solver())
    let (p, test) = (result.parameters.packed, Self.world.test)
    let draws = try #require(result.draws)
    let reach = Float(normalQuantile(holding: share))
    let inside = (0..<test.count).count { row in
      let (user, item) = (Int(test.users[row]), Int(test.items[row]))
      let deviation = draws.deviation(user: user, item: item, in: p)
      return abs(test.values[row] - p.score(user: user, item: item)) <= reach * deviation
    }
    // Some 1,800 test rows: a standard error of at most 1.2 %.
    #expect(abs(Double(inside) / Double(test.count) - share) < 0.04, "\(inside) of \(test.count)")
  }

  @Test func quantilesAreThoseOfTables() {
    #expect(abs(normalQuantile(holding: 0.8) - 1.281_551_565_5) < 1e-9)
    #expect(abs(normalQuantile(holding: 0.95) - 1.959_963_984_5) < 1e-9)
  }

  @Test func whatIsStoppedIsTheMeanSoFar() throws {
    for (stop, draws) in [(5, 1), (24, 2), (40, 10)] {
      let result = try solver().fit(train: Self.world.train, users: 300, items: 120) {
        $0.epoch < stop
      }
      #expect(result.epochs.count == stop)
      #expect(result.draws?.count == draws)
      #expect(result.parameters.packed.layout.factors == draws * 6)
      #expect(try #require(result.parameters.errors(on: Self.world.test, threads: 1)).rmse < 1)
    }
  }

  @Test func rowsWithoutRatingsAreExpectedOnes() throws {
    let result = try solver().fit(train: Self.world.train, users: 302, items: 121)
    let p = result.parameters.packed
    for lane in 0..<p.layout.lanes { #expect(p.users[300][lane] == p.users[301][lane]) }
    let scores = (0..<300).map { p.score(user: $0, item: 120) }
    #expect(scores.allSatisfy { abs($0 - 7) < 2.5 })
  }

  @Test func awkwardDataAndSettings() throws {
    #expect(throws: BPMFError.noRatings) {
      try solver().fit(train: RatingRows(users: [], items: [], values: []), users: 3, items: 3)
    }
    let one = RatingRows(users: [1], items: [2], values: [4])
    let result = try solver().fit(train: one, users: 3, items: 4)
    #expect(result.parameters.score(user: 1, item: 2).isFinite)
    let equal = RatingRows(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [3, 3, 3, 3])
    let flat = try solver().fit(train: equal, users: 2, items: 2)
    #expect(abs(flat.parameters.score(user: 0, item: 1) - 3) < 1.5)
    let none = try solver { $0.epochs = 0 }.fit(train: equal, users: 2, items: 2)
    #expect(none.parameters.score(user: 0, item: 1) == 3)
    #expect(throws: BPMFError.tooWide(samples: 200, factors: 32)) {
      try solver { ($0.samples, $0.factors, $0.epochs) = (200, 32, 1000) }.fit(
        train: equal, users: 2, items: 2)
    }
  }
}

struct BPMFRealDataTests {
  private static let anime = RealData.path("anime-2016/rating.csv")

  /// Below biases by 0.065 or more, and of the held-out ratings 80 ± 2 % in intervals of 80 %.
  @Test(
    .enabled(if: anime != nil, "needs anime-2016"),
    .enabled(if: RealData.optimised, "takes too long without optimisation: swift test -c release"))
  func animeIsFarBelowBiasesAndWithinIntervals() throws {
    let ratings = try RealData.ratings(#require(Self.anime))
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    var settings = ModelSpec.bpmf.defaults
    (settings.factors, settings.epochs, settings.burnIn) = (16, 90, 30)
    let (users, items) = (ratings.userIDs.count, ratings.itemIDs.count)
    let result = try BPMF(hyperparameters: settings, threads: 2).fit(
      train: split.train, users: users, items: items)
    let baseline = fitBaseline(
      .bias, train: split.train, users: users, items: items,
      hyperparameters: ModelSpec.bias.defaults, threads: 2)
    let test = split.test
    let (mine, its) = (
      try #require(result.parameters.errors(on: test, threads: 2)).rmse,
      try #require(baseline.errors(on: test, threads: 2)).rmse
    )
    #expect(mine < its - 0.065, "\(mine), biases \(its)")
    let (p, draws) = (result.parameters.packed, try #require(result.draws))
    let reach = Float(normalQuantile(holding: 0.8))
    let inside = (0..<test.count).count { row in
      let (user, item) = (Int(test.users[row]), Int(test.items[row]))
      return abs(test.values[row] - p.score(user: user, item: item))
        <= reach * draws.deviation(user: user, item: item, in: p)
    }
    let share = Double(inside) / Double(test.count)
    print("bpmf: RMSE \(mine), biases \(its), \(share) within intervals of 0.8")
    #expect(abs(share - 0.8) <= 0.02)
  }
}

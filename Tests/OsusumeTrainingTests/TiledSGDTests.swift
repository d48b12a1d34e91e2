// TiledSGD: learns, stops, resumes, and gives the same bytes for any number of threads.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct TiledSGDTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)

  private func solver(
    threads: Int = 1, seed: UInt64 = 42, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Trainer {
    var settings = ModelSpec.mf.defaults
    settings.factors = 14  // with biases, one vector of 16
    settings.earlyStopping = 2
    change(&settings)
    return Trainer(.mf, settings, seed: seed, threads: threads)
  }

  @Test func theDefaultsNeedNoSearch() throws {
    let world = Self.world
    let fit = try Trainer(.mf).fit(world.train, users: world.users, items: world.items)
    #expect(fit.search.isEmpty)
    #expect(fit.epochs.count == ModelSpec.mf.defaults.epochs)
  }

  @Test func aShareOfNoRowsMeansNoSearch() throws {
    let rows = IndexedRatings(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [1, 5, 2, 4])
    let fit = try solver {
      $0.validation = 1e-11
      $0.epochs = 3
    }.fit(rows, users: 2, items: 2)
    #expect(fit.search.isEmpty)
    #expect(fit.epochs.count == 3)
  }

  @Test func oneRatingIsLearnedNotHeldOut() throws {
    let row = IndexedRatings(users: [0], items: [0], values: [4])
    var settings = ModelSpec.flaxBias.defaults
    settings.earlyStopping = 2
    let fit = try Trainer(.flaxBias, settings).fit(row, users: 1, items: 1)
    #expect(fit.epochs.count == settings.epochs)
    #expect(fit.parameters.score(user: 0, item: 0).isFinite)
  }

  @Test func findsStructureThatBiasesMiss() throws {
    let world = Self.world
    let full = try solver().fit(
      world.train, test: world.test, users: world.users, items: world.items)
    let biases = try Trainer(.bias).fit(world.train, users: world.users, items: world.items)
    let error = try #require(full.epochs.last?.validRMSE)
    let biasError = try #require(biases.parameters.errors(on: world.test, threads: 1)).rmse
    // Interactions have variance 3 · 0.7² = 1.47: without them the error is at least 1.2.
    #expect(biasError > 1.2)
    #expect(error < 0.5, "noise alone is 0.3")
  }

  @Test func learnsACheckerboard() throws {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<40 as Range<Int32> {
      for item in 0..<40 as Range<Int32> where (user * 7 + item * 3) % 5 != 0 {
        rows.users.append(user)
        rows.items.append(item)
        rows.values.append((user + item) % 2 == 0 ? 5 : 1)
      }
    }
    let result = try solver { ($0.earlyStopping, $0.rowRegularization) = (0, 0.5) }.fit(
      rows, users: 40, items: 40)
    for user in 0..<40 {
      for item in 0..<40 {
        let score = result.parameters.score(user: user, item: item)
        #expect((score > 3) == ((user + item) % 2 == 0), "user \(user), item \(item): \(score)")
      }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let world = Self.world
    let results = try [1, 2, 3].map {
      try solver(threads: $0).fit(
        world.train, test: world.test, users: world.users, items: world.items)
    }
    for result in results[1...] {
      #expect(bytes(result.parameters) == bytes(results[0].parameters))
      #expect(result.epochs.map(\.validRMSE) == results[0].epochs.map(\.validRMSE))
      #expect(result.epochs.map(\.trainLoss) == results[0].epochs.map(\.trainLoss))
    }
    let other = try solver(seed: 43).fit(world.train, users: world.users, items: world.items)
    #expect(bytes(other.parameters) != bytes(results[0].parameters))
  }

  @Test func aShuffleIsNoneOneOrOneAnEpoch() throws {
    let world = Self.world
    func fit(_ shuffle: Shuffle, epochs: Int) throws -> [UInt32] {
      let solver = solver { ($0.shuffle, $0.epochs, $0.earlyStopping) = (shuffle, epochs, 0) }
      return bytes(
        try solver.fit(world.train, users: world.users, items: world.items).parameters)
    }
    // Epochs have steps of their own by the schedule, so a single one is the last of its fit.
    #expect(try fit(.once, epochs: 1) == fit(.eachEpoch, epochs: 1))
    let orders = try [Shuffle.none, .once, .eachEpoch].map { try fit($0, epochs: 2) }
    #expect(Set(orders).count == 3)
  }

  @Test func resumedFromAnyEpochItEndsInTheSameBytes() throws {
    let world = Self.world
    let solver = solver()
    let whole = try solver.fit(world.train, users: world.users, items: world.items)
    let (search, total) = (whole.search.count, whole.search.count + whole.epochs.count)
    for stop in [1, search - 1, search, search + 1, total - 1, total] {
      var epochs = 0
      var saved: FitState?
      _ = try solver.fit(world.train, users: world.users, items: world.items) { _, state in
        epochs += 1
        if epochs == stop { saved = state().copy() }
        return epochs < stop + 2  // the tables move on after the state is taken
      }
      #expect(saved != nil, "stop \(stop) of \(total)")
      let resumed = try solver.fit(
        world.train, users: world.users, items: world.items, resuming: saved)
      #expect(bytes(resumed.parameters) == bytes(whole.parameters), "stop \(stop) of \(total)")
      #expect(resumed.search.map(\.validRMSE) == whole.search.map(\.validRMSE))
      #expect(resumed.epochs.map(\.trainLoss) == whole.epochs.map(\.trainLoss))
    }
  }

  @Test func stopsEarlyAndRefitsForTheBestNumberOfEpochs() throws {
    // Few ratings, much noise, no penalty: it must overfit, so the search must turn.
    let world = World(users: 100, items: 60, rank: 1, density: 0.3, noise: 1)
    let result = try solver {
      ($0.regularization, $0.rowRegularization, $0.rateSchedule) = (0, 0, .constant)
      ($0.factorInit, $0.epochs) = (.normal(0.3), 200)
    }.fit(world.train, test: world.test, users: world.users, items: world.items)
    let errors = result.search.compactMap(\.validRMSE)
    #expect(result.search.count < 200)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    #expect(result.search.count == best + 1 + 2, "patience is 2")
    #expect(result.epochs.count == best + 1)
    #expect(result.epochs.allSatisfy { $0.phase == .fit })
  }

  @Test func withoutRefitTheBestTablesAreKept() throws {
    let world = World(users: 100, items: 60, rank: 1, density: 0.3, noise: 1)
    let solver = solver {
      ($0.regularization, $0.rowRegularization, $0.rateSchedule) = (0, 0, .constant)
      ($0.factorInit, $0.epochs, $0.refit) = (.normal(0.3), 200, false)
    }
    var tables = [[UInt32]]()
    let result = try solver.fit(
      world.train, users: world.users, items: world.items
    ) { _, state in
      tables.append(bytes(state().factors(world.train, factors: 14)))
      return true
    }
    let errors = result.search.compactMap(\.validRMSE)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    #expect(bytes(result.parameters) == tables[best])
    #expect(result.epochs.isEmpty)
  }

  @Test func ratesThatDivergeAreHalvedAndSaid() throws {
    let world = Self.world
    let result = try solver { $0.learningRate = 5 }.fit(
      world.train, test: world.test, users: world.users, items: world.items)
    #expect(result.notes.count == 1)
    #expect(try #require(result.epochs.last?.validRMSE) < 0.6)
    #expect(throws: TrainingError.self) {
      try solver { $0.learningRate = 1e9 }.fit(
        world.train, users: world.users, items: world.items)
    }
  }

  @Test func theScaleOfRatingsDoesNotMatter() throws {
    let world = Self.world
    var percent = world.train
    percent.values = percent.values.map { $0 * 10 }
    let one = try solver().fit(world.train, users: world.users, items: world.items)
    let ten = try solver().fit(percent, users: world.users, items: world.items)
    let (user, item) = (17, 33)
    #expect(
      abs(
        one.parameters.score(user: user, item: item)
          - ten.parameters.score(user: user, item: item) / 10) < 0.05)
    #expect(one.epochs.count == ten.epochs.count)
  }

  @Test func awkwardDataIsFitted() throws {
    #expect(throws: TrainingError.self) {
      try solver().fit(IndexedRatings(users: [], items: [], values: []), users: 3, items: 3)
    }
    let one = IndexedRatings(users: [1], items: [2], values: [4])
    let result = try solver().fit(one, users: 3, items: 4)
    #expect(result.parameters.score(user: 1, item: 2).isFinite)
    let equal = IndexedRatings(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [3, 3, 3, 3])
    let flat = try solver().fit(equal, users: 2, items: 2)
    #expect(abs(flat.parameters.score(user: 0, item: 1) - 3) < 0.01)
  }
}

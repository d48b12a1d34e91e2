// Networks under training: threads, batches, penalties, dropout, resuming, saving.
import CKernels
import Foundation
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct NetworkTests {
  private static let rows: IndexedRatings = {
    var rows = IndexedRatings(
      users: (0..<6000).map { Int32($0 / 40) }, items: (0..<6000).map { Int32(($0 * 7) % 90) },
      values: (0..<6000).map { Float(1 + $0 % 10) })
    rows.labels = rows.values.map { $0 > 5 ? 1 : 0 }
    return rows
  }()

  private static let catalog = ItemCatalog(
    (0..<90).map {
      Item(
        id: "\($0)", title: "t\($0)", genres: ["g\($0 % 5)", "h\($0 % 3)"],
        episodes: $0 % 7 == 0 ? nil : $0)
    })

  private static let features = ItemFeatures(
    itemIDs: .integers((0..<90).map { Int64($0) }), catalog: catalog,
    counts: (0..<90).map { Int32($0) })

  private func fit(_ spec: ModelSpec, threads: Int, _ change: (inout Hyperparameters) -> Void)
    throws -> FitResult
  {
    var settings = spec.defaults
    settings.factors = 8
    settings.epochs = 2
    change(&settings)
    return try Trainer(spec, settings, seed: 5, threads: threads).fit(
      Self.rows, test: Self.rows, users: 150, items: 90, features: Self.features)
  }

  private func bytes(_ result: FitResult) -> [[Float]] {
    result.parameters.tables.map {
      Array(UnsafeBufferPointer(start: $0.base, count: $0.capacity))
    }
  }

  /// Small batches and batches of several chunks; dropout, genres, penalties and two heads included.
  @Test(arguments: ModelSpec.catalog.filter { $0.fit == .minibatch })
  func threadsDoNotMatter(_ spec: ModelSpec) throws {
    for size in [64, 1700] {
      let results = try [1, 2, 3].map { threads in
        bytes(try fit(spec, threads: threads) { $0.batchSize = size })
      }
      #expect(results[0] == results[1] && results[0] == results[2], "batches of \(size)")
    }
  }

  @Test(arguments: ModelSpec.catalog.filter { $0.fit == .minibatch })
  func lossFalls(_ spec: ModelSpec) throws {
    let result = try fit(spec, threads: 2) {
      ($0.epochs, $0.batchSize, $0.learningRate) = (8, 256, 0.01)
    }
    let losses = result.epochs.map(\.trainLoss)
    #expect(losses[7] < losses[0], "\(losses)")
  }

  @Test func stopsAndResumesInTheSameBytes() throws {
    for spec in [ModelSpec.kerasHybrid, .recommenderNet, .nnExtended] {
      let whole = try fit(spec, threads: 2) { ($0.epochs, $0.batchSize) = (4, 500) }
      var saved: FitState?
      var settings = spec.defaults
      (settings.factors, settings.epochs, settings.batchSize) = (8, 4, 500)
      let trainer = Trainer(spec, settings, seed: 5, threads: 1)
      let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let checkpoint = Checkpoint(
        folder: folder,
        identity: FitIdentity(
          specification: spec, hyperparameters: settings, seed: 5, dataSHA256: "", trainRows: 6000,
          users: 150, items: 90))
      _ = try trainer.fit(
        Self.rows, test: Self.rows, users: 150, items: 90, features: Self.features
      ) { report, state in
        guard report.epoch == 2 else { return true }
        try checkpoint.write(state())
        return false
      }
      saved = try checkpoint.read()
      let resumed = try trainer.fit(
        Self.rows, test: Self.rows, users: 150, items: 90, features: Self.features, resuming: saved)
      #expect(bytes(resumed) == bytes(whole), "\(spec.name)")
    }
  }

  /// p·q under a penalty, dense Adam in double: every row moves at every step.
  @Test func penaltiesPullOnEveryRowAtEveryStep() throws {
    var settings = ModelSpec.recommenderV1.defaults
    (settings.factors, settings.epochs, settings.batchSize) = (5, 1, 100)
    (settings.shuffle, settings.regularization) = (.none, 0.01)
    settings.factorInit = .normal(0.5)
    let rows = IndexedRatings(
      users: (0..<300).map { Int32($0 / 10) }, items: (0..<300).map { Int32(($0 * 7) % 20) },
      values: (0..<300).map { Float(1 + $0 % 5) })
    func fit(epochs: Int) throws -> FactorParameters? {
      settings.epochs = epochs
      return try Trainer(.recommenderV1, settings, seed: 2, threads: 2).fit(
        rows, users: 40, items: 25
      ).parameters.factors
    }
    // Users 30 to 39 and items 20 to 24 have no rating; in the tables they are covered at the end.
    let start = try #require(try fit(epochs: 0))
    var reference = PenalisedReference(start, settings)
    for first in stride(from: 0, to: 300, by: 100) {
      reference.step(
        (first..<first + 100).map {
          (Int(rows.users[$0]), Int(rows.items[$0]), Double(rows.values[$0]))
        })
    }
    let ours = try #require(try fit(epochs: 1))
    for user in 0..<30 {
      for lane in 0..<5 {
        #expect(abs(Double(ours.users[user][lane]) - reference.users[user][lane]) < 1e-5)
      }
    }
    for item in 0..<20 {
      for lane in 0..<5 {
        #expect(abs(Double(ours.items[item][lane]) - reference.items[item][lane]) < 1e-5)
      }
    }
  }

  @Test func dropoutKeepsItsShareAndItsMean() {
    let x = [Float](repeating: 1, count: 33)
    var out = [Float](repeating: 0, count: 33 * 4000)
    x.withUnsafeBufferPointer { x in
      let view = ck_layer_view(base: x.baseAddress, stride: 0, row: nil, width: 33)
      ck_layer_dropout(view, 9, 0, 0.3, 0, 4000, &out, 33)
    }
    let kept = Double(out.count { $0 != 0 }) / Double(out.count)
    // Five standard deviations of 132,000 draws.
    #expect(abs(kept - 0.7) < 5 * (0.21 / 132_000).squareRoot())
    #expect(out.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-4 })
    #expect(Set((0..<33).map { out[$0] }) != Set([0]))
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(throws: TrainingError.self) {
      try fit(.metadataClasses, threads: 1) { $0.loss = .mse }
    }
    let half = IndexedRatings(users: [0, 1], items: [0, 1], values: [3.5, 4])
    #expect(throws: TrainingError.self) {
      try Trainer(.metadataClasses, threads: 1).fit(
        half, users: 2, items: 90, features: Self.features)
    }
    #expect(throws: TrainingError.self) {
      try Trainer(.kerasHybrid, threads: 1).fit(half, users: 2, items: 2)
    }
    #expect(throws: PlanError.self) {
      try Trainer(.genreDot, threads: 1).fit(half, users: 2, items: 2)
    }
    #expect(throws: TrainingError.self) {
      try fit(.recommenderV2, threads: 1) { $0.optimizer = .sgd }
    }
  }
}

/// p·q and an L2 penalty under dense Adam, in double.
private struct PenalisedReference {
  var users: [[Double]]
  var items: [[Double]]
  private let settings: Hyperparameters
  private var memory: [[(m: Double, v: Double)]]
  private var steps = 0.0

  init(_ start: FactorParameters, _ settings: Hyperparameters) {
    self.settings = settings
    users = (0..<start.users.rows).map { row in
      (0..<settings.factors).map { Double(start.users[row][$0]) }
    }
    items = (0..<start.items.rows).map { row in
      (0..<settings.factors).map { Double(start.items[row][$0]) }
    }
    memory = (users + items).map { $0.map { _ in (0, 0) } }
  }

  mutating func step(_ batch: [(user: Int, item: Int, rating: Double)]) {
    var gradients = (users + items).map { $0.map { 2 * settings.regularization * $0 } }
    for (user, item, rating) in batch {
      let error = zip(users[user], items[item]).reduce(-rating) { $0 + $1.0 * $1.1 }
      let slope = 2 * error / Double(batch.count)
      for lane in 0..<settings.factors {
        gradients[user][lane] += slope * items[item][lane]
        gradients[users.count + item][lane] += slope * users[user][lane]
      }
    }
    steps += 1
    for row in memory.indices {
      for lane in memory[row].indices {
        let g = gradients[row][lane]
        memory[row][lane].m = 0.9 * memory[row][lane].m + 0.1 * g
        memory[row][lane].v = 0.999 * memory[row][lane].v + 0.001 * g * g
        let m = memory[row][lane].m / (1 - pow(0.9, steps))
        let v = memory[row][lane].v / (1 - pow(0.999, steps))
        let change = settings.learningRate * m / (v.squareRoot() + settings.epsilon)
        if row < users.count {
          users[row][lane] -= change
        } else {
          items[row - users.count][lane] -= change
        }
      }
    }
  }
}

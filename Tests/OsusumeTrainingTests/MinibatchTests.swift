// The minibatch trainer: dense Adam's mathematics, learning, stopping, resuming, threads.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeTraining

struct MinibatchTests {
  private static let users = 30
  private static let items = 20
  /// 300 of the 600 pairs, by user, with tastes to learn.
  private static let rows: IndexedRatings = {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for pair in 0..<600 where (pair * 7919) % 600 < 300 {
      let (user, item) = (pair / items, pair % items)
      rows.users.append(Int32(user))
      rows.items.append(Int32(item))
      rows.values.append(Float(6 + (user + item) % 3 + (user % 4) - (item % 2)))
    }
    return rows
  }()

  private static func settings(_ change: (inout Hyperparameters) -> Void) -> Hyperparameters {
    .init {
      $0.factors = 5
      $0.batchSize = 64
      $0.epochs = 10
      $0.learningRate = 0.02
      change(&$0)
    }
  }

  /// The batches of an epoch, as `FactorTrainer` deals them.
  private static func batches(_ settings: Hyperparameters, epoch: Int, seed: UInt64) -> [[Int]] {
    let stream =
      RandomStream.shuffle + (settings.shuffle == .eachEpoch ? UInt64(epoch) << 32 : 0)
    var batchOf = [UInt32](repeating: 0, count: rows.count)
    ck_order_batches(
      ck_random_key(seed, stream), settings.shuffle == .none ? 0 : 1, 0, rows.count, rows.count,
      settings.batchSize, &batchOf)
    var batches = [[Int]](
      repeating: [], count: (rows.count + settings.batchSize - 1) / settings.batchSize)
    for (row, batch) in batchOf.enumerated() { batches[Int(batch)].append(row) }
    return batches
  }

  static let cases: [(Loss, Optimizer, Shuffle)] =
    [Loss.rmse, .mse, .mae].flatMap { loss in
      [(loss, .adam, .once), (loss, .adam, .eachEpoch)]
    } + [
      (.rmse, .adam, .none), (.mse, .adamw, .once), (.rmse, .adagrad, .eachEpoch),
      (.rmse, .sgd, .once),
    ]

  /// 50 steps, of which a row without ratings in a batch makes each too.
  @Test(arguments: cases)
  func equalsDenseTrainingInDouble(_ loss: Loss, _ optimizer: Optimizer, _ shuffle: Shuffle) throws
  {
    let settings = Self.settings {
      ($0.loss, $0.optimizer, $0.shuffle) = (loss, optimizer, shuffle)
      if optimizer == .adamw { $0.weightDecay = 0.1 }
    }
    try Self.compare(settings, Self.rows)
  }

  @Test func rowsThatDoNotLieByUser() throws {
    let rows = Self.rows
    let order = rows.users.indices.sorted { rows.items[$0] < rows.items[$1] }
    let byItem = IndexedRatings(
      users: order.map { rows.users[$0] }, items: order.map { rows.items[$0] },
      values: order.map { rows.values[$0] })
    try Self.compare(Self.settings { _ in }, byItem)
  }

  /// Trains twice, and compares curve and parameters.
  private static func compare(_ settings: Hyperparameters, _ rows: IndexedRatings) throws {
    var reference = DenseReference(
      .initial(
        FitTask(
          .flaxBias, settings, seed: 9, threads: 1, train: rows, users: Self.users,
          items: Self.items)),
      settings)
    let result = try Trainer(.flaxBias, settings, seed: 9, threads: 2).fit(
      rows, test: rows, users: Self.users, items: Self.items)
    #expect(result.epochs.count == settings.epochs)
    for (epoch, report) in result.epochs.enumerated() {
      let batches = Self.batches(settings, epoch: epoch, seed: 9)
      let losses = batches.map { batch in
        reference.step(
          batch.map { (Int(rows.users[$0]), Int(rows.items[$0]), Double(rows.values[$0])) })
      }
      let loss = losses.reduce(0, +) / Double(losses.count)
      // 50 steps of a float's rounding, 2⁻²⁴ each, on scores of some ten terms.
      let drift = 500 * 0x1p-24
      #expect(abs(report.trainLoss / loss - 1) < drift, "epoch \(epoch)")
      #expect(abs((report.validRMSE ?? 0) / reference.rmse(rows) - 1) < drift, "epoch \(epoch)")
    }
    let p = try #require(result.parameters.factors)
    let learned = [
      (DenseReference.learned(p.users, p.layout, bias: p.layout.userBiasLane), reference.users),
      (DenseReference.learned(p.items, p.layout, bias: p.layout.itemBiasLane), reference.items),
    ]
    // Adam divides by |g|: where a gradient all but vanishes its sign is rounding's, and a step is the
    // whole rate. Elsewhere parameters agree to rounding.
    for (ours, theirs) in learned {
      for (row, (a, b)) in zip(ours, theirs).enumerated() {
        for lane in a.indices {
          #expect(abs(a[lane] - b[lane]) < 1e-4, "row \(row), lane \(lane)")
        }
      }
    }
  }

  @Test(arguments: [Optimizer.adam, .adamw, .adagrad])
  func learnsACheckerboard(_ optimizer: Optimizer) throws {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<40 {
      for item in 0..<30 where (user * 3 + item * 5) % 7 != 0 {
        rows.users.append(Int32(user))
        rows.items.append(Int32(item))
        rows.values.append((user + item) % 2 == 0 ? 9 : 1)
      }
    }
    let settings = Self.settings {
      ($0.optimizer, $0.epochs, $0.shuffle) = (optimizer, 60, .eachEpoch)
      $0.learningRate = optimizer == .adagrad ? 0.3 : 0.05
      $0.biasInit = .zero
    }
    let fitted = try Trainer(.flaxBias, settings, threads: 2).fit(rows, users: 40, items: 30)
    // Pairs never shown are known as well: that is what factors are for.
    for user in 0..<40 {
      for item in 0..<30 where (user * 3 + item * 5) % 7 == 0 {
        let score = fitted.parameters.score(user: user, item: item)
        #expect((score > 5) == ((user + item) % 2 == 0), "user \(user), item \(item): \(score)")
      }
    }
  }

  private func bytes(_ parameters: FactorParameters) -> [[Float]] {
    [parameters.users, parameters.items].map {
      Array(UnsafeBufferPointer(start: $0.base, count: $0.capacity))
    }
  }

  @Test(arguments: Optimizer.allCases)
  func threadsDoNotMatter(_ optimizer: Optimizer) throws {
    // Batches of several chunks of 512 ratings.
    let rows = IndexedRatings(
      users: (0..<6000).map { Int32($0 / 40) }, items: (0..<6000).map { Int32(($0 * 7) % 90) },
      values: (0..<6000).map { Float($0 % 10) })
    let settings = Self.settings {
      ($0.optimizer, $0.batchSize, $0.epochs, $0.shuffle) = (optimizer, 1700, 3, .eachEpoch)
    }
    let results = try [1, 2, 3, 7].map { threads in
      bytes(
        try #require(
          try Trainer(.flaxBias, settings, threads: threads).fit(rows, users: 150, items: 90)
            .parameters.factors))
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test func stopsEarlyWithItsBestParameters() throws {
    let settings = Self.settings {
      ($0.epochs, $0.earlyStopping, $0.validation, $0.learningRate) = (500, 3, 0.2, 0.2)
    }
    let result = try Trainer(.flaxBias, settings, threads: 2).fit(
      Self.rows, users: Self.users, items: Self.items)
    let errors = result.search.compactMap(\.validRMSE)
    #expect(errors.count == result.search.count && errors.count < 500 && result.epochs.isEmpty)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    #expect(errors.count == best + 1 + 3, "patience is 3")
    let heldOut = try Self.rows.validationSplit(fraction: 0.2, seed: 42, threads: 1).test
    let error = try #require(result.parameters.errors(on: heldOut, threads: 1)?.rmse)
    #expect(abs(error - errors[best]) < 1e-9)
  }

  @Test func divergenceIsAnError() {
    let settings = Self.settings {
      ($0.optimizer, $0.learningRate, $0.loss, $0.epochs) = (.sgd, 1e6, .mse, 50)
    }
    #expect(throws: TrainingError.self) {
      try Trainer(.flaxBias, settings, threads: 1).fit(
        Self.rows, users: Self.users, items: Self.items)
    }
  }

  @Test func zeroEpochsKeepTheStart() throws {
    let settings = Self.settings { $0.epochs = 0 }
    let result = try Trainer(.flaxDot, settings, seed: 4, threads: 2).fit(
      Self.rows, users: Self.users, items: Self.items)
    let start = FactorParameters.initial(
      FitTask(
        .flaxDot, settings, seed: 4, threads: 1, train: Self.rows, users: Self.users,
        items: Self.items))
    #expect(bytes(try #require(result.parameters.factors)) == bytes(start) && result.epochs.isEmpty)
  }
}

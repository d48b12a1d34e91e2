// Parts of epochs: what is timed is learned all the same, to the byte, and the parts make up the epoch.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeTraining

struct EpochPartsTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)

  private func fit(
    _ spec: ModelSpec, _ settings: Hyperparameters, threads: Int, _ parts: EpochParts?
  ) throws -> FitResult {
    var trainer = Trainer(spec, settings, seed: 7, threads: threads)
    trainer.parts = parts
    return try trainer.fit(
      Self.world.train, users: Self.world.users, items: Self.world.items)
  }

  private func bits(_ fit: FitResult) -> [[UInt32]] {
    fit.parameters.tables.map { table in
      (0..<table.rows).flatMap { row in
        (0..<table.columns).map { table[row][$0].bitPattern }
      }
    }
  }

  @Test(arguments: [
    ("mf", [EpochPart.walk]), ("bpr", [.cut, .walk]), ("als", [.users, .items, .distributions]),
    ("ials", [.users, .items]), ("bpmf", [.warmUp, .users, .items, .mean, .distributions]),
    ("flax-bias", [.settle, .forward, .itemUpdate, .userUpdate, .publish]),
    (
      "flax-dense",
      [
        .settle, .itemForward, .pairForward, .pairBackward, .itemUpdate, .userUpdate, .layerUpdate,
        .publish,
      ]
    ), ("ease", [.products, .penalty, .inverse]),
  ])
  func partsMakeUpTheEpochAndChangeNothing(name: String, expected: [EpochPart]) throws {
    let spec = try #require(ModelSpec.catalog.first { $0.name == name })
    var settings = spec.defaults
    if settings.epochs > 0 { settings.epochs = 5 }
    (settings.earlyStopping, settings.validation) = (0, 0)
    (settings.burnIn, settings.samples) = (3, 2)
    let plain = try fit(spec, settings, threads: 2, nil)
    for threads in [1, 2] {
      let parts = EpochParts(threads: threads)
      let start = ContinuousClock.now
      let timed = try fit(spec, settings, threads: threads, parts)
      let whole = start.duration(to: .now) / .seconds(1)
      #expect(bits(timed) == bits(plain), "\(threads) threads")
      let totals = parts.totals
      #expect(Set(totals.map(\.part)) == Set(expected), "\(totals.map(\.part))")
      #expect(totals.allSatisfy { $0.seconds > 0 })
      let sum = totals.reduce(0) { $0 + $1.seconds }
      #expect(sum <= whole)
      let epochs = timed.epochs.reduce(0) { $0 + $1.seconds }
      // On one thread nobody waits: what no part has is little.
      if threads == 1, epochs > 0 {
        #expect(sum > 0.5 * epochs && sum <= epochs, "\(sum) \(epochs)")
      }
    }
  }

  /// The work of five epochs, by hand.
  @Test func workIsThatOfTheContracts() throws {
    let rows = Double(Self.world.train.count)
    let users = Double(Self.world.users), items = Double(Self.world.items)
    func works(_ spec: ModelSpec, _ change: (inout Hyperparameters) -> Void) throws
      -> [EpochPart: EpochWork]
    {
      var settings = spec.defaults
      (settings.epochs, settings.factors) = (5, 14)
      (settings.earlyStopping, settings.validation) = (0, 0)
      change(&settings)
      let parts = EpochParts(threads: 2)
      _ = try fit(spec, settings, threads: 2, parts)
      return Dictionary(uniqueKeysWithValues: parts.totals.map { ($0.part, $0.work) })
    }
    // 14 factors and two biases; a step reads two rows, and computes eight operations a lane.
    let mf = try works(.mf) { _ in }
    #expect(mf[.walk]?.bytes == 5 * rows * (2 * 4 * 16 + 6))
    #expect(mf[.walk]?.flops == 5 * rows * 8 * 16)
    // All ratings in one batch: every user and item is one run of an epoch.
    let flax = try works(.flaxBias) { $0.batchSize = 1_000_000 }
    #expect(flax[.userUpdate]?.bytes == 5 * users * (7 * 4 * 16 + 16))
    #expect(
      flax[.forward]
        == EpochWork(
          bytes: 5 * (rows * (4 * 16 + 12) + users * 12 * 16), flops: 5 * rows * 4 * 16))
    #expect(
      flax[.itemUpdate]?.bytes == 5 * (rows * (4 * 16 + 12) + items * (4 * 16 + 7 * 4 * 16 + 16)))
    // Half a normal matrix of 16 × 16 a rating, and a Cholesky factor a user.
    let als = try works(.als) { _ in }
    #expect(als[.users]?.flops == 5 * (rows * 256 + users * 4096 / 3))
  }
}

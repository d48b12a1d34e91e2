// Variational least squares: recovers what made the ratings, resumes, and does not depend on threads.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct VariationalALSTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.3, noise: 0.5)

  private func solver(
    threads: Int = 1, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Trainer {
    var settings = ModelSpec.als.defaults
    settings.factors = 14
    change(&settings)
    return Trainer(.als, settings, threads: threads)
  }

  private func fit(
    _ solver: Trainer, resuming: FitState? = nil,
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    let world = Self.world
    return try solver.fit(
      world.train, test: world.test, users: world.users, items: world.items,
      resuming: resuming, progress: progress)
  }

  @Test func theErrorIsBelowThatOfPoints() throws {
    let variational = try fit(solver()).epochs.last?.validRMSE ?? .infinity
    let points = try fit(solver { $0.rowSolver = .cholesky }).epochs.last?.validRMSE ?? 0
    #expect(variational < points && variational < 0.65, "\(variational), points \(points)")
  }

  @Test func moreSweepsDoNoHarm() throws {
    let errors = try fit(solver { $0.epochs = 40 }).epochs.compactMap(\.validRMSE)
    #expect((errors.last ?? .infinity) < (errors.min() ?? 0) * 1.01, "\(errors)")
  }

  @Test func threadsDoNotChangeTheResult() throws {
    let one = bytes(try fit(solver()).parameters)
    #expect(try bytes(fit(solver(threads: 2)).parameters) == one)
    #expect(try bytes(fit(solver(threads: 3)).parameters) == one)
  }

  /// Also with a search, whose end starts tables and posterior anew.
  @Test(arguments: [0, 3])
  func aCheckpointEndsInTheSameBytes(earlyStopping: Int) throws {
    let solver = solver { $0.earlyStopping = earlyStopping }
    let whole = try fit(solver)
    let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let world = Self.world
    let checkpoint = Checkpoint(
      folder: folder,
      identity: FitIdentity(
        specification: .als, hyperparameters: solver.hyperparameters, seed: solver.seed,
        dataSHA256: "", trainRows: world.train.count, users: world.users, items: world.items))
    for stop in [1, 4, 7] {
      var sweeps = 0
      _ = try fit(solver) { _, state in
        sweeps += 1
        if sweeps == stop { try checkpoint.write(state()) }
        return sweeps < stop
      }
      #expect(
        try bytes(fit(solver, resuming: checkpoint.read()).parameters) == bytes(whole.parameters))
    }
  }
}

// Checkpoints of the right shape whose numbers no fit comes to: each is refused in a sentence.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeTraining

final class HostileCheckpointTests {
  private static let world = World(users: 40, items: 30, rank: 2, density: 0.5, noise: 0.3)
  private let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func identity(_ spec: ModelSpec, _ settings: Hyperparameters) -> FitIdentity {
    FitIdentity(
      specification: spec, hyperparameters: settings, seed: 1, dataSHA256: "",
      trainRows: Self.world.train.count, users: Self.world.users, items: Self.world.items)
  }

  /// A checkpoint after two epochs of a fit, and the fit's last state.
  private func checkpoint(
    _ spec: ModelSpec, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) throws -> (checkpoint: Checkpoint, state: FitState) {
    var settings = spec.defaults
    (settings.factors, settings.epochs, settings.batchSize) = (3, 6, 100)
    change(&settings)
    let checkpoint = Checkpoint(folder: folder, identity: identity(spec, settings))
    var last: FitState?
    let world = Self.world
    _ = try Trainer(spec, settings, seed: 1, threads: 1).fit(
      world.train, test: world.test, users: world.users, items: world.items
    ) { report, state in
      last = state()
      return report.epoch < 2
    }
    let state = try #require(last)
    try checkpoint.write(state)
    return (checkpoint, state)
  }

  /// Changes the numbers of a checkpoint that are text, and gives it a checksum that is right.
  private func change(
    _ checkpoint: Checkpoint, _ change: (inout [String: Any]) throws -> Void
  ) throws {
    let file = try ModelFile(checkpoint.path).contents
    var metadata = file.metadata
    let text = try #require(metadata["progress"])
    var progress = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    try change(&progress)
    metadata["progress"] = String(
      decoding: try JSONSerialization.data(withJSONObject: progress), as: UTF8.self)
    metadata["checksum"] = nil
    let tensors = try file.tensors.map { entry in
      entry.dtype == .float64
        ? Tensor(
          entry.name, try file.elements(entry.name, as: Double.self) ?? [], shape: entry.shape)
        : Tensor(
          entry.name, try file.elements(entry.name, as: Float.self) ?? [], shape: entry.shape)
    }
    _ = try Safetensors.write(tensors, metadata: metadata, to: checkpoint.path)
  }

  @Test func progressOutOfRange() throws {
    for search in [false, true] {
      let (checkpoint, state) = try checkpoint(.mf) {
        $0.earlyStopping = search ? 2 : 0
        $0.validation = search ? 0.2 : 0
      }
      #expect(try checkpoint.read().phased?.epoch == 2)
      let wrong: [(String, Any)] = [
        ("epoch", Int.min), ("epoch", -1), ("epoch", 3), ("epoch", Int.max), ("planned", Int.max),
        ("planned", -1), ("planned", 7), ("planned", Int.min), ("bestEpoch", -1), ("bestEpoch", 3),
        ("bestEpoch", Int.min), ("bestRMSE", -1), ("rateScale", 0), ("rateScale", -1),
        ("rateScale", 2), ("rateScale", 1e300), ("mean", 1e38), ("mean", -2e9), ("epoch", 0.5),
        ("phase", "later"),
      ]
      for (key, value) in wrong {
        try checkpoint.write(state)
        try change(checkpoint) { $0[key] = value }
        #expect(throws: CheckpointError.self, "\(key) \(value)") { try checkpoint.read() }
      }
      let reports: [(String, Any)] = [
        ("epoch", Int.min), ("epoch", 2), ("seconds", -1), ("seconds", 1e300), ("train_loss", -1),
        ("valid_rmse", -1), ("valid_mae", -1),
      ]
      for (key, value) in reports {
        try checkpoint.write(state)
        try change(checkpoint) { progress in
          let list = search ? "search" : "epochs"
          var reports = try #require(progress[list] as? [[String: Any]])
          reports[0][key] = value
          progress[list] = reports
        }
        #expect(throws: CheckpointError.self, "\(key) \(value)") { try checkpoint.read() }
      }
    }
  }

  @Test func reportsOfMinibatches() throws {
    let (checkpoint, state) = try checkpoint(.flaxBias) { $0.earlyStopping = 3 }
    #expect(try checkpoint.read().minibatch?.heldOut.count == 2)
    for wrong in [[1.0], [1, -1], [1, 1, 1]] {
      try checkpoint.write(state)
      try change(checkpoint) { $0["heldOut"] = wrong }
      #expect(throws: CheckpointError.self) { try checkpoint.read() }
    }
    try checkpoint.write(state)
    try change(checkpoint) { progress in
      var reports = try #require(progress["epochs"] as? [[String: Any]])
      reports[1]["epoch"] = 9
      progress["epochs"] = reports
    }
    #expect(throws: CheckpointError.self) { try checkpoint.read() }
  }

  /// What would be refused when read is not written, and what was there stays.
  @Test(arguments: [ModelSpec.mf, .als, .flaxBias, .bpmf, .svdpp])
  func numbersThatAreNotFiniteAreNotWritten(spec: ModelSpec) throws {
    let (checkpoint, state) = try checkpoint(spec)
    let before = FileManager.default.contents(atPath: checkpoint.path)
    let table: FloatMatrix? =
      switch state {
      case .minibatch(let state): state.records.first
      case .phased(let state): state.parameters.users
      case .sampled(let state): state.tables.first
      }
    try #require(table)[1][0] = .nan
    #expect(throws: CheckpointError.self) { try checkpoint.write(state) }
    #expect(FileManager.default.contents(atPath: checkpoint.path) == before)
  }

  @Test func ratingsThatAreNoneAreNotLearned() {
    for rating in [Float.nan, .infinity, -2e9] {
      let rows = RatingRows(users: [0, 0, 1], items: [0, 1, 1], values: [1, rating, 2])
      #expect(throws: TrainingError.self) {
        try Trainer(.mf, threads: 1).fit(rows, users: 2, items: 2)
      }
      #expect(throws: TrainingError.self) {
        try Trainer(.mf, threads: 1).fit(Self.world.train, test: rows, users: 40, items: 30)
      }
    }
  }
}

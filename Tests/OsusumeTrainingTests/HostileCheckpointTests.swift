// Checkpoints of the right shape whose numbers no fit comes to: each is refused in a sentence.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

final class HostileCheckpointTests {
  private static let world = World(users: 40, items: 30, rank: 2, density: 0.5, noise: 0.3)
  private let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A checkpoint after two epochs of a fit, and the fit's state.
  private func checkpoint(
    _ spec: ModelSpec, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) throws -> (checkpoint: Checkpoint, state: FitState) {
    var settings = spec.defaults
    (settings.factors, settings.epochs, settings.batchSize) = (3, 6, 100)
    change(&settings)
    let world = Self.world
    let checkpoint = Checkpoint(
      folder: folder,
      identity: FitIdentity(
        specification: spec, hyperparameters: settings, seed: 1, dataSHA256: "",
        trainRows: world.train.count, users: world.users, items: world.items))
    var last: FitState?
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

  /// Changes the text of a checkpoint, and gives it a checksum that is right.
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

  @Test(arguments: [ModelSpec.mf, .flaxBias], [false, true])
  func progressOutOfRange(spec: ModelSpec, searches: Bool) throws {
    let (checkpoint, state) = try checkpoint(spec) {
      ($0.earlyStopping, $0.validation) = searches ? (2, 0.2) : (0, 0)
    }
    let read = try checkpoint.read().progress
    #expect(read == state.progress)
    #expect((searches ? read.search : read.epochs).count == 2)
    let wrong: [(String, Any)] = [
      ("bestEpoch", -1), ("bestEpoch", 3), ("bestEpoch", Int.min), ("bestEpoch", 0.5),
      ("bestError", -1), ("rateScale", 0), ("rateScale", -1), ("rateScale", 2),
      ("rateScale", 1e300), ("phase", "later"), ("phase", searches ? "fit" : "search"),
      (searches ? "epochs" : "search", state.progress.json(searches ? "search" : "epochs")),
    ]
    for (key, value) in wrong {
      try checkpoint.write(state)
      try change(checkpoint) { $0[key] = value }
      // What a checkpoint cannot tell is refused by the fit.
      #expect(throws: (any Error).self, "\(key) \(value)") { try self.resume(spec, checkpoint) }
    }
    let part = searches ? "validation" : "test"
    let reports: [(String, Any)] = [
      ("epoch", Int.min), ("epoch", 2), ("seconds", -1), ("seconds", 1e300), ("train_loss", -1),
      ("\(part)_rmse", -1), ("\(part)_mae", -1),
    ]
    for (key, value) in reports {
      try checkpoint.write(state)
      try change(checkpoint) { progress in
        let list = searches ? "search" : "epochs"
        var reports = try #require(progress[list] as? [[String: Any]])
        reports[0][key] = value
        progress[list] = reports
      }
      #expect(throws: CheckpointError.self, "\(key) \(value)") { try checkpoint.read() }
    }
  }

  private func resume(_ spec: ModelSpec, _ checkpoint: Checkpoint) throws {
    let world = Self.world
    _ = try Trainer(spec, checkpoint.identity.hyperparameters, seed: 1, threads: 1).fit(
      world.train, test: world.test, users: world.users, items: world.items,
      resuming: try checkpoint.read())
  }

  @Test func anotherLayoutOfTheFileIsNamed() throws {
    let (checkpoint, _) = try checkpoint(.mf)
    var metadata = try ModelFile(checkpoint.path).contents.metadata
    (metadata["layout"], metadata["checksum"]) = (nil, nil)
    _ = try Safetensors.write([], metadata: metadata, to: checkpoint.path)
    #expect {
      try checkpoint.read()
    } throws: {
      "\($0)".contains("another version")
    }
  }

  /// What would be refused when read is not written, and what was there stays.
  @Test(arguments: [ModelSpec.mf, .als, .flaxBias, .bpmf, .svdpp])
  func numbersThatAreNotFiniteAreNotWritten(spec: ModelSpec) throws {
    let (checkpoint, state) = try checkpoint(spec)
    let before = FileManager.default.contents(atPath: checkpoint.path)
    try #require(state.tables.first)[1][0] = .nan
    #expect(throws: CheckpointError.self) { try checkpoint.write(state) }
    #expect(FileManager.default.contents(atPath: checkpoint.path) == before)
  }
}

extension FitProgress {
  /// One of its lists of reports as JSON has it.
  fileprivate func json(_ key: String) -> Any {
    let data = try? JSONEncoder().encode(self)
    let object = data.flatMap { try? JSONSerialization.jsonObject(with: $0) } as? [String: Any]
    return object?[key] ?? []
  }
}

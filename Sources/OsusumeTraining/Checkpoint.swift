// A fit between two epochs as a file, to be resumed from in another process.
import Foundation
import OsusumeData
import OsusumeModels

/// What a checkpoint belongs to; resuming with anything else would be another fit.
public struct FitIdentity: Codable, Sendable, Equatable {
  /// The model.
  public var specification: ModelSpec
  /// Its settings; the number of epochs of a minibatch fit may grow between two runs.
  public var hyperparameters: Hyperparameters
  /// The seed.
  public var seed: UInt64
  /// SHA-256 of the ratings file.
  public var dataSHA256: String
  /// SHA-256 of the file of items; nil without one.
  public var itemsSHA256: String?
  /// Training rows, users and items left after all options.
  public var trainRows: Int, users: Int, items: Int

  /// Makes an identity from its parts.
  public init(
    specification: ModelSpec, hyperparameters: Hyperparameters, seed: UInt64, dataSHA256: String,
    itemsSHA256: String? = nil, trainRows: Int, users: Int, items: Int
  ) {
    self.specification = specification
    self.hyperparameters = hyperparameters
    self.seed = seed
    self.dataSHA256 = dataSHA256
    self.itemsSHA256 = itemsSHA256
    self.trainRows = trainRows
    self.users = users
    self.items = items
  }

  /// What differs in the other, in words; nil when a fit may go on from it.
  ///
  /// Minibatch fits may go on for more epochs than first meant. Fits in phases plan theirs beforehand, and
  /// tiled SGD lowers its rates over all of them: with another number every epoch would be another.
  func difference(from other: FitIdentity) -> String? {
    var theirs = other.hyperparameters
    theirs.epochs = hyperparameters.epochs
    if specification != other.specification { return "model" }
    if dataSHA256 != other.dataSHA256 { return "ratings file" }
    if itemsSHA256 != other.itemsSHA256 { return "file of items" }
    if seed != other.seed { return "seed" }
    if hyperparameters != theirs { return "settings" }
    if specification.fit != .minibatch, hyperparameters.epochs != other.hyperparameters.epochs {
      return "number of epochs (\(other.hyperparameters.epochs))"
    }
    if (trainRows, users, items) != (other.trainRows, other.users, other.items) {
      return "data options"
    }
    return nil
  }
}

/// Why a checkpoint cannot be resumed from.
public enum CheckpointError: OsusumeError {
  /// There is none, or it is damaged.
  case unreadable(path: String, reason: String)
  /// It belongs to another fit.
  case another(path: String, difference: String)
  /// More epochs are done than are asked for.
  case past(path: String, epochs: Int, wanted: Int)
  /// The state cannot be saved: it would be refused when read.
  case unwritable(path: String, reason: String)

  /// One line for the user.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot resume from \(path): \(reason); give the folder of --checkpoint, or train anew"
    case .unwritable(let path, let reason):
      "cannot save the fit to \(path): \(reason); lower the learning rate, or leave out --checkpoint"
    case .another(let path, let difference):
      "cannot resume from \(path): it was made with another \(difference); repeat the options it was made with"
    case .past(let path, let epochs, let wanted):
      "cannot resume from \(path): \(epochs) epochs are done and --epochs asks for \(wanted); give at least \(epochs)"
    }
  }
}

/// The one file of a checkpoint folder.
public struct Checkpoint: Sendable {
  /// Where it is.
  public let path: String
  /// What it belongs to.
  public let identity: FitIdentity

  /// The checkpoint of a folder, which need not exist yet.
  public init(folder: String, identity: FitIdentity) {
    path = folder + "/checkpoint.safetensors"
    self.identity = identity
  }

  /// Everything that is not a table.
  private struct Progress: Codable {
    var epochs: [EpochReport] = []
    var heldOut: [Double] = []
    var search: [EpochReport] = []
    var phase: FitPhase?
    var epoch = 0
    var planned = 0
    var bestEpoch = 0
    var bestRMSE: Double?
    var rateScale = 1.0
    var mean: Float = 0
  }

  /// Writes the state, replacing an earlier one only when it is whole on disk.
  ///
  /// What is written is checked as what is read is.
  /// - Throws: `CheckpointError`, `OutputError`.
  public func write(_ state: FitState) throws {
    do {
      try state.check(identity.hyperparameters)
    } catch let fault as CheckpointFault {
      throw CheckpointError.unwritable(path: path, reason: fault.reason)
    }
    try DirectoryPath.make(DirectoryPath.parent(of: path))
    var progress = Progress()
    let tensors: [Tensor]
    switch state {
    case .minibatch(let state):
      progress.epochs = state.epochs
      progress.heldOut = state.heldOut
      tensors = Self.tensors(state.records, "records_") + Self.tensors(state.best ?? [], "best_")
    case .sampled(let state):
      progress.epochs = state.epochs
      tensors =
        Self.tensors(state.tables, "tables_")
        + state.numbers.enumerated().map { Tensor("numbers_\($0)", $1) }
    case .phased(let state):
      progress.epochs = state.epochs
      progress.search = state.search
      progress.phase = state.phase
      (progress.epoch, progress.planned) = (state.epoch, state.planned)
      progress.bestEpoch = state.bestEpoch
      progress.bestRMSE = state.bestRMSE.isFinite ? state.bestRMSE : nil
      progress.rateScale = state.rateScale
      progress.mean = state.parameters.mean
      tensors =
        Self.tensors(state.parameters, "") + Self.tensors(state.best, "best_")
        + (state.beliefs.map { Self.tensors($0.tables, "beliefs_") } ?? [])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let metadata = try [
      "identity": String(decoding: encoder.encode(identity), as: UTF8.self),
      "progress": String(decoding: encoder.encode(progress), as: UTF8.self),
    ]
    _ = try Safetensors.write(tensors, metadata: metadata, to: path)
  }

  /// Reads the state back.
  ///
  /// - Throws: `CheckpointError`.
  public func read() throws -> FitState {
    do {
      let state = try readState()
      try state.check(identity.hyperparameters)
      return state
    } catch let error as CheckpointError {
      throw error
    } catch let fault as CheckpointFault {
      throw CheckpointError.unreadable(path: path, reason: fault.reason)
    } catch {
      throw CheckpointError.unreadable(path: path, reason: "\(error)")
    }
  }

  private func readState() throws -> FitState {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CheckpointError.unreadable(path: path, reason: "there is no such file")
    }
    let file = try ModelFile(path).contents
    guard let identityText = file.metadata["identity"], let progressText = file.metadata["progress"]
    else { throw CheckpointError.unreadable(path: path, reason: "it is not a checkpoint") }
    let decoder = JSONDecoder()
    let theirs = try decoder.decode(FitIdentity.self, from: Data(identityText.utf8))
    if let difference = identity.difference(from: theirs) {
      throw CheckpointError.another(path: path, difference: difference)
    }
    let progress = try decoder.decode(Progress.self, from: Data(progressText.utf8))
    guard progress.epochs.count <= identity.hyperparameters.epochs else {
      throw CheckpointError.past(
        path: path, epochs: progress.epochs.count, wanted: identity.hyperparameters.epochs)
    }
    if identity.specification.fit == .gibbs {
      return .sampled(
        SampledState(
          epochs: progress.epochs, tables: try tables(file, "tables_"), numbers: try numbers(file)))
    }
    if let phase = progress.phase {
      guard let parameters = try parameters(file, "", progress.mean) else {
        throw CheckpointError.unreadable(path: path, reason: "its tables are missing")
      }
      var state = PhasedState(phase: phase, planned: progress.planned, parameters: parameters)
      state.epoch = progress.epoch
      state.bestEpoch = progress.bestEpoch
      state.bestRMSE = progress.bestRMSE ?? .infinity
      state.rateScale = progress.rateScale
      (state.search, state.epochs) = (progress.search, progress.epochs)
      state.best = try self.parameters(file, "best_", progress.mean)
      state.kept = try tables(file, "beliefs_")
      return .phased(state)
    }
    let best = try tables(file, "best_")
    return .minibatch(
      MinibatchState(
        epochs: progress.epochs, heldOut: progress.heldOut, records: try tables(file, "records_"),
        best: best.isEmpty ? nil : best))
  }

  private static func tensors(_ tables: [FloatMatrix], _ prefix: String) -> [Tensor] {
    tables.enumerated().map { Tensor("\(prefix)\($0)", $1) }
  }

  /// The tables of a prefix, numbered from 0; whether they fit the model is for the fit to say.
  private func tables(_ file: Safetensors, _ prefix: String) throws -> [FloatMatrix] {
    var tables: [FloatMatrix] = []
    while let entry = file.tensors.first(where: { $0.name == "\(prefix)\(tables.count)" }) {
      guard entry.shape.count == 2, entry.shape[1] > 0, entry.shape[1] % 16 == 0 else { break }
      let table = FloatMatrix(rows: entry.shape[0], columns: entry.shape[1])
      try fill(table, file, entry.name)
      tables.append(table)
    }
    return tables
  }

  /// What is kept in double precision, numbered from 0.
  private func numbers(_ file: Safetensors) throws -> [[Double]] {
    var numbers: [[Double]] = []
    while let next = try file.elements("numbers_\(numbers.count)", as: Double.self) {
      numbers.append(next)
    }
    return numbers
  }

  private static func tensors(_ parameters: FactorParameters?, _ prefix: String) -> [Tensor] {
    guard let parameters else { return [] }
    return [
      Tensor(prefix + "users", parameters.users), Tensor(prefix + "items", parameters.items),
    ]
  }

  private func parameters(
    _ file: Safetensors, _ prefix: String, _ mean: Float
  ) throws -> FactorParameters? {
    guard file.tensors.contains(where: { $0.name == prefix + "users" }) else { return nil }
    let parameters = FactorParameters(
      layout: identity.specification.layout(identity.hyperparameters), users: identity.users,
      items: identity.items, mean: mean)
    try fill(parameters.users, file, prefix + "users")
    try fill(parameters.items, file, prefix + "items")
    return parameters
  }

  private func fill(_ table: FloatMatrix, _ file: Safetensors, _ name: String) throws {
    guard let values = try file.elements(name, as: Float.self), values.count == table.capacity
    else {
      throw CheckpointError.unreadable(
        path: path, reason: "table \(name) is missing or has another size")
    }
    values.withUnsafeBufferPointer {
      if let start = $0.baseAddress { table.base.update(from: start, count: $0.count) }
    }
  }
}

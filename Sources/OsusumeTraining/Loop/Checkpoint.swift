// The state of a fit between two epochs as a file, to be resumed from in another process.
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
  /// Training rows, users and items after all options.
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
  /// Minibatch fits may go on for more epochs than first planned. Others depend on their number from the first
  /// one on: tiled SGD lowers its rates over all of them, and a sampler plans which draws it keeps.
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

/// Why a checkpoint cannot be resumed from, or written.
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
      "cannot resume from \(path): \(reason); give the folder of `checkpoint`, or train anew"
    case .unwritable(let path, let reason):
      "cannot save the fit to \(path): \(reason); lower the learning rate, or leave out `checkpoint`"
    case .another(let path, let difference):
      "cannot resume from \(path): it was made with another \(difference); repeat the options it was made with"
    case .past(let path, let epochs, let wanted):
      "cannot resume from \(path): \(epochs) epochs are done and `epochs` asks for \(wanted); give at least \(epochs)"
    }
  }
}

/// The one file of a checkpoint folder.
public struct Checkpoint: Sendable {
  /// Where it is.
  public let path: String
  /// What it belongs to.
  public let identity: FitIdentity

  /// The layout of the file: another number, another layout.
  private static let layout = "2"

  /// The checkpoint of a folder, which need not exist yet.
  public init(folder: String, identity: FitIdentity) {
    path = folder + "/checkpoint.safetensors"
    self.identity = identity
  }

  /// Removes what fits that were killed while they wrote this checkpoint have left in its folder.
  public func removeUnfinished() { WholeFile.removeUnfinished(path) }

  /// Writes the state, replacing an earlier one only when it is whole on disk.
  ///
  /// - Throws: `CheckpointError.unwritable` where `read` would refuse the state, and `OutputError`.
  public func write(_ state: FitState) throws {
    if let fault = state.fault(identity.hyperparameters) {
      throw CheckpointError.unwritable(path: path, reason: fault)
    }
    try DirectoryPath.make(DirectoryPath.parent(of: path))
    let metadata = try [
      "layout": Self.layout, "identity": String(json: identity),
      "progress": String(json: state.progress),
    ]
    let tensors =
      Self.tensors(state.tables, "tables_") + Self.tensors(state.best, "best_")
      + state.numbers.enumerated().map { Tensor("numbers_\($0)", $1) }
    _ = try Safetensors.write(tensors, metadata: metadata, to: path)
  }

  private static func tensors(_ tables: [FloatMatrix], _ prefix: String) -> [Tensor] {
    tables.enumerated().map { Tensor("\(prefix)\($0)", $1) }
  }

  /// Reads the state back.
  ///
  /// - Throws: `CheckpointError`.
  public func read() throws -> FitState {
    do {
      return try readState()
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw unreadable("\(error)")
    }
  }

  private func readState() throws -> FitState {
    guard FileManager.default.fileExists(atPath: path) else {
      throw unreadable("there is no such file")
    }
    let file = try ModelFile(path).contents
    guard let identityText = file.metadata["identity"], let progressText = file.metadata["progress"]
    else { throw unreadable("it is not a checkpoint") }
    guard file.metadata["layout"] == Self.layout else {
      throw unreadable("another version of osusume wrote it")
    }
    let decoder = JSONDecoder()
    let theirs = try decoder.decode(FitIdentity.self, from: Data(identityText.utf8))
    if let difference = identity.difference(from: theirs) {
      throw CheckpointError.another(path: path, difference: difference)
    }
    let progress = try decoder.decode(FitProgress.self, from: Data(progressText.utf8))
    let wanted = identity.hyperparameters.epochs
    guard progress.epochs.count <= wanted else {
      throw CheckpointError.past(path: path, epochs: progress.epochs.count, wanted: wanted)
    }
    let state = FitState(
      progress: progress, tables: try tables(file, "tables_"), numbers: try numbers(file),
      best: try tables(file, "best_"))
    if let fault = state.fault(identity.hyperparameters) { throw unreadable(fault) }
    return state
  }

  private func unreadable(_ reason: String) -> CheckpointError {
    .unreadable(path: path, reason: reason)
  }

  /// The tables of a prefix, numbered from 0; whether they have the fit's sizes is for the fit to say.
  private func tables(_ file: Safetensors, _ prefix: String) throws -> [FloatMatrix] {
    var tables: [FloatMatrix] = []
    while let entry = file.tensors.first(where: { $0.name == "\(prefix)\(tables.count)" }) {
      guard entry.shape.count == 2, entry.shape[1] > 0, entry.shape[1] % 16 == 0 else { break }
      let table = FloatMatrix(rows: entry.shape[0], columns: entry.shape[1])
      guard let values = try file.elements(entry.name, as: Float.self),
        values.count == table.capacity
      else { throw unreadable("table \(entry.name) has another size") }
      values.withUnsafeBufferPointer {
        if let start = $0.baseAddress { table.base.update(from: start, count: $0.count) }
      }
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
}

extension FitState {
  /// What is wrong with the state of a fit with these settings, as a clause; nil where nothing is.
  fileprivate func fault(_ settings: Hyperparameters) -> String? {
    if let fault = progress.fault(settings) { return fault }
    let areFinite = (tables + best).allSatisfy { table in
      UnsafeBufferPointer(start: table.base, count: table.capacity).allSatisfy(\.isFinite)
    }
    return areFinite && numbers.joined().allSatisfy(\.isFinite)
      ? nil : "a number of its tables is not finite"
  }
}

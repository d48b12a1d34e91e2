// Fuzz target for the model file (libFuzzer): whatever the bytes are, reading ends in a model or an error.
//
// An input is a header without its length, a NUL, and the tensors' bytes: so mutations that lengthen the
// header still reach what lies behind it. The checksum is not verified, for the same reason.
import Foundation
import OsusumeData
import OsusumeModels

/// Called by libFuzzer once, before it reads its corpus: writes valid files into the directory that
/// $FUZZ_SEEDS names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?
) -> Int32 {
  guard let directory = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
  let seeds = [
    seed(biased: true, strings: false), seed(biased: false, strings: true),
    drifting(seed(biased: true, strings: false)),
  ]
  for (number, model) in seeds.enumerated() {
    let path = "\(directory)/seed-\(number)"
    do {
      try model.write(to: path)
      let file = try Data(contentsOf: URL(filePath: path))
      let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let input = file.dropFirst(8).prefix(length) + [0] + file.dropFirst(8 + length)
      try input.write(to: URL(filePath: path))
    } catch {
      fatalError("no seeds: \(error)")
    }
  }
  return 0
}

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let header = input.prefix { $0 != 0 }
  let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
  for file in [input, length + header + input.dropFirst(header.count + 1)] {
    if let model = try? ModelFile(bytes: file, verifyChecksum: false).model() { use(model) }
  }
  return 0
}

/// Touches what a reader of the model relies on.
private func use(_ model: Model) {
  for user in [0, model.userIDs.count - 1] {
    for item in model.seen[user] { _ = model.parameters.score(user: user, item: Int(item)) }
  }
  _ = model.parameters.score(user: model.userIDs.count - 1, item: model.itemIDs.count - 1)
  _ = model.catalog[model.itemIDs[0]]
  let (user, item) = (Int32(model.userIDs.count - 1), Int32(model.itemIDs.count - 1))
  _ = model.learned.timeBiases?.changes(
    users: [0, user, user + 1], items: [0, item, item + 1],
    timestamps: [.min, 1_200_000_000, .max],
    threads: 1)
  _ = model.asOf(1_200_000_000)
}

/// The same model with biases that move: users' in a sitting and over years, and those of one item.
private func drifting(_ model: Model) -> Model {
  var model = model
  model.spec = .timeMF
  model.learned.timeBiases = TimeBiases(
    users: Drift(
      memories: [600, 3e7], offsets: [0, 2, 3],
      times: [1_100_000_000, 1_200_000_000, 1_150_000_000],
      states: [0.5, 0.1, -0.5, 0.2, 0, 0.3]),
    items: Drift(
      memories: [6e7], offsets: [0, 0, 1, 1], times: [1_150_000_000], states: [0.25]),
    now: 1_200_000_000)
  return model
}

private func seed(biased: Bool, strings: Bool) -> Model {
  let parameters = FactorParameters(
    layout: FactorLayout(factors: 2, biased: biased), users: 2, items: 3, mean: 7)
  return Model(
    spec: biased ? .flaxBias : .flaxDot, hyperparameters: .init(), parameters: parameters,
    userIDs: strings ? .strings(["a", "é"]) : .integers([1, 5]),
    itemIDs: strings ? .strings(["x", "y", "z"]) : .integers([-3, 20, 30]),
    seen: .init(offsets: [0, 2, 3], items: [0, 2, 1]), itemCounts: [1, 1, 1], scale: 1...10,
    medianRating: 8,
    catalog: ItemCatalog([Item(id: strings ? "x" : "20", title: "A \"title\"", genres: ["Drama"])]),
    provenance: Provenance(
      dataSHA256: "00", split: "none", seed: 42, trainRows: 3, testRows: 0, version: "0"),
    metrics: ["valid_rmse": 1.25])
}

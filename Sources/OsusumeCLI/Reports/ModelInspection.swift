// What a model file holds, as JSON and as lines for people.
import Foundation
import Osusume

/// What `osusume inspect` says of a file; made only of files whose checksum and contents are right.
struct ModelInspection: Report {
  /// A tensor of the file.
  struct TensorDescription: Encodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let bytes: Int
  }

  /// How many ids there are, of which kind, and the first and last.
  struct IDs: Encodable {
    let count: Int
    let kind: String
    let first: String
    let last: String

    init(_ ids: IDMap) {
      count = ids.count
      kind = if case .integers = ids { "integers" } else { "strings" }
      first = ids[0]
      last = ids[ids.count - 1]
    }
  }

  let command = "inspect"
  let file: String
  let bytes: Int
  let sha256: String
  let checksum: String
  let model: String
  let formula: String
  let specification: ModelSpec
  let settings: Hyperparameters
  let scale: [Float]
  let medianRating: Float
  let users: IDs
  let items: IDs
  let itemsWithTitle: Int
  let seen: Int
  let tensors: [TensorDescription]
  let provenance: Provenance
  /// Metrics by name; null in JSON where one is not a number.
  let metrics: [String: Double?]
  let singularValues: [Float]?

  /// Reads a model file.
  init(_ path: String) throws {
    let contents = try ModelFile(path)
    let model = try contents.model(path: path)
    file = path
    bytes = contents.byteCount
    sha256 = contents.sha256()
    checksum = contents.checksum
    self.model = model.spec.name
    formula = model.spec.score.formula
    specification = model.spec
    settings = model.hyperparameters
    scale = [model.scale.lowerBound, model.scale.upperBound]
    medianRating = model.medianRating
    users = IDs(model.userIDs)
    items = IDs(model.itemIDs)
    itemsWithTitle = model.catalog.items.count
    seen = model.seen.items.count
    tensors = contents.tensors.map {
      .init(name: $0.name, dtype: $0.dtype.rawValue, shape: $0.shape, bytes: $0.bytes.count)
    }
    provenance = model.provenance
    metrics = model.metrics.mapValues { $0.isFinite ? $0 : nil }
    let spectrum = model.learned.singularValues
    singularValues = spectrum.isEmpty ? nil : spectrum
  }

  /// All of it as aligned lines.
  var lines: [String] {
    var facts = TextTable(alignments: [.left, .left])
    facts.add("model", "\(model): \(formula)")
    facts.add("users", describe(users))
    facts.add("items", describe(items) + ", \(itemsWithTitle.grouped) with metadata")
    facts.add(
      "ratings", "\(seen.grouped) seen, scale \(scale[0]) to \(scale[1]), median \(medianRating)")
    if let judged = provenance.judged {
      facts.add(
        "trained on",
        "all \(provenance.trainRows.grouped) rows, after a fit to "
          + "\(judged.trainRows.grouped) of them was judged: metrics are of that one, on "
          + "\(judged.testRows.grouped) test rows")
    }
    if let singularValues { facts.add("singular", Self.text(of: singularValues)) }
    facts.add("sha256", sha256)
    facts.add("checksum", checksum + " verified")
    var table = TextTable(
      ["Tensor", "Type", "Shape", "Bytes"], alignments: [.left, .left, .left, .right])
    for tensor in tensors {
      table.add(tensor.name, tensor.dtype, shape(tensor), tensor.bytes.grouped)
    }
    let sections =
      [["\(file): \(bytes.grouped) bytes"] + facts.lines, table.lines]
      + [
        (
          "Settings", SettingsTable(settings, only: specification.settingNames(settings))
        ), ("Provenance", SettingsTable(provenance)),
      ].map { [$0.0] + $0.1.lines }
      + (metrics.isEmpty ? [] : [["Metrics"] + SettingsTable(metrics).lines])
    return Array(sections.joined(separator: [""]))
  }

  /// The first singular values and the last.
  private static func text(of values: [Float]) -> String {
    let shown = values.prefix(8).map { String(format: "%.1f", $0) }.joined(separator: " ")
    guard let last = values.last, values.count > 8 else { return shown }
    return shown + " … " + String(format: "%.1f", last) + " (\(values.count) values)"
  }

  private func describe(_ ids: IDs) -> String {
    "\(ids.count.grouped), ids \(ids.first) to \(ids.last) (\(ids.kind))"
  }

  private func shape(_ tensor: TensorDescription) -> String {
    tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: " × ")
  }
}

// The part of a model that is text: what `__metadata__` of a model file holds.
import Foundation
import OsusumeData

/// Specification, settings, scale, provenance, metrics and items, as JSON in strings.
struct ModelMetadata {
  /// What this reader and writer know; another number is another format.
  static let formatVersion = "1"
  /// Deeper nesting than any specification needs is refused before a decoder recurses into it.
  private static let deepestNesting = 64

  var specification: ModelSpec
  var hyperparameters: Hyperparameters
  var ratings: RatingRange
  var provenance: Provenance
  var metrics: [String: Double]
  var items: [Item]

  /// The ratings a model was trained on.
  struct RatingRange: Codable {
    var lowest: Float
    var highest: Float
    var median: Float
    var deviation: Double

    /// Checks that there is a scale of ratings and that the others lie on it.
    fileprivate func check() throws {
      let limits = -RatingTable.largestRating...RatingTable.largestRating
      let facts = [
        ("lowest", limits.contains(lowest) && lowest <= highest),
        ("highest", limits.contains(highest)),
        ("median", lowest <= median && median <= highest),
        ("deviation", deviation > 0 && deviation <= 2 * Double(RatingTable.largestRating)),
      ]
      if let wrong = facts.first(where: { !$0.1 }) {
        throw ModelFileFault.metadataRange("ratings", field: wrong.0)
      }
    }
  }

  /// The text of a model; `items` are those of the model alone.
  init(_ model: Model) {
    specification = model.spec
    hyperparameters = model.hyperparameters
    ratings = RatingRange(
      lowest: model.scale.lowerBound, highest: model.scale.upperBound, median: model.medianRating,
      deviation: model.deviation)
    provenance = model.provenance
    metrics = model.metrics
    items = (0..<model.itemIDs.count).compactMap { model.catalog[model.itemIDs[$0]] }
  }

  /// The strings of `__metadata__`, checksum excepted.
  static func encode(_ model: Model) throws -> [String: String] {
    let text = ModelMetadata(model)
    return [
      "format_version": formatVersion,
      "specification": try json(text.specification, "specification"),
      "hyperparameters": try json(text.hyperparameters, "hyperparameters"),
      "ratings": try json(text.ratings, "ratings"),
      "provenance": try json(text.provenance, "provenance"),
      "metrics": try json(text.metrics, "metrics"),
      "items": try json(text.items, "items"),
    ]
  }

  /// Reads the strings of `__metadata__`.
  ///
  /// Errors: `ModelFileFault`.
  init(_ strings: [String: String]) throws {
    let version = strings["format_version"] ?? "none"
    guard version == Self.formatVersion else { throw ModelFileFault.formatVersion(version) }
    specification = try Self.value(of: "specification", in: strings)
    hyperparameters = try Self.value(of: "hyperparameters", in: strings)
    ratings = try Self.value(of: "ratings", in: strings)
    provenance = try Self.value(of: "provenance", in: strings)
    metrics = try Self.value(of: "metrics", in: strings)
    items = try Self.value(of: "items", in: strings)
    try check()
  }

  /// Checks that every number is in its range; a metric need not be a number.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws {
    try ratings.check()
    if let setting = hyperparameters.outOfRange {
      throw ModelFileFault.metadataRange("hyperparameters", field: setting.name)
    }
    guard provenance.trainRows >= 0, provenance.testRows >= 0 else {
      throw ModelFileFault.metadataRange("provenance", field: "rows")
    }
    if let judged = provenance.judged {
      guard judged.trainRows > 0, judged.testRows > 0, judged.epochs ?? 0 >= 0 else {
        throw ModelFileFault.metadataRange("provenance", field: "judged")
      }
    }
    let metric = metrics.first { $0.value.isFinite && abs($0.value) > NumberLimit.score }
    if let metric {
      throw ModelFileFault.metadataRange("metrics", field: metric.key)
    }
    guard items.allSatisfy({ $0.averageRating?.isFinite ?? true }) else {
      throw ModelFileFault.metadataRange("items", field: "average_rating")
    }
  }

  /// JSON with sorted keys; a metric that is no number becomes a word.
  private static func json(_ value: some Encodable, _ key: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { throw ModelFileFault.metadata(key) }
    return String(decoding: data, as: UTF8.self)
  }

  private static func value<Value: Decodable>(
    of key: String, in strings: [String: String]
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let text = strings[key], nestingOfJSON(text) <= deepestNesting,
      let value = try? decoder.decode(Value.self, from: Data(text.utf8))
    else { throw ModelFileFault.metadata(key) }
    return value
  }
}

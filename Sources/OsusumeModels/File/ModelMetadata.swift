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
  }

  /// The strings of `__metadata__`, checksum excepted; `items` are those of the model alone.
  static func encode(_ model: Model) throws -> [String: String] {
    let scale = RatingRange(
      lowest: model.scale.lowerBound, highest: model.scale.upperBound, median: model.medianRating,
      deviation: model.deviation)
    let items = (0..<model.itemIDs.count).compactMap { model.catalog[model.itemIDs[$0]] }
    return [
      "format_version": formatVersion,
      "specification": try json(model.spec, "specification"),
      "hyperparameters": try json(model.hyperparameters, "hyperparameters"),
      "ratings": try json(scale, "ratings"),
      "provenance": try json(model.provenance, "provenance"),
      "metrics": try json(model.metrics, "metrics"),
      "items": try json(items, "items"),
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
    guard ratings.lowest.isFinite, ratings.highest.isFinite, ratings.median.isFinite,
      ratings.deviation.isFinite, ratings.deviation > 0,
      ratings.lowest <= ratings.highest
    else { throw ModelFileFault.metadata("ratings") }
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

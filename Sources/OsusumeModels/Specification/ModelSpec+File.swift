// A specification of one's own, read from a JSON file as `osusume models NAME --json` prints one.
import Foundation
import OsusumeData

/// Why a specification cannot be trained.
public enum SpecificationError: OsusumeError, Equatable {
  /// The file could not be read.
  case unreadable(path: String, code: Int32)
  /// The file is not the JSON it should be.
  case invalid(path: String, reason: String)
  /// The fit cannot find the score, or heads and lists do not go with it.
  case unfit(model: String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unfit(let model, let reason): "\(model): \(reason); give another fit or another formula"
    case .unreadable(let path, let code):
      "cannot read the specification \(path): \(String(cString: strerror(code))); check the path"
    case .invalid(let path, let reason):
      "\(path) is no specification of a model: \(reason); `osusume models mf --json` shows one"
    }
  }
}

extension ModelSpec {
  /// Reads a specification: an object of `name`, `formula`, `fit` and, where they are wanted,
  /// `defaults`, `summary`, `source` and `lists`.
  ///
  /// Settings missing from `defaults` are those of `Hyperparameters()`. The object may also be the only one
  /// of an array `models`, as `osusume models NAME --json` prints it.
  ///
  /// Errors: `SpecificationError`.
  public static func read(_ path: String) throws -> ModelSpec {
    do {
      return try ModelSpec(json: Data(smallJSON: path))
    } catch SmallJSONFault.unreadable(let code) {
      throw SpecificationError.unreadable(path: path, code: code)
    } catch SmallJSONFault.invalid(let reason) {
      throw SpecificationError.invalid(path: path, reason: reason)
    } catch let fault as FormulaFault {
      throw SpecificationError.invalid(path: path, reason: fault.reason)
    } catch let error as SettingError {
      throw SpecificationError.invalid(path: path, reason: error.reasonInFile)
    } catch let error as PlanError {
      throw SpecificationError.invalid(path: path, reason: error.description)
    }
  }

  private init(json text: Data) throws {
    guard var object = try? JSONSerialization.jsonObject(with: text) as? [String: Any] else {
      throw SmallJSONFault.invalid("it is not a JSON object")
    }
    if let models = object["models"] as? [[String: Any]], models.count == 1 { object = models[0] }
    guard let name = object["name"] as? String, (1...64).contains(name.utf8.count) else {
      throw SmallJSONFault.invalid("'name' is not a text of 1 to 64 bytes")
    }
    guard let formula = object["formula"] as? String else {
      throw SmallJSONFault.invalid("'formula' is no text such as 'b_u + b_i + p·q'")
    }
    guard let nodes = (object["nodes"] ?? [String: String]()) as? [String: String] else {
      throw SmallJSONFault.invalid("'nodes' is no object of formulas by name")
    }
    let score = try Formula(formula: formula, nodes: nodes)
    let target = try (object["target"] as? String).map { text in
      guard let target = Target(rawValue: text) else {
        throw SmallJSONFault.invalid("'target' is none of rating, interaction, rating-class")
      }
      return target
    }
    guard let fit = (object["fit"] as? String).flatMap(FitKind.init(rawValue:)) else {
      throw SmallJSONFault.invalid(
        "'fit' is none of " + FitKind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let lists = try (object["lists"] as? String).map { text in
      guard let kind = FitKind(rawValue: text), kind == .ease, (target ?? .rating) == .rating else {
        throw SmallJSONFault.invalid(
          "'lists' is not ease, or the model predicts something else than ratings")
      }
      return kind
    }
    self.init(
      name, summary: object["summary"] as? String ?? "A specification of one's own.", score: score,
      fit: fit, defaults: try Hyperparameters(overrides: object["defaults"]),
      source: object["source"] as? String ?? "file", target: target ?? .rating,
      heads: try Self.heads(object["heads"], nodes: nodes), lists: lists)
    try defaults.check(for: self)
    if let fault { throw SmallJSONFault.invalid(fault) }
    guard !isFactorModel else { return }
    // Widths are compared before any data is read; how many rows there will be does not matter.
    let sizes = PlanSizes(users: 1000, items: 1000, genres: 20, factors: defaults.factors)
    _ = try Plan(self, sizes, training: true)
  }
}

extension ModelSpec {
  /// Further heads: objects of `formula`, `target`, `loss` and `weight`.
  fileprivate static func heads(_ value: Any?, nodes: [String: String]) throws -> [Head] {
    guard let value else { return [] }
    guard let objects = value as? [[String: Any]], objects.count <= 16 else {
      throw SmallJSONFault.invalid("'heads' is no list of at most 16 objects")
    }
    return try objects.map { object in
      guard let formula = object["formula"] as? String,
        let target = (object["target"] as? String).flatMap(Target.init(rawValue:)),
        let loss = (object["loss"] as? String).flatMap(Loss.init(rawValue:)), loss.suits(target),
        let weight = object["weight"] as? Double, (0...1e6).contains(weight)
      else {
        throw SmallJSONFault.invalid(
          "one of 'heads' lacks a 'formula', a 'target', a 'loss' that fits it or a 'weight'")
      }
      return Head(
        try Formula(formula: formula, nodes: nodes), target: target, loss: loss, weight: weight)
    }
  }
}

extension SettingError {
  /// The same as a clause, settings named as the file names them.
  fileprivate var reasonInFile: String {
    switch self {
    case .outOfRange(let setting, let value, let range): "'\(setting)' \(value): give \(range)"
    case .unknown(let name): "'\(name)' is no setting"
    }
  }
}

extension Hyperparameters {
  /// The common settings with those of a JSON object in their place.
  fileprivate init(overrides: Any?) throws {
    let common = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Hyperparameters()))
    guard var settings = common as? [String: Any],
      let overrides = overrides ?? [String: Any]() as Any?, let wanted = overrides as? [String: Any]
    else { throw SmallJSONFault.invalid("'defaults' is not an object") }
    for (key, value) in wanted.sorted(by: { $0.key < $1.key }) {
      guard settings[key] != nil else {
        throw SettingError.unknown(key)
      }
      settings[key] = value
    }
    do {
      let text = try JSONSerialization.data(withJSONObject: settings)
      self = try JSONDecoder().decode(Self.self, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let name = context.codingPath.first?.stringValue ?? "defaults"
      guard let setting = Setting.named(name) else {
        throw SmallJSONFault.invalid("'\(name)' has a value that it cannot have")
      }
      throw setting.outOfRange(Self.text(ofJSON: wanted[name]))
    }
  }

  /// A JSON value as an error shows it.
  private static func text(ofJSON value: Any?) -> String {
    guard let value,
      let text = try? JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
    else { return "null" }
    return String(String(decoding: text, as: UTF8.self).prefix(60))
  }
}

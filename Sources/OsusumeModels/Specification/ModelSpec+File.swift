// A specification of one's own, read from a JSON file as `osusume models NAME --json` prints one.
import Foundation
import OsusumeData

/// Why a file is no specification that can be trained.
public enum SpecificationError: OsusumeError, Equatable {
  /// The file could not be read.
  case unreadable(path: String, code: Int32)
  /// The file is not the JSON it should be.
  case invalid(path: String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let code):
      "cannot read the specification \(path): \(String(cString: strerror(code))); check the path"
    case .invalid(let path, let reason):
      "\(path) is no specification of a model: \(reason); `osusume models mf --json` shows one"
    }
  }
}

extension ModelSpec {
  /// Reads a specification: an object of `name`, `formula`, `fit` and, where they are wanted,
  /// `defaults`, `summary` and `source`.
  ///
  /// Settings that `defaults` leaves out are the common ones of `Hyperparameters()`. The object may also
  /// stand as `osusume models NAME --json` prints it: alone in the array `models`.
  ///
  /// Errors: `SpecificationError`.
  public static func read(_ path: String) throws -> ModelSpec {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw SpecificationError.unreadable(path: path, code: errno)
    }
    // A specification is a page of text; a gigabyte by mistake should not be read first.
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20,
      let text = FileManager.default.contents(atPath: path)
    else {
      throw SpecificationError.invalid(path: path, reason: "it is not a file of at most a megabyte")
    }
    do {
      return try ModelSpec(json: text)
    } catch let fault as SpecificationFault {
      throw SpecificationError.invalid(path: path, reason: fault.reason)
    }
  }

  private init(json text: Data) throws {
    guard nestingOfJSON(String(decoding: text, as: UTF8.self)) <= 8,
      var object = try? JSONSerialization.jsonObject(with: text) as? [String: Any]
    else { throw SpecificationFault(reason: "it is not a JSON object") }
    if let models = object["models"] as? [[String: Any]], models.count == 1 { object = models[0] }
    guard let name = object["name"] as? String, (1...64).contains(name.utf8.count) else {
      throw SpecificationFault(reason: "'name' is not a text of 1 to 64 bytes")
    }
    guard let formula = object["formula"] as? String else {
      throw SpecificationFault(reason: "'formula' is no text such as 'b_u + b_i + p·q'")
    }
    guard let nodes = (object["nodes"] ?? [String: String]()) as? [String: String] else {
      throw SpecificationFault(reason: "'nodes' is no object of formulas by name")
    }
    let score: Formula
    do {
      score = try Formula(formula: formula, nodes: nodes)
    } catch let fault as FormulaFault {
      throw SpecificationFault(reason: fault.reason)
    }
    let target = try (object["target"] as? String).map { text in
      guard let target = Target(rawValue: text) else {
        throw SpecificationFault(reason: "'target' is none of rating, interaction, rating-class")
      }
      return target
    }
    guard let fit = (object["fit"] as? String).flatMap(FitKind.init(rawValue:)) else {
      throw SpecificationFault(
        reason:
          "'fit' is none of minibatch, tiledSGD, als, implicitALS, gibbs, svd, neighbours, closedForm"
      )
    }
    self.init(
      name, summary: object["summary"] as? String ?? "A specification of one's own.", score: score,
      fit: fit, defaults: try Hyperparameters(overrides: object["defaults"]),
      source: object["source"] as? String ?? "file", target: target ?? .rating,
      heads: try Self.heads(object["heads"], nodes: nodes))
    guard fit.finds(score) else {
      throw SpecificationFault(reason: "the fit \(fit.rawValue) cannot find \(score.formula)")
    }
    guard !isFactorModel else { return }
    // Widths are compared before any data is read; how many rows there will be does not matter.
    let sizes = PlanSizes(users: 1000, items: 1000, genres: 20, factors: defaults.factors)
    do {
      _ = try Plan(self, sizes, training: true)
    } catch let error as PlanError {
      throw SpecificationFault(reason: error.description)
    }
  }
}

extension ModelSpec {
  /// Further heads: objects of `formula`, `target`, `loss` and `weight`.
  fileprivate static func heads(_ value: Any?, nodes: [String: String]) throws -> [Head] {
    guard let value else { return [] }
    guard let objects = value as? [[String: Any]], objects.count <= 16 else {
      throw SpecificationFault(reason: "'heads' is no list of at most 16 objects")
    }
    return try objects.map { object in
      guard let formula = object["formula"] as? String,
        let target = (object["target"] as? String).flatMap(Target.init(rawValue:)),
        let loss = (object["loss"] as? String).flatMap(Loss.init(rawValue:)), loss.suits(target),
        let weight = object["weight"] as? Double, (0...1e6).contains(weight)
      else {
        throw SpecificationFault(
          reason:
            "one of 'heads' lacks a 'formula', a 'target', a 'loss' that fits it or a 'weight'")
      }
      do {
        return Head(
          try Formula(formula: formula, nodes: nodes), target: target, loss: loss, weight: weight)
      } catch let fault as FormulaFault {
        throw SpecificationFault(reason: fault.reason)
      }
    }
  }
}

/// What is wrong with a specification, as a clause.
private struct SpecificationFault: Error {
  let reason: String
}

extension FitKind {
  /// Whether there is a solver of this kind for a score.
  fileprivate func finds(_ score: Formula) -> Bool {
    let terms = Set(score.terms)
    guard terms.count == score.terms.count else { return false }
    let biases: Set<Formula> = [.bias(.user), .bias(.item)]
    return switch self {
    case .minibatch:
      terms.isDisjoint(with: [.itemCount, .relations, .drift(.user), .drift(.item)])
        && !terms.isSubset(of: [.globalMean])
    case .tiledSGD, .als:
      terms == [.globalMean, .dot] || terms == biases.union([.globalMean, .dot])
    case .neighbours: terms == biases.union([.globalMean, .neighbours])
    case .ease: terms == [.relations]
    case .svd, .gibbs: terms == biases.union([.globalMean, .dot])
    case .svdPlusPlus:
      terms.subtracting([.drift(.user), .drift(.item)]) == biases.union([.globalMean, .dot])
        && terms.contains(.drift(.user)) == terms.contains(.drift(.item))
    case .closedForm:
      terms == [.globalMean] || terms == [.itemCount] || terms == biases.union([.globalMean])
    }
  }
}

extension Hyperparameters {
  /// The common settings with those of a JSON object in their place.
  fileprivate init(overrides: Any?) throws {
    let common = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Hyperparameters()))
    guard var settings = common as? [String: Any],
      let overrides = overrides ?? [String: Any]() as Any?, let wanted = overrides as? [String: Any]
    else { throw SpecificationFault(reason: "'defaults' is not an object") }
    for (key, value) in wanted.sorted(by: { $0.key < $1.key }) {
      guard settings[key] != nil else {
        throw SpecificationFault(reason: "'\(key)' is no setting")
      }
      settings[key] = value
    }
    do {
      let text = try JSONSerialization.data(withJSONObject: settings)
      self = try JSONDecoder().decode(Self.self, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let key = context.codingPath.last?.stringValue ?? "defaults"
      throw SpecificationFault(reason: "'\(key)' has a value that it cannot have")
    }
    if let key = keyOutOfRange {
      throw SpecificationFault(reason: "'\(key)' is out of range")
    }
  }

  /// The first setting that no fit can work with; nil when there is none.
  private var keyOutOfRange: String? {
    countOutOfRange ?? numbers.first { !$0.allowed.contains($0.value) }?.name
  }

  /// The first setting that no model can have been trained with: a count out of its range, or a number that is
  /// not finite or is negative; nil when there is none.
  ///
  /// Wider than what a file of a specification may say: the command line takes any penalty, say.
  var unusable: String? {
    if let count = countOutOfRange { return count }
    guard positiveAbove.isFinite else { return "positive_above" }
    let all = numbers.map { ($0.name, $0.value) } + [("side_regularization", sideRegularization)]
    return all.first { !($0.1.isFinite && $0.1 >= 0) }?.0
  }

  private var countOutOfRange: String? {
    let counts: [(String, Int, ClosedRange<Int>)] = [
      ("factors", factors, 0...2048), ("epochs", epochs, 0...1_000_000),
      ("batch_size", batchSize, 1...100_000_000),
      ("early_stopping", earlyStopping, 0...1_000_000), ("solver_steps", solverSteps, 1...1000),
      ("neighbours", neighbours, 0...100_000),
      ("burn_in", burnIn, 0...1_000_000), ("samples", samples, 0...2048),
      ("min_user_ratings", minUserRatings, 1...1_000_000_000),
    ]
    return counts.first { !$0.2.contains($0.1) }?.0
  }

  private var numbers: [(name: String, value: Double, allowed: ClosedRange<Double>)] {
    [
      ("learning_rate", learningRate, 0...1e6), ("bias_learning_rate", biasLearningRate, 0...1e6),
      ("beta1", beta1, 0...0.999_999), ("beta2", beta2, 1e-6...0.999_999_999),
      ("epsilon", epsilon, 1e-15...1), ("weight_decay", weightDecay, 0...1e6),
      ("regularization", regularization, 0...1e9),
      ("bias_regularization", biasRegularization, 0...1e9),
      ("row_regularization", rowRegularization, 0...1e9), ("shrinkage", shrinkage, 0...1e9),
      ("validation", validation, 0...0.99), ("noise", noise, 1e-6...1),
    ]
  }
}

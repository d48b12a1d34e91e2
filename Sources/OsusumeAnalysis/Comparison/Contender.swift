// Who takes part in a comparison: models with their settings and seeds, and models that are trained already.
import OsusumeData
import OsusumeModels

/// A model to be fitted, or fitted before, that is evaluated and compared with others.
public struct Contender: Sendable {
  /// What it is called: the model's name, with settings and `@seed` where others have the same name.
  public var label: String
  /// What is fitted.
  public var spec: ModelSpec
  /// With which settings.
  public var hyperparameters: Hyperparameters
  /// Seed of its random choices; the split is the same for all.
  public var seed: UInt64
  /// A model that is not fitted here; it was trained on the same rows as the others are.
  public var saved: Model?
  /// Names of the settings that it alone was given.
  public var given: [String] = []
  /// Whether it is there for others to be measured by: it is fitted once, and left out where it cannot be.
  public var isBaseline = false

  /// Makes a contender.
  public init(label: String, spec: ModelSpec, hyperparameters: Hyperparameters, seed: UInt64) {
    self.label = label
    self.spec = spec
    self.hyperparameters = hyperparameters
    self.seed = seed
  }

  /// Finds the models of a list: `als:factors=64;flax-bias:epochs=126,learning-rate=1e-3;wide.json;old.safetensors`.
  ///
  /// Entries are set apart by `;` or `,`, settings by `,`: those after a model are its own. A model is a name of the
  /// catalog, a specification (`.json`) or a saved model; `name@seed` has another seed. A model given again with
  /// the same settings gets the next free seed: the comparison then shows how much the seed matters.
  ///
  /// - Parameters:
  ///   - settings: Of all models that are fitted, as text by name; a model's own go before.
  /// - Throws: `ContenderError`, and those of `ModelSpec.lookup` and `Model.read`.
  public static func list(
    _ text: String, settings: [String: String] = [:], seed: UInt64
  ) throws -> [Contender] {
    var contenders: [Contender] = []
    let entries = try ListEntry.all(in: text)
    for entry in entries {
      var contender = try entry.contender(settings: settings, seed: seed)
      let name = contender.label
      if entries.contains(where: { $0.name == entry.name && $0.settings != entry.settings }),
        !entry.settings.isEmpty
      {
        contender.label += ":" + entry.settingsText
      }
      if contender.saved == nil {
        let taken = contenders.filter {
          $0.saved == nil && $0.spec == contender.spec
            && $0.hyperparameters == contender.hyperparameters
        }.map(\.seed)
        while entry.seed == nil && taken.contains(contender.seed) { contender.seed &+= 1 }
        guard !taken.contains(contender.seed) else { throw ContenderError.repeated(entry.text) }
        if contender.seed != seed { contender.label += "@\(contender.seed)" }
      }
      // A specification of one's own may have the name of a model of the catalog.
      if contenders.contains(where: { $0.label == contender.label }) {
        contender.label = contender.label.replacing(name, with: entry.name, maxReplacements: 1)
      }
      guard !contenders.contains(where: { $0.label == contender.label }) else {
        throw ContenderError.repeated(entry.text)
      }
      contenders.append(contender)
    }
    return contenders
  }

  /// The baselines that are not among some contenders: mean, bias, popularity, and ease as the best ranker that
  /// is simple; where there are no ratings, the two last.
  public static func baselines(
    beside contenders: [Contender], of feedback: Feedback, seed: UInt64
  ) -> [Contender] {
    let all: [ModelSpec] = [.mean, .bias, .popularity, .ease]
    return all.filter { spec in
      (feedback == .ratings || spec.takesInteractions)
        && !contenders.contains { $0.spec == spec && $0.hyperparameters == spec.defaults }
    }.map { spec in
      var baseline = Contender(
        label: spec.name, spec: spec, hyperparameters: spec.defaults, seed: seed)
      baseline.isBaseline = true
      if contenders.contains(where: { $0.label == spec.name }) { baseline.label += " (baseline)" }
      return baseline
    }
  }
}

/// An entry of a list of models: `als:factors=64`.
private struct ListEntry {
  /// The model's name, or a path.
  var name: String
  /// The seed after `@`.
  var seed: UInt64?
  /// Its own settings by name, in order.
  var settings: [[String]] = []

  var settingsText: String {
    settings.map { "\($0[0].replacing("_", with: "-"))=\($0[1])" }.joined(separator: ",")
  }

  var text: String {
    name + (seed.map { "@\($0)" } ?? "") + (settings.isEmpty ? "" : ":" + settingsText)
  }

  var fileName: String { name.split(separator: "/").last.map(String.init) ?? name }

  /// The entries of a list, in order.
  static func all(in text: String) throws -> [ListEntry] {
    var entries: [ListEntry] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      let first = entries.count
      for token in part.split(separator: ",", omittingEmptySubsequences: false) {
        let token = token.drop { $0 == " " }
        guard !token.isEmpty else { throw ContenderError.empty(text) }
        let sides = token.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else {
          entries.append(ListEntry(String(token)))
          continue
        }
        let names = sides[0].split(separator: ":", omittingEmptySubsequences: false)
        if names.count > 1 {
          entries.append(ListEntry(names.dropLast().joined(separator: ":")))
        }
        guard entries.count > first, let setting = names.last, !setting.isEmpty else {
          throw ContenderError.noModel(String(token))
        }
        entries[entries.count - 1].settings.append([
          String(setting.replacing("-", with: "_")), String(sides[1]),
        ])
      }
    }
    return entries
  }

  private init(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    seed = parts.count > 1 ? parts.last.flatMap { UInt64($0) } : nil
    name = seed == nil ? text : parts.dropLast().joined(separator: "@")
  }

  /// The contender of this entry, called by its name alone.
  func contender(settings common: [String: String], seed: UInt64) throws -> Contender {
    if let model = try saved() {
      guard settings.isEmpty, self.seed == nil else { throw ContenderError.isTrained(name) }
      var contender = Contender(
        label: fileName, spec: model.spec, hyperparameters: model.hyperparameters,
        seed: model.provenance.seed)
      contender.saved = model
      return contender
    }
    let spec = try ModelSpec.lookup(name)
    let own = Dictionary(settings.map { ($0[0], $0[1]) }) { $1 }
    for name in [Setting.minUserRatings.name, Setting.split.name] where own[name] != nil {
      throw ContenderError.ofAll(model: spec.name, setting: name)
    }
    do {
      var contender = Contender(
        label: spec.name, spec: spec,
        hyperparameters: try spec.settings(overriding: common.merging(own) { $1 }),
        seed: self.seed ?? seed)
      contender.given = own.keys.sorted()
      return contender
    } catch let error as SettingError {
      throw ContenderError.setting(model: spec.name, error)
    }
  }

  /// The model, where the name is that of a file and of nothing else.
  private func saved() throws -> Model? {
    guard ModelSpec.named(name) == nil, !name.hasSuffix(".json"),
      name.hasSuffix(".safetensors") || name.contains(".") || name.contains("/")
    else { return nil }
    return try Model.read(name)
  }
}

/// Why a list names no contenders.
public enum ContenderError: OsusumeError, Equatable {
  /// The same model with the same settings and seed.
  case repeated(String)
  /// Nothing stands between two separators.
  case empty(String)
  /// A setting comes before any model.
  case noModel(String)
  /// A setting is unknown, or cannot be what it is set to.
  case setting(model: String, SettingError)
  /// All models of a comparison share the setting.
  case ofAll(model: String, setting: String)
  /// A saved model has its settings.
  case isTrained(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .repeated(let name):
      "\(name) takes part already: give it another seed, as in mf@7, or leave it out"
    case .empty(let text):
      "the list of models '\(text)' has an empty entry: write names between commas, as in mf,als:factors=64"
    case .noModel(let text):
      "'\(text)' in the list of models comes before any model: write it after one, as in als:factors=64"
    case .setting(let model, let error): "\(model): \(error)"
    case .ofAll(let model, let setting):
      "\(model): `\(setting)` holds for all models of a comparison: give it once, outside the list"
    case .isTrained(let path):
      "\(path) is trained already: its settings and seed stand in the file; leave them out of the list"
    }
  }
}

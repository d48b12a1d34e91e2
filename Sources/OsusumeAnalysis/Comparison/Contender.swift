// Who takes part in a comparison: a model of the catalog with its settings and a seed of its own.
import OsusumeData
import OsusumeModels

/// A model to be fitted, evaluated and compared with others.
public struct Contender: Sendable {
  /// What it is called: the model's name, and `@seed` where that is not the comparison's.
  public var label: String
  /// What is fitted.
  public var spec: ModelSpec
  /// With which settings.
  public var hyperparameters: Hyperparameters
  /// Seed of its random choices; the split is the same for all.
  public var seed: UInt64

  /// Makes a contender.
  public init(label: String, spec: ModelSpec, hyperparameters: Hyperparameters, seed: UInt64) {
    self.label = label
    self.spec = spec
    self.hyperparameters = hyperparameters
    self.seed = seed
  }

  /// Finds models by name, `name@seed` for another seed.
  ///
  /// A name given again gets the next free seed: the comparison then shows how much the seed matters.
  ///
  /// Errors: those of `ModelSpec.lookup`, and `ContenderError`.
  public static func named(_ names: [String], seed: UInt64) throws -> [Contender] {
    var contenders: [Contender] = []
    for name in names {
      let parts = name.split(separator: "@", omittingEmptySubsequences: false)
      let ownSeed = parts.count > 1 ? parts.last.flatMap { UInt64($0) } : nil
      let model = ownSeed == nil ? name : parts.dropLast().joined(separator: "@")
      let spec = try ModelSpec.lookup(model)
      let taken = contenders.filter { $0.spec.name == spec.name }.map(\.seed)
      var free = seed
      while ownSeed == nil && taken.contains(free) { free &+= 1 }
      let chosen = ownSeed ?? free
      guard !taken.contains(chosen) else { throw ContenderError.repeated(name) }
      contenders.append(
        Contender(
          label: chosen == seed ? spec.name : "\(spec.name)@\(chosen)", spec: spec,
          hyperparameters: spec.defaults, seed: chosen))
    }
    return contenders
  }
}

/// Why names are no contenders.
public enum ContenderError: OsusumeError, Equatable {
  /// The same model with the same seed.
  case repeated(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .repeated(let name):
      "\(name) takes part already: give it another seed, as in mf@7, or leave it out"
    }
  }
}

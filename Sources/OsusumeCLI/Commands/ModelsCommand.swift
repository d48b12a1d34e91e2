// `osusume models`: the catalog, or one model in full.
import ArgumentParser
import Osusume

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "The catalog of models; one model in full: formula, tensors, parameters, defaults.",
    discussion: """
      Examples:
        osusume models
        osusume models mf --users 66351 --items 9926
      """)

  @Argument(
    help: "A model of the catalog (default: list them all).",
    completion: .list(ModelSpec.catalog.map(\.name)))
  var name: String?

  @Option(help: "Number of users: counts the parameters.")
  var users: Int?

  @Option(help: "Number of items: counts the parameters.")
  var items: Int?

  @Option(help: "Width of the vectors (default: the model's own).")
  var factors: Int?

  @OptionGroup var options: PlainOptions

  func validate() throws {
    for (option, value) in [("users", users), ("items", items), ("factors", factors)] {
      guard value ?? 0 >= 0 else { throw ValidationError("--\(option) must not be negative") }
    }
  }

  func run() throws {
    let specs = try name.map { [try ModelSpec.lookup($0)] } ?? ModelSpec.catalog
    let descriptions = specs.map {
      ModelDescription($0, factors: factors, users: users, items: items)
    }
    try options.show(ModelList(isWhole: name == nil, models: descriptions))
  }

  private struct ModelList: Report {
    let command = "models"
    @NotEncoded var isWhole: Bool
    let models: [ModelDescription]

    var lines: [String] {
      guard isWhole else { return models.flatMap(\.lines) }
      // A formula may be longer than a line, so it has one of its own.
      return models.flatMap { ["\($0.name): \($0.summary)", "    \($0.formula)"] }
    }
  }
}

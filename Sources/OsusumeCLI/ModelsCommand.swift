// `osusume models`: the catalog, or one model in full.
import ArgumentParser
import Osusume

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the catalog.",
    discussion: "Example: osusume models --json")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    if options.json {
      try Output.json(["models": ModelSpec.catalog])
    } else {
      for spec in ModelSpec.catalog { print(spec.name, spec.summary) }
    }
  }
}

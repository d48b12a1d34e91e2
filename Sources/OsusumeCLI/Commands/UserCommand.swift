// `osusume user`: one person, as a model knows them.
import ArgumentParser
import Osusume

struct UserCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "user",
    abstract: "One person: what they rated, predicted and rounded; their taste; who is near.",
    discussion: """
      Predictions are of ratings that the model was trained on, and so nearer to them than those of other ratings \
      are (see evaluate).

      Example:
        osusume user 16 --model model.safetensors --top 20
      """)

  @Argument(help: "The user's id.")
  var user: String

  @Option(
    help: ArgumentHelp("A saved model.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(help: ArgumentHelp("Rated items to show, the highest ratings first.", valueName: "n"))
  var top = 20

  @Option(help: ArgumentHelp("Near people to show.", valueName: "n"))
  var neighbours = 5

  @OptionGroup var options: UnseededOptions

  func validate() throws {
    try check("--top", top, in: 0...1_000_000)
    try check("--neighbours", neighbours, in: 0...1_000_000)
  }

  func run() throws {
    let recommender = try Recommender(modelAt: model)
    let person = try Person(
      recommender.model, user: try recommender.index(ofUser: user), neighbours: neighbours,
      threads: options.threads)
    try options.show(PersonReport(person, top: top, version: recommender.version))
  }
}

// `osusume data`: looks at ratings, cuts them, checks them, makes them.
import ArgumentParser

struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Look at ratings, check them, cut them, make them.",
    discussion: "Example: osusume data describe --ratings rating.csv",
    subcommands: [
      DataDescribeCommand.self,
      DataSplitCommand.self,
// `osusume data`: look at ratings, check them, cut them, make them.
import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Look at ratings, check them, cut them, make them.",
    subcommands: [
      DataSynthesizeCommand.self
    ])
}

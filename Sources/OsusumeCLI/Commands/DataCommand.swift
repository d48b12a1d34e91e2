// `osusume data`: looks at ratings, checks them, cuts them, makes them.
import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Look at ratings, check them, cut them, make them.",
    discussion: "Example: osusume data describe --ratings rating.csv",
    subcommands: [
      DataDescribeCommand.self,
      DataSplitCommand.self,
      DataSynthesizeCommand.self,
      DataValidateCommand.self,
    ])
}

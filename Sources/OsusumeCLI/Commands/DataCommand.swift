// `osusume data`: describes, checks, splits and synthesizes ratings.
import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Describe, check, split and synthesize ratings.",
    discussion: """
      Example:
        osusume data describe --ratings rating.csv
      """,
    subcommands: [
      DataDescribeCommand.self,
      DataSplitCommand.self,
      DataSynthesizeCommand.self,
      DataValidateCommand.self,
    ])
}

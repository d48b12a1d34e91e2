// `osusume data split`: a train and a test file of one ratings file.
import ArgumentParser
import Foundation
import Osusume

struct DataSplitCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Split ratings into train.csv and test.csv (strong: fold-in.csv too).",
    discussion: """
      --help-all lists all options.

      Example:
        osusume data split --ratings rating.csv --split per-user:0.1 -o cut
      """
  )

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var options: GlobalOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Directory for train.csv and test.csv; made when missing.", valueName: "dir"),
    completion: .directory)
  var output: String

  func run() throws {
    try OutputCheck.isNamed(output)
    let rule = data.split ?? .perUser(testFraction: 0.1)
    let loaded = try data.load(threads: options.threads)
    let ratings = loaded.ratings
    let split = try ratings.split(rule, seed: options.seed, threads: options.threads)
    try DirectoryPath.make(output)
    let parts = [(split.train, "train.csv"), (split.test, "test.csv")]
    let hidden = split.foldIn.count > 0 ? [(split.foldIn, "fold-in.csv")] : []
    for (_, name) in parts + hidden {
      try OutputCheck.canCreate("\(output)/\(name)", besides: data.files)
    }
    for (rows, name) in parts + hidden {
      try rows.writeCSV(
        to: "\(output)/\(name)", userIDs: ratings.userIDs, itemIDs: ratings.itemIDs,
        threads: options.threads)
    }
    let report = Files(
      split: rule, seed: options.seed, train: split.train.count, test: split.test.count,
      foldIn: split.foldIn.count > 0 ? split.foldIn.count : nil, coldRows: split.coldRows,
      usersInTrainAlone: Set(split.train.users).subtracting(split.test.users).count,
      usersInTestAlone: Set(split.test.users).subtracting(split.train.users).count,
      output: output, data: .init(ratings, split: split))
    options.say(loaded.notes)
    try options.show(report)
  }

  private struct Files: Report {
    let command = "data split"
    var split: SplitRule
    var seed: UInt64
    var train: Int
    var test: Int
    var foldIn: Int?
    var coldRows: Int
    var usersInTrainAlone: Int
    var usersInTestAlone: Int
    var output: String
    var data: TrainReport.DataCounts

    var lines: [String] {
      [
        "\(data.rows) rows; \(data.droppedText)",
        "\(train) rows in \(output)/train.csv, \(test) in \(output)/test.csv",
        "users with no row in test: \(usersInTrainAlone); with none in train: \(usersInTestAlone)",
      ]
        + (foldIn.map { ["\($0) rows to fold the hidden users in by in \(output)/fold-in.csv"] }
          ?? [])
    }
  }
}

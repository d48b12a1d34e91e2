// `osusume data synthesize`: makes ratings that imitate a data set that cannot be shipped.
import ArgumentParser
import Osusume

struct DataSynthesizeCommand: LongCommand {
  /// The data sets that can be imitated.
  enum Original: String, ExpressibleByArgument, CaseIterable {
    case anime
  }

  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Make ratings and items of a known data set's size and shape.",
    discussion: """
      Example:
        osusume data synthesize --like anime -o data/full
      """)

  @OptionGroup var options: GlobalOptions

  @Option(help: "The data set to imitate: anime (Kaggle's Anime Recommendations Database).")
  var like: Original

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Directory for rating.csv and anime.csv; made when missing.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(
    help: "Size: 1 is the whole set; users and rows grow with it, items with its cube root.")
  var scale = 1.0

  @Option(
    help: ArgumentHelp(
      "Give rows a timestamp, and let biases of users, sittings and items move with time by this many "
        + "points (a standard deviation, 0 to 3): something for time-mf to find.",
      valueName: "points"))
  var drift: Double?

  func validate() throws {
    guard Synthesis.scales.contains(scale) else {
      throw ValidationError("--scale \(scale): give a number from 0.001 to 10")
    }
    if let drift, !Synthesis.drifts.contains(drift) {
      throw ValidationError("--drift \(drift): give a number of points from 0 to 3")
    }
  }

  func run() throws {
    try OutputCheck.isNamed(output)
    let synthesis = try Synthesis(scale: scale, seed: options.seed, drift: drift)
    try synthesis.write(to: output, threads: options.threads)
    if options.json || !options.quiet {
      try options.show(Files(synthesis, directory: output))
    }
  }

  /// What was written, in the names of `data describe`.
  struct Files: Report {
    let command = "data synthesize"
    let seed: UInt64
    let rows: Int
    let rated: Int
    let sentinel: Int
    let users: Int
    let usersRated: Int
    let singleRatingUsers: Int
    let items: Int
    let itemsRated: Int
    let catalogItems: Int
    let drift: Double?
    let output: String

    init(_ synthesis: Synthesis, directory: String) {
      let sizes = synthesis.sizes
      seed = synthesis.seed
      rows = sizes.rows
      rated = sizes.ratings
      sentinel = sizes.unrated
      users = sizes.users
      usersRated = sizes.raters
      singleRatingUsers = sizes.singleRaters
      items = sizes.seenItems
      itemsRated = sizes.ratedItems + sizes.missingItems
      catalogItems = sizes.catalogItems
      drift = synthesis.drift
      output = directory
    }

    var lines: [String] {
      [
        "\(output)/rating.csv: \(rows) rows, \(rated) rated, \(users) users, \(items) items"
          + (drift.map { ", biases drift by \($0) points" } ?? ""),
        "\(output)/anime.csv: \(catalogItems) items",
      ]
    }
  }
}

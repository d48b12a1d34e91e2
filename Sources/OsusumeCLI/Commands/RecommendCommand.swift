// `osusume recommend`: the best items for a user, for some users, or for all.
import ArgumentParser
import Foundation
import Osusume

struct RecommendCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract: "Best unseen items for a user, some users, or all.",
    discussion: """
      Models with lists rank by how likely the user is to meet an item, others by the rating they predict. \
      What the ratings file knows the user to have met, rated or not, is not recommended.

      Examples:
        osusume recommend --model model.safetensors --user 123 --top 10
        osusume recommend --model model.safetensors --users all -o recs.csv
        osusume recommend --model model.safetensors --rated 5114=10,9253=9
        osusume recommend --model model.safetensors --user 123 --at 1262304000
        osusume recommend --model lists.safetensors --model mf.safetensors --user 123
      """)

  @Option(
    help: ArgumentHelp(
      "A saved model; given more than once: the lists of several side by side.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: [String]

  @Option(help: ArgumentHelp("A user's id; may be given more than once.", valueName: "id"))
  var user: [String] = []

  @Option(help: ArgumentHelp("Ids set apart by commas, or all.", valueName: "ids"))
  var users: String?

  @Option(help: ArgumentHelp("A file of ids, one a line; - for standard input.", valueName: "file"))
  var usersFile: String?

  @Option(
    help: ArgumentHelp(
      "When, in seconds since 1970, for models whose biases move (time-mf; default: the end of their "
        + "training data).", valueName: "time"))
  var at: Int64?

  @OptionGroup(title: "A person who is not in the model") var newcomer: NewcomerOptions

  @Option(help: ArgumentHelp("Items for each user.", valueName: "n"))
  var top: Int = 10

  @Flag(
    help: "Say which of the user's own items speak for each; contributions add up to the score.")
  var explain = false

  @Option(
    help: ArgumentHelp("Show what the user has rated highest as well.", valueName: "items"))
  var history = 0

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write CSV with the columns user, rank, item, score here; - for standard output.",
      valueName: "file"), completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "likely (how likely the user is to meet an item), rating (how they are expected to rate it) or blend "
        + "(how likely they are to meet and to like it); default: likely, where the model has lists.",
      valueName: "what"))
  var rankBy: RankBy?

  @Option(
    help: ArgumentHelp(
      "How much it counts that items are unlike those above them: 0 (not at all) to 1.",
      valueName: "weight"))
  var diversity = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How much it counts that items are popular: 0 (not at all) to 1, or below 0, to -1, that they are not.",
      valueName: "weight"))
  var popularity = 0.0

  @Option(
    help: ArgumentHelp(
      "At most so many items of one series, told by how titles begin (default: any number).",
      valueName: "items"))
  var perSeries: Int?

  @Option(
    help: ArgumentHelp(
      "At most so many items of one genre (default: any number).", valueName: "items"))
  var perGenre: Int?

  @Flag(help: "Recommend items that the user has met as well: rated in training or test, or seen.")
  var includeSeen = false

  @Flag(
    help:
      "Recommend items whose ratings were held out for the test as well, to judge lists by them.")
  var includeTest = false

  @Flag(help: "Scores as the formula gives them, not clipped to the scale of the ratings.")
  var raw = false

  @OptionGroup(title: "Filters") var filter: ItemFilterOptions

  @OptionGroup var options: UnseededOptions

  func validate() throws {
    let known = !user.isEmpty || users != nil || usersFile != nil
    guard known != newcomer.isGiven else {
      throw ValidationError(
        "give --user ID, --users IDS, --users all or --users-file FILE, or --rated or --ratings-of")
    }
    guard !newcomer.isGiven || output == nil else {
      throw ValidationError("--output is for users of the model; with --rated give --json")
    }
    try check("--top", top, in: 1...1_000_000)
    guard (0...1).contains(diversity) else {
      throw ValidationError("--diversity \(diversity): give a number from 0 to 1")
    }
    guard (-1...1).contains(popularity) else {
      throw ValidationError("--popularity \(popularity): give a number from -1 to 1")
    }
    try check("--per-series", perSeries, in: 1...)
    try check("--per-genre", perGenre, in: 1...)
    try check("--history", history, in: 0...)
    guard output == nil || !explain && history == 0 else {
      throw ValidationError("--explain and --history go with a table or --json, not with --output")
    }
    guard model.count == 1 || output == nil && !explain && users != "all" else {
      throw ValidationError(
        "several models: name users, and leave out --output and --explain, which are of one model")
    }
    guard users != "all" || output != nil || options.json else {
      throw ValidationError("--users all: give --output FILE (- for standard output) or --json")
    }
    guard output != "-" || !options.json else {
      throw ValidationError("--output - and --json both want standard output: give one of them")
    }
  }

  func run() throws {
    let start = Date()
    if let output, output != "-" {
      try OutputCheck.canCreate(output, besides: model + [usersFile] + filter.files)
    }
    let recommenders = try model.map(recommender(modelAt:))
    guard let first = recommenders.first, recommenders.count == 1 else {
      return try options.show(
        RecommendationsOfModels(
          files: model, isNewcomer: newcomer.isGiven,
          try recommenders.map { (recommender: $0, answers: try answers(by: $0)) }))
    }
    guard let output else { return try show(answers(by: first), by: first) }
    let users = try chosenUsers(first)
    Activity.now("lists of \(users.count) users")
    let rows = try write(first, users: users, to: output)
    let seconds = Date().timeIntervalSince(start)
    try report(rows: rows, users: users.count, version: first.version, seconds: seconds)
  }

  private func recommender(modelAt path: String) throws -> Recommender {
    let conditions = try filter.filter()
    let recommender = try Recommender(
      modelAt: path, asOf: at, raw: raw, filter: conditions, rankBy: rankBy, diversity: diversity,
      popularity: popularity, limits: ListLimits(perSeries: perSeries, perGenre: perGenre))
    filter.note(conditions, for: recommender.model, quiet: options.quiet)
    guard at == nil || recommender.model.learned.timeBiases != nil else {
      throw PredictError.noTimes(model: recommender.model.spec.name)
    }
    return recommender
  }

  /// The lists of those asked for, newcomers or users of the model.
  private func answers(by recommender: Recommender) throws -> [Recommendations] {
    if newcomer.isGiven {
      let person = try newcomer.foldIn(to: recommender.model, quiet: options.quiet)
      var answer = try recommender.recommend(
        top, for: person, named: newcomer.name, leavingOut: leavingOut)
      if explain { answer = try recommender.explained(answer, for: person) }
      answer.history = try recommender.history(of: person, history)
      return [answer]
    }
    let users = try chosenUsers(recommender)
    Activity.now("lists of \(users.count) users")
    return try users.map { user in
      var answer = try recommender.recommend(top, for: user, leavingOut: leavingOut)
      if explain { answer = try recommender.explained(answer, for: user) }
      answer.history = try recommender.history(of: user, history)
      return answer
    }
  }

  /// The ways of having met an item that keep it out.
  private var leavingOut: Set<Meeting> {
    includeSeen ? [] : includeTest ? [.train, .unrated] : .all
  }

  /// The users asked for, in the order given, each once.
  private func chosenUsers(_ recommender: Recommender) throws -> [Int32] {
    if users == "all" { return (0..<Int32(recommender.model.userIDs.count)).map { $0 } }
    var ids = user
    ids += try users.map(DelimitedRows.entries) ?? []
    if let usersFile { ids += try IDList.read(usersFile, option: "--users-file", of: .user) }
    var met: Set<Int32> = []
    return try ids.map { try recommender.index(ofUser: $0) }.filter { met.insert($0).inserted }
  }

  private func write(_ recommender: Recommender, users: [Int32], to path: String) throws -> Int {
    let write = { (output: ByteOutput) in
      try recommender.writeCSV(
        top: top, for: users, leavingOut: leavingOut, to: output, threads: options.threads)
    }
    guard path == "-" else { return try WholeFile.write(to: path, write) }
    let output = ByteOutput.standardOutput()
    let rows = try write(output)
    try output.flush()
    return rows
  }

  private func report(rows: Int, users: Int, version: String, seconds: Double) throws {
    if options.json, let output {
      try Output.json(
        RecommendationsWritten(
          output: output, users: users, rows: rows, modelVersion: version, seconds: seconds),
        of: "recommend")
    } else if !options.quiet {
      let time = String(format: "%.2f", seconds)
      Output.note("\(rows) recommendations for \(users) users in \(time) s")
    }
  }

  private func show(_ answers: [Recommendations], by recommender: Recommender) throws {
    let reports = answers.map {
      RecommendationsReport(
        $0, ofItems: recommender.model.itemIDs.count, isNewcomer: newcomer.isGiven,
        version: recommender.version)
    }
    try options.show(
      RecommendationsOfUsers(users: reports, isOfOne: reports.count == 1 && users != "all"))
  }
}

extension RankBy: ExpressibleByArgument {}

// `osusume predict`: scores for user–item pairs.
import ArgumentParser
import Foundation
import Osusume

extension PairPredictor.Cold: ExpressibleByArgument {}

struct PredictCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score user–item pairs with a saved model.",
    discussion: """
      Where the header of --pairs names a column of ratings, each line gets it back, and the score rounded to the steps \
      of the scale, the error and the title beside it. Models of two heads (keras-hybrid) say how likely the user is to \
      like the item as well: a probability behind the score.

      Examples:
        osusume predict --model model.safetensors --user 123 --item 5114
        osusume predict --model model.safetensors --pairs pairs.csv -o scores.csv
        osusume predict --model model.safetensors --rated 5114=10,9253=9 --item 1
        osusume predict --model model.safetensors \\
          --rated "Toy Story (1995)=5" --item "Jumanji (1995)"
      """)

  @Option(
    help: ArgumentHelp("A saved model.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(help: "CSV of users and items, with a header or without; - reads stdin.")
  var pairs: String?

  @Option(help: "A user id; needs --item.")
  var user: String?

  @Option(help: "An item's id or title; needs --user, or a person who is not in the model.")
  var item: String?

  @Option(
    help: ArgumentHelp(
      "When, in seconds since 1970, for models whose biases move (time-mf; default: the end of their "
        + "training data). In files of pairs, a column named timestamp.",
      valueName: "time"))
  var at: Int64?

  @OptionGroup(title: "A person who is not in the model") var newcomer: NewcomerOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the scores of --pairs as CSV to this file (default: -, standard output).",
      valueName: "file"), completion: .file())
  var output: String?

  @Option(
    help: "Unknown users and items: refuse, or answer with the mean of the known ones (mean).")
  var cold = PairPredictor.Cold.refuse

  @Flag(help: "Scores as the formula gives them, not clipped to the scale of the ratings.")
  var raw = false

  @Flag(
    help: "The probability of each rating too, from models that predict one (metadata-classes).")
  var distribution = false

  @Option(
    help: ArgumentHelp(
      "Where the rating lies with this probability, such as 0.8, from models that keep draws (bpmf).",
      valueName: "probability"))
  var interval: Double?

  @OptionGroup var options: UnseededOptions

  func validate() throws {
    let one = (user != nil) != newcomer.isGiven && item != nil && pairs == nil
    let many = user == nil && item == nil && pairs != nil && !newcomer.isGiven
    guard one || many else {
      throw ValidationError(
        "give --pairs FILE, or --user and --item, or --rated (or --ratings-of) and --item")
    }
    guard !newcomer.isGiven || (cold == .refuse && interval == nil && !distribution) else {
      throw ValidationError(
        "--cold, --interval and --distribution are for users of the model: leave them out")
    }
    guard output == nil || pairs != nil else {
      throw ValidationError("--output is for the scores of --pairs")
    }
    guard output != "-" || !options.json else {
      throw ValidationError("--output - and --json both want standard output: give one of them")
    }
    guard at == nil || pairs == nil else {
      throw ValidationError("--at: give --item, or name a column of --pairs timestamp")
    }
    if let interval, !(interval > 0 && interval < 1) {
      throw ValidationError("--interval \(interval): give a probability between 0 and 1")
    }
    guard interval == nil || !distribution else {
      throw ValidationError("give --interval or --distribution, not both")
    }
  }

  func run() throws {
    if let output, output != "-" { try OutputCheck.canCreate(output, besides: [model, pairs]) }
    let saved = try Model.read(model)
    let predictor = try PairPredictor(
      saved, cold: cold, raw: raw, distribution: distribution, interval: interval,
      details: pairs != nil)
    guard !distribution || predictor.classes != nil else {
      throw PredictError.noDistribution(model: saved.spec.name)
    }
    guard at == nil || predictor.isTimed else {
      throw PredictError.noTimes(model: saved.spec.name)
    }
    guard interval == nil || predictor.givesIntervals else {
      throw PredictError.noInterval(model: saved.spec.name)
    }
    let item = try item.map(saved.id(ofItemNamed:))
    if newcomer.isGiven, let item {
      let person = try newcomer.foldIn(to: at.map(saved.asOf) ?? saved, quiet: options.quiet)
      try show(try predictor.predict(person, item: item), of: newcomer.name, item)
    } else if let user, let item {
      try show(try predictor.predict(user: user, item: item, at: at), of: user, item)
    } else if let pairs {
      try predict(pairs, predictor)
    }
  }

  private func show(
    _ prediction: PairPredictor.Prediction, of user: String, _ item: String
  ) throws {
    let probabilities = distribution ? prediction.distribution ?? [] : []
    try options.show(
      Score(
        user: user, item: item, score: prediction.score, rounded: prediction.rounded,
        cold: prediction.isCold,
        distribution: distribution
          ? Dictionary(uniqueKeysWithValues: probabilities.enumerated().map { ("\($0 + 1)", $1) })
          : nil,
        interval: prediction.interval.map { [$0.lowerBound, $0.upperBound] },
        probability: prediction.probability,
        probabilities: probabilities))
  }

  private struct Score: Report {
    let command = "predict"
    let user: String
    let item: String
    let score: Float
    let rounded: Float?
    let cold: Bool
    let distribution: [String: Float]?
    let interval: [Float]?
    /// That the user likes the item, where the model says it beside the rating.
    let probability: Float?
    /// Of each rating from 1 on.
    @NotEncoded var probabilities: [Float]

    var lines: [String] {
      let bars = probabilities.enumerated().map { rating, probability in
        let bar = String(repeating: "█", count: Int((40 * probability).rounded()))
        return String(format: "%3d %6.3f ", rating + 1, Double(probability)) + bar
      }
      let liked = probability.map { String(format: ", liked with probability %.3f", Double($0)) }
      return ["\(score)" + (interval.map { " (\($0[0]) to \($0[1]))" } ?? "") + (liked ?? "")]
        + bars
    }
  }

  /// With --json and no --output the scores are part of the one object on stdout; with --output they go
  /// there as CSV and the object says how many.
  private func predict(_ path: String, _ predictor: PairPredictor) throws {
    struct Written: Encodable {
      let rows: Int
      let coldRows: Int
      let unreadRatings: Int?
      let output: String
    }
    let pairs = try LineBlocks(path)
    defer { if let note = pairs.note, !options.quiet { Output.note("osusume: \(note)") } }
    if let output, output != "-" {
      let counts = try WholeFile.write(to: output) {
        try predictor.predict(pairs, to: $0, threads: options.threads)
      }
      if options.json {
        try Output.json(
          Written(
            rows: counts.rows, coldRows: counts.cold, unreadRatings: counts.unreadRatings,
            output: output), of: "predict")
      }
      note(counts, of: path)
      return
    }
    let stdout = ByteOutput.standardOutput()
    if options.json {
      try stdout.write(#"{"command":"predict","schema":\#(Output.schema),"predictions":["#)
    }
    let counts = try predictor.predict(
      pairs, to: stdout, as: options.json ? .json : .csv, threads: options.threads)
    if options.json {
      let unread = counts.unreadRatings.map { ",\"unread_ratings\":\($0)" } ?? ""
      try stdout.write("],\"rows\":\(counts.rows),\"cold_rows\":\(counts.cold)\(unread)}\n")
    }
    try stdout.flush()
    note(counts, of: path)
  }

  /// Says which ratings could not be read: their pairs have a score and no error.
  private func note(_ counts: PairPredictor.Counts, of path: String) {
    guard let count = counts.unreadRatings, let first = counts.firstUnreadRating else { return }
    options.say([
      "\(count.grouped) of the ratings in \(path == "-" ? "stdin" : path) cannot be read, so that they have no error; "
        + "the first: line \(first)"
    ])
  }
}

/// Why there is nothing to print.
enum PredictError: OsusumeError, Equatable {
  /// The model predicts a number, not a distribution.
  case noDistribution(model: String)
  /// The model keeps no draws.
  case noInterval(model: String)
  /// The model's biases do not change with time.
  case noTimes(model: String)

  var description: String {
    switch self {
    case .noInterval(let model):
      "\(model) keeps no draws to make intervals of; leave out --interval, or train bpmf"
    case .noTimes(let model):
      "\(model) scores alike at all times; leave out --at, or train time-mf"
    case .noDistribution(let model):
      "\(model) predicts no distribution over ratings; leave out --distribution, or train "
        + "metadata-classes"
    }
  }
}

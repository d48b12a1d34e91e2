// `osusume train`: fits a model and saves it.
import ArgumentParser
import Foundation
import Osusume

struct TrainCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Fit a model and save it.",
    discussion: """
      Any flag overrides one of the model's default settings (osusume models NAME shows them); --help-all lists them all.

      Examples:
        osusume train --ratings rating.csv --items anime.csv
        osusume train --ratings rating.csv --retrain-on-all -o all.safetensors
      """)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Model") var choice: ModelChoice
  @OptionGroup(title: "Fit") var settings: TrainOptions
  @OptionGroup(title: "Fit") var course: CourseOptions
  @OptionGroup(title: "Output") var results: TrainOutputs
  @OptionGroup var options: GlobalOptions

  /// The model asked for.
  func spec() throws -> ModelSpec {
    let spec = try ModelSpec.lookup(choice.model)
    guard let ratingsModel = choice.ratingsModel else { return spec }
    let ratings = try ModelSpec.lookup(ratingsModel)
    guard spec == .lists, ratings.predictsRatings, ratings.target == .rating, ratings.heads.isEmpty
    else {
      throw ValidationError(
        "--ratings-model \(ratingsModel): it goes with --model lists, and names a model of ratings")
    }
    return .lists(ratings: ratings)
  }

  func run() throws {
    let run = try TrainRun(command: self)
    let report = try run.report()
    try options.show(report)
  }
}

/// Which model is fitted.
struct ModelChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model of the catalog (osusume models lists them), or a specification, SPEC.json.",
      valueName: "name"),
    completion: .list(ModelSpec.catalog.map(\.name)))
  var model = ModelSpec.lists.name

  @Option(
    help: ArgumentHelp(
      "The model of ratings of lists: mf, svdpp, bpmf or another that predicts ratings.",
      valueName: "name"),
    completion: .list(ModelSpec.catalog.filter { $0.predictsRatings }.map(\.name)))
  var ratingsModel: String?
}

/// How a long fit is kept and taken up again.
struct CourseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep a checkpoint in this folder.", valueName: "dir", visibility: .hidden),
    completion: .directory)
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "Time between checkpoints; one is made at the end too.", valueName: "60s",
      visibility: .hidden))
  var checkpointEvery = Interval(seconds: 60)

  @Option(
    help: ArgumentHelp(
      "Go on from the checkpoint in this folder.", valueName: "dir", visibility: .hidden),
    completion: .directory)
  var resume: String?

  @Flag(
    help: ArgumentHelp(
      "On Ctrl-C, finish the epoch and save what was learned so far.", visibility: .hidden))
  var keepInterrupted = false
}

/// What a fit leaves behind.
struct TrainOutputs: ParsableArguments {
  @Option(
    name: [.short, .long], help: ArgumentHelp("Where the model goes.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var output = "model.safetensors"

  @Option(
    help: ArgumentHelp(
      "Write a page of charts about data, run and model too (see osusume report).",
      valueName: "file"), completion: .file(extensions: ["html"]))
  var report: String?

  @Flag(
    help:
      "Once the model is judged, fit it again to all ratings, test rows too, and save that one.")
  var retrainOnAll = false

  @Option(
    help: ArgumentHelp(
      "A text, such as a date, to write into the model.", valueName: "text", visibility: .hidden))
  var stamp: String?
}

/// A length of time such as 60s, 5m or 90.
struct Interval: ExpressibleByArgument {
  let seconds: Double

  init(seconds: Double) { self.seconds = seconds }

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = argument.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? argument : String(argument.dropLast())),
      number.isFinite, number >= 0
    else { return nil }
    seconds = number * (unit ?? 1)
  }

  var defaultValueDescription: String { "\(Int(seconds))s" }
}

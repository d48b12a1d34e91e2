// `osusume report`: what a saved model and its data look like, as one HTML page.
import ArgumentParser
import Foundation
import Osusume

struct ReportCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "What a model and its data look like, as one HTML page.",
    discussion: """
      The page needs no network: the data, the model, its errors on ratings it was not trained on (by rating, popularity, \
      activity and month), calibration, baselines, items by bias, neighbours, three people, a map. Parts that do not apply \
      to a model are left out and named. A model file holds no learning curve and no clock: for those, make the page with \
      osusume train --report. --help-all lists all options.

      Example:
        osusume report --model model.safetensors --ratings rating.csv \\
          --items anime.csv -o page.html
      """)

  @Option(
    help: ArgumentHelp("A saved model.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(name: [.short, .long], help: ArgumentHelp("Where the page goes.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Bootstrap resamples; 0: no intervals.", valueName: "n"))
  var resamples = 1000

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    try check("--resamples", resamples, in: 0...1_000_000)
  }

  func run() throws {
    let start = ContinuousClock.now
    try OutputCheck.canCreate(output, besides: data.files + [model])
    let file = try ModelFile(model)
    let saved = try file.model(path: model)
    let read = try data.heldOut(for: saved, options)
    Activity.now("evaluating \(saved.spec.name)")
    let page = try RunPage(
      saved, version: String(file.checksum.prefix(12)),
      of: RatingsPage(
        read.loaded.ratings,
        catalog: read.loaded.catalog.isEmpty ? saved.catalog : read.loaded.catalog,
        source: data.file.name, threads: options.threads),
      held: read.rows, command: Invocation.text,
      bootstrap: Bootstrap(resamples: resamples, seed: options.seed), threads: options.threads)
    Activity.now("drawing the page")
    let (drawn, missing) = try page.page()
    try drawn.write(to: output, options)
    options.say(read.notes)
    try options.show(
      PageReport(
        model: saved.spec.name, modelVersion: String(file.checksum.prefix(12)), output: output,
        bytes: OutputCheck.bytes(output), parts: drawn.sections.map(\.title),
        leftOut: missing.map { .init(part: $0.part, reason: $0.reason.namingFlags) },
        metrics: Dictionary(
          uniqueKeysWithValues: (page.evaluation?.metrics ?? []).filter { $0.value.isFinite }
            .map { ($0.name, $0.value) }),
        seconds: start.duration(to: .now) / .seconds(1), findings: page.findings))
  }
}

/// What `osusume report` prints: where the page is, what is on it, and what is not.
struct PageReport: Report {
  /// A part that the page does not have.
  struct LeftOut: Encodable {
    let part: String
    let reason: String
  }

  let command = "report"
  let model: String
  let modelVersion: String
  let output: String
  let bytes: Int
  let parts: [String]
  let leftOut: [LeftOut]
  /// On rows the model was not trained on, by name.
  let metrics: [String: Double]
  let seconds: Double
  /// What was found, a sentence or two each.
  @NotEncoded var findings: [String]

  var lines: [String] {
    var table = TextTable(["Left out", "why"], alignments: [.left, .left])
    for part in leftOut { table.add(part.part, part.reason) }
    return findings + (leftOut.isEmpty ? [] : [""] + table.lines)
      + ["", "\(output): \(parts.count) parts, \(bytes.grouped) bytes"]
  }
}

// What it takes to make a comparison's page again: models, settings, command, machine, data.
import OsusumeData
import OsusumeModels

/// How a page came about.
public struct PageOrigin: Sendable {
  /// The command, as a shell takes it.
  public var command: String
  /// The processor's name.
  public var processor: String
  /// The instruction set of the kernels.
  public var instructionSet: String
  /// Threads that were used; figures but for times do not depend on them.
  public var threads: Int
  /// SHA-256 of the item file, if there was one.
  public var itemsSHA256: String?

  /// Says how a page came about.
  public init(
    command: String, processor: String, instructionSet: String, threads: Int, itemsSHA256: String?
  ) {
    self.command = command
    self.processor = processor
    self.instructionSet = instructionSet
    self.threads = threads
    self.itemsSHA256 = itemsSHA256
  }
}

extension Comparison {
  var modelSection: ReportSection {
    ReportSection(
      "Models",
      table: ReportTable(
        ["model", "formula", "fit", "seeds", "epochs run", "notes"],
        models.map { model in
          [
            model.mark, model.contender.spec.score.formula,
            model.contender.saved == nil ? model.contender.spec.fit.rawValue : "saved",
            model.seeds.map(String.init).joined(separator: " "), String(model.fit.epochs.count),
            (model.fit.notes + (model.convergenceNote.map { [$0] } ?? [])).joined(separator: "; "),
          ]
        }, textColumns: 6))
  }

  /// Every setting that some model's fit reads, by model.
  var settingsSection: ReportSection {
    let read = models.map { $0.contender.spec.settingNames($0.contender.hyperparameters) }
    let shared = [Setting.split.name, Setting.minUserRatings.name]
    let settings = Setting.all.filter { setting in
      !shared.contains(setting.name) && read.contains { $0.contains(setting.name) }
    }
    return ReportSection(
      "Settings",
      ["Those that a model's fit reads; where it does not read one, there is a dash."],
      table: ReportTable(
        ["setting"] + models.map(\.mark),
        settings.map { setting in
          [setting.name]
            + models.indices.map { place in
              read[place].contains(setting.name)
                ? setting.text(in: models[place].contender.hyperparameters) : "–"
            }
        }))
  }

  func originSection(_ rule: SplitRule, _ seed: UInt64, _ origin: PageOrigin) -> ReportSection {
    let provenance = models[0].model.provenance
    let bootstrap = models[0].evaluation.bootstrap
    let items = origin.itemsSHA256.map { [["SHA-256 of the items", $0]] } ?? []
    let options = (provenance.dataOptions ?? [:]).sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return ReportSection(
      "To make this page again",
      [
        "The same command on the same files gives the same figures on any number of threads, but for times."
      ],
      table: ReportTable(
        ["what", "which"],
        [
          ["command", origin.command], ["version", "osusume \(osusumeVersion)"],
          ["SHA-256 of the ratings", provenance.dataSHA256],
        ] + items + [
          ["how they were read", options.isEmpty ? "as by default" : options],
          ["split", "\(rule), seed \(seed)"],
          ["relevant from", RatingHistogram.label(relevantAt)],
          ["bootstrap", "\(bootstrap.resamples) resamples, seed \(bootstrap.seed)"],
          ["processor", "\(origin.processor), \(origin.instructionSet)"],
          ["threads", String(origin.threads)],
        ], textColumns: 2, wraps: true))
  }
}

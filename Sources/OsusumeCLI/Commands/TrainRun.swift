// The steps of `osusume train`: read, split, fit baselines and model, evaluate, save.
import Foundation
import Osusume
import OsusumeBench

/// One training run from files to a file.
struct TrainRun {
  let command: TrainCommand
  let spec: ModelSpec
  private let settings: Hyperparameters
  let loaded: DataOptions.Loaded
  let split: Split
  private let start: ContinuousClock.Instant
  private let splitSeconds: Double
  /// What the ratings say of the model before it is trained.
  private let warnings: [String]

  init(command: TrainCommand) throws {
    start = .now
    self.command = command
    spec = try command.spec()
    var settings = try spec.settings(overriding: command.settings.given)
    settings.split = command.data.split ?? settings.split
    settings.minUserRatings = command.data.minUserRatings ?? settings.minUserRatings
    var data = command.data
    data.split = settings.split
    self.settings = settings
    let read = command.data.files + [command.choice.model]
    try OutputCheck.canCreate(command.results.output, besides: read)
    if let report = command.results.report {
      try OutputCheck.canCreate(report, besides: read + [command.results.output])
    }
    loaded = try data.load(for: spec, settings, threads: command.options.threads)
    let began = ContinuousClock.now
    try spec.checkFeedback(loaded.ratings.feedback)
    try Self.checkEnough(loaded.ratings, data.file.ratings)
    try spec.checkTimestamps(of: loaded.ratings.rows)
    var split = try loaded.ratings.split(
      settings.split, seed: command.options.seed, threads: command.options.threads)
    try spec.checkFoldIn(of: split)
    if let labels = loaded.labels(for: spec, settings, threads: command.options.threads) {
      split = labels.labelled(split, threads: command.options.threads)
    }
    self.split = split
    if command.results.retrainOnAll { try Self.checkHoldsOut(split, settings.split) }
    warnings = [
      spec.reachWarning(of: split.train),
      split.train.labelWarning(above: settings.positiveAbove, of: "training")
        ?? split.test.labelWarning(above: settings.positiveAbove, of: "test"),
    ].compactMap { $0?.namingFlags }
    command.options.warn(warnings)
    splitSeconds = began.duration(to: .now) / .seconds(1)
  }

  /// Fails where all ratings are of one user or one item: every model would be a mean.
  private static func checkEnough(_ ratings: Ratings, _ path: String) throws {
    guard ratings.userIDs.count > 1, ratings.itemIDs.count > 1 else {
      throw TrainInputError.tooFew(
        path: path, users: ratings.userIDs.count, items: ratings.itemIDs.count)
    }
  }

  var threads: Int { command.options.threads }
  var users: Int { loaded.ratings.userIDs.count }
  var items: Int { loaded.ratings.itemIDs.count }

  /// What fits the model with some settings.
  func trainer(_ settings: Hyperparameters) -> Trainer {
    Trainer(spec, settings, seed: command.options.seed, threads: threads)
  }

  /// Runs all steps and reports their results.
  func report() throws -> TrainReport {
    let clock = ContinuousClock()
    let interruption = command.course.keepInterrupted ? Interruption() : nil
    var marks = [clock.now]
    func lap() -> Double {
      let last = marks[marks.count - 1]
      marks.append(clock.now)
      return (marks[marks.count - 1] - last) / .seconds(1)
    }
    try checkMemory()
    Activity.now("fitting baselines")
    let baselines = try baselineErrors()
    let baselineSeconds = lap()
    Activity.now("fitting \(spec.name)")
    let result = try fit(split, interruption)
    let fitSeconds = lap()
    var model = try trainer(recorded).model(
      fitted: result, of: loaded.ratings, split: split, catalog: loaded.catalog,
      itemsSHA256: loaded.itemsSHA256, stamp: command.results.stamp)
    Activity.now("evaluating \(spec.name)")
    try model.evaluate(on: split, threads: threads)
    if command.results.retrainOnAll { try judgeLists(of: &model) }
    let evaluateSeconds = lap()
    let retrained = try retrained(after: result, judged: model, interruption)
    _ = lap()
    Activity.now("writing \(command.results.output)")
    let replaces = OutputCheck.isFile(command.results.output)
    let digest = try (retrained?.model ?? model).write(to: command.results.output)
    let saveSeconds = lap()
    let stopped =
      command.results.retrainOnAll && retrained == nil
      ? "stopped before it was trained again on all ratings: the file is of the fit that was judged"
      : nil
    let unread = spec.unreadNote(given: command.settings.given.keys, settings)
    let notes =
      warnings
      + (loaded.notes + result.notes + (retrained?.notes ?? [])
      + [unread, stopped].compactMap { $0 })
      .map(\.namingFlags)
    let passes = (result.search + result.epochs).reduce(0) { $0 + $1.seconds }
    let learned = Double(split.train.count * (result.search.count + result.epochs.count))
    var report = TrainReport(
      model: spec.name, seed: command.options.seed, threads: threads,
      isa: InstructionSet.active, data: .init(loaded.ratings, split: split),
      baselines: baselines.mapValues(\.withTestNames),
      epochs: result.epochs, search: result.search.isEmpty ? nil : result.search,
      earlyStopping: KeptEpoch(search: result.search, epochs: result.epochs),
      final: .init(
        validRMSE: model.metrics["valid_rmse"],
        validRMSEClipped: model.metrics["valid_rmse_clipped"],
        validMAE: model.metrics["valid_mae"], others: model.metrics),
      retrained: retrained?.report,
      seconds: .init(
        ingest: loaded.ingestSeconds, prepare: loaded.prepareSeconds + splitSeconds,
        train: fitSeconds, evaluate: evaluateSeconds + baselineSeconds, save: saveSeconds,
        total: start.duration(to: .now) / .seconds(1)),
      trainRatingsPerSecond: passes > 0 ? learned / passes : 0, peakRSSBytes: peakRSSBytes(),
      beatsBaselines: nil, interrupted: interruption?.came == true ? true : nil,
      notes: notes.isEmpty ? nil : notes, report: command.results.report,
      output: command.results.output,
      replaced: replaces ? true : nil,
      sha256: digest)
    if let mine = report.final.validRMSE, spec.fit != .closedForm {
      report.beatsBaselines = baselines.values.allSatisfy { mine < $0["valid_rmse"] ?? .infinity }
    }
    if let path = command.results.report { try writePage(model, report, to: path) }
    return report
  }

  /// Writes the page about the run.
  private func writePage(_ model: Model, _ report: TrainReport, to path: String) throws {
    Activity.now("drawing \(path)")
    let machine = Machine.current
    let seconds = report.seconds
    let record = TrainingRecord(
      epochs: report.epochs, search: report.search ?? [],
      phases: [
        ("read", seconds.ingest), ("clean and split", seconds.prepare), ("train", seconds.train),
        ("evaluate, baselines too", seconds.evaluate),
      ] + (report.retrained.map { [("train again, on all", $0.seconds)] } ?? [])
        + [("save", seconds.save)],
      machine: [
        ("processor", machine.processor), ("instruction set", machine.isa),
        ("threads", "\(threads) of \(machine.cores) logical cores"), ("BLAS", BLAS.version),
        ("memory", String(format: "%.1f GB", Double(machine.memory) / 1e9)),
        ("most memory held", String(format: "%.0f MB", Double(report.peakRSSBytes) / 1e6)),
        (
          "training ratings a second",
          String(format: "%.2f million", report.trainRatingsPerSecond / 1e6)
        ), ("system", machine.system), ("osusume", osusumeVersion),
      ],
      notes: (report.notes ?? [])
        + (report.retrained.map {
          [
            "The page is of the fit that was judged; the file holds the one to all \($0.trainRows.grouped) ratings."
          ]
        } ?? []))
    let page = try RunPage(
      model, version: String(try ModelFile(command.results.output).checksum.prefix(12)),
      of: RatingsPage(
        loaded.ratings, catalog: loaded.catalog, source: command.data.file.name, threads: threads),
      held: HeldOutRatings(
        split, users: users, items: items, unrated: loaded.ratings.allUnrated, threads: threads),
      run: record, command: Invocation.text, bootstrap: Bootstrap(seed: command.options.seed),
      threads: threads)
    try page.page().page.write(to: path, command.options)
  }

  /// Says, before the fit starts, what the relations of lists take, where that is more than a program takes
  /// anyway; fails where it is more than there is.
  private func checkMemory() throws {
    let trainer = trainer(settings)
    let side = trainer.sideInformation(of: loaded.ratings, catalog: ItemCatalog())
    let rows = command.results.retrainOnAll ? split.whole.train : split.train
    guard let need = try trainer.checkMemory(of: rows, side, items: items),
      need.bytes >= 64 << 20, !command.options.quiet
    else { return }
    Output.note(
      "lists relate \(need.items.grouped) items to each other, in \((need.bytes >> 20).grouped) MB of memory"
    )
  }

  /// The settings as the model file states them: of a file of test rows its SHA-256, for a model file
  /// holds no paths.
  var recorded: Hyperparameters {
    var settings = settings
    if let digest = loaded.testSHA256 { settings.split = .file("sha256:" + digest) }
    return settings
  }

  /// The errors that any model must beat.
  private func baselineErrors() throws -> [String: [String: Double]] {
    var errors: [String: [String: Double]] = [:]
    guard loaded.ratings.feedback == .ratings else { return errors }
    for baseline in [ModelSpec.mean, .bias] {
      let parameters = fitBaseline(
        baseline, train: split.train.rated, users: users, items: items,
        hyperparameters: baseline.defaults, threads: threads)
      if split.foldIn.count > 0 {
        errors[baseline.name] = try foldedErrors(baseline, parameters)
      } else if let error = parameters.errors(on: split.test.rated, threads: threads) {
        errors[baseline.name] = ["valid_rmse": error.rmse, "valid_mae": error.mae]
      }
    }
    return errors
  }

  /// The errors of a baseline on users who are folded in.
  private func foldedErrors(_ spec: ModelSpec, _ parameters: FactorParameters) throws
    -> [String: Double]
  {
    var model = try Trainer(spec, spec.defaults, seed: command.options.seed, threads: threads)
      .model(
        fitted: FitResult(parameters: parameters), of: loaded.ratings, split: split,
        catalog: loaded.catalog)
    try model.evaluate(on: split, threads: threads)
    return model.metrics.filter { ["valid_rmse", "valid_mae"].contains($0.key) }
  }

  /// Fits the model to a split's training rows; repeating an earlier fit, for as many epochs.
  ///
  /// The state of a fit that repeats another lies in a folder of its own within the checkpoint; where there is none
  /// that fits, it begins anew.
  func fit(
    _ split: Split, repeating earlier: FitResult? = nil, _ interruption: Interruption?
  ) throws -> FitResult {
    var planned = settings
    if let earlier {
      (planned.epochs, planned.earlyStopping, planned.validation) = (earlier.keptEpochs, 0, 0)
    }
    let identity = FitIdentity(
      specification: spec, hyperparameters: planned, seed: command.options.seed,
      dataSHA256: loaded.ratings.sha256, itemsSHA256: loaded.itemsSHA256,
      trainRows: split.train.count, users: users, items: items)
    let trainer = trainer(settings)
    if command.course.checkpoint ?? command.course.resume != nil { try trainer.checkResumable() }
    func kept(in folder: String) -> Checkpoint {
      Checkpoint(folder: folder + (earlier == nil ? "" : "/all"), identity: identity)
    }
    let resuming = try command.course.resume.flatMap {
      earlier == nil ? try kept(in: $0).read() : try? kept(in: $0).read()
    }
    let checkpoint = command.course.checkpoint.map(kept)
    checkpoint?.removeUnfinished()
    let goesByEpochs = (try? trainer.checkResumable()) != nil
    let bar = ProgressBar(total: planned.epochs, quiet: command.options.quiet)
    defer { bar.finish() }
    let label = earlier == nil ? spec.name : "\(spec.name), all ratings"
    var written = ContinuousClock.now
    var unwritten: FitState?
    let result = try trainer.fit(
      split, of: loaded.ratings, catalog: loaded.catalog, test: split.test, resuming: resuming,
      repeating: earlier
    ) { report, state in
      guard goesByEpochs else { return true }
      bar.update(
        epoch: report.epoch, label: report.phase == .search ? "search" : label,
        rate: Double(split.train.count) / max(report.seconds, 1e-9),
        detail: report.validRMSE.map { String(format: "RMSE %.4f", $0) }
          ?? report.validNDCG.map { String(format: "NDCG@10 %.4f", $0) } ?? "")
      if let checkpoint {
        let isDue =
          written.duration(to: .now) / .seconds(1) >= command.course.checkpointEvery.seconds
        unwritten = isDue ? nil : state()
        if isDue {
          try checkpoint.write(state())
          written = .now
        }
      }
      return interruption?.came != true
    }
    if let checkpoint, let unwritten { try checkpoint.write(unwritten) }
    return result
  }

  /// The most memory the process has held.
  private func peakRSSBytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    #if os(Linux)
      return usage.ru_maxrss * 1024
    #else
      return usage.ru_maxrss
    #endif
  }
}

extension TrainReport.DataCounts {
  /// The counts of cleaned ratings and of a split of them.
  init(_ ratings: Ratings, split: Split) {
    let counts = ratings.counts
    self.init(
      rows: counts.rows,
      dropped: .init(
        sentinel: counts.sentinel + split.hiddenUnrated, minUserRatings: counts.minUserRatings,
        notInItems: counts.notInItems, duplicates: counts.duplicates, subset: counts.subset,
        unfinished: counts.unfinished, inTestFile: split.inTestFile, badLines: counts.badLines,
        zeroCounts: counts.zeroCounts),
      ratings: ratings.rows.count - split.inTestFile, users: ratings.userIDs.count,
      items: ratings.itemIDs.count,
      train: split.train.count, test: split.test.count,
      foldIn: split.foldIn.count > 0 ? split.foldIn.count : nil, coldRows: split.coldRows,
      notInItems: counts.unlisted, seen: ratings.unrated.users.count)
  }
}

/// Why there is nothing to train on.
enum TrainInputError: OsusumeError, Equatable {
  /// All ratings are of one user or of one item.
  case tooFew(path: String, users: Int, items: Int)
  /// All ratings are to train twice.
  case nothingHeldOut(SplitRule)

  var description: String {
    switch self {
    case .tooFew(let path, let users, let items):
      "\(path): after cleaning there are ratings of \(users.grouped("user")) and \(items.grouped("item")); "
        + "recommending takes ratings of at least two of each"
    case .nothingHeldOut(let rule):
      "--split \(rule) holds nothing out, so that the model is of all ratings anyway; leave out --retrain-on-all"
    }
  }
}

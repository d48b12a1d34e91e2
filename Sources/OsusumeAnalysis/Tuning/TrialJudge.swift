// Fits a trial's settings to the parts of the training ratings and judges them on what was held out.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// Fits and judges trials.
struct TrialJudge {
  private let plan: TuningPlan
  private let data: TuningData

  init(_ plan: TuningPlan, _ data: TuningData) {
    self.plan = plan
    self.data = data
  }

  /// Runs a trial on all parts, or until it fails or is hopeless.
  ///
  /// What goes wrong in a fit is an outcome of the trial: other settings may do.
  func run(
    _ trial: Trial, stage: Int, _ fraction: Double, on parts: [TuningData.Part],
    _ bars: HopelessBars?, threads: Int
  ) throws -> TrialRun {
    let start = ContinuousClock.now
    var (figures, curves) = ([Double](), [[Double]]())
    var failure: String?
    var isHopeless = false
    do {
      var settings = try plan.settings(trial.number == 1 ? [:] : trial.settings)
      settings.epochs = max(1, Int((Double(settings.epochs) * fraction).rounded()))
      for (fold, part) in parts.enumerated() where !isHopeless {
        let fit = try figure(settings, part, bars.map { ($0, fold) }, threads)
        guard fit.figure.isFinite else { throw TuningError.noFigure(plan.metric) }
        figures.append(fit.figure)
        if bars != nil { curves.append(fit.curve) }
        isHopeless = fit.isHopeless
      }
    } catch TuningError.noFigure(let metric) {
      failure = "\(metric.title) is no finite number"
    } catch let error as any OsusumeError {
      failure = error.description
    }
    return TrialRun(
      trial: trial.number, stage: stage, settings: trial.settings,
      figure: failure == nil ? figures.reduce(0, +) / Double(figures.count) : nil,
      curves: curves, failure: failure, isHopeless: isHopeless,
      seconds: start.duration(to: .now) / .seconds(1))
  }

  /// What a fit to one part came to.
  private struct Fitted {
    var figure: Double
    var curve: [Double]
    var isHopeless = false
  }

  private func figure(
    _ all: Hyperparameters, _ part: TuningData.Part, _ bars: (HopelessBars, fold: Int)?,
    _ threads: Int
  ) throws -> Fitted {
    let (spec, settings) = plan.spec.part(judgedBy: plan.metric, all)
    let trainer = Trainer(spec, settings, seed: plan.seed, threads: threads)
    var curve: [Double] = []
    var lowest = Double.infinity
    var isHopeless = false
    // Errors after each epoch cost time, and only bars ask for them.
    let fit = try trainer.fit(
      part.split, of: data.ratings, catalog: data.catalog, test: bars == nil ? nil : part.split.test
    ) { report, _ in
      guard let bars, report.phase != .search, let figure = plan.metric.figure(in: report),
        figure.isFinite
      else { return true }
      // A fit that has diverged begins again.
      if report.epoch <= curve.count { (curve, lowest) = ([], .infinity) }
      curve.append(figure)
      lowest = min(lowest, plan.metric.cost(figure))
      isHopeless = bars.0.isHopeless(
        lowest, epoch: report.epoch, of: settings.epochs, fold: bars.fold)
      return !isHopeless
    }
    if isHopeless, let last = curve.last {
      return Fitted(figure: last, curve: curve, isHopeless: true)
    }
    // A model takes a quarter as long to put together as a fit of a tenth of a second.
    if part.split.foldIn.count == 0,
      let figure = plan.metric.value(of: fit, on: part.split.test, threads: threads)
    {
      return Fitted(figure: figure, curve: curve)
    }
    let model = try trainer.model(
      fitted: fit, of: data.ratings, split: part.split, catalog: data.catalog)
    return Fitted(
      figure: try plan.metric.value(
        of: model, on: part, relevantAt: data.relevantAt, threads: threads) ?? .nan,
      curve: curve)
  }
}

extension TuningMetric {
  /// The figure of what was fitted; nil for lists, which take a model, and without rows.
  fileprivate func value(of fit: FitResult, on rows: IndexedRatings, threads: Int) -> Double? {
    switch self {
    case .rmse, .mae:
      let rated = rows.rated
      guard rated.count > 0 else { return nil }
      let errors = ErrorMetrics(
        predictions: fit.parameters.prepared(threads: threads).scores(
          users: rated.users, items: rated.items, at: rated.timestamps, fit.learned.timeBiases,
          threads: threads),
        truths: rated.values, threads: threads)
      return self == .rmse ? errors.rmse : errors.mae
    case .auc: return fit.parameters.labelMetrics(on: rows, threads: threads)?.auc
    case .logLoss: return fit.parameters.labelMetrics(on: rows, threads: threads)?.logLoss
    case .ndcg: return nil
    }
  }

  /// The figure of a model on the held-out rows of a part.
  fileprivate func value(
    of model: Model, on part: TuningData.Part, relevantAt: Float, threads: Int
  ) throws -> Double? {
    var model = model
    guard self == .ndcg else {
      try model.evaluate(on: part.split, threads: threads)
      return model.metrics["valid_\(rawValue)"]
    }
    // A fit to some of the training ratings is not to offer what the others say was rated.
    if part.split.train.count < part.held.train.count {
      model.seen = SeenItems(rows: part.held.train, users: part.held.users, threads: threads)
    }
    return try Evaluation(
      model, on: part.held,
      EvaluationOptions(
        cutoffs: [Self.cutoff], relevantAt: relevantAt, bootstrap: Bootstrap(resamples: 0),
        threads: threads)
    ).ndcg(at: Self.cutoff)
  }
}

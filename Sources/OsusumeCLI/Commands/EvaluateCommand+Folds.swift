// `osusume evaluate --folds`: a model fitted and judged on parts of the ratings in turn.
import Osusume

extension EvaluateCommand {
  /// Cross-validates a model of the catalog, or of a specification.
  func crossValidate(_ count: Int) throws {
    let spec = try ModelSpec.lookup(model)
    let settings = spec.defaults
    let loaded = try data.load(for: spec, settings, threads: options.threads)
    let ratings = loaded.ratings
    let known: [ModelSpec] =
      ratings.feedback == .ratings ? [.mean, .bias, .popularity] : [.popularity]
    let validation = try CrossValidation(
      Trainer(spec, settings, seed: options.seed, threads: options.threads), on: ratings,
      catalog: loaded.catalog, folds: count,
      labels: loaded.labels(for: spec, settings, threads: options.threads),
      baselines: baselines ? known.filter { $0.name != spec.name } : [],
      EvaluationOptions(
        cutoffs: top,
        relevantAt: relevantAt
          ?? ratings.feedback.relevantFrom(
            median: RatingSummary(rows: ratings.rows, items: ratings.itemIDs.count).median),
        bootstrap: Bootstrap(resamples: resamples, seed: options.seed), threads: options.threads)
    ) { fold, name in Activity.now("fitting \(name), fold \(fold) of \(count)") }
    let report = EvaluationReport(
      model: spec.name, evaluation: validation.evaluation, held: nil, folds: validation.folds,
      labelled: validation.labels, relevantAt: validation.relevantAt, cutoffs: top,
      baselines: validation.baselines, warnings: [])
    options.say(loaded.notes)
    try options.show(report)
  }
}

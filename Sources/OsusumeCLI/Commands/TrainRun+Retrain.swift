// `osusume train --retrain-on-all`: after a model was judged, the same fit to all ratings.
import Osusume

extension TrainRun {
  /// What came of fitting again.
  struct Retrained {
    var model: Model
    var notes: [String]
    var report: TrainReport.Retrained
  }

  /// Fits the model again to all rows of the split, for as many epochs as the fit that was judged has kept; nil where
  /// that was not asked for, or somebody stopped it.
  func retrained(
    after fit: FitResult, judged: Model, _ interruption: Interruption?
  ) throws -> Retrained? {
    guard command.results.retrainOnAll, fit.isComplete else { return nil }
    Activity.now("fitting \(spec.name) again to all ratings")
    let start = ContinuousClock.now
    let whole = split.whole
    let again = try self.fit(whole, repeating: fit, interruption)
    guard again.isComplete else { return nil }
    let model = try trainer(recorded).model(
      retrained: again, judged: judged, of: loaded.ratings, split: split, catalog: loaded.catalog)
    return Retrained(
      model: model, notes: again.notes.filter { !fit.notes.contains($0) },
      report: .init(
        trainRows: whole.train.count, epochs: model.provenance.judged?.epochs,
        seconds: start.duration(to: .now) / .seconds(1)))
  }

  /// Adds the figure of lists to those that a model's file keeps: once all rows are trained on, `osusume evaluate` can no
  /// longer find it.
  func judgeLists(of model: inout Model) throws {
    let held = try HeldOutRatings(
      split, users: users, items: items, unrated: loaded.ratings.allUnrated, threads: threads
    ).rated
    guard held.test.count > 0 else { return }
    let lists = try Evaluation(
      model, on: held,
      EvaluationOptions(
        relevantAt: model.provenance.feedback.relevantFrom(median: model.medianRating),
        bootstrap: Bootstrap(resamples: 0), threads: threads))
    model.metrics["valid_ndcg@10"] = lists["ndcg@10"]?.value
  }

  /// Fails where nothing is held out: the first fit is then of all ratings.
  static func checkHoldsOut(_ split: Split, _ rule: SplitRule) throws {
    guard split.test.count > 0 else { throw TrainInputError.nothingHeldOut(rule) }
  }
}

// Asks a model that was opened what the commands ask of one: every score must be a finite number.
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// Scores, evaluates, recommends, looks for what is similar, predicts.
func use(_ model: Model) throws {
  touch(model)
  try predict(model)
  evaluate(model)
  try recommend(model)
  try lookForSimilar(model)
}

private func lastUser(_ model: Model) -> Int { model.userIDs.count - 1 }
private func lastItem(_ model: Model) -> Int { model.itemIDs.count - 1 }

/// What a reader of the model relies on.
private func touch(_ model: Model) {
  for user in [0, lastUser(model)] {
    for item in model.seen[user] { _ = model.parameters.score(user: user, item: Int(item)) }
  }
  _ = model.catalog[model.itemIDs[0]]
  let (user, item) = (Int32(lastUser(model)), Int32(lastItem(model)))
  let changes = model.learned.timeBiases?.changes(
    users: [0, user, user + 1], items: [0, item, item + 1],
    timestamps: [.min, 1_200_000_000, .max], threads: 1)
  precondition(changes?.allSatisfy(\.isFinite) ?? true, "a bias that is no number")
}

private func predict(_ model: Model) throws {
  let predictor = try PairPredictor(
    model, cold: .mean, raw: true, distribution: true, interval: 0.999)
  for (user, item) in [
    (model.userIDs[0], model.itemIDs[0]),
    (model.userIDs[lastUser(model)], model.itemIDs[lastItem(model)]), ("-77", "-78"),
  ] {
    for time in [nil, Int64.min, 1_200_000_000] {
      do {
        _ = try predictor.predict(user: user, item: item, at: time)
      } catch PairError.notFinite {
        preconditionFailure("a score that is no number")
      } catch {}
    }
  }
}

private func evaluate(_ model: Model) {
  let (user, item) = (Int32(lastUser(model)), Int32(lastItem(model)))
  var rows = IndexedRatings(
    users: [0, user, user], items: [item, 0, item],
    values: [model.scale.lowerBound, model.scale.upperBound, model.medianRating])
  rows.labels = [0, 1, 1]
  if model.learned.timeBiases != nil { rows.timestamps = [0, 1_150_000_000, .max] }
  let held = try? HeldOutRatings(
    Split(train: rows, test: rows), users: model.userIDs.count + 1, items: model.itemIDs.count + 1)
  let options = EvaluationOptions(
    cutoffs: [1, 3], relevantAt: model.medianRating, bootstrap: Bootstrap(resamples: 9),
    threads: 1)
  // It fails where users are to be folded in alone.
  guard let held, let evaluation = try? Evaluation(model, on: held, options) else {
    preconditionFailure("no evaluation")
  }
  precondition(evaluation.metrics.allSatisfy(\.value.isFinite), "a metric that is no number")
  _ = model.parameters.labelMetrics(on: rows, threads: 1)
  _ = model.parameters.classMetrics(on: rows, threads: 1)
}

private func recommend(_ model: Model) throws {
  for asOf in [model, model.asOf(1_150_000_000)] {
    for rankBy in asOf.ranksBy {
      let recommender = try Recommender(
        asOf, raw: true, rankBy: rankBy, diversity: 0.5, popularity: 0.5)
      for user in [0, lastUser(model)] {
        let best = try recommender.recommend(3, for: Int32(user), leavingOut: [])
        precondition(
          best.items.allSatisfy {
            $0.score.isFinite && $0.likely ?? 0 <= 1
              && $0.expectedInterval?.upperBound.isFinite ?? true
          },
          "a recommendation of no number")
        _ = try? recommender.explained(best, for: Int32(user))
        _ = try recommender.history(of: Int32(user), 2)
      }
    }
    let recommender = try Recommender(asOf, raw: true)
    let rated = RatingByID(model.itemIDs[0], model.scale.lowerBound.rounded(.up))
    guard let newcomer = try? asOf.foldIn([rated]) else { continue }
    let best = try recommender.recommend(3, for: newcomer).items
    precondition(best.allSatisfy(\.score.isFinite), "a newcomer's score that is no number")
  }
}

private func lookForSimilar(_ model: Model) throws {
  for entity in [Entity.user, .item] {
    _ = try? RankedBiases(model, of: entity, count: 2)
    for measure in SimilarityMeasure.allCases {
      guard let similarity = try? Similarity(model, of: entity, by: measure) else { continue }
      let near =
        try entity == .user
        ? similarity.nearest(2, toUser: lastUser(model))
        : similarity.nearest(2, toItem: lastItem(model))
      precondition(near.nearest.allSatisfy(\.value.isFinite), "a nearness that is no number")
    }
  }
  _ = try Similarity.Neighbours(2, toItem: lastItem(model), in: model)
  guard let genres = try? GenreFactors(model) else { return }
  _ = try? genres.rankedBiases(count: 2)
  if !genres.names.isEmpty { _ = try? genres.nearest(2, to: 0, by: .cosine) }
}

// Valid models of every kind, small enough to be mutated: what the fuzz target starts from.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// Models by hand with ids of either kind, and one of each way to fit.
func seeds() throws -> [Model] {
  let fitted: [ModelSpec] = [
    .flaxDense, .genreDot, .itemKNN, .bpmf, .svdpp, .metadataClasses, .kerasMFInteraction, .ials,
    .bpr,
  ]
  return [
    seed(biased: true, strings: false), seed(biased: false, strings: true),
    drifting(seed(biased: true, strings: false)), likely(try trained(.lists)),
  ] + (try fitted.map(trained))
}

/// The same model with how likely scores are, and with what users have met besides the training ratings.
private func likely(_ model: Model) -> Model {
  var model = model
  model.learned.likelihood = LikelihoodCurve(
    scores: [-0.1, 0.2, 0.5], probabilities: [0, 0.2, 0.9])
  model.learned.intervals = RatingIntervals(expected: [2, 4], below: [1, 0.5], above: [2, 0.5])
  model.seenInTest = SeenItems(offsets: [0, 1, 1, 1], items: [3])
  model.seenUnrated = SeenItems(offsets: [0, 0, 1, 1], items: [0])
  return model
}

/// The same model with biases that move: users' in a sitting and over years, and those of one item.
private func drifting(_ model: Model) -> Model {
  var model = model
  model.spec = .timeMF
  model.learned.timeBiases = TimeBiases(
    users: Drift(
      memories: [600, 3e7], offsets: [0, 2, 3],
      times: [1_100_000_000, 1_200_000_000, 1_150_000_000],
      states: [0.5, 0.1, -0.5, 0.2, 0, 0.3]),
    items: Drift(
      memories: [6e7], offsets: [0, 0, 1, 1], times: [1_150_000_000], states: [0.25]),
    now: 1_200_000_000)
  return model
}

private let catalog = ItemCatalog(
  (1...4).map { Item(id: "\($0)", title: "T\($0)", genres: ["A", "B\($0 % 2)"], episodes: $0) })

/// A model fitted to a dozen ratings.
private func trained(_ spec: ModelSpec) throws -> Model {
  var rows = IndexedRatings(
    users: [0, 0, 0, 1, 1, 1, 2, 2, 2, 2], items: [0, 1, 2, 1, 2, 3, 0, 1, 2, 3],
    values: [1, 5, 3, 4, 2, 5, 2, 4, 3, 5])
  rows.labels = rows.values.map { $0 > 3 ? 1 : 0 }
  let ratings = Ratings(
    userIDs: .integers([1, 2, 3]), itemIDs: .integers([1, 2, 3, 4]), rows: rows,
    counts: IngestCounts(), sha256: "00")
  var settings = spec.defaults
  (settings.factors, settings.epochs, settings.burnIn, settings.samples) = (2, 2, 0, 2)
  (settings.earlyStopping, settings.validation) = (0, 0)
  let test = IndexedRatings(users: [], items: [], values: [])
  return try Trainer(spec, settings, seed: 1, threads: 1).model(
    of: ratings, split: Split(train: rows, test: test), catalog: catalog)
}

private func seed(biased: Bool, strings: Bool) -> Model {
  let parameters = FactorParameters(
    layout: FactorLayout(factors: 2, biased: biased), users: 2, items: 3, mean: 7)
  return Model(
    spec: biased ? .flaxBias : .flaxDot, hyperparameters: .init(), parameters: parameters,
    userIDs: strings ? .strings(["a", "é"]) : .integers([1, 5]),
    itemIDs: strings ? .strings(["x", "y", "z"]) : .integers([-3, 20, 30]),
    seen: .init(offsets: [0, 2, 3], items: [0, 2, 1]), itemCounts: [1, 1, 1], scale: 1...10,
    medianRating: 8,
    catalog: ItemCatalog([Item(id: strings ? "x" : "20", title: "A \"title\"", genres: ["Drama"])]),
    provenance: Provenance(
      dataSHA256: "00", split: "none", seed: 42, trainRows: 3, testRows: 0, version: "0"),
    metrics: ["valid_rmse": 1.25])
}

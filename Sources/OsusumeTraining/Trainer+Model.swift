// From ratings to a model in one call.
import OsusumeData
import OsusumeModels

extension Trainer {
  /// Fits the model to a split's training rows and puts together everything that recommending needs,
  /// with the errors on the test rows among its metrics.
  ///
  /// - Throws: `TrainingError`, `TiledSGDError`.
  public func model(
    of ratings: Ratings, split: Split, catalog: ItemCatalog = .init()
  ) throws -> Model {
    let fit = try fit(
      split.train, test: split.test, users: ratings.userIDs.count, items: ratings.itemIDs.count)
    var model = Model(
      spec: spec, hyperparameters: hyperparameters, fitted: fit.parameters, split: split,
      ratings: ratings, catalog: catalog, itemsSHA256: nil, seed: seed, threads: threads)
    model.judge(on: split.test, threads: threads)
    return model
  }
}

extension Model {
  /// Sets the metrics to the model's errors on rows; a model that predicts no ratings has none.
  public mutating func judge(on rows: RatingRows, threads: Int = allCores) {
    guard spec.predictsRatings,
      let errors = parameters.errors(on: rows, scale: scale, threads: threads)
    else { return }
    metrics = [
      "valid_rmse": errors.rmse, "valid_rmse_clipped": errors.rmseClipped, "valid_mae": errors.mae,
    ]
  }
}

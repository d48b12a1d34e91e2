// Says where a model of ratings makes worse lists than popularity does.
import Foundation
import OsusumeModels

extension Evaluation {
  /// What to tell about a model that predicts ratings, but whose lists hold less than the most popular
  /// items do; nil where nothing is.
  ///
  /// - Parameters:
  ///   - popularity: The evaluation of popularity on the same rows.
  ///   - cutoff: Where lists are cut.
  public func rankingWarning(
    of spec: ModelSpec, popularity: Evaluation, cutoff: Int
  ) -> String? {
    guard spec.predictsRatings, spec.name != ModelSpec.mean.name, let own = ndcg(at: cutoff),
      let most = popularity.ndcg(at: cutoff), own < most
    else { return nil }
    let figures = String(format: "NDCG@%d %.3f, most popular %.3f", cutoff, own, most)
    return
      "\(spec.name) predicts ratings well but ranks badly (\(figures)): use `model lists`"
  }

  /// Evaluates popularity in a model's training ratings on the same rows as that model, without intervals.
  public init(popularityBeside model: Model, on held: HeldOutRatings, _ options: EvaluationOptions)
  {
    let layout = FactorLayout(factors: 0, biased: true)
    let parameters = FactorParameters(
      layout: layout, users: model.userIDs.count, items: model.itemIDs.count)
    for (item, count) in model.itemCounts.enumerated() {
      parameters.items[item][layout.itemBiasLane] = Float(count)
    }
    var popularity = model
    popularity.spec = .popularity
    popularity.learned = .init()
    popularity.parameters = parameters
    var pointsOnly = options
    pointsOnly.bootstrap.resamples = 0
    self.init(popularity, on: held, pointsOnly, folded: nil)
  }
}

// The Swift of ChoosingAModel.md, as it stands there: written and compared by SnippetTests.
import Osusume

func choosingAModel() throws {
  for spec in ModelSpec.catalog where spec.predictsRatings {
    print(spec.name, spec.score.formula, spec.fit.rawValue)
  }

  var quick = ModelSpec.mf.defaults
  (quick.factors, quick.epochs) = (16, 10)
  let fromText = try ModelSpec.als.settings(overriding: ["factors": "16", "epochs": "4"])

  let catalog = try ItemCatalog.read("anime.csv").catalog
  let ratings = try Ratings(table: .read("rating.csv"), catalog: catalog)
  let trainers = [Trainer(.mf, quick), Trainer(.als, fromText), Trainer(.bias)]
  for trainer in trainers {
    let result = try CrossValidation(
      trainer, on: ratings, catalog: catalog, folds: 3, .init(relevantAt: 8))
    let judged = result.evaluation
    print(trainer.spec.name, judged["rmse"]?.value ?? .nan, judged.ndcg(at: 10) ?? .nan)
  }
}

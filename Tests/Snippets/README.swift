// The Swift of README.md, as it stands there: written and compared by SnippetTests.
import Osusume

func readme() throws {
  let catalog = try ItemCatalog.read("anime.csv").catalog
  let ratings = try Ratings(table: .read("rating.csv"), catalog: catalog)
  // From memory: try Ratings([(user: "ann", item: "tea", rating: 5), …])
  let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
  let model = try Trainer(.lists).model(of: ratings, split: split, catalog: catalog)
  print(model.metrics)
  try model.write(to: "model.safetensors")
  let best = try Recommender(model).recommend(10, forID: "16")
  for item in best.items { print(item.rank, item.item?.title ?? item.id, item.score) }
  let evaluation = try Evaluation(model, on: ratings)
  print(evaluation.ndcg(at: 10) ?? .nan, evaluation["rmse"]?.interval ?? 0...0)
}

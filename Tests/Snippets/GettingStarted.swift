// The Swift of GettingStarted.md, as it stands there: written and compared by SnippetTests.
import Osusume

func gettingStarted() throws {
  let catalog = try ItemCatalog.read("anime.csv").catalog
  let ratings = try Ratings(table: .read("rating.csv"), catalog: catalog)
  print("\(ratings.rows.count) ratings of \(ratings.itemIDs.count) items")

  let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
  let model = try Trainer(.lists).model(of: ratings, split: split, catalog: catalog) { report, _ in
    print(report.epoch, report.trainLoss, report.validRMSE ?? .nan)
    return true
  }

  let evaluation = try Evaluation(model, on: ratings)
  for name in ["rmse", "ndcg@10", "recall@10"] {
    if let metric = evaluation[name], let interval = metric.interval {
      print(name, metric.value, interval)
    }
  }

  let whole = try Trainer(.lists).model(
    of: ratings, split: split, catalog: catalog, retrainsOnAll: true)
  try whole.write(to: "model.safetensors")

  let recommender = try Recommender(modelAt: "model.safetensors")
  let best = try recommender.recommend(10, forID: "16")
  for item in best.items {
    print(item.rank, item.item?.title ?? item.id, item.score, item.likely ?? .nan)
  }

  let newcomer = try FoldIn(recommender.model).user([
    RatingByID(ratings.itemIDs[0], 10), RatingByID(ratings.itemIDs[1], 4),
  ])
  let theirs = try recommender.recommend(5, for: newcomer, named: "you")
  print(theirs.user, theirs.items.map(\.id))
}

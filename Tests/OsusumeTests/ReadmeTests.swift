// The README's Swift example, as it stands there.
import Foundation
import Osusume
import Testing

struct ReadmeTests {
  @Test func theExampleRuns() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Synthesis(scale: 0.01, seed: 1).write(to: folder, threads: 2)
    let (ratingFile, itemFile) = (folder + "/rating.csv", folder + "/anime.csv")

    let catalog = try ItemCatalog.read(itemFile).catalog
    let ratings = try Ratings(table: .read(ratingFile), catalog: catalog)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
    let model = try Trainer(.lists).model(of: ratings, split: split, catalog: catalog)
    print(model.metrics)
    try model.write(to: folder + "/model.safetensors")
    let best = try Recommender(model).recommend(10, forID: ratings.userIDs[0])
    for item in best.items { print(item.rank, item.item?.title ?? item.id, item.score) }
    let evaluation = try Evaluation(model, on: ratings)

    #expect(best.items.count == 10)
    #expect(evaluation["ndcg@10"]?.interval != nil && evaluation["rmse"] != nil)
    #expect(
      try Ratings([(user: "ann", item: "tea", rating: 5), (user: "bob", item: "tea", rating: 2)])
        .rows.count == 2)
    #expect(try Model.read(folder + "/model.safetensors").metrics == model.metrics)
    #expect(model.metrics["valid_rmse"].map { $0 < 1.6 } == true)
  }
}

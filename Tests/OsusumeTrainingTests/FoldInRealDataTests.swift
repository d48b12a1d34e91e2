// Fold-in on published data: newcomers are predicted as well as the same users trained.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

struct FoldInRealDataTests {
  private static let anime = RealData.path("anime-2016/rating.csv")

  /// 500 users hidden whole, 80 % of their ratings folded in, the rest predicted: within 2 % of the error
  /// of the same users trained on the same ratings.
  @Test(
    .enabled(if: anime != nil, "needs anime-2016"),
    .enabled(if: RealData.optimised, "takes too long without optimisation: swift test -c release"),
    arguments: [ModelSpec.als, .flaxDense])
  func newcomersArePredictedLikeUsersTrained(_ spec: ModelSpec) throws {
    let ratings = try RealData.ratings(#require(Self.anime), minUserRatings: 5)
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 42, threads: 2)
    let users = ratings.userIDs.count
    let hidden = Set((0..<500).map { Int32($0 * users / 500) })
    func rows(_ all: IndexedRatings, hidden wanted: Bool) -> IndexedRatings {
      let places = all.users.indices.filter { hidden.contains(all.users[$0]) == wanted }
      return IndexedRatings(
        users: places.map { all.users[$0] }, items: places.map { all.items[$0] },
        values: places.map { all.values[$0] })
    }
    let judges = rows(split.test, hidden: true)
    var settings = spec.defaults
    if spec.fit == .minibatch { (settings.epochs, settings.learningRate) = (15, 3e-3) }
    let trainer = Trainer(spec, settings, threads: 2)
    let trained = try trainer.model(
      of: ratings, split: Split(train: split.train, test: judges))
    let without = try trainer.model(
      of: ratings, split: Split(train: rows(split.train, hidden: false), test: split.test))
    let foldIn = try FoldIn(without)
    let known = rows(split.train, hidden: true)
    let history = Dictionary(grouping: known.users.indices, by: { known.users[$0] })
    var squares = 0.0
    for (user, places) in Dictionary(grouping: judges.users.indices, by: { judges.users[$0] }) {
      let newcomer = try foldIn.user(
        (history[user] ?? []).map {
          RatingByID(ratings.itemIDs[Int(known.items[$0])], known.values[$0])
        })
      let scores = newcomer.scores(places.map { judges.items[$0] })
      for (score, place) in zip(scores, places) {
        squares += pow(Double(score - judges.values[place]), 2)
      }
    }
    let own = try #require(trained.parameters.errors(on: judges, threads: 2)).rmse
    let new = (squares / Double(judges.count)).squareRoot()
    #expect(new < own * 1.02, "\(new) folded in, \(own) trained")
    print("fold-in, \(spec.name): RMSE \(new), trained \(own)")
  }
}

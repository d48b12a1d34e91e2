// Fold-in by networks: newcomers are predicted like users that the network was trained with.
import CKernels
import Foundation
import OsusumeData
import OsusumeRecommending
import OsusumeTraining
import Testing

@testable import OsusumeModels

struct NetworkFoldInTests {
  private static let hidden = 30
  private static let world = World(users: 160, items: 80, rank: 2, density: 0.6, noise: 0.3)

  /// The world on the scale of half stars, whose ratings are whole where the model knows classes only.
  private static func ratings(whole: Bool) -> (ratings: Ratings, split: Split) {
    func scaled(_ rows: IndexedRatings) -> IndexedRatings {
      var rows = rows
      rows.values = rows.values.map {
        whole ? min(max($0.rounded(), 1), 10) : min(max(($0 - 2) / 2, 0.5), 5)
      }
      return rows
    }
    let train = scaled(world.train)
    return (
      Ratings(
        userIDs: .integers((0..<160).map { Int64($0) }),
        itemIDs: .integers((0..<80).map { Int64($0) }), rows: train, counts: IngestCounts(),
        sha256: ""), Split(train: train, test: scaled(world.test))
    )
  }

  private static let catalog = ItemCatalog(
    (0..<80).map {
      Item(id: "\($0)", title: "t\($0)", genres: ["g\($0 % 5)", "h\($0 % 3)"], episodes: $0)
    })

  private static func model(_ spec: ModelSpec, without hidden: Int) throws -> Model {
    var settings = spec.defaults
    (settings.factors, settings.epochs, settings.batchSize) = (8, 30, 200)
    (settings.learningRate, settings.validation) = (0.01, 0)
    settings.positiveAbove = 3
    var (ratings, split) = ratings(whole: spec.target == .ratingClass)
    split.train = split.train.rows { $0 >= hidden }
    if spec.needsLabels {
      func labelled(_ rows: IndexedRatings) -> IndexedRatings {
        InteractionLabels(above: 3, dropped: UnratedRows(), users: 160, threads: 1).labelled(
          rows, threads: 1)
      }
      (split.train, split.test) = (labelled(split.train), labelled(split.test))
    }
    ratings.rows = split.train
    return try Trainer(spec, settings, threads: 2).model(
      of: ratings, split: split, catalog: catalog)
  }

  /// Mean error of scores of the hidden users' test rows: squared, or the log-loss of labels.
  private static func error(
    _ model: Model, _ test: IndexedRatings,
    _ scores: (_ user: Int32, _ items: [Int32]) throws -> [Float]
  ) rethrows -> Double {
    var (sum, count) = (0.0, 0.0)
    for user in 0..<Int32(hidden) {
      let own = test.rows { $0 == user }
      for (score, value) in zip(try scores(user, own.items), own.values) {
        let given = value > 3 ? Double(score) : 1 - Double(score)
        let error = Double(score - value)
        sum += model.spec.target == .interaction ? -log(max(given, 1e-6)) : error * error
        count += 1
      }
    }
    return model.spec.target == .interaction ? sum / count : (sum / count).squareRoot()
  }

  @Test(arguments: [ModelSpec.flaxDeep, .kerasNNInteraction, .metadataClasses, .genreDot])
  func newcomersArePredictedLikeKnownUsers(_ spec: ModelSpec) throws {
    let (_, split) = Self.ratings(whole: spec.target == .ratingClass)
    let known = try Self.model(spec, without: 0)
    let trained = Self.error(known, split.test) { user, items in
      let users = [Int32](repeating: user, count: items.count)
      return known.parameters.scores(users: users, items: items, threads: 1)
    }
    let model = try Self.model(spec, without: Self.hidden)
    let before = model.parameters.tables.map { $0.copy() }
    let folded = try Self.error(model, split.test) { user, items in
      let own = split.train.rows { $0 == user }
      return try model.foldIn(
        zip(own.items, own.values).map { RatingByID("\($0)", $1.clamped(to: model.scale)) }
      ).scores(items)
    }
    let nobody = try FoldIn(model).newcomer(.user, ratings: [])
    let unknown = Self.error(model, split.test) { _, items in nobody.scores(items) }
    // 30 users with five ratings each to judge by: an error's error is some 6 %, a ratio's 9.
    #expect(folded < 1.2 * trained, "\(folded) folded in, \(trained) trained")
    #expect(folded < 0.75 * unknown, "\(folded) folded in, \(unknown) by the mean row")
    for (now, then) in zip(model.parameters.tables, before) {
      #expect(memcmp(now.base, then.base, 4 * now.capacity) == 0, "the model changed")
    }
  }

  @Test(arguments: [ModelSpec.flaxDeep, .nnSimple])
  func newItemsArePredictedByTheirRatings(_ spec: ModelSpec) throws {
    let model = try Self.model(spec, without: 0)
    let (_, split) = Self.ratings(whole: false)
    var (own, new, count) = (0.0, 0.0, 0.0)
    for item in [Int32(5), 17, 40, 41, 78] {
      let rated = split.train.users.indices.filter { split.train.items[$0] == item }
      let newcomer = try model.foldIn(
        item: rated.map { RatingByID("\(split.train.users[$0])", split.train.values[$0]) })
      for place in split.test.items.indices where split.test.items[place] == item {
        let user = Int(split.test.users[place])
        let value = split.test.values[place]
        own += pow(Double(model.parameters.score(user: user, item: Int(item)) - value), 2)
        new += pow(Double(newcomer.score(user) - value), 2)
        count += 1
      }
    }
    let (trained, folded) = ((own / count).squareRoot(), (new / count).squareRoot())
    #expect(folded < 1.1 * trained, "\(folded) folded in, \(trained) trained")
  }

  @Test(arguments: [ModelSpec.flaxDense, .genreDot, .metadata])
  func theSameRatingsGiveTheSameRowAndRanking(_ spec: ModelSpec) throws {
    let model = try Self.model(spec, without: Self.hidden)
    let ratings = [RatingByID("3", 4), RatingByID("11", 2), RatingByID("999", 3)]
    let me = try model.foldIn(ratings)
    #expect(me.rated == [3, 11] && me.unknown == ["999"])
    let again = try model.foldIn(ratings.reversed())
    #expect(Array(me.foldedIn.vector[0]) == Array(again.foldedIn.vector[0]))
    let all = try Recommender(model, raw: true).recommend(80, for: me)
    #expect(all.items.count == 78 && !all.items.contains { ["3", "11"].contains($0.id) })
    for item in all.items {
      let score = me.score(Int(item.id) ?? -1)
      #expect(abs(item.score - score) < 1e-4 * max(1, abs(score)))
    }
  }

  @Test func whatCannotBeFoldedInIsSaid() throws {
    let classes = try Self.model(.metadataClasses, without: 0)
    #expect(throws: FoldInError.notAClass("3", 6.5)) {
      try classes.foldIn([RatingByID("3", 6.5)])
    }
  }
}

extension IndexedRatings {
  /// The rows of some users.
  fileprivate func rows(of isWanted: (Int32) -> Bool) -> IndexedRatings {
    let places = users.indices.filter { isWanted(users[$0]) }
    return IndexedRatings(
      users: places.map { users[$0] }, items: places.map { items[$0] },
      values: places.map { values[$0] })
  }
}

extension Float {
  fileprivate func clamped(to bounds: ClosedRange<Float>) -> Float {
    Swift.min(Swift.max(self, bounds.lowerBound), bounds.upperBound)
  }
}

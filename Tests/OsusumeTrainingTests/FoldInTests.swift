// Fold-in: a newcomer's row is the minimiser the fit would find, for every kind of model.
import CReference
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

struct FoldInTests {
  private static let world = World(users: 300, items: 120, rank: 3, density: 0.5, noise: 0.3)

  /// The world's ratings under ids that are the indices.
  private static func ratings(_ world: World) -> Ratings {
    Ratings(
      userIDs: .integers((0..<Int64(world.users)).map { $0 }),
      itemIDs: .integers((0..<Int64(world.items)).map { $0 }), rows: world.train,
      counts: IngestCounts(), sha256: "")
  }

  private func model(_ spec: ModelSpec, _ change: (inout Hyperparameters) -> Void = { _ in })
    throws -> Model
  {
    var settings = spec.defaults
    settings.factors = min(settings.factors, 14)
    change(&settings)
    let world = Self.world
    return try Trainer(spec, settings, threads: 1).model(
      of: Self.ratings(world), split: Split(train: world.train, test: world.test))
  }

  /// A user's ratings of the training rows.
  private func rated(_ user: Int32, _ rows: IndexedRatings) -> [(index: Int32, value: Float)] {
    rows.users.indices.filter { rows.users[$0] == user }.map { (rows.items[$0], rows.values[$0]) }
  }

  @Test func aRowIsTheMinimiserOfALS() throws {
    let model = try model(.als) { $0.rowSolver = .cholesky }
    let p = model.parameters.packed
    let ratings = rated(7, Self.world.train)
    let row = try FoldIn(model).newcomer(.user, ratings: ratings).vector
    var x = [Double](repeating: 0, count: 15)
    let (columns, values) = (ratings.map(\.index), ratings.map { $0.value - p.mean })
    let settings = model.hyperparameters
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        var problem = ref_als_row(
          fixed: p.items.base, stride: p.items.stride, factors: 14, biased: true, other_bias: 15,
          columns: columns.baseAddress, values: values.baseAddress, count: ratings.count,
          factor_penalty: model.deviation
            * (settings.regularization * Double(ratings.count) + settings.rowRegularization),
          bias_penalty: settings.biasRegularization, roots: nil)
        ref_als_primal(&problem, &x)
      }
    }
    for lane in 0..<15 { #expect(abs(Double(row[0][lane]) - x[lane]) < 1e-5, "lane \(lane)") }
    #expect(row[0][15] == 1)
  }

  /// Users of the world as newcomers: the error on their test rows must be near that of their own rows.
  @Test(arguments: ["als", "mf", "svd", "flax-bias", "flax-dot", "bias", "mean"])
  func newcomersArePredictedLikeKnownUsers(_ name: String) throws {
    let spec = try ModelSpec.lookup(name)
    let model = try model(spec) {
      if spec.fit == .minibatch { ($0.epochs, $0.learningRate, $0.batchSize) = (30, 0.01, 500) }
    }
    let foldIn = try FoldIn(model)
    let p = model.parameters.packed
    var (known, folded, count) = (0.0, 0.0, 0.0)
    let test = Self.world.test
    for user in 0..<60 as Range<Int32> {
      let row = try foldIn.newcomer(.user, ratings: rated(user, Self.world.train)).vector
      for place in test.users.indices where test.users[place] == user {
        let item = Int(test.items[place])
        var score = p.mean
        for lane in 0..<p.layout.lanes { score += row[0][lane] * p.items[item][lane] }
        let (mine, its) = (
          Double(score - test.values[place]),
          Double(p.score(user: Int(user), item: item) - test.values[place])
        )
        (known, folded, count) = (known + its * its, folded + mine * mine, count + 1)
      }
    }
    let (own, new) = ((known / count).squareRoot(), (folded / count).squareRoot())
    #expect(new < own * 1.05, "\(name): \(new) folded in, \(own) trained")
  }

  @Test func aNewItemIsPredictedByItsRatings() throws {
    let model = try model(.als)
    let rows = Self.world.train
    let ratings = rows.items.indices.filter { rows.items[$0] == 5 }.map {
      RatingByID(
        "\(rows.users[$0])",
        min(max(rows.values[$0], model.scale.lowerBound), model.scale.upperBound))
    }
    let item = try model.foldIn(item: ratings)
    // Its own row counts each user by their noise, which a fold-in does not know.
    for user in 0..<50 {
      #expect(abs(item.score(user) - model.parameters.score(user: user, item: 5)) < 0.2)
    }
  }

  @Test func aNewcomerIsRecommendedWhatTheyHaveNotRated() throws {
    let model = try model(.als)
    let me = try model.foldIn([
      RatingByID("3", 8), RatingByID("11", 4), RatingByID("999", 5), RatingByID("3", 9),
    ])
    #expect(me.rated == [3, 11])
    #expect(me.unknown == ["999"])
    let all = try Recommender(model, raw: true).recommend(120, for: me, named: "me")
    #expect(all.user == "me")
    #expect(all.items.count == 118)
    #expect(!all.items.contains { ["3", "11"].contains($0.id) })
    for item in all.items {
      #expect(abs(item.score - me.score(Int(item.id) ?? -1)) < 1e-4)
    }
    #expect(try Recommender(model).recommend(120, for: me, leavingOut: []).items.count == 120)
  }

  @Test func whatCannotBeFoldedInIsSaid() throws {
    let model = try model(.bias)
    #expect(throws: FoldInError.nothingKnown(.user, ids: [])) { try model.foldIn([]) }
    #expect(throws: FoldInError.nothingKnown(.user, ids: ["x"])) {
      try model.foldIn([RatingByID("x", 5)])
    }
    #expect(throws: FoldInError.outsideScale("3", 1000, model.scale)) {
      try model.foldIn([RatingByID("3", 1000)])
    }
  }

  @Test func ratingsAreReadFromText() throws {
    #expect(try RatingByID.list("5=10,a=b=2.5") == [RatingByID("5", 10), RatingByID("a=b", 2.5)])
    for text in ["5", "5=", "=3", "5=x", "5=nan"] {
      #expect(throws: PersonalRatingsError.self) { try RatingByID.list(text) }
    }
    let path = NSTemporaryDirectory() + "personal-\(ProcessInfo.processInfo.processIdentifier).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (text, seen) in [
      ("anime_id,rating\n5,10\n7,-1\n6,3.5\n", ["7"]), ("5,10\n6,3.5\n", []),
      ("1\t5\t10\n1\t6\t3.5\n", []),
    ] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let read = try RatingByID.read(path)
      #expect(read.rated == [RatingByID("5", 10), RatingByID("6", 3.5)] && read.seen == seen)
    }
    for text in ["", "name\nx\n", "item,rating\n5\n", "item,rating\n5,ten\n"] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: (any Error).self, "\(text)") { try RatingByID.read(path) }
    }
  }
}

// Ratings and lists in one model: each is what its own fit alone finds, and both survive a file and a resume.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct FitWithListsTests {
  private static let world = World(users: 60, items: 40, rank: 2, density: 0.5, noise: 0.3)

  private static func fit(_ spec: ModelSpec, resuming: FitState? = nil) throws -> FitResult {
    var settings = spec.defaults
    if spec.fit != .ease { settings.epochs = 3 }
    return try Trainer(spec, settings, seed: 3, threads: 2).fit(
      world.train, users: world.users, items: world.items, resuming: resuming)
  }

  private static func bytes(_ scorer: any Scorer) throws -> Data {
    var bytes = Data()
    for tensor in scorer.tensors { try tensor.withBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  @Test(arguments: [ModelSpec.mf, .svdpp, .bpmf])
  func eachIsWhatItsFitAloneFinds(ratings: ModelSpec) throws {
    let both = try Self.fit(.lists(ratings: ratings))
    let (alone, lists) = (try Self.fit(ratings), try Self.fit(.ease))
    #expect(try Self.bytes(both.parameters) == Self.bytes(alone.parameters))
    #expect(try Self.bytes(try #require(both.learned.lists)) == Self.bytes(lists.parameters))
    #expect(both.epochs.map(\.trainLoss) == alone.epochs.map(\.trainLoss) && both.epochs.count == 3)
  }

  @Test func listsAreFittedWithTheSettingsOfRelationsThatWereGiven() throws {
    var settings = ModelSpec.lists.defaults
    (settings.neighbours, settings.dropout, settings.userExponent) = (9, 0.1, 0.5)
    (settings.popularityExponent, settings.regularization) = (-0.2, 0.5)
    let part = try #require(ModelSpec.lists.listsPart(settings))
    var own = ModelSpec.ease.defaults
    (own.neighbours, own.dropout, own.userExponent) = (9, 0.1, 0.5)
    own.popularityExponent = -0.2
    // The penalty is that of the ratings' factors.
    #expect(part.spec == .ease && part.settings == own)
    #expect(ModelSpec.mf.listsPart(settings) == nil)
    let usual = try #require(ModelSpec.lists.listsPart(ModelSpec.lists.defaults))
    #expect(ModelSpec.lists.defaults.neighbours == 128 && usual.settings == ModelSpec.ease.defaults)
  }

  @Test(arguments: [ModelSpec.ease, .lists])
  func theModelTakesOverTheSeenListsOfTheFit(spec: ModelSpec) throws {
    let world = Self.world
    var train = world.train
    // A pair rated twice: the last rating counts.
    train.users.append(train.users[0])
    train.items.append(train.items[0])
    train.values.append(train.values[0] == 1 ? 2 : 1)
    let seen = try #require(
      try Trainer(spec, spec.defaults, seed: 3, threads: 2).fit(
        train, users: world.users, items: world.items
      ).seen)
    #expect(seen.items == SeenItems(rows: train, users: world.users, threads: 1))
    #expect(seen.ratings == SeenRatings(train, in: seen.items, threads: 1))
    #expect(try Self.fit(.mf).seen == nil)
  }
}

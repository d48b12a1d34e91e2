// Tiles of ratings: each rating in one of them, in any grid, for any number of threads.
import CKernels
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct RatingTilesTests {
  private static let world = World(users: 200, items: 90, rank: 2, density: 0.4, noise: 0.3)
  private static let grids = [(1, 1), (1, 5), (2, 3), (3, 1), (7, 4), (60, 7)].map {
    TileGrid(blocks: $0, groups: $1)
  }

  @Test(arguments: grids)
  func everyRatingIsWalkedOnce(grid: TileGrid) {
    let rows = Self.world.train
    let mean: Float = 3
    let tiles = RatingTiles(rows, users: 200, items: 90, mean: mean, grid: grid, threads: 2)
    let layout = FactorLayout(factors: 5, biased: true)
    let tables = FactorParameters(layout: layout, users: 200, items: 90)
    // Rates are 0 and so are the tables: errors are the ratings themselves.
    let (users, items) = (
      SGDSteps(counts: Grouping.counts(rows.users, keys: 200)),
      SGDSteps(counts: Grouping.counts(rows.items, keys: 90))
    )
    let expected = rows.values.reduce(0.0) { $0 + Double($1 - mean) * Double($1 - mean) }
    for key in [nil, 1, 2] as [UInt64?] {
      let squared = tiles.walk(
        users: users.side(of: tables.users), items: items.side(of: tables.items), layout: layout,
        stride: tables.users.stride, key: key, threads: 2)
      #expect(abs(squared - expected) <= 1e-12 * expected, "key \(String(describing: key))")
    }
  }

  @Test(arguments: grids)
  func anyGridLearnsAndThreadsDoNotChangeABit(grid: TileGrid) throws {
    let world = Self.world
    let fits = try [1, 2, 3].map { threads in
      var settings = ModelSpec.mf.defaults
      settings.factors = 6
      return try TrainingLoop(
        FitTask(
          .mf, settings, threads: threads, train: world.train, test: world.test,
          users: world.users, items: world.items)
      ) { TiledSGD($0, walk: TiledSGD.tiledWalk($0, grid: grid)) }.run()
    }
    for fit in fits[1...] {
      #expect(bytes(fit.parameters) == bytes(fits[0].parameters))
      #expect(fit.epochs.map(\.trainLoss) == fits[0].epochs.map(\.trainLoss))
    }
    #expect(try #require(fits[0].epochs.last?.validRMSE) < 0.6, "noise alone is 0.3")
  }

  @Test func theGridFollowsFromTheData() {
    let layout = FactorLayout(factors: 64, biased: true)
    // Rows of 320 bytes: 819 in a quarter of a mebibyte.
    let sets = [
      (ratings: 0, items: 1, blocks: 1, groups: 1), (90_000, 9_724, 4, 1),
      (442_212, 7_333, 9, 1), (5_669_769, 9_926, 13, 8), (25_000_000, 500, 8, 95),
      (1_000_000, 5_000_000, 153, 1),
    ]
    for (ratings, items, blocks, groups) in sets {
      let grid = TileGrid(ratings: ratings, items: items, layout: layout)
      #expect(grid == TileGrid(blocks: blocks, groups: groups), "\(ratings) ratings: \(grid)")
    }
  }
}

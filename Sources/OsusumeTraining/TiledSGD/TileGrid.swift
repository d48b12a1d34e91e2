// Where ratings are cut into tiles, and why there.
import CKernels
import OsusumeData
import OsusumeModels

/// The cut of users and items into blocks whose crossings are tiles.
///
/// An epoch is done with one group of users before it begins the next: in each of a group's rounds every
/// block of its users meets another block of items. Groups, rounds and the users in a tile are drawn
/// anew for each epoch; a user's ratings in a tile follow one another as they lie.
///
/// What that costs in error, as `sgd-order` measures it: nothing to speak of. Differences in RMSE from the
/// same updates in one random order of all ratings, drawn anew for each epoch, at the settings of `mf`,
/// means over 3 seeds of the full-size set, 5 of anime-2016 and 10 of ml-latest-small:
///
///                              full size, epoch 1, 3, 20   anime-2016, 20   ml-latest-small, 20
///     this grid                −0.0230  −0.0081   0.0000          +0.0003               +0.0004
///     … shuffled once          −0.0230  −0.0073  +0.0003          +0.0008               +0.0004
///     … never shuffled         −0.0230  −0.0070  +0.0003          +0.0009               +0.0001
///     one group                −0.0019  −0.0016  +0.0008          +0.0003               +0.0004
///     one group, 4 × blocks     0.0000  +0.0004  +0.0002          +0.0001               +0.0003
///     user by user             −0.0309  −0.0108  −0.0003          +0.0001               −0.0002
///
/// A user's row learns most from ratings that follow one another closely; user by user all of them do, but
/// that is work for one thread. Groups are the next best: a user's ratings follow one another within an eighth of the
/// epoch there, and rows of users come from a nearer cache (full size, one thread: 0.102 s an epoch in
/// place of 0.112; the random order takes 1.6).
package struct TileGrid: Equatable {
  /// Blocks of items, and blocks of users in a group.
  package let blocks: Int
  /// Groups of users.
  package let groups: Int

  /// Ratings in a tile at least, on average, so that handing out tiles costs little beside walking them.
  private static let tileRatings = 4096
  /// Bytes that a block of items may have: half a core's second-level cache where that is small.
  private static let blockBytes = 256 << 10

  /// Makes a grid of a number of blocks and groups.
  package init(blocks: Int, groups: Int) {
    self.blocks = blocks
    self.groups = groups
  }

  /// The grid for ratings of items whose rows are laid out so: a function of the data alone.
  ///
  /// As few blocks as keep a block of items in cache, at least 8 so that eight threads find work. A
  /// block has at most 65,536 items. As many groups as keep tiles full.
  package init(ratings: Int, items: Int, layout: FactorLayout) {
    let rowBytes = FloatMatrix.stride(columns: layout.lanes) * MemoryLayout<Float>.stride
    let tiles = ratings / Self.tileRatings
    let cached = (items * rowBytes + Self.blockBytes - 1) / Self.blockBytes
    let filled = Int(Double(tiles).squareRoot())
    let addressed = items / (Int(UInt16.max) / 2) + 1
    blocks = min(Int(CK_SGD_BLOCKS), max(addressed, 1, min(max(cached, 8), filled, 64)))
    groups = max(1, tiles / (blocks * blocks))
  }

  /// Blocks of users.
  package var userBlocks: Int { blocks * groups }
  /// Tiles in all.
  package var tiles: Int { userBlocks * blocks }

  /// Cuts 0..<weights.count into blocks of nearly equal cost.
  ///
  /// An element costs its weight and the mean weight, so that no block has more than twice the mean number
  /// of elements.
  static func bounds(weights: [Int32], blocks: Int) -> [Int] {
    let total = weights.reduce(0) { $0 + Int($1) }
    let mean = Double(total) / Double(max(1, weights.count))
    let cost = 2 * Double(total) / Double(blocks)
    var bounds = [0]
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += Double(weight) + mean
      while bounds.count < blocks, sum >= cost * Double(bounds.count) { bounds.append(index + 1) }
    }
    while bounds.count <= blocks { bounds.append(weights.count) }
    return bounds
  }
}

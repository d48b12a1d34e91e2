// Tiles of ratings, counted and filled, against lists of each block's runs.
import CKernels
import OsusumeData
import Testing

/// Ratings of some users by blocks of items: the first as wide as a tile's item numbers reach, all others
/// three items wide.
private struct TilesCase {
  let users: Int
  let blocks: Int
  let blockStart: [Int32]
  let block: [Int32]
  /// Ratings of user u: rows[offsets[u]] ..< rows[offsets[u + 1]].
  let offsets: [Int32]
  let rows: [Int32]
  let item: [Int32]
  let value: [Float]

  /// One user's ratings in a block, as they stand.
  struct Run {
    let user: Int
    let rows: [Int]
  }

  init(users: Int, blocks: Int, longest: Int) {
    var random = Draws(key: ck_random_key(UInt64(users * 1000 + blocks), 921))
    self.users = users
    self.blocks = blocks
    let wide = 65_536
    blockStart = (0..<blocks).map { Int32($0 == 0 ? 0 : wide + 3 * ($0 - 1)) }
    block = (0..<wide + 3 * (blocks - 1)).map { Int32($0 < wide ? 0 : ($0 - wide) / 3 + 1) }
    let lengths = (0..<users).map { $0 % 4 == 2 ? 0 : random.below(longest + 1) }
    offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
    let count = lengths.reduce(0, +)
    rows = (0..<Int32(count)).reversed()
    let narrow = 3 * (blocks - 1) + 1
    item = (0..<count).map { _ in
      Int32(random.below(4) == 0 ? random.below(wide) : wide - 1 + random.below(narrow))
    }
    value = (0..<count).map { _ in random.normal() }
  }

  /// The runs of some users in a block.
  func runs(_ users: Range<Int>, in wanted: Int) -> [Run] {
    users.map { user in
      let own = rows[Int(offsets[user])..<Int(offsets[user + 1])].map { Int($0) }
      return Run(user: user, rows: own.filter { Int(block[Int(item[$0])]) == wanted })
    }.filter { !$0.rows.isEmpty }
  }

  /// Calls `body` with the cut, which takes 0.75 off each rating.
  func withKernel(_ body: (UnsafePointer<ck_sgd_cut>) -> Void) {
    let ratings = IndexedRatings(
      users: [Int32](repeating: 0, count: item.count), items: item, values: value)
    ck_csr.lend(offsets: offsets, columns: rows) { byUser in
      ratings.withKernel { ratings in
        block.withUnsafeBufferPointer { block in
          blockStart.withUnsafeBufferPointer { start in
            var cut = ck_sgd_cut(
              by_user: byUser.pointee, ratings: ratings.pointee, mean: 0.75, blocks: blocks,
              block: block.baseAddress, block_start: start.baseAddress)
            body(&cut)
          }
        }
      }
    }
  }

  /// Ratings and runs of each block, by the kernel.
  func counts(_ users: Range<Int>) -> (ratings: [Int32], runs: [Int32]) {
    let ratings = Guarded<Int32>(repeating: 99, count: blocks)
    let runs = Guarded<Int32>(repeating: 99, count: blocks)
    withKernel { ck_sgd_count($0, users.lowerBound, users.upperBound, ratings.base, runs.base) }
    #expect(ratings.isIntact && runs.isIntact)
    return (ratings.values, runs.values)
  }
}

@Suite struct SGDTilesTests {
  @Test(arguments: [0, 1, 2, 15, 16, 17, 33], [1, 2, 63, 64, 65, 255, 256])
  func tilesHoldTheRunsOfTheirBlock(users: Int, blocks: Int) {
    let example = TilesCase(users: users, blocks: blocks, longest: 40)
    let parts = [0..<users / 3, users / 3..<users]
    let runs = (0..<blocks).map { example.runs(0..<users, in: $0) }
    let note = "\(users) users, \(blocks) blocks"
    for range in parts + [0..<users] {
      let found = example.counts(range)
      let expected = (0..<blocks).map { example.runs(range, in: $0) }
      #expect(found.runs == expected.map { Int32($0.count) }, "\(note), \(range)")
      #expect(
        found.ratings == expected.map { Int32($0.reduce(0) { $0 + $1.rows.count }) },
        "\(note), \(range)")
    }

    // Where each block's tile starts.
    let ratings = runs.map { Int32($0.reduce(0) { $0 + $1.rows.count }) }
    func starts(_ counts: [Int32]) -> [Int32] {
      counts.dropLast().reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    }
    let nextRating = Guarded(starts(ratings))
    let nextRun = Guarded(starts(runs.map { Int32($0.count) }))
    let user = Guarded<Int32>(repeating: -1, count: runs.joined().count)
    let start = Guarded<Int32>(repeating: -1, count: user.count)
    let item = Guarded<UInt16>(repeating: 7, count: example.item.count)
    let value = Guarded<Float>(repeating: .nan, count: example.item.count)
    var tiles = ck_sgd_tiles(
      user: user.base, start: start.base, item: item.base, value: value.base)
    example.withKernel { cut in
      for part in parts {
        ck_sgd_fill(
          cut, part.lowerBound, part.upperBound, nextRating.base, nextRun.base, &tiles)
      }
    }
    let rows = runs.joined().flatMap(\.rows)
    #expect(user.values == runs.joined().map { Int32($0.user) }, "\(note)")
    #expect(
      start.values
        == Array(
          starts(runs.joined().map { Int32($0.rows.count) } + [0])
            .prefix(user.count)), "\(note)")
    #expect(value.values == rows.map { example.value[$0] - 0.75 }, "\(note)")
    #expect(
      item.values
        == rows.map { row in
          let item = example.item[row]
          return UInt16(item - example.blockStart[Int(example.block[Int(item)])])
        }, "\(note)")
    #expect(nextRating.values == zip(starts(ratings), ratings).map(+), "\(note)")
    #expect(
      nextRun.values
        == zip(starts(runs.map { Int32($0.count) }), runs).map { $0 + Int32($1.count) }, "\(note)")
    #expect(
      nextRating.isIntact && nextRun.isIntact && user.isIntact && start.isIntact && item.isIntact
        && value.isIntact, "\(note)")
  }
}

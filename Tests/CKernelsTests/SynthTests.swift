// The synthesis kernels against plain Swift in double precision.
import CKernels
import Foundation
import Testing

/// A world of items all of which are drawn alike, with arrays that outlive the kernel's pointers to them.
private final class EvenWorld {
  let items: Int
  var kernelWorld: ck_synth_world
  let quality: UnsafeMutablePointer<Float>
  let traits: UnsafeMutablePointer<Float>
  private let memory: [UnsafeMutableRawPointer]

  init(items: Int, noise: Float, key: UInt64) {
    self.items = items
    let lanes = CK_SYNTH_TRAITS
    quality = .allocate(capacity: items)
    traits = .allocate(capacity: items * lanes)
    let numbers = UnsafeMutablePointer<Int32>.allocate(capacity: items)
    let cuts = UnsafeMutablePointer<UInt32>.allocate(capacity: items)
    let centre = UnsafeMutablePointer<Float>.allocate(capacity: lanes)
    let table = UnsafeMutablePointer<ck_synth_table>.allocate(capacity: 1)
    for item in 0..<items {
      quality[item] = Float(item % 7)
      numbers[item] = Int32(item)
      cuts[item] = .max
      for lane in 0..<lanes { traits[item * lanes + lane] = Float((item + lane) % 5) - 2 }
    }
    for lane in 0..<lanes { centre[lane] = Float(lane) / 8 }
    let all = ck_synth_table(count: items, item: numbers, alias: numbers, cut: cuts)
    table.initialize(to: all)
    memory = [
      .init(quality), .init(traits), .init(numbers), .init(cuts), .init(centre), .init(table),
    ]
    kernelWorld = ck_synth_world(
      items: items, quality: quality, traits: traits, rank: numbers, all: all, groups: 1,
      group: table, centre: centre, preference: 0.5, user_bias_sd: 0.7, noise_sd: noise, key: key)
  }

  deinit { for block in memory { block.deallocate() } }

  /// One user's rows; expects the scratch to be left as it was.
  func draw(
    user: UInt64, rated: Int, unrated: Int, sureRated: [Int32] = [], sureSeen: [Int32] = [],
    tilt: Float = 0.5
  ) -> (items: [Int32], scores: [Float]) {
    var numbers = [Int32](repeating: -1, count: rated + unrated + 1)
    var scores = [Float](repeating: 0, count: rated + unrated + 1)
    let words = (items + 63) / 64
    var bitmaps = [UInt64](repeating: 0, count: 2 * words)
    sureRated.withUnsafeBufferPointer { sureRated in
      sureSeen.withUnsafeBufferPointer { sureSeen in
        var plan = ck_synth_user(
          number: user, rated: rated, unrated: unrated, sure_rated: sureRated.baseAddress,
          sure_rated_count: sureRated.count, sure_seen: sureSeen.baseAddress,
          sure_seen_count: sureSeen.count, leaning: 0.25, tilt: tilt)
        bitmaps.withUnsafeMutableBufferPointer { bitmaps in
          guard let taken = bitmaps.baseAddress else { return }
          ck_synth_draw(&kernelWorld, &plan, &numbers, &scores, taken, taken + words)
        }
      }
    }
    #expect(bitmaps.allSatisfy { $0 == 0 })
    #expect(numbers.removeLast() == -1 && scores.removeLast() == 0, "wrote beyond the last row")
    return (numbers, scores)
  }
}

struct SynthTests {
  @Test(arguments: [
    (1, 0, 0), (2, 1, 0), (2, 0, 1), (63, 20, 20), (64, 48, 0), (65, 30, 18), (1000, 1, 700),
    (1000, 747, 2),
  ])
  func rowsAreDistinctAscendingAndAsManyAsAsked(items: Int, rated: Int, unrated: Int) {
    let world = EvenWorld(items: items, noise: 1, key: 5)
    for user in 0..<20 as Range<UInt64> {
      let rows = world.draw(user: user, rated: rated, unrated: unrated)
      #expect(zip(rows.items, rows.items.dropFirst()).allSatisfy { $0 < $1 })
      #expect(rows.items.allSatisfy { (0..<Int32(items)).contains($0) })
      #expect(
        rows.scores.filter { $0 == -.infinity }.count == unrated, "items \(items) user \(user)")
    }
  }

  @Test func certainItemsAreThere() {
    let world = EvenWorld(items: 300, noise: 1, key: 6)
    let rows = world.draw(
      user: 3, rated: 4, unrated: 3, sureRated: [299, 0, 17], sureSeen: [64, 18, 5])
    let rated = Set(zip(rows.items, rows.scores).filter { $0.1 > -.infinity }.map(\.0))
    #expect(rated.isSuperset(of: [0, 17, 299]))
    #expect(Set(rows.items).subtracting(rated) == [5, 18, 64])
  }

  @Test func scoresWithoutNoiseAreTheFormula() {
    let world = EvenWorld(items: 500, noise: 0, key: 7)
    for user in 0..<10 as Range<UInt64> {
      let key = ck_random_bits(7, user)
      let rows = world.draw(user: user, rated: 100, unrated: 0)
      for (item, score) in zip(rows.items, rows.scores) {
        var expected = 0.25 + 0.7 * ck_random_normal(key, 1) + Double(world.quality[Int(item)])
        var size = abs(expected) + 7
        for lane in 0..<CK_SYNTH_TRAITS {
          let taste = Double(lane) / 8 + ck_random_normal(key, UInt64(3 + lane))
          let term = taste * Double(world.traits[Int(item) * CK_SYNTH_TRAITS + lane])
          expected += term
          size += abs(term)
        }
        // 20 roundings of at most half a unit in the last place of what is summed.
        #expect(abs(Double(score) - expected) <= 20 * 0x1p-24 * size, "user \(user) item \(item)")
      }
    }
  }

  @Test func noiseHasUnitVariance() {
    let quiet = EvenWorld(items: 40_000, noise: 0, key: 8)
    let loud = EvenWorld(items: 40_000, noise: 1, key: 8)
    let spread = exp(0.2 * ck_random_normal(ck_random_bits(8, 1), 2))
    let without = quiet.draw(user: 1, rated: 20_000, unrated: 0)
    let with = loud.draw(user: 1, rated: 20_000, unrated: 0)
    let noise = zip(with.scores, without.scores).map { Double($0 - $1) / spread }
    let mean = noise.reduce(0, +) / 20_000
    let variance = noise.reduce(0) { $0 + $1 * $1 } / 20_000
    // Four standard errors: 4/√20000, and 4·√(1.7/20000).
    #expect(abs(mean) < 0.029)
    #expect(abs(variance - 1) < 0.037)
  }

  @Test func countingPutsEachScoreIntoItsBin() {
    let scores: [Float] = [-.infinity, -100, -8, 0, 0.0039, 0.004, 23.999, 24, 1000]
    var bins = [UInt32](repeating: 0, count: CK_SYNTH_BINS)
    ck_synth_count(scores, scores.count, &bins)
    #expect(bins[0] == 2 && bins[2048] == 2 && bins[2049] == 1 && bins[CK_SYNTH_BINS - 1] == 3)
    #expect(bins.reduce(0, +) == 8)
  }

  @Test func rowsAreWrittenAsPlainText() {
    let ids = [1, 30, 505, 34527, 9_999_999]
    let cuts = (1...9).map(Float.init)
    let items: [Int32] = [0, 1, 2, 3, 4, 4, 2, 0]
    let scores: [Float] = [-.infinity, 0.5, 1, 1.5, 8.99, 9, 100, -3]
    let ratings = [-1, 1, 2, 2, 9, 10, 10, 1]
    let texts = ids.map { id in "\(id),".utf8.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let lengths = ids.map { UInt8("\($0),".utf8.count) }
    let columns = (Guarded(texts.map(\.littleEndian)), Guarded(lengths), Guarded(cuts))
    var format = ck_synth_text(
      items: columns.0.base, bytes: columns.1.base, cuts: columns.2.base)
    for user in ["7,", "73515,", "123456789012345,"] {
      let padded = Array(user.utf8CString.dropLast()) + [CChar](repeating: 0, count: 16)
      var out = [CChar](repeating: 0, count: 28 * items.count + 16)
      let count = ck_synth_format(
        &format, padded, user.utf8.count, items, scores, nil, items.count, &out)
      let rows = zip(items, ratings).map { "\(user)\(ids[Int($0)]),\($1)" }
      #expect(text(out, count) == rows.map { $0 + "\n" }.joined())
      let times = items.indices.map { 1_000_000_000 + 1_234_567_890 * Int64($0) }
      var timed = [CChar](repeating: 0, count: 40 * items.count + 16)
      let more = ck_synth_format(
        &format, padded, user.utf8.count, items, scores, times, items.count, &timed)
      #expect(text(timed, more) == zip(rows, times).map { "\($0),\($1)\n" }.joined())
    }
    #expect(columns.0.isIntact && columns.1.isIntact && columns.2.isIntact)
  }

  private func text(_ bytes: [CChar], _ count: Int) -> String {
    String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

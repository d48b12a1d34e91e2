// Gram matrices and the weights of EASE against plain loops over a table of who met what.
import CKernels
import OsusumeData
import Testing

/// Who met what, as a table and as compressed rows.
private struct Meetings {
  let users: Int
  let items: Int
  let table: [Bool]
  let offsets: [Int32]
  let columns: [Int32]

  init(users: Int, items: Int, seed: UInt64) {
    var random = Draws(key: ck_random_key(seed, 941))
    let table = (0..<users * items).map { _ in random.below(3) == 0 }
    let met = table.indices.filter { table[$0] }
    (self.users, self.items, self.table) = (users, items, table)
    offsets = (0...users).map { user in Int32(met.count { $0 / items < user }) }
    columns = met.map { Int32($0 % items) }
  }

  /// The number, or the sum of weights, of users who met both.
  func together(_ a: Int, _ b: Int, weights: [Float]? = nil) -> Float {
    (0..<users).reduce(0) {
      table[$1 * items + a] && table[$1 * items + b] ? $0 + (weights?[$1] ?? 1) : $0
    }
  }
}

struct GramTests {
  private static let shapes = [(1, 1), (3, 2), (15, 16), (16, 17), (40, 33), (7, 127)]

  @Test(arguments: shapes, [false, true]) func rowsCountWhoMetBoth(
    shape: (users: Int, items: Int), weighted: Bool
  ) {
    let met = Meetings(users: shape.users, items: shape.items, seed: 7)
    let starts = (0...met.items).map { item in Int32(met.columns.count { $0 < Int32(item) }) }
    let next = Guarded(Array(starts.dropLast()))
    let place = Guarded<Int32>(repeating: -1, count: met.columns.count)
    let end = Guarded<Int32>(repeating: -1, count: met.columns.count)
    ck_gram_entries(met.offsets, met.columns, met.users, next.base, place.base, end.base)
    #expect(next.values == Array(starts.dropFirst()))
    #expect(next.isIntact && place.isIntact && end.isIntact)
    // Powers of two, so that sums are exact.
    let weights = (0..<met.users).map { Float($0 % 4 + 1) / 4 }
    for item in 0..<met.items {
      let (low, high) = (Int(starts[item]), Int(starts[item + 1]))
      let owners = place.values[low..<high].map { place in
        met.offsets.firstIndex { $0 > place }.map { weights[$0 - 1] } ?? 0
      }
      let row = Guarded<Float>(repeating: -7, count: met.items)
      ck_gram_row(
        met.columns, place.base + low, end.base + low, weighted ? owners : nil, high - low, item,
        met.items, row.base)
      let expected = (0..<met.items).map { other in
        other < item ? -7 : met.together(item, other, weights: weighted ? weights : nil)
      }
      #expect(row.values == expected && row.isIntact, "item \(item) of \(shape)")
    }
  }

  @Test(arguments: [0, 1, 15, 31, 32, 33, 70]) func theUpperTriangleIsMirrored(count: Int) {
    let stride = count + 3
    let matrix = Guarded<Float>((0..<count * stride).map { Float($0) })
    let before = matrix.values
    for first in Swift.stride(from: 0, to: count, by: 20) {
      ck_gram_mirror(matrix.base, stride, count, first, min(count, first + 20))
    }
    for i in 0..<count {
      for j in 0..<stride {
        let from = j < i ? j * stride + i : i * stride + j
        #expect(matrix.values[i * stride + j] == before[from], "(\(i), \(j)) of \(count)")
      }
    }
    #expect(matrix.isIntact)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 64, 127]) func theLargestWeightsAreKept(count: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 942))
    for most in [0, 1, 2, 7, count - 1, count, count + 5] where most >= 0 {
      // Eighths: some are equal, some zero.
      let row = (0..<count).map { _ in Float(random.below(9) - 4) / 8 }
      let inverse = (0..<count).map { _ in Float(random.below(3) + 1) }
      let item = random.below(count)
      let scratch = Guarded<UInt32>(repeating: 0, count: count)
      let columns = Guarded<Int32>(repeating: -1, count: max(1, min(most, count)))
      let weights = Guarded<Float>(repeating: .nan, count: max(1, min(most, count)))
      let kept = ck_gram_weights(
        row, inverse, count, item, min(most, count), scratch.base, columns.base, weights.base)
      let all = (0..<count).filter { $0 != item && row[$0] != 0 }
        .map { (column: $0, weight: -row[$0] * inverse[$0]) }
      let expected = all.sorted {
        (-abs($0.weight), $0.column) < (-abs($1.weight), $1.column)
      }.prefix(most).sorted { $0.column < $1.column }
      #expect(Array(columns.values.prefix(kept)) == expected.map { Int32($0.column) })
      #expect(Array(weights.values.prefix(kept)) == expected.map(\.weight), "\(most) of \(count)")
      #expect(columns.isIntact && weights.isIntact && scratch.isIntact)
    }
  }

  @Test func scoresAreSumsOfRows() {
    let offsets: [Int32] = [0, 2, 2, 5]
    let columns: [Int32] = [1, 2, 0, 1, 2]
    let weights: [Float] = [0.5, -0.25, 2, 4, 8]
    let scores = Guarded<Float>([1, 1, 1])
    ck_gram_scores([2, 1, 0], 3, offsets, columns, weights, scores.base)
    #expect(scores.values == [3, 5.5, 8.75] && scores.isIntact)
    ck_gram_scores([], 0, offsets, columns, weights, scores.base)
    #expect(scores.values == [3, 5.5, 8.75])
  }
}

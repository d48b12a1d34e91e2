// Gram matrices and the weights of EASE against plain loops in double precision over a table of who met what.
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
  /// By pair: what it counts, in eighths, so that sums are exact.
  let strengths: [Float]

  init(users: Int, items: Int, seed: UInt64) {
    var random = Draws(key: ck_random_key(seed, 941))
    let table = (0..<users * items).map { _ in random.below(3) == 0 }
    let met = table.indices.filter { table[$0] }
    (self.users, self.items, self.table) = (users, items, table)
    offsets = (0...users).map { user in Int32(met.count { $0 / items < user }) }
    columns = met.map { Int32($0 % items) }
    strengths = met.map { _ in Float(random.below(9)) / 8 }
  }

  private func strength(_ user: Int, _ item: Int) -> Double {
    let row = Int(offsets[user])..<Int(offsets[user + 1])
    return row.first { columns[$0] == item }.map { Double(strengths[$0]) } ?? 0
  }

  /// The sum over users of the product of what both items count.
  func together(_ a: Int, _ b: Int) -> Float {
    Float((0..<users).reduce(0) { $0 + strength($1, a) * strength($1, b) })
  }
}

struct GramTests {
  private static let shapes = [(1, 1), (3, 2), (15, 16), (16, 17), (40, 33), (7, 127)]

  @Test(arguments: shapes) func rowsAreSumsOfProducts(shape: (users: Int, items: Int)) {
    let met = Meetings(users: shape.users, items: shape.items, seed: 7)
    let starts = (0...met.items).map { item in Int32(met.columns.count { $0 < Int32(item) }) }
    let next = Guarded(Array(starts.dropLast()))
    let place = Guarded<Int32>(repeating: -1, count: met.columns.count)
    let end = Guarded<Int32>(repeating: -1, count: met.columns.count)
    ck_gram_entries(met.offsets, met.columns, met.users, next.base, place.base, end.base)
    #expect(next.values == Array(starts.dropFirst()))
    #expect(next.isIntact && place.isIntact && end.isIntact)
    for item in 0..<met.items {
      let (low, high) = (Int(starts[item]), Int(starts[item + 1]))
      let row = Guarded<Float>(repeating: -7, count: met.items)
      ck_gram_row(
        met.columns, met.strengths, place.base + low, end.base + low, high - low, item, met.items,
        row.base)
      let expected = (0..<met.items).map { other in
        other < item ? -7 : met.together(item, other)
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

  /// A row of P and 1/P_jj, in eighths: some weights are equal, some zero.
  private static func weights(_ count: Int) -> (row: [Float], inverse: [Float], item: Int) {
    var random = Draws(key: ck_random_key(UInt64(count), 942))
    return (
      (0..<count).map { _ in Float(random.below(9) - 4) / 8 },
      (0..<count).map { _ in Float(random.below(3) + 1) }, random.below(count)
    )
  }

  /// The upper half of |x|.
  private static func size(_ x: Float) -> UInt32 { (x.bitPattern & 0x7FFF_FFFF) >> 16 }

  @Test(arguments: [1, 2, 15, 16, 17, 64, 127]) func weightsAreCountedBySize(count: Int) {
    let (row, inverse, item) = Self.weights(count)
    let counts = Guarded<UInt32>(repeating: 3, count: Int(CK_GRAM_SIZES))
    ck_gram_sizes(row, inverse, count, item, counts.base)
    var expected = [UInt32](repeating: 3, count: Int(CK_GRAM_SIZES))
    for j in 0..<count where j != item { expected[Int(Self.size(row[j] * inverse[j]))] += 1 }
    #expect(counts.values == expected && counts.isIntact)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 64, 127]) func largeWeightsAreKeptInTheOrderAskedFor(
    count: Int
  ) {
    let (row, inverse, item) = Self.weights(count)
    let order = (0..<Int32(count)).reversed().map { $0 }
    let names = order.map { 1000 - $0 }
    for least in [0, 0.125, 0.126, 0.5, 1.5, 2] as [Float] {
      let columns = Guarded<Int32>(repeating: -1, count: count)
      let weights = Guarded<Float>(repeating: .nan, count: count)
      let kept = ck_gram_weights(
        row, inverse, order, names, count, item, Self.size(least), columns.base, weights.base)
      // Sizes that a step of 1/128 tells apart.
      let expected = order.map { Int($0) }.filter { j in
        let weight = row[j] * inverse[j]
        return j != item && weight != 0 && Self.size(weight) >= Self.size(least)
      }
      #expect(Array(columns.values.prefix(kept)) == expected.map { Int32(1000 - $0) })
      #expect(Array(weights.values.prefix(kept)) == expected.map { -row[$0] * inverse[$0] })
      #expect(columns.isIntact && weights.isIntact)
    }
  }

  @Test func scoresAreSumsOfRows() {
    let offsets: [Int32] = [0, 2, 2, 5]
    let columns: [Int32] = [1, 2, 0, 1, 2]
    let weights: [Float] = [0.5, -0.25, 2, 4, 8]
    let scores = Guarded<Float>([1, 1, 1])
    ck_gram_scores([2, 1, 0], [1, 1, 0.5], 3, offsets, columns, weights, scores.base)
    #expect(scores.values == [3, 5.25, 8.875] && scores.isIntact)
    ck_gram_scores([], [], 0, offsets, columns, weights, scores.base)
    #expect(scores.values == [3, 5.25, 8.875])
  }

  /// Lists by dense columns are those of whole scores, to the byte, whatever the instruction set.
  @Test(arguments: [(1, 1), (5, 63), (9, 64), (40, 65), (30, 200)])
  func listsByColumnsAreThoseOfScores(shape: (users: Int, items: Int)) {
    let met = Meetings(users: shape.users, items: shape.items, seed: 11)
    let table = Meetings(users: shape.items, items: shape.items, seed: 12)
    // Columns from 128 on have no entries.
    let byRow = (0..<shape.items).map { row in
      table.columns[Int(table.offsets[row])..<Int(table.offsets[row + 1])].filter { $0 < 128 }
    }
    func offsets(_ rows: [[some Any]]) -> [Int32] {
      rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
    }
    let relation = (offsets: offsets(byRow), columns: byRow.flatMap(\.self))
    var random = Draws(key: ck_random_key(13, 941))
    // Some alike, so that there are ties; thirds, so that sums are rounded.
    let weights = relation.columns.map { _ in (Float(random.below(9)) - 4) / 3 }
    let entries = byRow.indices.flatMap { row in byRow[row].map { (row: Int32(row), column: $0) } }
    let byItem = (0..<Int32(shape.items)).map { item in
      entries.indices.filter { entries[$0].column == item }
    }
    let byColumn = (
      offsets: offsets(byItem), rows: byItem.flatMap(\.self).map { entries[$0].row },
      weights: byItem.flatMap(\.self).map { weights[$0] }
    )
    let users = (0..<Int32(shape.users)).reversed().map { $0 }
    let all = (0..<Int32(shape.items)).map { $0 }
    for n in [1, 3, shape.items + 2] {
      var expected: (items: [Int32], scores: [UInt32]) = ([], [])
      for (place, user) in users.enumerated() {
        let own = Int(met.offsets[place])..<Int(met.offsets[place + 1])
        var scores = [Float](repeating: 0, count: shape.items)
        ck_gram_scores(
          Array(met.columns[own]), Array(met.strengths[own]), own.count, relation.offsets,
          relation.columns, weights, &scores)
        var (items, best) = ([Int32](repeating: -7, count: n), [Float](repeating: 7, count: n))
        let seen = Array(
          met.columns[Int(met.offsets[Int(user)])..<Int(met.offsets[Int(user) + 1])])
        ck_topn_select(scores, all, all.count, seen, seen.count, n, &items, &best)
        expected.items += items
        expected.scores += best.map(\.bitPattern)
      }
      forEachISA { name in
        let found = Guarded<Int32>(repeating: 0, count: users.count)
        let best = Guarded<Int32>(repeating: -7, count: users.count * n)
        let scores = Guarded<Float>(repeating: 7, count: users.count * n)
        let block = FloatMatrix(rows: shape.items, columns: Int(CK_GRAM_BLOCK))
        ck_csr.lend(offsets: byColumn.offsets, columns: byColumn.rows, values: byColumn.weights) {
          stored in
          ck_csr.lend(offsets: met.offsets, columns: met.columns, values: met.strengths) { rows in
            // The last columns first, for the order of calls does not matter.
            for first in stride(from: 0, to: shape.items, by: Int(CK_GRAM_BLOCK)).reversed() {
              let width = min(Int(CK_GRAM_BLOCK), shape.items - first)
              ck_gram_block(stored, first, width, shape.items, block.base)
              for row in 0..<shape.items {
                for column in 0..<Int(CK_GRAM_BLOCK) {
                  let entry = (Int(relation.offsets[row])..<Int(relation.offsets[row + 1]))
                    .first { Int(relation.columns[$0]) == first + column }
                  #expect(block[row][column] == (entry.map { weights[$0] } ?? 0))
                }
              }
              all[first..<first + width].withUnsafeBufferPointer { items in
                let isEmpty = byColumn.offsets[first] == byColumn.offsets[first + width]
                var columns = ck_gram_columns(
                  block: isEmpty ? nil : block.base, items: items.baseAddress, count: width)
                ck_gram_top(
                  rows, &columns, users, rows, n, found.base, best.base, scores.base)
              }
            }
          }
        }
        ck_gram_sorted(found.base, users.count, n, best.base, scores.base)
        #expect(best.values == expected.items, "\(name), \(n) of \(shape)")
        #expect(scores.values.map(\.bitPattern) == expected.scores, "\(name), \(n) of \(shape)")
        #expect(found.isIntact && best.isIntact && scores.isIntact)
      }
    }
  }
}

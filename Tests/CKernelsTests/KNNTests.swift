// Item neighbourhoods against their formulas in double precision, over a table of residuals.
import CKernels
import CReference
import OsusumeData
import Testing

/// Lists of columns with a number each.
private struct Lists {
  let offsets: [Int32]
  let columns: [Int32]
  let values: [Float]

  func withKernel<Result>(_ body: (UnsafePointer<ck_csr>) -> Result) -> Result {
    ck_csr.lend(offsets: offsets, columns: columns, values: values, to: body)
  }
}

/// Residuals of some users' ratings of some items, by user and by item.
///
/// They are multiples of 1/8 up to 2, so that sums of their products are exact in float32.
private struct Residuals {
  let users: Int
  let items: Int
  /// [users, items], NaN where there is no rating.
  let table: [Float]
  let byUser: Lists
  let byItem: Lists

  init(users: Int, items: Int, scale: Float = 1, seed: UInt64) {
    var random = Draws(key: ck_random_key(seed, 919))
    var table = (0..<users * items).map { _ in
      random.below(3) == 0 ? scale * Float(random.below(33) - 16) / 8 : Float.nan
    }
    // The last two items are rated alike: a tie of all others' neighbours.
    for user in 0..<users where items > 2 {
      table[user * items + items - 1] = table[user * items + items - 2]
    }
    self.users = users
    self.items = items
    self.table = table
    let rated = (0..<users * items).filter { !table[$0].isNaN }
    let turned = rated.sorted { ($0 % items, $0) < ($1 % items, $1) }
    byUser = Lists(
      offsets: (0...users).map { user in Int32(rated.count { $0 / items < user }) },
      columns: rated.map { Int32($0 % items) }, values: rated.map { table[$0] })
    byItem = Lists(
      offsets: (0...items).map { item in Int32(rated.count { $0 % items < item }) },
      columns: turned.map { Int32($0 / items) }, values: turned.map { table[$0] })
  }

  /// The neighbours of an item as the kernel finds them, with what else it wrote.
  func neighbours(of item: Int, shrinkage: Float, count: Int) -> [Neighbour] {
    let sums = FloatMatrix(rows: items, columns: 4)  // four times the room, aligned
    for place in 4 * items..<16 * items { sums.base[place] = .nan }
    let met = Guarded<Int32>(repeating: -1, count: items)
    let found = Guarded<Int32>(repeating: -1, count: count)
    let similarities = Guarded<Float>(repeating: .nan, count: count)
    let length = byItem.withKernel { byItem in
      byUser.withKernel {
        ck_knn_neighbours(
          byItem, $0, item, shrinkage, count, sums.base, met.base, found.base, similarities.base)
      }
    }
    #expect((0..<4 * items).allSatisfy { sums.base[$0] == 0 }, "sums are zeros again")
    #expect((4 * items..<16 * items).allSatisfy { sums.base[$0].isNaN }, "beyond the sums")
    #expect(met.isIntact && found.isIntact && similarities.isIntact && length <= count)
    #expect(found.values[length...].allSatisfy { $0 == -1 }, "beyond the found")
    return (0..<length).map { .init(item: Int(found.values[$0]), value: similarities.values[$0]) }
  }
}

private struct Neighbour: Equatable {
  let item: Int
  let value: Float

  func isBetter(than other: Neighbour) -> Bool {
    (abs(value), other.item) > (abs(other.value), item)
  }
}

struct KNNTests {
  @Test(
    arguments: [(1, 1), (1, 2), (2, 3), (15, 16), (40, 17), (60, 33), (90, 127)],
    [0, 0.5, 100] as [Float])
  func neighboursAreTheMostSimilar(shape: (users: Int, items: Int), shrinkage: Float) {
    let example = Residuals(users: shape.users, items: shape.items, seed: UInt64(shape.items))
    var ties = 0
    for item in stride(from: 0, to: shape.items, by: 1 + shape.items / 9) {
      let note = "\(shape), shrinkage \(shrinkage), item \(item)"
      let all = example.neighbours(of: item, shrinkage: shrinkage, count: shape.items)
      let exact = (0..<shape.items).map { other in
        other == item
          ? 0
          : ref_knn_similarity(
            example.table, shape.users, shape.items, item, other, Double(shrinkage))
      }
      #expect(
        Set(all.map(\.item)) == Set(exact.indices.filter { exact[$0] != 0 })
          && all.count
            == exact.count { $0 != 0 },
        "\(note)")
      for neighbour in all {
        // Sums are exact; a product, its root, two quotients, a sum and a product are rounded.
        let expected = exact[neighbour.item]
        let bound = 6 * 0x1p-24 * abs(expected)
        #expect(abs(Double(neighbour.value) - expected) <= bound, "\(note): \(neighbour.item)")
      }
      for (better, worse) in zip(all, all.dropFirst()) {
        #expect(better.isBetter(than: worse), "\(note): \(better), \(worse)")
        ties += abs(better.value) == abs(worse.value) ? 1 : 0
      }
      for count in [0, 1, 2, 3, 7, 15, 16, 17, all.count, all.count + 5] {
        let few = example.neighbours(of: item, shrinkage: shrinkage, count: count)
        #expect(few == Array(all.prefix(count)), "\(note), \(count) neighbours")
      }
    }
    #expect(ties > 0 || shape.items < 16, "no tie was tried: \(shape)")
  }

  /// Ratings of any size, be they seconds or stars, have the same neighbours.
  @Test func similaritiesDoNotDependOnTheScale() {
    let plain = Residuals(users: 40, items: 17, seed: 3)
    for exponent in [-50, -40, -20, 20, 30, 40, 50] {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = Residuals(users: 40, items: 17, scale: scale, seed: 3)
      for item in 0..<17 {
        let expected = plain.neighbours(of: item, shrinkage: 3, count: 16)
        let found = scaled.neighbours(of: item, shrinkage: 3, count: 16)
        let wrong = expected.first { neighbour in
          let value = found.first { $0.item == neighbour.item }?.value ?? .nan
          // Out of range of a product, two roots are rounded instead of one.
          return !(abs(value - neighbour.value) <= 4 * 0x1p-24 * abs(neighbour.value))
        }
        #expect(wrong == nil && found.count == expected.count, "2^\(exponent), item \(item)")
      }
    }
  }

  // MARK: Scores

  @Test(arguments: [1, 2, 15, 16, 17, 33, 127], [0, 1, 4, 20]) func scoresOfOneUser(
    items: Int, length: Int
  ) {
    var random = Draws(key: ck_random_key(UInt64(items), 920))
    // [i, j], NaN where j is no neighbour of i.
    let similarities = (0..<items * items).map { _ in
      random.below(items) < length ? random.normal() : Float.nan
    }
    let own = (0..<items).map { _ in random.below(3) == 0 ? random.normal() : Float.nan }
    let rated = own.indices.filter { !own[$0].isNaN }
    let ratings = (Guarded(rated.map { Int32($0) }), Guarded(rated.map { own[$0] }))
    var row = ck_csr_row(
      count: rated.count, columns: ratings.0.base, values: ratings.1.base)
    let note = "\(items) items, \(length) neighbours"
    let damping: Float = 0.25

    /// The lists of neighbours by i, or of those they speak for by j.
    func lists(_ place: (_ row: Int, _ column: Int) -> Int) -> Lists {
      let rows = (0..<items).map { row in
        (0..<items).filter { !similarities[place(row, $0)].isNaN }
      }
      return Lists(
        offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) },
        columns: rows.joined().map { Int32($0) },
        values: rows.indices.flatMap { row in rows[row].map { similarities[place(row, $0)] } })
    }

    let spoken = lists { j, i in i * items + j }
    let sums = FloatMatrix(rows: 1, columns: 2 * items + 1)
    sums.base[2 * items] = 99
    let out = Guarded<Float>(repeating: .nan, count: items)
    spoken.withKernel { ck_knn_scores(&row, $0, damping, sums.base, out.base) }
    #expect(out.isIntact && sums.base[2 * items] == 99, "\(note)")
    for item in 0..<items {
      let row = Array(similarities[item * items..<(item + 1) * items])
      let terms = zip(row, own).count { !$0.isNaN && !$1.isNaN }
      var magnitude = 0.0
      let expected = ref_knn_score(row, own, items, Double(damping), &magnitude)
      // A product and an addition a term above, an addition a term below, and their quotient.
      let bound = Double(2 * terms + 3) * 0x1p-24 * magnitude
      #expect(abs(Double(out.values[item]) - expected) <= bound, "\(note), item \(item)")
    }

    let neighbours = lists { i, j in i * items + j }
    let wanted = (0..<items).reversed().map { Int32($0) } + [0, 0, Int32(items / 2)]
    let mine = Guarded<Float>(repeating: .nan, count: items)
    let some = Guarded<Float>(repeating: -99, count: wanted.count)
    neighbours.withKernel {
      ck_knn_scores_of(&row, $0, wanted, wanted.count, damping, mine.base, some.base)
    }
    #expect(ratings.0.isIntact && ratings.1.isIntact, "\(note)")
    #expect(some.values == wanted.map { out.values[Int($0)] } && some.isIntact, "\(note)")
    #expect(mine.values.allSatisfy { $0.isNaN } && mine.isIntact, "\(note)")
  }
}

// EASE against its closed form in double precision, removal of a user against a fit without them, threads.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeTraining

struct EASETests {
  /// Who met what at random, `groups` of items that are met together.
  private static func meetings(users: Int, items: Int, seed: UInt64 = 5) -> CompressedRows {
    let key = ck_random_key(seed, 950)
    var met = CompressedRows(offsets: [0], columns: [])
    for user in 0..<users {
      for item in 0..<items {
        let likely = (user + item) % 3 == 0 ? 0.5 : 0.05
        if ck_random_uniform(key, UInt64(user * items + item)) < likely {
          met.columns.append(Int32(item))
        }
      }
      met.offsets.append(Int32(met.columns.count))
    }
    return met
  }

  /// (XᵀX + λI)⁻¹ in double precision, by Gauss and Jordan.
  private static func inverse(_ met: CompressedRows, items: Int, _ penalty: Double) -> [[Double]] {
    var matrix = (0..<items).map { i in (0..<items).map { $0 == i ? penalty : 0.0 } }
    for user in 0..<met.count {
      for a in met[user] { for b in met[user] { matrix[Int(a)][Int(b)] += 1 } }
    }
    var inverse = (0..<items).map { i in (0..<items).map { $0 == i ? 1.0 : 0 } }
    for k in 0..<items {
      let pivot = matrix[k][k]
      for j in 0..<items {
        (matrix[k][j], inverse[k][j]) = (matrix[k][j] / pivot, inverse[k][j] / pivot)
      }
      for i in 0..<items where i != k {
        let factor = matrix[i][k]
        guard factor != 0 else { continue }
        for j in 0..<items {
          matrix[i][j] -= factor * matrix[k][j]
          inverse[i][j] -= factor * inverse[k][j]
        }
      }
    }
    return inverse
  }

  /// One block, a block and a bit, and several blocks of the sweep.
  @Test(arguments: [1, 2, 17, 300]) func weightsAreThoseOfDoublePrecision(items: Int) throws {
    let met = Self.meetings(users: 400, items: items)
    let gram = ItemGram(met, items: items, threads: 2)
    let relation = try gram.relation(regularization: 10, most: items, scale: 1)
    let exact = Self.inverse(met, items: items, 10)
    for i in 0..<items {
      for j in 0..<items where i != j {
        let expected = -exact[i][j] / exact[j][j]
        #expect(abs(Double(relation[i, j]) - expected) < 2e-5, "B[\(i), \(j)] of \(items)")
      }
      #expect(relation[i, i] == 0)
    }
  }

  @Test func severalBlocksInvertAsOne() throws {
    // 1,100 rows are three blocks of the sweep: A·A⁻¹ = 1 is checked on some columns.
    let count = 1100
    let matrix = FloatMatrix(rows: count, columns: count)
    let key = ck_random_key(3, 951)
    for i in 0..<count {
      for j in i..<count {
        let value = Float(ck_random_uniform(key, UInt64(i * count + j)) - 0.5)
        matrix[i][j] = i == j ? 40 + value : value
      }
    }
    let whole = matrix.copy()
    whole.mirror(threads: 1)
    #expect(matrix.negateAndInvert(threads: 3))
    for column in [0, 1, 511, 512, 513, 1023, 1024, 1099] {
      for row in 0..<count {
        var product = 0.0
        for k in 0..<count { product -= Double(whole[row][k]) * Double(matrix[k][column]) }
        #expect(abs(product - (row == column ? 1 : 0)) < 1e-4, "(\(row), \(column))")
      }
    }
    let indefinite = FloatMatrix(rows: 3, columns: 3)
    for i in 0..<3 { indefinite[i][i] = i == 1 ? -1 : 1 }
    #expect(!indefinite.negateAndInvert(threads: 1))
  }

  /// Removing a user from a fit and ranking their hidden items is fitting without them (Sherman, Morrison).
  @Test func leftOutUsersAreServedAsByAFitWithoutThem() throws {
    let (items, penalty, key) = (40, 5.0, UInt64(77))
    let met = Self.meetings(users: 60, items: items)
    let gram = ItemGram(met, items: items, threads: 1)
    let negated = try gram.negatedInverse(met, count: items, regularization: penalty)
    var checked = 0
    for user in 0..<met.count {
      let own = met[user]
      let hidden = own.filter { ck_random_bits(key, UInt64($0)) % 5 == 0 }
      let folded = own.filter { !hidden.contains($0) }
      guard !hidden.isEmpty, !folded.isEmpty else { continue }
      var others = CompressedRows(offsets: [0], columns: [])
      for other in 0..<met.count {
        if other != user { others.columns += met[other] }
        others.offsets.append(Int32(others.columns.count))
      }
      let without = Self.inverse(others, items: items, penalty)
      var scores = [Double](repeating: -.infinity, count: items)
      for item in 0..<items where !folded.contains(Int32(item)) {
        var sum = 0.0
        for other in folded { sum -= without[Int(other)][item] }
        scores[item] = sum / without[item][item]
      }
      var (gain, ideal) = (0.0, 0.0)
      for (rank, item) in hidden.enumerated() {
        let above = scores.count { $0 > scores[Int(item)] + 1e-9 }
        gain += 1 / log2(Double(above + 2))
        ideal += 1 / log2(Double(rank + 2))
      }
      let value = gram.served(own, by: negated, key: key)
      #expect(abs(value - gain / ideal) < 1e-9, "user \(user): \(value), not \(gain / ideal)")
      checked += 1
    }
    #expect(checked > 30)
  }

  @Test func thePenaltyIsOneThatServesLeftOutUsers() throws {
    let met = Self.meetings(users: 500, items: 60)
    let chosen = try ItemGram(met, items: 60, threads: 2).choosePenalty(seed: 1)
    #expect([3.2, 10, 32, 100, 320, 1000, 3200, 10_000].contains(chosen))
    // Noise alone: nothing is to be had from small penalties.
    var noise = CompressedRows(offsets: [0], columns: [])
    for user in 0..<40 {
      for part in 0..<6 { noise.columns.append(Int32(part * 9 + (user * 7 + part) % 9)) }
      noise.offsets.append(Int32(noise.columns.count))
    }
    #expect(try ItemGram(noise, items: 60, threads: 1).choosePenalty(seed: 1) > 3.2)
  }

  @Test func theSameBytesForAnyNumberOfThreads() throws {
    let world = World(users: 120, items: 700, rank: 2, density: 0.1, noise: 0.3)
    let models = try (1...3).map { threads in
      try Trainer(.ease, threads: threads).fit(
        world.train, users: world.users, items: world.items
      ).parameters
    }
    let relations = try models.map { try #require($0 as? ItemRelations) }
    #expect(relations[0].relations.count == 2 && !relations[0].relations[1].weights.isEmpty)
    for other in relations.dropFirst() {
      for (mine, theirs) in zip(relations[0].relations, other.relations) {
        #expect(mine.offsets == theirs.offsets && mine.columns == theirs.columns)
        #expect(mine.weights == theirs.weights)
      }
    }
  }

  @Test func listsFindWhatIsMetTogether() throws {
    // Users meet items of one of three kinds only: what they have not met of their kind comes first.
    var rows = IndexedRatings(users: [], items: [], values: [])
    for user in 0..<90 {
      for item in 0..<30 where item % 3 == user % 3 && (user / 3 + item / 3) % 4 != 0 {
        rows.users.append(Int32(user))
        rows.items.append(Int32(item))
        rows.values.append(Float(6 + (user + item) % 5))
      }
    }
    var settings = ModelSpec.ease.defaults
    settings.regularization = 10
    let fit = try Trainer(.ease, settings).fit(rows, users: 90, items: 30).parameters
    let seen = SeenItems(rows: rows, users: 90, threads: 1)
    let top = fit.topItems(for: (0..<90).map { Int32($0) }, count: 2, excluding: seen, threads: 2)
    for user in 0..<90 {
      for place in 0..<2 { #expect(Int(top.items[2 * user + place]) % 3 == user % 3) }
    }
  }
}

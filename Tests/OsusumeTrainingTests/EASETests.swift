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
    let gram = try ItemGram(met, items: items, threads: 2)
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

  @Test func theLargestWeightsOfAllAreKept() throws {
    let (items, most) = (60, 5)
    let met = Self.meetings(users: 300, items: items)
    let all = try ItemGram(met, items: items, threads: 1)
      .relation(regularization: 10, most: items, scale: 1)
    let some = try ItemGram(met, items: items, threads: 2)
      .relation(regularization: 10, most: most, scale: 1)
    let sizes = all.weights.map { abs($0) }.sorted(by: >)
    let bound = sizes[most * items - 1]
    for i in 0..<items {
      for j in 0..<items where abs(all[i, j]) >= bound { #expect(some[i, j] == all[i, j]) }
    }
    #expect(some.weights.count >= most * items)
    #expect(some.weights.allSatisfy { abs($0) > bound * (1 - 1 / 64) })
  }

  /// Whoever few have met is related to nothing, unless there are few items.
  @Test func theCoreIsWhatManyHaveMet() throws {
    var met = CompressedRows(offsets: [0], columns: [])
    let items = 2300
    for user in 0..<20 {
      // Items 100..<2200 are met by ten people, 0..<100 by nine, the last hundred by nobody.
      for item in 0..<2200 where item >= 100 ? user % 2 == 0 : user < 9 {
        met.columns.append(Int32(item))
      }
      met.offsets.append(Int32(met.columns.count))
    }
    let gram = try ItemGram(met, items: items, threads: 2)
    #expect(gram.core == (100..<2200).map { Int32($0) })
    #expect(gram.met[0].elementsEqual(0..<2100) && gram.met[1].isEmpty)
    let relation = try gram.relation(regularization: 10, most: items, scale: 1)
    #expect(relation.items == items && relation.offsets[100] == 0)
    #expect(relation[100, 101] != 0 && relation[2199, 100] != 0)
    #expect(relation.columns.allSatisfy { (100..<2200).contains($0) })
    let few = try ItemGram(
      CompressedRows(offsets: [0, 2, 3], columns: [1, 3, 3]), items: 5, threads: 1)
    #expect(few.core == [3, 1])
    #expect(throws: TrainingError.tooManyItems(items: 2, bytes: 128)) {
      try ItemGram(
        CompressedRows(offsets: [0, 2], columns: [1, 3]), items: 5, memory: 127, threads: 1)
    }
  }

  /// Two relations to choose the penalty of, and who met what: what is liked is part of what is met.
  private static func choice(users: Int, items: Int) throws -> (
    choice: PenaltyChoice, met: CompressedRows, liked: CompressedRows
  ) {
    let met = meetings(users: users, items: items)
    var liked = CompressedRows(offsets: [0], columns: [])
    for user in 0..<users {
      liked.columns += met[user].filter { (user + Int($0)) % 4 != 0 }
      liked.offsets.append(Int32(liked.columns.count))
    }
    let choice = try PenaltyChoice(
      rated: ItemGram(met, items: items, threads: 1),
      liked: ItemGram(liked, items: items, threads: 2), seed: 3)
    return (choice, met, liked)
  }

  /// Ranking what is hidden of somebody is what a fit to all ratings but the hidden does (Woodbury).
  @Test func hiddenRatingsAreServedAsByAFitWithoutThem() throws {
    let (items, penalty) = (40, 5.0)
    let (choice, met, liked) = try Self.choice(users: 60, items: items)
    let grams = try [met, liked].map { try ItemGram($0, items: items, threads: 1) }
    let core = grams[0].core.map { Int($0) }
    let negated = try grams.map { gram in
      // By place among those ranked, as `counts(of:)` has them.
      let own = FloatMatrix(rows: items, columns: items)
      let places = core.map { gram.core.firstIndex(of: Int32($0)) ?? 0 }
      for (i, a) in places.enumerated() {
        for (j, b) in places.enumerated().dropFirst(i) {
          own[i][j] = gram.counts[min(a, b)][max(a, b)]
        }
      }
      try own.negateAndInvert(adding: penalty, threads: 1)
      return own
    }
    #expect(choice.samples.count > 100)
    var mean = 0.0
    for (number, sample) in choice.samples.enumerated() {
      let scores = choice.scores(of: sample, by: negated)
      mean += choice.ndcg(of: sample, scores: scores)
      guard number % 20 == 0 else { continue }
      let own = sample.met[0].map { core[Int($0)] }.sorted()
      let hidden = Set(sample.hidden.map { core[Int($0)] })
      let user = try #require((0..<met.count).first { met[$0].map { Int($0) } == own })
      for item in 0..<items where !own.contains(item) || hidden.contains(item) {
        let expected = [met, liked].reduce(0.0) { sum, rows in
          let without = Self.inverse(Self.hiding(hidden, of: user, in: rows), items: items, penalty)
          let folded = rows[user].map { Int($0) }.filter { !hidden.contains($0) }
          return sum - folded.reduce(0.0) { $0 + without[$1][item] } / without[item][item]
        }
        let place = try #require(core.firstIndex(of: item))
        #expect(abs(Double(scores[place]) - expected) < 2e-5, "user \(user), item \(item)")
      }
    }
    #expect(try abs(choice.quality(penalty) - mean / Double(choice.samples.count)) < 1e-9)
  }

  private static func hiding(
    _ hidden: Set<Int>, of user: Int, in rows: CompressedRows
  ) -> CompressedRows {
    var others = CompressedRows(offsets: [0], columns: [])
    for other in 0..<rows.count {
      others.columns += rows[other].filter { other != user || !hidden.contains(Int($0)) }
      others.offsets.append(Int32(others.columns.count))
    }
    return others
  }

  @Test func listsAreJudgedByTheirFirstTen() throws {
    let (choice, _, _) = try Self.choice(users: 60, items: 40)
    let sample = PenaltyChoice.Sample(met: [[0, 1, 2, 3], [1, 2, 3]], hidden: [0, 2, 3])
    #expect(sample.relevant == [2, 3])
    // By falling score 1 (known), 4, 2, 0, then eight others, 3 at rank 11.
    let scores: [Float] = [7, 10, 8, 0, 9, 6, 6, 6, 6, 6, 6, 6, 6, -1]
    let value = choice.ndcg(of: sample, scores: scores)
    #expect(abs(value - (1 / log2(3.0)) / (1 + 1 / log2(3.0))) < 1e-12)
  }

  @Test func thePenaltyIsTheBestOrBetweenTheBest() throws {
    let (choice, _, _) = try Self.choice(users: 500, items: 60)
    let best = try choice.best()
    let tried = try (1...8).map {
      try (exponent: $0, value: choice.quality(pow(10, Double($0) / 2)))
    }
    // A local maximum of what was tried, or a quarter of a step off it at most.
    let nearest = (2 * log10(best)).rounded()
    let value = try #require(tried.first { Double($0.exponent) == nearest }?.value)
    for (exponent, other) in tried where abs(Double(exponent) - nearest) == 1 {
      #expect(other <= value)
    }
    // Of users of whom nothing liked can be hidden nothing is learned.
    let met = CompressedRows(offsets: [0, 3], columns: [0, 1, 2])
    let gram = try ItemGram(met, items: 3, threads: 1)
    #expect(try PenaltyChoice(rated: gram, liked: gram, seed: 1).best() == 100)
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

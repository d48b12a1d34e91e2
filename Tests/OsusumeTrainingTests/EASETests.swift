// EASE against its closed form in double precision, hidden ratings against a fit without them, threads.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeTraining

struct EASETests {
  /// A user's items, ascending, and what each counts, in hundredths.
  private typealias Row = [(column: Int32, hundredths: UInt8)]

  /// Who met what at random, items of three kinds that are met together, counting 30, 65 or 100 hundredths.
  private static func meetings(users: Int, items: Int, seed: UInt64 = 5) -> [Row] {
    let key = ck_random_key(seed, 950)
    var rows = [Row](repeating: [], count: users)
    for user in 0..<users {
      for item in 0..<items {
        let likely = (user + item) % 3 == 0 ? 0.5 : 0.05
        guard ck_random_uniform(key, UInt64(user * items + item)) < likely else { continue }
        rows[user].append((Int32(item), UInt8(30 + 35 * ((user + item) % 3))))
      }
    }
    return rows
  }

  private static func gram(
    _ rows: [Row], items: Int, _ options: ItemGram.Options = .init(), threads: Int = 1
  ) throws -> ItemGram {
    try ItemGram(
      WeightedRows(rows), items: items, labels: labels(items: items), options: options,
      threads: threads)
  }

  /// Each item is of one of three genres, every fourth of another too.
  private static func labels(items: Int) -> SideInformation.Labels {
    var labels = SideInformation.Labels()
    labels.names = ["0", "1", "2", "fourth"]
    for item in 0..<items {
      labels.items.append(Int32(item))
      labels.labels.append(Int32(item % 3))
      guard item % 4 == 0 else { continue }
      labels.items.append(Int32(item))
      labels.labels.append(3)
    }
    return labels
  }

  /// XᵀWX in double precision, W being weights of users.
  private static func product(
    _ met: [Row], items: Int, weights: [Double]
  ) -> [[Double]] {
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: items), count: items)
    for (row, weight) in zip(met, weights) {
      for a in row {
        for b in row {
          matrix[Int(a.column)][Int(b.column)] +=
            weight * Double(a.hundredths) * Double(b.hundredths) / 10_000
        }
      }
    }
    return matrix
  }

  /// (XᵀX + λI)⁻¹ in double precision.
  private static func inverse(_ met: [Row], items: Int, _ penalty: Double) -> [[Double]] {
    let weights = [Double](repeating: 1, count: met.count)
    return inverse(
      product(met, items: items, weights: weights),
      adding: [Double](repeating: penalty, count: items))
  }

  /// The inverse in double precision of a matrix with something added to its diagonal, by Gauss and Jordan.
  private static func inverse(_ matrix: [[Double]], adding diagonal: [Double]) -> [[Double]] {
    var matrix = matrix
    let items = matrix.count
    for item in 0..<items { matrix[item][item] += diagonal[item] }
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
    let gram = try Self.gram(met, items: items, threads: 2)
    let relation = try gram.relation(regularization: 10, most: items)
    let exact = Self.inverse(met, items: items, 10)
    for i in 0..<items {
      for j in 0..<items where i != j {
        let expected = -exact[i][j] / exact[j][j]
        #expect(abs(Double(relation[i, j]) - expected) < 2e-5, "B[\(i), \(j)] of \(items)")
      }
      #expect(relation[i, i] == 0)
    }
  }

  /// EDLAE, RDLAE and DAN as their papers have them, and genres: who counts how much, what the diagonal gets, how weights
  /// are scaled.
  private struct Reference {
    let weights: [Double]
    let diagonal: [Double]
    let popularity: [Double]
    let inverse: [[Double]]
    let options: ItemGram.Options

    /// What is fitted with to `met`; weights of users and additions to the diagonal come from `whole`.
    init(
      _ met: [Row], from whole: [Row], items: Int, _ penalty: Double, _ options: ItemGram.Options
    ) {
      let sums = whole.map { $0.reduce(0.0) { $0 + Double($1.hundredths) / 100 } }
      let raw = sums.map { $0 > 0 ? pow($0, -options.userExponent) : 0 }
      let scale = sums.reduce(0, +) / zip(sums, raw).reduce(0) { $0 + $1.0 * $1.1 }
      weights = raw.map { $0 * scale }
      self.options = options
      let genres = EASETests.genres(items: items, weight: options.genreWeight)
      let gram = EASETests.sum(
        EASETests.product(whole, items: items, weights: weights), genres)
      let p = options.dropout
      diagonal = (0..<items).map { penalty + p / (1 - p) * gram[$0][$0] }
      popularity = (0..<items).map { pow(gram[$0][$0], options.popularityExponent) }
      inverse = EASETests.inverse(
        EASETests.sum(EASETests.product(met, items: items, weights: weights), genres),
        adding: diagonal)
    }

    func weight(_ i: Int, _ j: Int) -> Double {
      let bound = (1 - options.selfWeight) / inverse[j][j]
      let multiplier = options.selfWeight == 0 ? bound : max(bound, diagonal[j])
      return -inverse[i][j] * multiplier * popularity[i] / popularity[j]
    }
  }

  private static func sum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    zip(a, b).map { zip($0, $1).map { $0 + $1 } }
  }

  /// w² for each genre that two items share.
  private static func genres(items: Int, weight: Double) -> [[Double]] {
    (0..<items).map { i in
      (0..<items).map { j in
        weight * weight
          * ((i % 3 == j % 3 ? 1 : 0) + (i % 4 == 0 && j % 4 == 0 ? 1 : 0))
      }
    }
  }

  /// Dropout, exponents of popularity and of users, ξ, the weight of genres.
  private static let variants: [[Double]] = [
    [0.3, 0, 0, 0, 0], [0, 0.2, 0, 0, 0], [0, -0.5, 0, 0, 0], [0, 0, 0.5, 0, 0],
    [0, 0, 0, 0.3, 0], [0, 0, 0, 0.9, 0], [0, 0, 0, 0, 2], [0.1, 0.3, 1, 0.8, 0.7],
  ]

  private static func options(_ variant: [Double]) -> ItemGram.Options {
    var options = ItemGram.Options()
    (options.dropout, options.popularityExponent) = (variant[0], variant[1])
    (options.userExponent, options.selfWeight) = (variant[2], variant[3])
    options.genreWeight = variant[4]
    return options
  }

  @Test(arguments: variants)
  func optionsAreThoseOfTheField(_ variant: [Double]) throws {
    let (items, options) = (60, Self.options(variant))
    let met = Self.meetings(users: 300, items: items)
    let relation = try Self.gram(met, items: items, options, threads: 2)
      .relation(regularization: 10, most: items)
    let plain = try Self.gram(met, items: items).relation(regularization: 10, most: items)
    let reference = Reference(met, from: met, items: items, 10, options)
    for i in 0..<items {
      for j in 0..<items where i != j {
        #expect(abs(Double(relation[i, j]) - reference.weight(i, j)) < 3e-5, "B[\(i), \(j)]")
      }
    }
    #expect(relation.weights != plain.weights)
  }

  /// Of all weights whose diagonal is 0.1 at most, RDLAE's lower |X − XB|² + λ|B|² most: its slope is 0 but for the diagonal,
  /// which would grow.
  @Test func aBoundedDiagonalIsOptimal() throws {
    let (items, bound, penalty) = (40, 0.1, 10.0)
    let met = Self.meetings(users: 300, items: items)
    var options = ItemGram.Options()
    options.selfWeight = bound
    let relation = try Self.gram(met, items: items, options)
      .relation(regularization: penalty, most: items)
    let gram = Self.product(
      met, items: items, weights: [Double](repeating: 1, count: met.count))
    for j in 0..<items {
      for i in 0..<items {
        let slope =
          (0..<items).reduce(0.0) { sum, k in
            let weight = k == j ? bound : Double(relation[k, j])
            return sum + (gram[i][k] + (i == k ? penalty : 0)) * weight
          } - gram[i][j]
        #expect(i == j ? slope < -1 : abs(slope) < 0.01, "(\(i), \(j))")
      }
    }
  }

  @Test(arguments: variants)
  func hiddenRatingsAreServedWithOptionsToo(_ variant: [Double]) throws {
    let (items, penalty, options) = (40, 5.0, Self.options(variant))
    let met = Self.meetings(users: 60, items: items)
    let gram = try Self.gram(met, items: items, options, threads: 2)
    let core = gram.core.map { Int($0) }
    let choice = PenaltyChoice(gram, seed: 3)
    let inverse = try choice.inverse(penalty)
    for sample in choice.samples.prefix(4) {
      let scores = choice.scores(of: sample, by: inverse)
      let own = sample.met.map { core[Int($0)] }.sorted()
      let hidden = Set(sample.hidden.map { core[Int($0)] })
      let user = try #require((0..<met.count).first { met[$0].map { Int($0.column) } == own })
      var others = met
      others[user].removeAll { hidden.contains(Int($0.column)) }
      let without = Reference(others, from: met, items: items, penalty, options)
      for item in 0..<items where !own.contains(item) || hidden.contains(item) {
        let expected = others[user].reduce(0.0) {
          $0 + Double($1.hundredths) / 100 * without.weight(Int($1.column), item)
        }
        let place = try #require(core.firstIndex(of: item))
        #expect(abs(Double(scores[place]) - expected) < 5e-5, "user \(user), item \(item)")
      }
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
    let all = try Self.gram(met, items: items)
      .relation(regularization: 10, most: items)
    let some = try Self.gram(met, items: items, threads: 2)
      .relation(regularization: 10, most: most)
    let sizes = all.weights.map { abs($0) }.sorted(by: >)
    let bound = sizes[most * items - 1]
    for i in 0..<items {
      for j in 0..<items where abs(all[i, j]) >= bound { #expect(some[i, j] == all[i, j]) }
    }
    #expect(some.weights.count >= most * items)
    #expect(some.weights.allSatisfy { abs($0) > bound * (1 - 1 / 64) })
  }

  /// What carries a hundredth of all meetings at the end is related to nothing, unless there are few items.
  @Test func theCoreIsWhatCarriesNearlyAll() throws {
    let items = 2300
    // Items 100..<2200 are met by ten people, 0..<100 by two: a hundredth of all. The last hundred by nobody.
    var met = [Row](repeating: [], count: 20)
    for user in 0..<20 {
      for item in 0..<2200 where item >= 100 ? user % 2 == 0 : user < 2 {
        met[user].append((Int32(item), 100))
      }
    }
    let gram = try Self.gram(met, items: items, threads: 2)
    #expect(gram.core == (100..<2199).map { Int32($0) })
    #expect(gram.met.rows[0].elementsEqual(0..<2099) && gram.met.rows[1].isEmpty)
    #expect(gram.met.strengths.allSatisfy { $0 == 1 })
    let relation = try gram.relation(regularization: 10, most: items)
    #expect(relation.items == items && relation.offsets[100] == 0)
    #expect(relation[100, 101] != 0 && relation[2198, 100] != 0)
    #expect(relation.columns.allSatisfy { (100..<2199).contains($0) })
    let few: [Row] = [[(1, 100), (3, 100)], [(3, 100)]]
    #expect(try Self.gram(few, items: 5).core == [3, 1])
    // The matrix, panels of 512 columns, two matrices for the penalty; rows padded to 16 floats.
    let bytes = 4 * (2 * 16 + 2 * 2 * 512 + 2 * 2 * 16)
    let (two, need) = (
      WeightedRows(Array(few.prefix(1))), ItemGram.need([[1, 3, 3]], items: 5)
    )
    #expect(need == (2, bytes))
    #expect(
      throws: TrainingError.tooManyItems(items: 2, bytes: bytes, available: bytes - 1)
    ) { try ItemGram(two, items: 5, memory: bytes - 1, threads: 1) }
    #expect(try ItemGram(two, items: 5, memory: bytes, threads: 1).core == [1, 3])
  }

  private static func choice(users: Int, items: Int) throws -> (
    choice: PenaltyChoice, met: [Row]
  ) {
    let met = meetings(users: users, items: items)
    return (try PenaltyChoice(gram(met, items: items, threads: 2), seed: 3), met)
  }

  /// Ranking what is hidden of somebody is what a fit to all ratings but the hidden does (Woodbury).
  @Test func hiddenRatingsAreServedAsByAFitWithoutThem() throws {
    let (items, penalty) = (40, 5.0)
    let (choice, met) = try Self.choice(users: 60, items: items)
    let core = try Self.gram(met, items: items).core.map { Int($0) }
    let inverse = try choice.inverse(penalty)
    #expect(choice.samples.count > 30)
    var mean = 0.0
    for (number, sample) in choice.samples.enumerated() {
      let scores = choice.scores(of: sample, by: inverse)
      mean += choice.ndcg(of: sample, scores: scores)
      guard number % 10 == 0 else { continue }
      let own = sample.met.map { core[Int($0)] }.sorted()
      let hidden = Set(sample.hidden.map { core[Int($0)] })
      let user = try #require(
        (0..<met.count).first { met[$0].map { Int($0.column) } == own })
      var others = met
      others[user].removeAll { hidden.contains(Int($0.column)) }
      let without = Self.inverse(others, items: items, penalty)
      for item in 0..<items where !own.contains(item) || hidden.contains(item) {
        var expected = 0.0
        for (column, hundredths) in others[user] {
          let weight = -without[Int(column)][item] / without[item][item]
          expected += Double(hundredths) / 100 * weight
        }
        let place = try #require(core.firstIndex(of: item))
        #expect(abs(Double(scores[place]) - expected) < 2e-5, "user \(user), item \(item)")
      }
    }
    #expect(try abs(choice.quality(penalty) - mean / Double(choice.samples.count)) < 1e-9)
  }

  @Test func listsAreJudgedByTheirFirstTen() throws {
    let (choice, _) = try Self.choice(users: 60, items: 40)
    let sample = PenaltyChoice.Sample(
      met: [0, 1, 2, 3], strengths: [0.99, 1, 1.1, 1], hidden: [0, 2, 3])
    #expect(sample.relevant == [2, 3])
    // By falling score 1 (known), 4, 2, 0, then eight others, 3 at rank 11.
    let scores: [Float] = [7, 10, 8, 0, 9, 6, 6, 6, 6, 6, 6, 6, 6, -1]
    let value = choice.ndcg(of: sample, scores: scores)
    #expect(abs(value - (1 / log2(3.0)) / (1 + 1 / log2(3.0))) < 1e-12)
  }

  @Test func thePenaltyIsTheBestOrBetweenTheBest() throws {
    let (choice, _) = try Self.choice(users: 500, items: 60)
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
    let gram = try Self.gram([[(0, 100), (1, 100), (2, 100)]], items: 3)
    #expect(try PenaltyChoice(gram, seed: 1).best() == 100)
  }

  @Test func theSameBytesForAnyNumberOfThreads() throws {
    let world = World(users: 120, items: 700, rank: 2, density: 0.1, noise: 0.3)
    let models = try (1...3).map { threads in
      try Trainer(.ease, threads: threads).fit(
        world.train, users: world.users, items: world.items
      ).parameters
    }
    let relations = try models.map { try #require($0 as? ItemRelations) }
    #expect(!relations[0].relation.weights.isEmpty)
    for other in relations.dropFirst() {
      #expect(relations[0].relation.offsets == other.relation.offsets)
      #expect(relations[0].relation.columns == other.relation.columns)
      #expect(relations[0].relation.weights == other.relation.weights)
    }
  }

  /// What a rating counts, one seen without being rated, and what is added up of it.
  @Test func ratingsCountByHowTheyAreLiked() throws {
    let strength = RatingStrength(likedFrom: 8, deviation: 2)
    let ratings: [Float] = [10, 9, 8, 7, 6, 4, 1]
    #expect(ratings.map { strength.hundredths($0) } == [110, 110, 100, 75, 50, 0, 0])
    #expect(strength.hundredths(.nan) == 100)
    let relation = ItemRelation(
      offsets: [0, 2, 3, 4], columns: [1, 2, 2, 0], weights: [0.5, 0.25, -0.5, 2])
    let scorer = ItemRelations(
      relation: relation, rated: SeenItems(offsets: [0, 2, 2], items: [0, 2]),
      strengths: [110, 75], unrated: SeenItems(offsets: [0, 1, 1], items: [1]),
      strength: strength)
    let scores = scorer.scores(
      users: [0, 0, 0, 1], items: [0, 1, 2, 2], threads: 2)
    let expected: [Float] = [1.5, 0.55, 0.025, 0]
    for (score, wanted) in zip(scores, expected) { #expect(abs(score - wanted) < 1e-6) }
    let added = try #require(scorer.contributions(user: 0, item: 2))
    #expect(added.map(\.item) == [0, 2, 1])
    for (part, wanted) in zip(added, [0.275, 0, -0.25] as [Float]) {
      #expect(abs(part.value - wanted) < 1e-6)
    }
  }

  /// What is seen without being rated is learned from, and counts for who has seen it, folded in or not.
  @Test func whatIsSeenCounts() throws {
    let world = World(users: 60, items: 40, rank: 2, density: 0.2, noise: 0.3)
    var side = SideInformation()
    side.unrated = UnratedRows(users: [], items: [])
    let rated = SeenItems(rows: world.train, users: 60, threads: 1)
    for user in 0..<60 {
      for item in 0..<40 where (user + item) % 5 == 0 && !rated[user].contains(Int32(item)) {
        side.unrated.users.append(Int32(user))
        side.unrated.items.append(Int32(item))
      }
    }
    func fit(_ side: SideInformation) throws -> ItemRelations {
      var settings = ModelSpec.ease.defaults
      settings.regularization = 10
      let fit = try Trainer(.ease, settings).fit(world.train, users: 60, items: 40, side: side)
      return try #require(fit.parameters as? ItemRelations)
    }
    let (with, without) = (try fit(side), try fit(SideInformation()))
    #expect(with.relation.weights != without.relation.weights)
    #expect(with.met(by: 3).items.suffix(with.unrated[3].count).elementsEqual(with.unrated[3]))
    #expect(with.met(by: 3).strengths.last == 0.5)
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

// Baselines: what they are by definition, and where their minimum lies.
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct BaselineTests {
  /// Five users and six items; user 4 and item 5 have no rating.
  static let rows = IndexedRatings(
    users: [0, 0, 0, 1, 1, 2, 3, 3, 3, 3], items: [0, 1, 2, 0, 3, 4, 0, 1, 2, 3],
    values: [8, 6, 7, 10, 9, 1, 5, 4, 4, 6])

  private func fit(_ spec: ModelSpec, threads: Int = 1) -> FactorParameters {
    fitBaseline(
      spec, train: Self.rows, users: 5, items: 6, hyperparameters: spec.defaults, threads: threads)
  }

  @Test func meanIsTheMean() {
    let parameters = fit(.mean)
    #expect(parameters.score(user: 0, item: 1) == 6 && parameters.score(user: 4, item: 5) == 6)
  }

  @Test func popularityCountsRatings() {
    let parameters = fit(.popularity)
    #expect((0..<6).map { parameters.score(user: 4, item: $0) } == [3, 2, 2, 2, 1, 0])
    #expect((0..<6).map { parameters.score(user: 1, item: $0) } == [3, 2, 2, 2, 1, 0])
  }

  @Test func biasesAreAStationaryPointOfTheDampedSquaredError() {
    let parameters = fit(.bias)
    let layout = parameters.layout
    let userBias = (0..<5).map { Double(parameters.users[$0][layout.userBiasLane]) }
    let itemBias = (0..<6).map { Double(parameters.items[$0][layout.itemBiasLane]) }
    var userGradient = userBias.map { -5 * $0 }
    var itemGradient = itemBias.map { -5 * $0 }
    for row in 0..<Self.rows.count {
      let user = Int(Self.rows.users[row])
      let item = Int(Self.rows.items[row])
      let error = Double(Self.rows.values[row]) - 6 - userBias[user] - itemBias[item]
      userGradient[user] += error
      itemGradient[item] += error
    }
    // Another sweep would move no bias by 1e-4 standard deviations, here 2.57; at most 4 + 5 of them weigh in.
    #expect((userGradient + itemGradient).allSatisfy { abs($0) < 9e-4 * 2.57 })
    #expect(userBias[4] == 0 && itemBias[5] == 0 && userBias[0] != 0)
  }

  /// By a power of two, so that rounding is the same: the sweep that is the last one does not depend on
  /// the unit.
  @Test(arguments: [0x1p-20, 0x1p-10, 0x1p10] as [Float])
  func ratingsInAnotherUnitHaveTheSameBiasesInThatUnit(unit: Float) {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for row in 0..<4000 {
      let (user, item) = (row * 7919 % 101, row * 104_729 % 53)
      rows.users.append(Int32(user))
      rows.items.append(Int32(item * (row % 7) / 7))
      rows.values.append(Float((user * 31 + item * 17 + row % 5) % 10 + 1))
    }
    let biases = DampedBiases(rows: rows, users: 101, items: 53, damping: 5, threads: 1)
    rows.values = rows.values.map { $0 * unit }
    let others = DampedBiases(rows: rows, users: 101, items: 53, damping: 5, threads: 1)
    #expect(biases.sweeps > 3 && others.sweeps == biases.sweeps)
    #expect(others.items == biases.items.map { $0 * unit })
    #expect(others.users == biases.users.map { $0 * unit })
  }

  @Test(arguments: [0.1, 7, 1e9] as [Float]) func equalRatingsNeedOneSweep(rating: Float) {
    let rows = IndexedRatings(
      users: Self.rows.users, items: Self.rows.items,
      values: Self.rows.values.map { _ in rating })
    let biases = DampedBiases(rows: rows, users: 5, items: 6, damping: 5, threads: 1)
    #expect(biases.sweeps == 1 && abs(biases.mean - Double(rating)) <= 1e-12 * Double(rating))
  }

  @Test func noDampingAndNoRatingIsNoDivisionByZero() {
    let biases = DampedBiases(rows: Self.rows, users: 5, items: 6, damping: 0, threads: 2)
    #expect((biases.users + biases.items).allSatisfy { $0.isFinite })
    let none = DampedBiases(
      rows: IndexedRatings(users: [], items: [], values: []), users: 2, items: 2, damping: 5,
      threads: 2
    )
    #expect(none.mean == 0 && none.users == [0, 0] && none.items == [0, 0])
  }

  @Test func threadsDoNotChangeABit() {
    let count = 600_000
    var users: [Int32] = []
    var items: [Int32] = []
    var values: [Float] = []
    for row in 0..<count {
      let popular = row * 104_729 % 503
      users.append(Int32(row * 7919 % 1009))
      items.append(Int32(popular * (row * 31 % 503) / 503))
      values.append(Float(row * 13 % 10) * 0.73)
    }
    let rows = IndexedRatings(users: users, items: items, values: values)
    let one = DampedBiases(rows: rows, users: 1009, items: 503, damping: 5, threads: 1)
    let three = DampedBiases(rows: rows, users: 1009, items: 503, damping: 5, threads: 3)
    #expect(one.users == three.users && one.items == three.items && one.sweeps == three.sweeps)
  }
}

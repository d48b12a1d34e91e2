// svd: its spectrum is that of the centred matrix, its factors are orthogonal, threads change nothing.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct SVDTests {
  private static let world = World(users: 90, items: 25, rank: 3, density: 0.5, noise: 0.3)

  private func fit(factors: Int, threads: Int = 1, _ rows: IndexedRatings? = nil) throws
    -> FitResult
  {
    var settings = ModelSpec.svd.defaults
    settings.factors = factors
    return try Trainer(.svd, settings, threads: threads)
      .fit(rows ?? Self.world.train, users: Self.world.users, items: Self.world.items)
  }

  /// The centred ratings, users × items, and what is left of it by the eigenvalues of its square.
  private func spectrum() -> [Double] {
    let (rows, items) = (Self.world.train, Self.world.items)
    let biases = DampedBiases(
      rows: rows, users: Self.world.users, items: items, damping: 5, threads: 1)
    var matrix = [[Double]](
      repeating: .init(repeating: 0, count: items), count: Self.world.users)
    for row in 0..<rows.count {
      let (user, item) = (Int(rows.users[row]), Int(rows.items[row]))
      matrix[user][item] =
        Double(rows.values[row]) - biases.mean - Double(biases.users[user] + biases.items[item])
    }
    var square = (0..<items).map { i in
      (0..<items).map { j in matrix.reduce(0.0) { $0 + $1[i] * $1[j] } }
    }
    for _ in 0..<30 {
      for i in 0..<items { for j in 0..<i { rotate(&square, i, j) } }
    }
    return (0..<items).map { max(0, square[$0][$0]).squareRoot() }.sorted(by: >)
  }

  /// One rotation of Jacobi's: makes element (i, j) zero.
  private func rotate(_ a: inout [[Double]], _ i: Int, _ j: Int) {
    guard abs(a[i][j]) > 1e-14 else { return }
    let angle = 0.5 * atan2(2 * a[i][j], a[i][i] - a[j][j])
    let (c, s) = (cos(angle), sin(angle))
    for k in a.indices {
      (a[k][i], a[k][j]) = (c * a[k][i] + s * a[k][j], c * a[k][j] - s * a[k][i])
    }
    for k in a.indices {
      (a[i][k], a[j][k]) = (c * a[i][k] + s * a[j][k], c * a[j][k] - s * a[i][k])
    }
  }

  @Test func theSpectrumIsThatOfTheCentredMatrix() throws {
    let expected = spectrum()
    let result = try fit(factors: 12)
    #expect(result.learned.singularValues.count == 12)
    for (mine, right) in zip(result.learned.singularValues, expected) {
      #expect(abs(Double(mine) - right) < 1e-3 * expected[0], "\(mine) for \(right)")
    }
  }

  @Test func factorsAreOrthogonalAndCarryTheirSingularValue() throws {
    let result = try fit(factors: 8)
    for table in result.parameters.tables {
      for a in 0..<8 {
        for b in 0...a {
          var product = 0.0
          for row in 0..<table.rows { product += Double(table[row][a]) * Double(table[row][b]) }
          let expected = a == b ? Double(result.learned.singularValues[a]) : 0
          #expect(abs(product - expected) < 1e-3 * Double(result.learned.singularValues[0]))
        }
      }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    let results = try [1, 2, 3].map { try fit(factors: 10, threads: $0) }
    for result in results[1...] {
      #expect(bytes(result.parameters) == bytes(results[0].parameters))
      #expect(result.learned.singularValues == results[0].learned.singularValues)
    }
  }

  @Test func itIsBelowItsBiases() throws {
    let world = Self.world
    let model = Trainer(.svd, ModelSpec.svd.defaults)
    let found = try model.fit(world.train, users: world.users, items: world.items).parameters
    let bias = try Trainer(.bias).fit(world.train, users: world.users, items: world.items)
      .parameters
    let errors = [found, bias].map { $0.errors(on: world.test, threads: 1)?.rmse ?? 0 }
    #expect(errors[0] < errors[1])
  }

  @Test func moreFactorsThanThereAreDimensionsAreZero() throws {
    let rows = IndexedRatings(users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [1, 5, 4, 2])
    var settings = ModelSpec.svd.defaults
    settings.factors = 7
    let result = try Trainer(.svd, settings).fit(rows, users: 2, items: 2)
    #expect(result.learned.singularValues.count == 2)
    for lane in 2..<7 { #expect(result.parameters.packed.users[0][lane] == 0) }
    #expect(throws: TrainingError.noRatings) {
      try Trainer(.svd).fit(IndexedRatings(users: [], items: [], values: []), users: 2, items: 2)
    }
  }
}

// The Gibbs sampler draws from the distributions it says: closed forms where there are any, and Geweke's
// joint distribution test of a whole sweep.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct GibbsTests {
  /// The inverse of a small symmetric positive definite matrix.
  private func inverse(_ matrix: [Double], _ width: Int) -> [Double] {
    var (a, b) = (matrix, [Double](repeating: 0, count: width * width))
    for i in 0..<width { b[i * width + i] = 1 }
    for i in 0..<width {
      let pivot = a[i * width + i]
      for j in 0..<width {
        (a[i * width + j], b[i * width + j]) = (a[i * width + j] / pivot, b[i * width + j] / pivot)
      }
      for r in 0..<width where r != i {
        let factor = a[r * width + i]
        for j in 0..<width {
          a[r * width + j] -= factor * a[i * width + j]
          b[r * width + j] -= factor * b[i * width + j]
        }
      }
    }
    return b
  }

  /// A square matrix times a vector.
  private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: vector.count)
    for i in vector.indices {
      for j in vector.indices { result[i] += matrix[i * vector.count + j] * vector[j] }
    }
    return result
  }

  @Test(arguments: [0.3, 1, 2.5, 40]) func gammaNumbersHaveTheirMoments(shape: Double) {
    var random = RandomSequence(key: ck_random_key(11, 1))
    let draws = (0..<40_000).map { _ in random.gamma(shape: shape) }
    let mean = draws.reduce(0, +) / 40_000
    let variance = draws.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(abs(mean - shape) < 4 * (shape / 40_000).squareRoot())
    #expect(abs(variance / shape - 1) < 4 * ((2 + 6 / shape) / 40_000).squareRoot())
  }

  /// E[Λ] = ν V⁻¹, and m of covariance E[Λ⁻¹]/β = V / (ν − width − 1) / β.
  @Test func distributionsOfRowsHaveTheirMoments() throws {
    var prior = NormalWishart(variances: [0.5, 2, 1], degrees: 12, meanCount: 3)
    (prior.scatter[1], prior.scatter[3]) = (4, 4)
    prior.center = [1, -2, 0.5]
    var random = RandomSequence(key: ck_random_key(12, 1))
    let draws = try (0..<20_000).map { _ in try prior.draw(&random) }
    let expected = inverse(prior.scatter, 3).map { $0 * 12 }
    for place in 0..<9 {
      let mean = draws.reduce(0.0) { $0 + $1.precision[place] } / 20_000
      let (i, j) = (place / 3, place % 3)
      // Var Λ_ij = ν (S_ij² + S_ii S_jj), S = V⁻¹.
      let variance =
        (expected[place] * expected[place] + expected[i * 4] * expected[j * 4]) / 12
      #expect(abs(mean - expected[place]) < 4 * (variance / 20_000).squareRoot(), "Λ \(i), \(j)")
      let product = draws.reduce(0.0) {
        $0 + ($1.mean[i] - prior.center[i]) * ($1.mean[j] - prior.center[j])
      }
      let covariance = prior.scatter[place] / Double(12 - 3 - 1) / 3
      let scale = (prior.scatter[i * 4] * prior.scatter[j * 4]).squareRoot() / 24
      #expect(abs(product / 20_000 - covariance) < 0.05 * scale, "m \(i), \(j)")
    }
  }

  /// The posterior of a distribution is that of seeing rows one after the other.
  @Test func conjugatePosteriorsDoNotDependOnTheOrder() {
    let prior = NormalWishart(variances: [0.5, 2], degrees: 5, meanCount: 2)
    let rows = [[1.0, 2], [0.5, -1], [-3, 0.25]]
    func moments(_ rows: [[Double]]) -> FactorMoments {
      FactorMoments(
        count: Double(rows.count),
        sum: (0..<2).map { i in rows.reduce(0.0) { $0 + $1[i] } },
        products: (0..<4).map { p in rows.reduce(0.0) { $0 + $1[p / 2] * $1[p % 2] } })
    }
    let whole = prior.given(moments(rows))
    let parts = rows.reduce(prior) { $0.given(moments([$1])) }
    #expect(whole.degrees == 8 && parts.degrees == 8 && whole.meanCount == 5)
    for i in 0..<2 { #expect(abs(whole.center[i] - parts.center[i]) < 1e-12) }
    for p in 0..<4 { #expect(abs(whole.scatter[p] - parts.scatter[p]) < 1e-12) }
  }

  /// Many users with the same ratings: their rows are draws from one posterior, which has a closed form.
  @Test func rowsAreDrawnFromTheirPosterior() throws {
    let users = 20_000
    let (items, targets) = ([0, 1, 2, 3, 1, 0] as [Int32], [1, -0.5, 2, 0.25, 0, 1.5] as [Float])
    let rows = IndexedRatings(
      users: (0..<users).flatMap { [Int32](repeating: Int32($0), count: 6) },
      items: (0..<users).flatMap { _ in items }, values: (0..<users).flatMap { _ in targets })
    let layout = FactorLayout(factors: 2, biased: true)
    var problem = Problem(users: users, items: 4, layout: layout, values: rows.values)
    problem.mean = 0
    let tables = FactorParameters(layout: layout, users: users, items: 4)
    for item in 0..<4 {
      for lane in [0, 1, 3] { tables.items[item][lane] = Float((item * 7 + lane * 5) % 9) / 4 - 1 }
    }
    let prior = FactorDistribution(
      mean: [0.3, -0.2, 0.5], precision: [2, 0.5, 0.3, 0.5, 1, 0.2, 0.3, 0.2, 3])
    let alpha = 1.7
    _ = try FactorSolver(.user, of: rows, problem, threads: 2).draw(
      tables.users, given: tables.items, prior: prior, precision: alpha, key: 99)

    var precision = prior.precision
    var right = product(precision, prior.mean)
    for (item, target) in zip(items, targets) {
      let row = tables.items[Int(item)]
      let x = [Double(row[0]), Double(row[1]), 1]
      for i in 0..<3 {
        right[i] += alpha * x[i] * Double(target - row[3])
        for j in 0..<3 { precision[i * 3 + j] += alpha * x[i] * x[j] }
      }
    }
    let covariance = inverse(precision, 3)
    let mean = product(covariance, right)
    let count = Double(users)
    for i in 0..<3 {
      let drawn = (0..<users).reduce(0.0) { $0 + Double(tables.users[$1][i]) } / count
      #expect(abs(drawn - mean[i]) < 4 * (covariance[i * 4] / count).squareRoot(), "mean \(i)")
      for j in 0..<3 {
        let product = (0..<users).reduce(0.0) {
          $0 + (Double(tables.users[$1][i]) - mean[i]) * (Double(tables.users[$1][j]) - mean[j])
        }
        let scale = (covariance[i * 4] * covariance[j * 4]).squareRoot()
        let error = abs(product / count - covariance[i * 3 + j])
        #expect(error < 4 * scale * (2 / count).squareRoot(), "covariance \(i), \(j)")
      }
    }
  }
}

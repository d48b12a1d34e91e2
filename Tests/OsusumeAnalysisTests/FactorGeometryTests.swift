// Spectra, angles and alignments of factors against what is known of them.
import Foundation
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeAnalysis

struct FactorGeometryTests {
  /// Random tables; lanes from `factors` on are biases, which must not matter.
  private func parameters(users: Int, items: Int, factors: Int, seed: UInt64) -> FactorParameters {
    var random = SplitMix(state: seed)
    let parameters = FactorParameters(
      layout: FactorLayout(factors: factors, biased: true), users: users, items: items, mean: 5)
    for table in [parameters.users, parameters.items] {
      for row in 0..<table.rows {
        for lane in 0..<factors { table[row][lane] = .random(in: -1...1, using: &random) }
      }
    }
    for item in 0..<items {
      parameters.items[item][factors + 1] = .random(in: -9...9, using: &random)
    }
    return parameters
  }

  private func geometry(_ parameters: FactorParameters) throws -> FactorGeometry {
    try #require(
      FactorGeometry(
        parameters, users: Array(0..<parameters.users.rows),
        items: Array(0..<parameters.items.rows)))
  }

  /// P·Qᵀ without biases, users × items.
  private func product(_ parameters: FactorParameters) -> [[Double]] {
    (0..<parameters.users.rows).map { user in
      (0..<parameters.items.rows).map { item in
        (0..<parameters.layout.factors).reduce(0) {
          $0 + Double(parameters.users[user][$1]) * Double(parameters.items[item][$1])
        }
      }
    }
  }

  @Test(arguments: [(40, 30, 6), (5, 30, 8), (30, 4, 8), (3, 3, 1)])
  func spectrumIsThatOfTheProduct(users: Int, items: Int, factors: Int) throws {
    let tables = parameters(users: users, items: items, factors: factors, seed: 3)
    let dense = product(tables)
    let spectrum = try geometry(tables).spectrum
    let scale = Double(users * items)
    // Σσ² is the sum of squares, the largest σ what power iteration finds.
    let energy = dense.joined().reduce(0) { $0 + $1 * $1 } / scale
    #expect(abs(spectrum.reduce(0) { $0 + $1 * $1 } / energy - 1) < 1e-9)
    #expect(spectrum == spectrum.sorted(by: >))
    var vector = [Double](repeating: 1, count: items)
    var largest = 0.0
    for _ in 0..<4000 {
      let image = dense.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      vector = (0..<items).map { item in
        zip(dense, image).reduce(0) { $0 + $1.0[item] * $1.1 }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vector = vector.map { $0 / length }
      largest = length.squareRoot()
    }
    #expect(abs((spectrum.first ?? 0) - largest / scale.squareRoot()) < 1e-6)
  }

  /// p ← pA⁻ᵀ, q ← qA leaves scores alone: so it must leave the spectrum, the item space and the profiles,
  /// while vectors as stored are stretched.
  @Test func whatScoresCannotTellDoesNotMatter() throws {
    let original = parameters(users: 50, items: 40, factors: 4, seed: 5)
    let changed = original.copy()
    let stretch: [Float] = [8, 1, 0.25, 0.5]
    for lane in 0..<4 {
      for user in 0..<50 { changed.users[user][lane] /= stretch[lane] }
      for item in 0..<40 { changed.items[item][lane] *= stretch[lane] }
    }
    let (a, b) = (try geometry(original), try geometry(changed))
    for (x, y) in zip(a.spectrum, b.spectrum) { #expect(abs(x - y) < 1e-6) }
    #expect(a.principalCosines(with: b).allSatisfy { $0 > 1 - 1e-6 })
    #expect(a.profileAlignment(with: b) > 1 - 1e-6)
    #expect(a.alignment(with: b) < 0.9)
    #expect(abs(a.alignment(with: a) - 1) < 1e-9)
  }

  @Test func anglesOfKnownSpaces() throws {
    // Item vectors e1, e2 against e1, cos 60° e2 + sin 60° e3, over four items.
    func tables(_ columns: [[Float]]) -> FactorParameters {
      let tables = FactorParameters(
        layout: FactorLayout(factors: columns.count, biased: false), users: 3, items: 4)
      for (lane, column) in columns.enumerated() {
        for item in 0..<4 { tables.items[item][lane] = column[item] }
        for user in 0..<3 { tables.users[user][lane] = user == lane ? 1 : 0.5 }
      }
      return tables
    }
    let a = try geometry(tables([[1, 0, 0, 0], [0, 1, 0, 0]]))
    let b = try geometry(tables([[1, 0, 0, 0], [0, 0.5, Float(0.75).squareRoot(), 0]]))
    let cosines = a.principalCosines(with: b)
    #expect(cosines.count == 2 && abs(cosines[0] - 1) < 1e-6 && abs(cosines[1] - 0.5) < 1e-6)
    // A lane of zeros adds no dimension, nor one that repeats another.
    let c = try geometry(tables([[1, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]]))
    #expect(a.principalCosines(with: c).count == 1)
    #expect(c.effectiveRank < 1 + 1e-6 && c.spectrum.count == 3)
  }

  @Test func effectiveRankCountsEqualDirections() {
    #expect(abs(FactorGeometry.effectiveRank([3, 3, 3, 3, 0]) - 4) < 1e-12)
    #expect(FactorGeometry.effectiveRank([0, 0]) == 0)
    let one = FactorGeometry.effectiveRank([5, 1e-9])
    #expect(one >= 1 && one < 1.001)
  }

  @Test func modelsWithoutFactorsHaveNoGeometry() {
    let bias = FactorParameters(layout: FactorLayout(factors: 0, biased: true), users: 3, items: 3)
    #expect(FactorGeometry(bias, users: [0, 1], items: [0, 1]) == nil)
  }
}

struct ListAgreementTests {
  @Test func sharedNeighbours() {
    #expect(ListAgreement.shared([1, 2, 3, 4], [4, 3, 9, 8], width: 4) == 0.5)
    #expect(ListAgreement.shared([1, 2, 3, 5, -1, -1], [3, 1, 2, -1, -1, -1], width: 3) == 0.5)
    #expect(ListAgreement.shared([-1, -1], [-1, -1], width: 2) == 0)
  }

  /// Webber et al.'s equation for equally long lists, from its definition.
  private func naive(_ a: [Int32], _ b: [Int32], _ p: Double) -> Double {
    let overlap = (1...a.count).map { Double(Set(a.prefix($0)).intersection(b.prefix($0)).count) }
    let sum = (1...a.count).reduce(0) { $0 + overlap[$1 - 1] / Double($1) * pow(p, Double($1)) }
    let last = overlap[a.count - 1] / Double(a.count) * pow(p, Double(a.count))
    return last + (1 - p) / p * sum
  }

  @Test func rankBiasedOverlapIsItsDefinition() {
    var random = SplitMix(state: 8)
    for _ in 0..<50 {
      let a = Array((0..<15).map { Int32($0) }.shuffled(using: &random).prefix(10))
      let b = Array((0..<15).map { Int32($0) }.shuffled(using: &random).prefix(10))
      let found = ListAgreement.rankBiasedOverlap(a, b, width: 10)
      #expect(abs(found - naive(a, b, 0.9)) < 1e-12, "\(a) \(b)")
    }
    #expect(abs(ListAgreement.rankBiasedOverlap([1, 2, 3], [1, 2, 3], width: 3) - 1) < 1e-12)
    #expect(ListAgreement.rankBiasedOverlap([1, 2, 3], [4, 5, 6], width: 3) == 0)
    #expect(ListAgreement.rankBiasedOverlap([1, 2, -1], [-1, -1, -1], width: 3) == 0)
    // All of the shorter list is there, in order: nothing speaks against full agreement.
    #expect(abs(ListAgreement.rankBiasedOverlap([1, 2, -1], [1, 2, 3], width: 3) - 1) < 1e-12)
    let swapped = ListAgreement.rankBiasedOverlap([2, 1, 3], [1, 2, 3], width: 3)
    #expect(swapped < ListAgreement.rankBiasedOverlap([1, 3, 2], [1, 2, 3], width: 3))
  }

  @Test func correlations() {
    #expect(Correlation.linear([1, 2, 3], [2, 4, 6]) == 1)
    #expect(Correlation.linear([1, 2, 3], [5, 5, 5]) == 0)
    #expect(Correlation.ranked([1, 10, 100, 1000], [-1, 0, 5, 6]) == 1)
    // Ranks 0, 1.5, 1.5, 3 against 3, 2, 1, 0.
    #expect(
      abs(Correlation.ranked([1, 2, 2, 9], [8, 7, 6, 5]) + 4.5 / (4.5 * 5.0).squareRoot()) < 1e-12)
  }
}

// Whole numbers that follow a distribution and add up.
import Testing

@testable import OsusumeData

struct CountDistributionTests {
  @Test(arguments: [(1, 5), (7, 7), (7, 70), (100, 1000), (100, 9999), (1000, 60_000)])
  func countsAddUpWithinTheirBounds(members: Int, total: Int) {
    let counts = CountDistribution.unratedOfRaters.counts(
      members, total: total, least: 1, most: 100)
    #expect(counts.count == members && counts.reduce(0, +) == total)
    #expect(counts.allSatisfy { (1...100).contains($0) })
    #expect(counts == counts.sorted())
  }

  @Test func quantilesAreMet() {
    let ratings = CountDistribution.ratings
    #expect(ratings.count(at: 0) == 2 && abs(ratings.count(at: 0.5) - 48) < 1e-9)
    #expect(abs(ratings.count(at: 1) - 3747) < 1e-6)
    #expect(abs(ratings.count(at: 0.45) - (32.0 * 48).squareRoot()) < 1e-9)
  }

  @Test func anAliasTableHoldsItsWeights() {
    let weights = [5, 1, 0.5, 0.25, 12, 3, 3, 0.001]
    let table = SynthesisTable(items: Array(10..<18), weights: weights)
    let kernelTable = table.kernelTable
    var shares = [Double](repeating: 0, count: 8)
    for slot in 0..<8 {
      let cut = Double(kernelTable.cut[slot]) * 0x1p-32
      shares[Int(kernelTable.item[slot]) - 10] += cut / 8
      shares[Int(kernelTable.item[Int(kernelTable.alias[slot])]) - 10] += (1 - cut) / 8
    }
    let sum = weights.reduce(0, +)
    // Cuts are rounded down to 2^-32.
    for (share, weight) in zip(shares, weights) { #expect(abs(share - weight / sum) < 8 * 0x1p-32) }
  }
}

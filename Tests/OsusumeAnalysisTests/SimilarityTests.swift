// Neighbours and ranked biases against sorting all of them by hand.
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

/// A model with random vectors of which item 5 and user 2 have no rating.
func randomModel(users: Int = 20, items: Int = 90, factors: Int = 7, seed: UInt64 = 1) -> Model {
  var random = SplitMix(state: seed)
  let parameters = FactorParameters(
    layout: FactorLayout(factors: factors, biased: true), users: users, items: items, mean: 7)
  for table in [parameters.users, parameters.items] {
    for row in 0..<table.rows {
      let length = Float.random(in: 0.1...4, using: &random)
      for lane in 0..<factors { table[row][lane] = length * .random(in: -1...1, using: &random) }
    }
  }
  for item in 0..<items {
    parameters.items[item][parameters.layout.itemBiasLane] = .random(in: -2...2, using: &random)
  }
  return Model(
    spec: .mf, hyperparameters: .init { $0.factors = factors }, parameters: parameters,
    userIDs: .integers((0..<Int64(users)).map { $0 + 1 }),
    itemIDs: .integers((0..<Int64(items)).map { $0 + 1 }),
    seen: SeenItems(
      offsets: (0...users).map { Int32($0 <= 2 ? $0 : $0 - 1) },
      items: [Int32](repeating: 0, count: users - 1)),
    itemCounts: (0..<items).map { $0 == 5 ? 0 : Int32($0 + 1) }, scale: 1...10, medianRating: 7,
    catalog: ItemCatalog(),
    provenance: Provenance(
      dataSHA256: "", split: "none", seed: 1, trainRows: users - 1, testRows: 0, version: "0"))
}

struct SimilarityTests {
  @Test(arguments: SimilarityMeasure.allCases)
  func neighboursAreThoseOfAFullSort(measure: SimilarityMeasure) throws {
    let model = randomModel()
    let similarity = try Similarity(model, of: .item, by: measure)
    var filter = ItemFilter()
    filter.minRatings = 11
    let some = try model.items(passing: filter)
    for row in [0, 5, 17, 89] {
      for (items, lowest) in [(FilteredItems.all, 0), (some, 10)] {
        let expected = try (lowest..<90).filter { $0 != row && $0 != 5 }.sorted {
          let (a, b) = try (similarity.between(row, $0), similarity.between(row, $1))
          return measure == .euclid ? a < b : a > b
        }
        let found = try similarity.nearest(12, toItem: row, among: items)
        #expect(found.nearest.map(\.row) == Array(expected.prefix(12)), "\(measure), item \(row)")
        for neighbour in found.nearest {
          #expect(try neighbour.value == similarity.between(row, neighbour.row))
        }
        #expect(found.leftOut[.unrated] == 1 && found.leftOut[.tooFewRatings] == max(0, lowest - 1))
      }
    }
    #expect(try similarity.nearest(200, toItem: 0).nearest.count == 88)
    let users = try Similarity(model, of: .user, by: measure).nearest(99, toUser: 4)
    #expect(Set(users.nearest.map(\.row)) == Set(0..<20).subtracting([2, 4]))
  }

  @Test func cosinesAreShrunkByWhoRatedBoth() throws {
    var model = randomModel()
    // User u rated item 3 and u of the items 10, 11 …: item 10 has 19 people in common, 28 has one.
    var seen = SeenItems(offsets: [0], items: [])
    for user in 0..<20 {
      seen.items += [3] + (10..<10 + user).map { Int32($0) }
      seen.offsets.append(Int32(seen.items.count))
    }
    seen.items.append(40)  // of the last user alone
    seen.offsets[20] += 1
    model.seen = seen
    let common = try CommonRaters(model, item: 3)
    #expect(common.counts[3] == 20 && common.counts[10] == 19 && common.counts[28] == 1)
    #expect(common.counts[2] == 0 && common.counts[40] == 1)
    #expect(try CommonRaters(model, item: 28).counts[10] == 1)
    #expect(try CommonRaters(model, item: 11).counts[10] == 18)
    let similarity = try Similarity(model, of: .item, by: .cosine)
    let found = try similarity.nearest(89, toItem: 3, shrunkBy: common)
    let expected = try (0..<90).filter { $0 != 3 && $0 != 5 }.map { item in
      let count = Double(common.counts[item])
      return try (item: item, value: similarity.between(3, item) * count / (count + 20))
    }.sorted { ($1.value, $0.item) < ($0.value, $1.item) }
    #expect(found.nearest.map(\.row) == expected.map(\.item))
    #expect(found.nearest.map(\.value) == expected.map(\.value))
    // Other measures are what they are.
    let products = try Similarity(model, of: .item, by: .dot)
    #expect(
      try products.nearest(9, toItem: 3, shrunkBy: common).nearest
        == products.nearest(9, toItem: 3).nearest)
  }

  @Test func measuresAreWhatTheyAreCalled() {
    let (a, b) = ([Float(3), 4], [Float(4), -3])
    #expect(SimilarityMeasure.dot.between(a, [1, 2]) == 11)
    #expect(SimilarityMeasure.euclid.between(a, [0, 0]) == 5)
    #expect(SimilarityMeasure.cosine.between(a, b) == 0)
    #expect(abs(SimilarityMeasure.cosine.between(a, [30, 40]) - 1) < 1e-12)
    #expect(SimilarityMeasure.cosine.between(a, [0, 0]) == 0)
  }

  @Test func manyAtOnceAreEachAlone() throws {
    let vectors = try #require(randomModel(seed: 2).parameters.vectors(of: .item))
    let search = NeighbourSearch(vectors, by: .cosine)
    let many = search.nearest(10, to: (0..<90).map { Int32($0) }, threads: 2)
    for row in 0..<90 {
      #expect(
        Array(many[row * 10..<row * 10 + 10]) == search.nearest(10, to: row).map { Int32($0.row) })
    }
  }

  @Test func biasesAreRankedFromBothEnds() throws {
    let model = randomModel(seed: 3)
    let biases = try #require(model.parameters.biases(of: .item))
    let order = (0..<90).filter { $0 != 5 }.sorted { biases[$0] > biases[$1] }
    let ranking = try RankedBiases(model, of: .item, count: 4)
    #expect(ranking.best.map(\.row) == Array(order.prefix(4)) && ranking.count == 89)
    #expect(ranking.worst.map(\.row) == order.suffix(4).reversed())
    #expect(ranking.best.map(\.rank) == [1, 2, 3, 4] && ranking.worst[0].rank == 89)
    let all = try RankedBiases(model, of: .item, count: 60)
    #expect(all.best.count == 60 && all.worst.count == 29)
  }

  @Test func modelsWithoutVectorsOrBiasesSaySo() {
    var model = randomModel()
    model.spec = .flaxDot
    #expect(throws: SimilarityError.noBiases(.item, model: "flax-dot")) {
      try RankedBiases(model, of: .item, count: 3)
    }
    model.parameters = FactorParameters(
      layout: FactorLayout(factors: 0, biased: true), users: 20, items: 90)
    #expect(throws: SimilarityError.noVectors(model: "flax-dot")) {
      try Similarity(model, of: .item)
    }
  }
}

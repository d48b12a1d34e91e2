// What factors mean: directions of a world of two tastes, their like in other models, and vectors of networks.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct FactorMeaningTests {
  private static let comparison = Result {
    let split = try ComparisonTests.ratings.split(.perUser(testFraction: 0.2), seed: 1)
    var options = ComparisonOptions()
    options.bootstrap.resamples = 100
    options.repeats = 0
    return try Comparison(
      Contender.list(
        "als:factors=4;mf:factors=4;recommender-v2:factors=4,epochs=30,learning-rate=0.01;ease;bias",
        seed: 42),
      on: ComparisonTests.ratings, split: split, options)
  }

  /// Users like items of their own parity: one direction, with the parities at its ends, in every model.
  @Test func directionsSeparateTastes() throws {
    let comparison = try Self.comparison.get()
    for place in 0..<3 {
      let name = comparison.models[place].label
      let first = try #require(comparison.meaning.directions.first { $0.model == place }, "\(name)")
      #expect(first.number == 1 && first.high.count == FactorMeaning.endCount)
      #expect(Set(first.high.map { $0 % 2 }).count == 1, "\(name): \(first.high)")
      #expect(
        Set(first.low.map { $0 % 2 }) == Set([1 - first.high[0] % 2]), "\(name): \(first.low)")
      #expect(first.strength == comparison.geometry[place]?.spectrum[0])
      #expect(first.matches.map(\.model) == [0, 1, 2].filter { $0 != place })
      for match in first.matches {
        #expect(match.number == 1 && match.cosine > 0.9, "\(name): \(match.cosine)")
        #expect(match.contained >= match.cosine - 1e-9)
        // Turned as the direction that it is like.
        #expect(match.high[0] % 2 == first.high[0] % 2, "\(name)")
      }
    }
    #expect(!comparison.meaning.directions.contains { $0.model > 2 })
    let falling = comparison.meaning.directions.filter { $0.model == 0 }.map(\.strength)
    #expect(falling == falling.sorted(by: >) && falling.count == FactorMeaning.directionCount)
  }

  @Test func agreementIsSaidInWords() throws {
    let comparison = try Self.comparison.get()
    // als is solved for, the two others are trained by gradients.
    #expect(comparison.agreementWords.count == 2)
    let words = comparison.agreementWords[0]
    #expect(
      words.hasPrefix("als and mf: ") && words.contains("direction 1 is mf's 1 (cosine "),
      "\(words)")
    #expect(
      words.contains("of ten nearest neighbours they share")
        && words.contains("their lists overlap by"))
  }

  @Test func neighboursAndListsHaveNames() throws {
    let comparison = try Self.comparison.get()
    let meaning = comparison.meaning
    #expect(meaning.neighbours.count == FactorMeaning.itemCount)
    let counts = zip(comparison.ratedItems, comparison.ratedItemCounts).sorted { $0.1 > $1.1 }
    #expect(meaning.neighbours[0].item == counts[0].0)
    for known in meaning.neighbours {
      #expect(known.nearest.map { $0?.count } == [5, 5, 5, 5, nil])
      for nearest in known.nearest.compactMap({ $0 }) { #expect(!nearest.contains(known.item)) }
      // Those of the same taste are near.
      #expect((known.nearest[0] ?? []).allSatisfy { $0 % 2 == known.item % 2 })
    }
    #expect(meaning.lists.count == FactorMeaning.userCount)
    #expect(meaning.lists.map(\.ratings) == meaning.lists.map(\.ratings).sorted())
    for person in meaning.lists {
      #expect(person.liked.count == FactorMeaning.listLength && person.relevant.count >= 2)
      #expect(person.lists.map(\.count) == [5, 5, 5, 5, 5])
      // Nothing is recommended that was rated in training.
      for list in person.lists { #expect(Set(list).isDisjoint(with: person.liked)) }
    }
  }

  /// A score is the inner product of these vectors and what does not mix user and item.
  @Test(arguments: [
    "recommender-v1", "keras-mf", "recommender-v2", "dot-product-bias", "genre-dot", "mf",
  ])
  func innerVectorsAreThoseOfScores(_ name: String) throws {
    let ratings = ComparisonTests.ratings
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 1)
    let spec = try ModelSpec.lookup(name)
    let catalog = ItemCatalog(
      (0..<60).map { Item(id: String($0), title: "", genres: [["a", "b"], ["b"], []][$0 % 3]) })
    var settings = spec.defaults
    (settings.factors, settings.epochs) = (5, 2)
    let model = try Trainer(spec, settings, threads: 2).model(
      of: ratings, split: split, catalog: catalog)
    let p = try #require(model.parameters.innerVectors(of: .user, threads: 2))
    let q = try #require(model.parameters.innerVectors(of: .item, threads: 2))
    #expect(p.factors == 5 && p.count == 160 && q.count == 60)
    func rest(_ user: Int, _ item: Int) -> Double {
      var score = Double(model.parameters.score(user: user, item: item))
      if case .range(_, let bounds) = spec.score {
        let low = bounds?.lowerBound ?? Double(model.scale.lowerBound)
        let high = bounds?.upperBound ?? Double(model.scale.upperBound)
        score = -log((high - low) / (score - low) - 1)
      }
      return score - zip(p[user], q[item]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    // Biases of users, of items, a mean: of any four pairs the differences cancel.
    for (user, item) in [(3, 5), (40, 17), (101, 33)] {
      let mixed = rest(0, 0) - rest(user, 0) - rest(0, item) + rest(user, item)
      // Scores are floats of some 10 and sums of five products.
      #expect(abs(mixed) < 1e-4, "\(name): \(mixed)")
    }
  }

  @Test func networksWithoutInnerProductsHaveNone() throws {
    let ratings = ComparisonTests.ratings
    let split = try ratings.split(.perUser(testFraction: 0.2), seed: 1)
    for name in ["flax-dense", "ease", "bias"] {
      let spec = try ModelSpec.lookup(name)
      var settings = spec.defaults
      (settings.epochs, settings.neighbours) = (1, 20)
      let model = try Trainer(spec, settings, threads: 2).model(of: ratings, split: split)
      #expect(model.parameters.innerVectors(of: .item, threads: 1) == nil, "\(name)")
    }
  }
}

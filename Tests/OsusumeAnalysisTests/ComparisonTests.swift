// Comparisons of models on made-up ratings: who wins, what is said of it, and that luck is no win.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

@testable import OsusumeAnalysis

struct ComparisonTests {
  /// Ratings with biases, tastes of two kinds and noise; items are the more popular the lower.
  static let ratings: Ratings = {
    var random = SplitMix(state: 21)
    let (users, items) = (160, 60)
    let quality = (0..<items).map { _ in Float.random(in: -1...1, using: &random) }
    var (u, i, values) = ([Int32](), [Int32](), [Float]())
    for user in 0..<users {
      let activity = Float.random(in: 0.2...0.9, using: &random)
      for item in 0..<items
      where Float.random(in: 0...1, using: &random) < activity / (1 + Float(item) / 30) {
        let taste: Float = (user + item) % 2 == 0 ? 1.5 : -1.5
        u.append(Int32(user))
        i.append(Int32(item))
        values.append(6 + quality[item] + taste + .random(in: -1...1, using: &random))
      }
    }
    return Ratings(
      userIDs: .integers((0..<Int64(users)).map { $0 }),
      itemIDs: .integers((0..<Int64(items)).map { $0 }),
      rows: IndexedRatings(users: u, items: i, values: values), counts: IngestCounts(), sha256: "")
  }()

  private func compare(_ names: String, threads: Int = 2, also: [Int] = []) throws -> Comparison {
    let split = try Self.ratings.split(.perUser(testFraction: 0.2), seed: 1, threads: threads)
    var contenders = try Contender.list(names, seed: 42)
    for place in contenders.indices where contenders[place].hyperparameters.factors > 0 {
      contenders[place].hyperparameters.factors = 4
    }
    var options = ComparisonOptions()
    options.bootstrap.resamples = 200
    options.threads = threads
    options.alsoFactors = also
    return try Comparison(contenders, on: Self.ratings, split: split, options)
  }

  @Test func aModelThatSeesTastesBeatsOneThatDoesNot() throws {
    let comparison = try compare("bias,mf,popularity", also: [2, 4])
    #expect(comparison.best?.label == "mf")
    let verdict = try #require(comparison.verdict("rmse", "mf", "bias"))
    #expect(verdict.sentence.hasPrefix("mf better than bias by 0."))
    #expect(verdict.first == "bias" && verdict.comparison.verdict == .worse)
    #expect(comparison.verdict("rmse", "mf", "popularity") == nil)
    #expect(comparison.verdict("ndcg@10", "mf", "popularity") != nil)
    let (bias, mf) = (comparison.models[0], comparison.models[1])
    #expect(bias.seconds(toReach: mf.rmse ?? 0) == nil && bias.repeats.isEmpty)
    #expect(mf.seconds(toReach: bias.rmse ?? 0) != nil && mf.repeats.count == 2)
    #expect(mf.curve.last?.error == mf.rmse && bias.curve.count == 1)
    #expect(comparison.geometry[0] == nil && comparison.geometry[1]?.factors == 4)
    // Two kinds of taste: one direction, whatever the width.
    #expect((comparison.geometry[1]?.effectiveRank ?? 9) < 2.5)
    #expect(comparison.widths.map(\.factors) == [2, 4])
    #expect(comparison.widths.last?.sharedSpace ?? 0 > 1 - 1e-9)
  }

  @Test func segmentsAreThirdsAndHoldEachRowOnce() throws {
    let comparison = try compare("bias")
    for entity in [Entity.user, .item] {
      let thirds = comparison.segments.filter { $0.entity == entity }
      #expect(thirds.count == 3)
      #expect(thirds.flatMap(\.rows).sorted() == Array(0..<comparison.models[0].evaluation.rows))
      #expect(thirds[0].counts.upperBound + 1 == thirds[1].counts.lowerBound)
    }
    let errors = zip(comparison.segments, comparison.models[0].segmentErrors)
    let squares = errors.filter { $0.0.entity == .item }
      .reduce(0) { $0 + pow($1.1?.value ?? 0, 2) * Double($1.0.rowCount) }
    let rows = Double(comparison.models[0].evaluation.rows)
    #expect(abs((squares / rows).squareRoot() - (comparison.models[0].rmse ?? 0)) < 1e-9)
  }

  @Test func oneModelOnTwoShufflesIsNoEvidence() throws {
    let comparison = try compare("mf,mf,mf@7")
    #expect(comparison.models.map(\.label) == ["mf", "mf@43", "mf@7"])
    #expect(comparison.models[0].rmse != comparison.models[1].rmse)
    for verdict in comparison.verdicts {
      #expect(verdict.comparison.verdict == .undecided, "\(verdict.sentence)")
      #expect(verdict.sentence.hasPrefix("no evidence that mf"))
    }
  }

  @Test func threadsDoNotMoveFigures() throws {
    let (one, three) = (
      try compare("mf,flax-bias", threads: 1), try compare("mf,flax-bias", threads: 3)
    )
    #expect(one.verdicts == three.verdicts)
    for (a, b) in zip(one.geometry, three.geometry) { #expect(a?.spectrum == b?.spectrum) }
    for (a, b) in zip(one.agreements, three.agreements) {
      #expect(a.alignment == b.alignment && a.rankBiasedOverlap == b.rankBiasedOverlap)
      #expect(a.principalCosines == b.principalCosines && a.sharedNeighbours == b.sharedNeighbours)
    }
    for (a, b) in zip(one.models, three.models) { #expect(a.segmentErrors == b.segmentErrors) }
  }

  @Test func intervalsReachAsFarAsSeedsDo() throws {
    #expect(seedReach([]) == 0 && seedReach([(value: 0, freedom: 2)]) == 0)
    #expect(abs(seedReach([(value: 0.1, freedom: 2)]) - 0.4303) < 1e-9)
    // Equal variances: the degrees of freedom add up.
    let both = seedReach([(value: 0.1, freedom: 2), (value: 0.1, freedom: 2)])
    #expect(abs(both - 2.776 * 0.02.squareRoot()) < 1e-9)
  }

  @Test func contendersAreNamed() throws {
    let names = try Contender.list("mf@7,mf,mf,bias", seed: 6).map(\.label)
    #expect(names == ["mf@7", "mf", "mf@8", "bias"])
    #expect(throws: ContenderError.repeated("mf@7")) { try Contender.list("mf@7,mf@7", seed: 6) }
    #expect(throws: CatalogError.self) { try Contender.list("mff", seed: 6) }
  }

  @Test func contendersHaveSettingsOfTheirOwn() throws {
    let list =
      "als:factors=64;flax-bias:epochs=126,learning-rate=1e-3;als;als:factors=64,epochs=2;bias,mf@9"
    let contenders = try Contender.list(list, settings: ["factors": "8", "epochs": "3"], seed: 6)
    #expect(
      contenders.map(\.label) == [
        "als:factors=64", "flax-bias", "als", "als:factors=64,epochs=2", "bias", "mf@9",
      ])
    #expect(contenders.map(\.hyperparameters.factors) == [64, 8, 8, 64, 0, 8])
    #expect(contenders.map(\.hyperparameters.epochs) == [3, 126, 3, 2, 3, 3])
    #expect(contenders[1].hyperparameters.learningRate == 1e-3)
    #expect(contenders[1].given == ["epochs", "learning_rate"])
    #expect(contenders.map(\.seed) == [6, 6, 6, 6, 6, 9])
    for (text, words) in [
      ("als:factors=0", "als: `factors` 0: give a whole number from 1 to 2048"),
      ("als:width=3", "als: there is no setting 'width'"), ("als,,mf", "has an empty entry"),
      ("mf;", "has an empty entry"),
      ("factors=3,als", "'factors=3' in the list of models comes before"),
      ("mf;factors=3", "comes before any model"),
      ("als:split=none", "`split` holds for all models"),
      ("mf:factors=3;mf:factors=3@4", "`factors` 3@4"), ("no.safetensors", "no.safetensors"),
    ] {
      let error = #expect(throws: (any Error).self) { try Contender.list(text, seed: 6) }
      #expect(
        error.map { "\($0)" }?.contains(words) == true, "\(text): \(String(describing: error))")
    }
  }

  @Test func baselinesAreThoseThatAreMissing() throws {
    func names(_ list: String, _ feedback: Feedback = .ratings) throws -> [String] {
      let contenders = try Contender.list(list, settings: ["epochs": "3"], seed: 6)
      return Contender.baselines(beside: contenders, of: feedback, seed: 6).map(\.label)
    }
    #expect(try names("mf") == ["mean", "bias", "popularity", "ease"])
    #expect(try names("ials", .counts) == ["popularity", "ease"])
    let own = try Contender.list("bias;ease:regularization=50", seed: 6)
    #expect(
      Contender.baselines(beside: own, of: .ratings, seed: 6).map(\.label)
        == ["mean", "popularity", "ease (baseline)"])
  }

  /// A baseline that cannot be fitted is left out with a word; baselines alone are no comparison.
  @Test func baselinesAreFittedOnce() throws {
    let split = try Self.ratings.split(.perUser(testFraction: 0.2), seed: 1)
    var contenders = try Contender.list("mf:factors=2,epochs=2", seed: 42)
    contenders += Contender.baselines(beside: contenders, of: .ratings, seed: 42)
    var options = ComparisonOptions()
    options.bootstrap.resamples = 100
    options.repeats = 1
    let comparison = try Comparison(contenders, on: Self.ratings, split: split, options)
    #expect(comparison.models.map(\.label) == ["mf", "mean", "bias", "popularity", "ease"])
    #expect(comparison.models.map(\.repeats.count) == [1, 0, 0, 0, 0])
    #expect(comparison.verdict("ndcg@10", "mf", "ease") != nil)
    contenders[4].hyperparameters.regularization = -1
    let rest = try Comparison(contenders, on: Self.ratings, split: split, options)
    #expect(rest.models.map(\.label) == ["mf", "mean", "bias", "popularity"])
    #expect(rest.warnings.contains { $0.hasPrefix("the baseline is left out: ease: ") })
    #expect(throws: ComparisonError.nobody) {
      try Comparison(Array(contenders.dropFirst()), on: Self.ratings, split: split, options)
    }
  }
}

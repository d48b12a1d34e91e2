// Rankings by networks: what the fast paths return is what scoring every pair in double would.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct NetworkRankingTests {
  private static let (users, items) = (30, 300)

  private static let features = ItemFeatures(
    itemIDs: .integers((0..<300).map { Int64($0) }),
    catalog: ItemCatalog(
      (0..<300).map {
        Item(id: "\($0)", title: "t\($0)", genres: ["g\($0 % 7)", "h\($0 % 3)"], episodes: $0 % 40)
      }), counts: (0..<300).map { Int32($0 % 50) })

  /// A network of random numbers, its layers' biases included: zeros would hide a bias left out.
  private static func network(_ spec: ModelSpec) throws -> NetworkParameters {
    let sizes = PlanSizes(
      users: users, items: items, genres: features.genres.count, factors: 9, scale: 0.5...5)
    let network = NetworkParameters(
      try Plan(spec, sizes, training: false), features: features)
    var settings = spec.defaults
    (settings.factorInit, settings.biasInit) = (.normal(1), .normal(0.5))
    settings.layerInit = .uniformOverFanIn
    network.start(settings, seed: 11, threads: 1)
    return network
  }

  /// One hidden layer, which is ranked by its shares, and one or two more, which are run on all pairs;
  /// sigmoids, two heads, classes, genres and inner products.
  @Test(arguments: [
    ModelSpec.flaxDense, .flaxDeep, .recommenderNet, .nnExtended, .kerasHybrid, .metadata,
    .metadataClasses, .genreDot, .kerasMFInteraction,
  ])
  func topItemsAreThoseOfAFullSort(_ spec: ModelSpec) throws {
    let network = try Self.network(spec)
    let reference = DoubleNetwork(network)
    let seen = SeenItems(
      offsets: (0...Int32(Self.users)).map { $0 * 3 },
      items: (0..<Int32(Self.users)).flatMap { [$0, $0 + 40, $0 + 90] })
    let candidates = (0..<Int32(Self.items)).filter { $0 % 4 != 1 }
    let asked = (0..<Int32(Self.users)).filter { $0 % 3 == 0 }
    let top = network.search(candidates: candidates, threads: 2).top(
      12, for: asked, excluding: seen, threads: 2)
    for (place, user) in asked.enumerated() {
      let own = place * 12..<(place + 1) * 12
      let unseen = candidates.filter { !seen[Int(user)].contains($0) }
      let scores = Dictionary(
        uniqueKeysWithValues: unseen.map {
          ($0, reference.score(spec, user: Int(user), item: Int($0)))
        })
      let best = scores.values.sorted(by: >).prefix(12)
      for (rank, expected) in zip(own, best) {
        // Sums of some hundred products in single precision.
        let tolerance = 1e-4 * max(1, abs(expected))
        let score = try #require(scores[top.items[rank]], "an item that is seen or no candidate")
        #expect(abs(Double(top.scores[rank]) - score) < tolerance, "\(spec.name), user \(user)")
        #expect(abs(score - expected) < tolerance, "\(spec.name), user \(user)")
      }
      #expect(Set(top.items[own]).count == 12)
    }
  }
}

extension DoubleNetwork {
  /// The score as it is shown: a rating, a probability, or the expected value of a distribution.
  fileprivate func score(_ spec: ModelSpec, user: Int, item: Int) -> Double {
    let value = values([spec.score], user: user, item: item)[0]
    guard spec.target == .ratingClass else { return value[0] }
    let most = value.max() ?? 0
    let shares = value.map { exp($0 - most) }
    return shares.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
      / shares.reduce(0, +)
  }
}

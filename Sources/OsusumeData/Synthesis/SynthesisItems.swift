// The items of a synthesized set: ids, popularity, quality, genres and latent traits.
import CKernels
import Foundation

/// The items of a set, in ascending order of id; catalog items, and a few missing from the catalog.
struct SynthesisItems {
  /// What becomes of an item.
  enum Role: Equatable {
    /// Rated; 0 is the most popular.
    case rated(rank: Int)
    /// In the ratings file, never with a rating.
    case seen
    /// Rated once, missing from `anime.csv`.
    case missing
    /// In `anime.csv` only.
    case unseen
  }

  let ids: [Int]
  let roles: [Role]
  /// Genre numbers of each item, the most telling first.
  let genres: [[Int]]
  /// Share of all draws, 0 for items that are not drawn.
  let popularity: [Double]
  /// Expected score.
  let quality: [Float]
  /// Latent traits, an array of [items, CK_SYNTH_TRAITS].
  let traits: [Float]
  /// Mean taste of those who prefer a group, an array of [groups, CK_SYNTH_TRAITS].
  let centres: [Float]

  /// Number of items.
  var count: Int { ids.count }

  /// Plans the items of a set.
  init(sizes: SynthesisSizes, seed: UInt64) {
    let count = sizes.catalogItems + sizes.missingItems
    var draws = SynthesisDraws(.itemTraits, seed: seed)
    ids = Self.ids(count, largest: sizes.largestItemID, &draws)
    let key = SynthesisStream.itemRoles.key(seed: seed)
    let roles = (0..<count).map {
      Self.role(Int(ck_random_permute(key, UInt64($0), UInt64(count))), sizes)
    }
    popularity = roles.map { Self.popularity(of: $0, among: sizes.ratedItems) }
    quality = popularity.map { Self.quality(popularity: $0, &draws) }
    let genres = (0..<count).map { _ in Self.genres(&draws) }
    let directions = SynthesisGenre.all.map { _ in Self.direction(&draws) }
    traits = genres.flatMap { Self.traits($0, directions, &draws) }
    centres = (0..<SynthesisGenre.groups).flatMap { Self.centre(of: $0, directions) }
    self.roles = roles
    self.genres = genres
  }

  /// Ascending ids with gaps, one drawn from each of `count` equal stretches; the last is the largest.
  private static func ids(_ count: Int, largest: Int, _ draws: inout SynthesisDraws) -> [Int] {
    (0..<count).map { index in
      let low = index * largest / count
      let high = (index + 1) * largest / count
      return index == count - 1 ? largest : low + draws.below(high - low) + 1
    }
  }

  private static func role(_ place: Int, _ sizes: SynthesisSizes) -> Role {
    if place < sizes.ratedItems { return .rated(rank: place) }
    if place < sizes.seenItems - sizes.missingItems { return .seen }
    return place < sizes.seenItems ? .missing : .unseen
  }

  /// Share of draws by rank among 10,000 items, log-log-linear between: tuned so that the shares of
  /// ratings come out like those of the real set, where no user has an item twice.
  private static let popularityByRank: [(rank: Double, share: Double)] = [
    (1, 1.3e-2), (5, 5.5e-3), (10, 4.3e-3), (20, 3.2e-3), (50, 2.2e-3), (100, 1.55e-3),
    (200, 1.05e-3),
    (500, 5.3e-4), (1000, 2.6e-4), (2000, 9e-5), (3000, 3.6e-5), (5000, 7.5e-6), (7000, 1.2e-6),
    (10000, 1.5e-7),
  ]

  private static func popularity(of role: Role, among items: Int) -> Double {
    guard case .rated(let rank) = role else { return 0 }
    let place = max(1, (Double(rank) + 0.5) * 10_000 / Double(items))
    let next = max(
      1, popularityByRank.firstIndex { $0.rank >= place } ?? popularityByRank.count - 1)
    let (low, high) = (popularityByRank[next - 1], popularityByRank[next])
    let part = log(place / low.rank) / log(high.rank / low.rank)
    return exp(log(low.share) * (1 - part) + log(high.share) * part)
  }

  /// Popular items are better liked, the more so the more popular; the unknown ones are all alike.
  private static func quality(popularity: Double, _ draws: inout SynthesisDraws) -> Float {
    let fame = max(-4.5, log(max(popularity, 1e-7) / 1e-4))
    return Float(7.34 + 0.235 * fame + 0.027 * fame * fame + 0.5 * draws.normal())
  }

  private static func genres(_ draws: inout SynthesisDraws) -> [Int] {
    let all = SynthesisGenre.all
    var chosen = [draws.index(weights: all.map(\.count))]
    let wanted = 1 + draws.index(weights: SynthesisGenre.perItem)
    while chosen.count < wanted {
      // Two in three of the further genres are close to the first.
      let near = draws.uniform() < 2.0 / 3
      let weights = all.indices.map { genre in
        chosen.contains(genre) || near && all[genre].group != all[chosen[0]].group
          ? 0 : all[genre].count
      }
      guard weights.contains(where: { $0 > 0 }) else { continue }
      chosen.append(draws.index(weights: weights))
    }
    return chosen
  }

  private static func direction(_ draws: inout SynthesisDraws) -> [Double] {
    (0..<CK_SYNTH_TRAITS).map { _ in draws.normal() }
  }

  /// Standard deviation of a user's taste over the items, in points.
  private static let tasteSD = 0.62

  /// Half of what distinguishes an item is its genres, the first most; half is its own.
  private static func traits(
    _ genres: [Int], _ directions: [[Double]], _ draws: inout SynthesisDraws
  ) -> [Float] {
    var mixed = direction(&draws)
    for (place, genre) in genres.enumerated() {
      for lane in mixed.indices { mixed[lane] += directions[genre][lane] / Double(place + 1) }
    }
    let length = mixed.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return mixed.map { Float($0 / length * tasteSD) }
  }

  /// Where the tastes of those who prefer a group lie: a step towards its genres.
  private static func centre(of group: Int, _ directions: [[Double]]) -> [Float] {
    var sum = [Double](repeating: 0, count: CK_SYNTH_TRAITS)
    for (genre, direction) in zip(SynthesisGenre.all, directions) where genre.group == group {
      for lane in sum.indices { sum[lane] += direction[lane] * genre.count }
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return sum.map { Float($0 / length) }
  }
}

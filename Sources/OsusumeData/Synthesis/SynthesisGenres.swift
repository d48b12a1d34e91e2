// Genres and kinds of synthesized items, in the proportions of the real set.

/// One genre: how common it is and which taste it belongs to.
struct SynthesisGenre {
  let name: String
  let count: Double
  /// Number of the taste group, 0..<groups.
  let group: Int

  /// Taste groups: users prefer one.
  static let groups = 8

  /// The real set's genres and how many items carry them; the grouping is ours.
  static let all: [SynthesisGenre] = [
    (0, [("Comedy", 4645), ("Slice of Life", 1220), ("School", 1220), ("Parody", 408)]),
    (
      1,
      [
        ("Action", 2845), ("Shounen", 1712), ("Super Power", 465), ("Martial Arts", 265),
        ("Sports", 543), ("Demons", 294), ("Samurai", 148),
      ]
    ),
    (2, [("Adventure", 2348), ("Fantasy", 2309), ("Magic", 778), ("Game", 181)]),
    (3, [("Sci-Fi", 2070), ("Mecha", 944), ("Military", 426), ("Space", 381), ("Police", 197)]),
    (
      4,
      [
        ("Drama", 2016), ("Romance", 1464), ("Shoujo", 603), ("Josei", 54), ("Shounen Ai", 65),
        ("Shoujo Ai", 55), ("Yaoi", 39), ("Yuri", 42),
      ]
    ),
    (
      5,
      [
        ("Supernatural", 1037), ("Mystery", 495), ("Horror", 369), ("Psychological", 229),
        ("Thriller", 87), ("Vampire", 102), ("Dementia", 240), ("Seinen", 547), ("Historical", 806),
      ]
    ),
    (6, [("Kids", 1609), ("Music", 860), ("Cars", 72)]),
    (7, [("Hentai", 1141), ("Ecchi", 637), ("Harem", 317)]),
  ].flatMap { group, genres in
    genres.map { SynthesisGenre(name: $0.0, count: $0.1, group: group) }
  }

  /// Genres that no item for children is listed with.
  private static let adult: Set = ["Hentai", "Ecchi", "Harem", "Yaoi", "Yuri"]

  /// The names of genres as a catalog lists them.
  static func listed(_ genres: [Int]) -> [String] {
    let names = genres.map { all[$0].name }.sorted()
    return names.contains("Kids") ? names.filter { !adult.contains($0) } : names
  }

  /// How many items carry 1, 2, 3 … genres.
  static let perItem: [Double] = [2804, 2677, 2599, 1940, 1261, 595, 228, 73, 40, 12]
}

/// One kind of item: how common it is, and what is usual for it.
struct SynthesisKind {
  let name: String
  let count: Double
  /// How popular the kind is next to the others, on a logarithmic scale.
  let popularity: Double
  /// Numbers of episodes and how common they are; 0 is "Unknown".
  let episodes: [(number: Int, count: Double)]

  /// The real set's kinds.
  static let all: [SynthesisKind] = [
    .init(
      name: "TV", count: 3787, popularity: 8.45,
      episodes: [
        (12, 747), (13, 518), (26, 497), (52, 175), (24, 167), (25, 160), (10, 120), (11, 110),
        (39, 90), (50, 85), (51, 80), (104, 30), (0, 100), (22, 60), (23, 55), (20, 55), (48, 50),
      ]),
    .init(
      name: "OVA", count: 3311, popularity: 7.2,
      episodes: [(1, 1543), (2, 827), (3, 364), (4, 208), (6, 125), (5, 58), (0, 10)]),
    .init(
      name: "Movie", count: 2348, popularity: 6.73, episodes: [(1, 2311), (2, 8), (3, 7), (0, 4)]),
    .init(
      name: "Special", count: 1676, popularity: 7.45,
      episodes: [(1, 1061), (2, 200), (3, 95), (6, 91), (4, 67), (7, 32), (0, 8)]),
    .init(
      name: "ONA", count: 659, popularity: 6.24,
      episodes: [(1, 287), (2, 35), (3, 31), (12, 30), (4, 30), (0, 25), (13, 20)]),
    .init(name: "Music", count: 488, popularity: 5.75, episodes: [(1, 475), (2, 5), (4, 2)]),
  ]
}

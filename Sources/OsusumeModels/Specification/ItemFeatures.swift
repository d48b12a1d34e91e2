// What networks read of items besides their ratings: genres, and metadata as quantiles.
import OsusumeData

/// Genres and metadata of items, by item index.
public struct ItemFeatures: Sendable, Equatable {
  /// Numbers of an item's metadata: episodes and popularity.
  public static let metadataWidth = 2

  /// The genres, ascending by name.
  public let genres: [String]
  /// items + 1 offsets into `members`.
  public let offsets: [Int32]
  /// The genres of each item, ascending.
  public let members: [Int32]
  /// items × `metadataWidth`: the quantile of each number among the items, 0 the lowest and 1 the
  /// highest; 0.5 where it is not known.
  public let metadata: [Float]

  /// No features, for models that read none.
  package static func none(items: Int) -> ItemFeatures {
    ItemFeatures(
      genres: [], offsets: [Int32](repeating: 0, count: items + 1), members: [],
      metadata: [Float](repeating: 0.5, count: items * metadataWidth))
  }

  private init(genres: [String], offsets: [Int32], members: [Int32], metadata: [Float]) {
    self.genres = genres
    self.offsets = offsets
    self.members = members
    self.metadata = metadata
  }

  /// Reads the features of items out of a catalog.
  ///
  /// - Parameters:
  ///   - counts: Number of training ratings of each item: its popularity.
  package init(itemIDs: IDMap, catalog: ItemCatalog, counts: [Int32]) {
    let items = (0..<itemIDs.count).map { catalog[itemIDs[$0]] }
    let genres = Set(items.flatMap { $0?.genres ?? [] }).sorted()
    let numbers = Dictionary(
      uniqueKeysWithValues: genres.enumerated().map { ($1, Int32($0)) })
    var offsets: [Int32] = [0]
    var members: [Int32] = []
    for item in items {
      members += Set((item?.genres ?? []).compactMap { numbers[$0] }).sorted()
      offsets.append(Int32(members.count))
    }
    let episodes = Self.quantiles(items.map { $0?.episodes.map(Double.init) })
    let popularity = Self.quantiles(counts.map { Double($0) })
    self.init(
      genres: genres, offsets: offsets, members: members,
      metadata: zip(episodes, popularity).flatMap { [$0, $1] })
  }

  /// The same features with further items that have no genres and middling metadata.
  func extended(items: Int) -> ItemFeatures {
    let more = max(0, items + 1 - offsets.count)
    return ItemFeatures(
      genres: genres, offsets: offsets + [Int32](repeating: offsets.last ?? 0, count: more),
      members: members,
      metadata: metadata + [Float](repeating: 0.5, count: more * Self.metadataWidth))
  }

  /// The fraction of the other known numbers below each, equal ones counted half; 0.5 for unknown ones.
  private static func quantiles(_ numbers: [Double?]) -> [Float] {
    let sorted = numbers.compactMap { $0 }.sorted()
    return numbers.map { number in
      guard let number, sorted.count > 1 else { return 0.5 }
      let below = sorted.indices.firstPlace { sorted[$0] >= number }
      let through = sorted.indices.firstPlace { sorted[$0] > number }
      return Float(Double(below + through - 1) / 2 / Double(sorted.count - 1))
    }
  }
}

// Metadata of items, joined to ratings by original id.

/// One item's metadata, for display and filters; missing fields are nil.
public struct Item: Sendable, Equatable, Codable {
  /// Original id, as text.
  public var id: String
  /// Title (the file's `name` or `title`).
  public var title: String
  /// Genres, in file order.
  public var genres: [String]
  /// Kind: TV, Movie and the like.
  public var type: String?
  /// Number of episodes.
  public var episodes: Int?
  /// Average rating as the file gives it.
  public var averageRating: Double?
  /// Members who list the item.
  public var members: Int?

  /// Makes an item from its fields.
  public init(
    id: String, title: String, genres: [String] = [], type: String? = nil, episodes: Int? = nil,
    averageRating: Double? = nil, members: Int? = nil
  ) {
    self.id = id
    self.title = title
    self.genres = genres
    self.type = type
    self.episodes = episodes
    self.averageRating = averageRating
    self.members = members
  }

  private enum CodingKeys: String, CodingKey {
    case id, title, genres, type, episodes, members
    case averageRating = "average_rating"
  }
}

/// Items by original id.
public struct ItemCatalog: Sendable, Equatable {
  /// All items, in file order.
  public private(set) var items: [Item]
  private let positions: [String: Int]

  /// Makes a catalog; of items with the same id the last counts.
  public init(_ items: [Item] = []) {
    self.items = items
    var positions = [String: Int](minimumCapacity: items.count)
    for (position, item) in items.enumerated() { positions[item.id] = position }
    self.positions = positions
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { items.isEmpty }

  /// The item of an original id, or nil.
  public subscript(id: String) -> Item? { positions[id].map { items[$0] } }
}

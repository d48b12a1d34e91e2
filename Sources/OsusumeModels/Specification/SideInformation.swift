// What is known of users and items besides ratings: who saw what without rating it, genres and types.
import OsusumeData

/// What a model may predict the vectors of users and items from, besides their ratings.
public struct SideInformation: Sendable {
  /// A part of it that a model can be asked to use.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    /// Of a user: which items were rated or seen.
    case history
    /// Of an item: which users rated or saw it.
    case audience
    /// Of an item: its genres and its type.
    case metadata
  }

  /// What items are labelled with, as pairs.
  public struct Labels: Sendable, Equatable {
    /// Genres and types, in order of number.
    public var names: [String] = []
    /// Item of each pair.
    public var items: [Int32] = []
    /// Number of its label.
    public var labels: [Int32] = []

    /// No labels.
    public init() {}
  }

  /// Items seen without being rated, never a pair that is rated.
  public var unrated: UnratedRows
  /// Genres and types of items.
  public var labels = Labels()

  /// Nothing but what was seen.
  public init(unrated: UnratedRows = .init()) { self.unrated = unrated }

  /// Fails unless every pair names a user, an item or a label that there is.
  ///
  /// Errors: `RatingsFault`.
  package func check(users: Int, items: Int) throws {
    try unrated.check(users: users, items: items)
    guard labels.items.count == labels.labels.count else {
      throw RatingsFault.length(
        column: "labels of items", labels.labels.count, rows: labels.items.count)
    }
    try labels.items.check("item", count: items)
    try labels.labels.check("label", count: labels.names.count)
  }

  /// What is known of the users and items of some ratings; items that the catalog lacks have no labels.
  public init(of ratings: Ratings, catalog: ItemCatalog) {
    unrated = ratings.unrated
    let known = (0..<ratings.itemIDs.count).map { item in
      catalog[ratings.itemIDs[item]].map { known in
        Set(known.genres.map { "genre " + $0 } + (known.type.map { ["type " + $0] } ?? []))
      } ?? []
    }
    labels.names = known.reduce(into: Set()) { $0.formUnion($1) }.sorted()
    let numbers = Dictionary(
      uniqueKeysWithValues: labels.names.enumerated().map { ($1, Int32($0)) })
    for (item, names) in known.enumerated() {
      let mine = names.compactMap { numbers[$0] }.sorted()
      labels.items += mine.map { _ in Int32(item) }
      labels.labels += mine
    }
  }
}

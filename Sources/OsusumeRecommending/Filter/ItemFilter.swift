// Conditions on the items of an answer, and how many items each condition left out.
import OsusumeData
import OsusumeModels

/// Conditions on items; one without conditions lets all items pass.
public struct ItemFilter: Sendable, Equatable {
  /// Why an item is left out; an item that several reasons hold for counts under the first.
  public enum Reason: String, Sendable, Hashable, CaseIterable, Codable, CodingKeyRepresentable {
    /// The user has rated it, and the model learned from that.
    case seen
    /// The user has rated it, and the rating was held out for the test.
    case seenInTest = "seen_test"
    /// The user has seen it without rating it.
    case seenUnrated = "seen_unrated"
    /// It has no training rating, so the model has learned nothing about it.
    case unrated
    /// It is of another type.
    case type = "only_type"
    /// It has none of the genres asked for.
    case genre = "only_genre"
    /// It has a genre that was not wanted.
    case excludedGenre = "exclude_genre"
    /// It has too few training ratings.
    case tooFewRatings = "min_ratings"
    /// It is not on the list of items to choose from.
    case notListed = "only_items"
    /// It is on the list of items to leave out.
    case excluded = "exclude_items"
    /// It is none of the neighbours that a neighbourhood model keeps of the item asked about.
    case notNeighbour = "neighbours"
  }

  /// Only items of one of these types, compared without regard to case; empty: any.
  public var types: [String] = []
  /// Only items with at least one of these genres, compared without regard to case; empty: any.
  public var genres: [String] = []
  /// No items with any of these genres.
  public var excludedGenres: [String] = []
  /// Only items with at least this many training ratings.
  public var minRatings = 0
  /// Only items with these ids; nil: any.
  public var onlyItems: [String]?
  /// No items with these ids.
  public var excludedItems: [String] = []

  /// Lets all items pass.
  public init() {}
}

/// The items of a model, sorted into those that pass a filter and those that do not.
public struct FilteredItems: Sendable {
  /// The items that pass, ascending; nil when all do.
  public let candidates: [Int32]?
  private let reasons: [ItemFilter.Reason?]

  /// Lets all items pass.
  public static let all = FilteredItems(reasons: [])

  init(reasons: [ItemFilter.Reason?]) {
    self.reasons = reasons
    candidates =
      reasons.contains { $0 != nil }
      ? reasons.indices.filter { reasons[$0] == nil }.map { Int32($0) } : nil
  }

  /// Fails where they are the items of another model.
  ///
  /// Errors: `RatingsFault`.
  package func check(of model: Model) throws {
    guard reasons.isEmpty || reasons.count == model.itemIDs.count else {
      throw RatingsFault.length(
        column: "filtered items", reasons.count, rows: model.itemIDs.count)
    }
  }

  /// How many items are left out for each reason.
  ///
  /// Those that the user has met count as that, once, whatever else holds.
  package func leftOut(met: MetItems = .init()) -> LeftOut {
    var counts: [ItemFilter.Reason: Int] = [:]
    for case let reason? in reasons { counts[reason, default: 0] += 1 }
    var counted: Set<Int32> = []
    let waysOfMeeting: [(Meeting, ItemFilter.Reason)] = [
      (.train, .seen), (.test, .seenInTest), (.unrated, .seenUnrated),
    ]
    for (way, reason) in waysOfMeeting {
      for item in met[way] where counted.insert(item).inserted {
        counts[reason, default: 0] += 1
        if !reasons.isEmpty, let other = reasons[Int(item)] { counts[other, default: 0] -= 1 }
      }
    }
    return LeftOut(counts)
  }

  /// The same with only the neighbours of an item, of `count` items.
  package func among(neighbours: Set<Int32>, of count: Int) -> FilteredItems {
    FilteredItems(
      reasons: (0..<count).map { item in
        (reasons.isEmpty ? nil : reasons[item])
          ?? (neighbours.contains(Int32(item)) ? nil : .notNeighbour)
      })
  }

  /// The same without items that have no training rating.
  package func rated(_ model: Model) -> FilteredItems {
    FilteredItems(
      reasons: model.itemCounts.enumerated().map { item, count in
        count == 0 ? .unrated : reasons.isEmpty ? nil : reasons[item]
      })
  }
}

/// How many items were left out for each reason.
public struct LeftOut: Sendable, Equatable, Codable {
  /// The counts above 0.
  public let counts: [ItemFilter.Reason: Int]

  /// Takes counts; those of 0 are dropped.
  public init(_ counts: [ItemFilter.Reason: Int] = [:]) {
    self.counts = counts.filter { $0.value > 0 }
  }

  /// Of one reason.
  public subscript(reason: ItemFilter.Reason) -> Int { counts[reason] ?? 0 }

  /// Of all reasons.
  public var total: Int { counts.values.reduce(0, +) }
}

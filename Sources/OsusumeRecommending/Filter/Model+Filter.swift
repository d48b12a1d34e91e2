// Applies a filter to the items of a model; the names in it must exist.
import OsusumeData
import OsusumeModels

extension Model {
  /// Sorts the items by a filter.
  ///
  /// Errors: `ItemFilterError` where the filter names a type, genre or list of items that no item of the
  /// model has: an empty answer would hide the mistake.
  public func items(passing filter: ItemFilter) throws -> FilteredItems {
    guard filter != ItemFilter() else { return .all }
    let genres = Set(catalog.items.flatMap(\.genres).map(\.folded))
    let types = Set(catalog.items.compactMap { $0.type?.folded })
    for name in filter.types where !types.contains(name.folded) {
      throw unknown("type", name, known: catalog.items.compactMap(\.type))
    }
    for name in filter.genres + filter.excludedGenres where !genres.contains(name.folded) {
      throw unknown("genre", name, known: catalog.items.flatMap(\.genres))
    }
    let matcher = ItemMatcher(filter)
    if filter.onlyItems?.contains(where: { itemIDs.index(of: $0) != nil }) == false {
      throw ItemFilterError.noneListed(items: itemIDs.count)
    }
    return FilteredItems(
      reasons: (0..<itemIDs.count).map { index in
        matcher.reason(
          against: itemIDs[index], catalog[itemIDs[index]], ratings: Int(itemCounts[index]))
      })
  }

  /// The ids among those to choose from and to leave out that are none of the model's, each once, in order.
  public func unknownItems(in filter: ItemFilter) -> [String] {
    var met: Set<String> = []
    return ((filter.onlyItems ?? []) + filter.excludedItems).filter {
      itemIDs.index(of: $0) == nil && met.insert($0).inserted
    }
  }

  private func unknown(_ kind: String, _ name: String, known: [String]) -> ItemFilterError {
    var counts: [String: Int] = [:]
    for name in known { counts[name, default: 0] += 1 }
    let frequent = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return .unknown(kind, name, among: frequent)
  }
}

/// A filter with its names folded, to be asked about many items.
private struct ItemMatcher {
  let types: Set<String>
  let genres: Set<String>
  let excludedGenres: Set<String>
  let only: Set<String>?
  let excluded: Set<String>
  let minRatings: Int

  init(_ filter: ItemFilter) {
    types = Set(filter.types.map(\.folded))
    genres = Set(filter.genres.map(\.folded))
    excludedGenres = Set(filter.excludedGenres.map(\.folded))
    only = filter.onlyItems.map { Set($0) }
    excluded = Set(filter.excludedItems)
    minRatings = filter.minRatings
  }

  /// Why an item does not pass, or nil.
  func reason(against id: String, _ item: Item?, ratings: Int) -> ItemFilter.Reason? {
    let own = genres.isEmpty && excludedGenres.isEmpty ? [] : (item?.genres ?? []).map(\.folded)
    if !types.isEmpty && !types.contains(item?.type?.folded ?? "") { return .type }
    if !genres.isEmpty && genres.isDisjoint(with: own) { return .genre }
    if !excludedGenres.isDisjoint(with: own) { return .excludedGenre }
    if ratings < minRatings { return .tooFewRatings }
    if let only, !only.contains(id) { return .notListed }
    return excluded.contains(id) ? .excluded : nil
  }
}

/// Why a filter must be a mistake.
public enum ItemFilterError: OsusumeError, Equatable {
  /// No item of the model has a type, or a genre.
  case noMetadata(String)
  /// No item has this type or genre.
  case unknown(String, String, closest: String, frequent: [String])
  /// The list of items to choose from names none of the model's.
  case noneListed(items: Int)

  /// A genre that is none of these, the most frequent first.
  public static func unknownGenre(_ name: String, among frequent: [String]) -> ItemFilterError {
    unknown("genre", name, among: frequent)
  }

  fileprivate static func unknown(_ kind: String, _ name: String, among frequent: [String])
    -> ItemFilterError
  {
    guard
      let closest = frequent.min(by: {
        editDistance(name.folded, $0.folded) < editDistance(name.folded, $1.folded)
      })
    else { return .noMetadata(kind) }
    return .unknown(kind, name, closest: closest, frequent: Array(frequent.prefix(6)))
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noMetadata(let kind):
      "no item of the model has a \(kind): train it with `items FILE`, or leave this filter out"
    case .unknown(let kind, let name, let closest, let frequent):
      "no item has the \(kind) '\(name.shortened)': did you mean '\(closest.shortened)'? there are "
        + frequent.map(\.shortened).joined(separator: ", ")
    case .noneListed(let items):
      "`only_items` names none of the model's \(items) items: give their ids, one a line"
    }
  }
}

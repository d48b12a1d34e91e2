// Finds an item by id or by title, and suggests others where there is none.
import Foundation
import OsusumeData
import OsusumeModels

extension Model {
  /// The item of an id, of a title, or of the only title that begins so.
  ///
  /// Titles are compared without regard to case and accents; an id counts before any title.
  ///
  /// Errors: `ItemLookupError` with the closest titles, where there is none or more than one.
  public func index(ofItem name: String) throws -> Int32 {
    if let index = itemIDs.index(of: name) { return Int32(index) }
    let wanted = name.folded
    let titles = (0..<itemIDs.count).compactMap { index in
      catalog[itemIDs[index]].map { (index: index, title: $0.title, folded: $0.title.folded) }
    }
    for matches in [
      titles.filter { $0.folded == wanted },
      titles.filter { !wanted.isEmpty && $0.folded.hasPrefix(wanted) },
    ] where !matches.isEmpty {
      if matches.count == 1 { return Int32(matches[0].index) }
      let frequent = matches.sorted { itemCounts[$0.index] > itemCounts[$1.index] }
      throw ItemLookupError.ambiguous(
        name, count: matches.count,
        frequent.prefix(5).map { .init(id: itemIDs[$0.index], title: $0.title) })
    }
    // Titles that hold the words come before those that are spelled alike.
    let closest = titles.map { entry in
      let holds = !wanted.isEmpty && entry.folded.contains(wanted)
      return (entry: entry, edits: holds ? 0 : entry.folded.distance(toBeginning: wanted) + 1)
    }.sorted { ($0.edits, $0.entry.title.count) < ($1.edits, $1.entry.title.count) }
    throw ItemLookupError.unknown(
      name,
      closest.prefix(5).filter { $0.edits <= max(3, wanted.count / 2) }
        .map { .init(id: itemIDs[$0.entry.index], title: $0.entry.title) },
      first: itemIDs[0], last: itemIDs[itemIDs.count - 1])
  }
}

extension Model {
  /// The id of an item that is named by id or by title; a name that is neither stays as it is, for whoever asks to
  /// refuse or to answer.
  ///
  /// A number is an id: `12` is not taken for "12 Angry Men". Errors: `ItemLookupError.ambiguous`.
  public func id(ofItemNamed name: String) throws -> String {
    guard itemIDs.index(of: name) == nil, Int64(name) == nil else { return name }
    do {
      return itemIDs[Int(try index(ofItem: name))]
    } catch ItemLookupError.unknown {
      return name
    }
  }
}

/// Why an item cannot be named so.
public enum ItemLookupError: OsusumeError, Equatable {
  /// An item that may have been meant.
  public struct Suggestion: Sendable, Equatable {
    /// Original id.
    public var id: String
    /// Title.
    public var title: String
  }

  /// No item has this id or title; the closest titles.
  case unknown(String, [Suggestion], first: String, last: String)
  /// Several items have this title or begin so; those rated most.
  case ambiguous(String, count: Int, [Suggestion])

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknown(let name, let closest, let first, let last):
      "no item has the id or title '\(name.shortened)'"
        + (closest.isEmpty
          ? ": give one of the model's ids, \(first.shortened) to \(last.shortened), or a title"
          : ": did you mean \(Self.list(closest))?")
    case .ambiguous(let name, let count, let closest):
      "\(count) titles match '\(name.shortened)': give an id, such as \(Self.list(closest))"
    }
  }

  private static func list(_ suggestions: [Suggestion]) -> String {
    suggestions.map { "\($0.id.shortened) '\($0.title.shortened)'" }.joined(separator: ", ")
  }
}

extension String {
  /// Without regard to case and accents.
  package var folded: String {
    folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
  }

  /// Edits between a text and this one or its beginning, whichever is closer.
  fileprivate func distance(toBeginning text: String) -> Int {
    let start = String(prefix(text.count))
    return Swift.min(editDistance(self, text), editDistance(start, text) + (start == self ? 0 : 1))
  }
}

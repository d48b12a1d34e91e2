// Options of every command that answers with items: which of them it may choose from.
import ArgumentParser
import Osusume

struct ItemFilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only items of this type, or one of these.", valueName: "TV,Movie"))
  var onlyType: NameList?

  @Option(
    help: ArgumentHelp("Only items with at least one of these genres.", valueName: "Action,Drama"))
  var onlyGenre: NameList?

  @Option(help: ArgumentHelp("No items with any of these genres.", valueName: "Horror,Ecchi"))
  var excludeGenre: NameList?

  @Option(
    help: ArgumentHelp(
      "Only items with at least this many training ratings (neighbours: 5 unless given).",
      valueName: "n"))
  var minRatings: Int?

  @Option(
    help: ArgumentHelp("Only items of this file, one id a line; - for stdin.", valueName: "file"))
  var onlyItems: String?

  @Option(
    help: ArgumentHelp("No items of this file, one id a line; - for stdin.", valueName: "file"))
  var excludeItems: String?

  func validate() throws {
    try check("--min-ratings", minRatings, in: 0...)
  }

  /// Whether any condition was given.
  var isGiven: Bool {
    onlyType != nil || onlyGenre != nil || excludeGenre != nil || (minRatings ?? 0) > 0
      || onlyItems != nil || excludeItems != nil
  }

  /// The files that these options have read.
  var files: [String?] { [onlyItems, excludeItems] }

  /// The filter, its files read.
  ///
  /// - Parameter fewestRatings: Ratings that an item must have where the user does not say.
  func filter(fewestRatings: Int = 0) throws -> ItemFilter {
    var filter = ItemFilter()
    filter.types = onlyType?.names ?? []
    filter.genres = onlyGenre?.names ?? []
    filter.excludedGenres = excludeGenre?.names ?? []
    filter.minRatings = minRatings ?? fewestRatings
    filter.onlyItems = try onlyItems.map { try IDList.read($0, option: "--only-items") }
    filter.excludedItems =
      try excludeItems.map { try IDList.read($0, option: "--exclude-items") } ?? []
    return filter
  }

  /// Says which ids of the lists the model does not know.
  func note(_ filter: ItemFilter, for model: Model, quiet: Bool) {
    let lists = [
      onlyItems.map { _ in "--only-items" }, excludeItems.map { _ in "--exclude-items" },
    ]
    guard !quiet, lists.contains(where: { $0 != nil }) else { return }
    Output.noteUnknown(
      model.unknownItems(in: filter),
      of: "the items of \(lists.compactMap(\.self).joined(separator: " and "))")
  }
}

/// Names set apart by commas.
struct NameList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
    if names.isEmpty { return nil }
  }
}

extension LeftOut {
  /// The counts by the names they have in JSON.
  var json: [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }

  /// The counts in words.
  private var words: String { words() }

  private func words(ratedIn rows: String = "in training") -> String {
    ItemFilter.Reason.allCases.filter { self[$0] > 0 }.map { reason in
      "\(self[reason].grouped) " + (reason == .seen ? "rated \(rows)" : reason.words)
    }.joined(separator: ", ")
  }

  /// What follows the number of items in a heading; empty where nothing was left out.
  var clause: String { clause() }

  /// The same of a person whose ratings are elsewhere than in the training rows.
  func clause(ratedIn rows: String = "in training") -> String {
    total == 0 ? "" : "; left out: " + words(ratedIn: rows)
  }

  /// Why fewer came back than asked for, with the reasons; nil where as many did.
  func shortfall(_ count: Int, of asked: Int) -> String? {
    briefShortfall(count, of: asked).map { $0 + (total == 0 ? "" : " after \(words)") }
  }

  /// The same as a line, or none, under a heading that has the reasons already (`clause`).
  func shortfallLines(_ count: Int, of asked: Int) -> [String] {
    briefShortfall(count, of: asked).map { [$0] } ?? []
  }

  private func briefShortfall(_ count: Int, of asked: Int) -> String? {
    guard count < asked else { return nil }
    let why = total == 0 ? "the model has no more" : "no more are left"
    return "\(count) of \(asked) asked for: \(why)"
  }
}

extension ItemFilter.Reason {
  /// What is said of the items left out.
  fileprivate var words: String {
    switch self {
    case .seen: "rated in training"
    case .seenInTest: "rated in test"
    case .seenUnrated: "seen"
    case .unrated: "without training ratings"
    case .type: "of another type"
    case .genre: "without the genre"
    case .excludedGenre: "of an excluded genre"
    case .tooFewRatings: "with too few ratings"
    case .notListed: "not on the list"
    case .excluded: "excluded"
    case .notNeighbour: "none of its neighbours"
    }
  }
}

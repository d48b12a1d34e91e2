// What factors mean, in the JSON and the text of `osusume compare`: items by id and title.
import Foundation
import Osusume

extension CompareReport {
  /// An item as JSON has it.
  struct NamedItem: Encodable {
    let item: String
    let title: String?

    init(_ item: Int, _ comparison: Comparison) {
      self.item = comparison.models[0].model.itemIDs[item]
      let title = comparison.title(item)
      self.title = title == self.item ? nil : title
    }
  }

  /// A direction of a model's factors, and its like in the others.
  struct DirectionEntry: Encodable {
    struct Match: Encodable {
      let model: String
      let direction: Int
      let cosine: Double
      let cosineToSpace: Double
      let high: [NamedItem]
      let low: [NamedItem]
    }

    let model: String
    let direction: Int
    let sigma: Double
    let high: [NamedItem]
    let low: [NamedItem]
    let matches: [Match]

    init(_ direction: FactorDirection, _ comparison: Comparison) {
      func named(_ items: [Int]) -> [NamedItem] { items.map { NamedItem($0, comparison) } }
      model = comparison.models[direction.model].label
      self.direction = direction.number
      sigma = direction.strength
      high = named(direction.high)
      low = named(direction.low)
      matches = direction.matches.map {
        Match(
          model: comparison.models[$0.model].label, direction: $0.number, cosine: $0.cosine,
          cosineToSpace: $0.contained, high: named($0.high), low: named($0.low))
      }
    }
  }

  /// What each model has for an item or a user, by the model's name.
  struct ByModel: Encodable {
    let item: NamedItem?
    let user: String?
    let ratings: Int?
    let liked: [NamedItem]?
    let likedInTest: [NamedItem]?
    let models: [String: [NamedItem]]

    init(_ known: NamedNeighbours, _ comparison: Comparison) {
      item = NamedItem(known.item, comparison)
      (user, ratings, liked, likedInTest) = (nil, nil, nil, nil)
      models = Self.named(zip(comparison.models.map(\.label), known.nearest), comparison)
    }

    init(_ person: NamedLists, _ comparison: Comparison) {
      item = nil
      user = comparison.models[0].model.userIDs[person.user]
      ratings = person.ratings
      liked = person.liked.map { NamedItem($0, comparison) }
      likedInTest = person.relevant.sorted().map { NamedItem($0, comparison) }
      models = Self.named(
        zip(comparison.models.map(\.label), person.lists.map { $0 as [Int]? }), comparison)
    }

    private static func named(
      _ lists: some Sequence<(String, [Int]?)>, _ comparison: Comparison
    ) -> [String: [NamedItem]] {
      Dictionary(
        uniqueKeysWithValues: lists.compactMap { name, items in
          items.map { (name, $0.map { NamedItem($0, comparison) }) }
        })
    }
  }

  /// Each model's strongest directions by the items at their ends.
  var directionTable: [String] {
    var table = TextTable(
      ["direction", "σ", "items at one end", "items at the other"],
      alignments: [.left, .right, .left, .left])
    func titles(_ items: [Int]) -> String {
      items.prefix(3).map { comparison.title($0).clipped(to: 24) }.joined(separator: ", ")
    }
    for direction in comparison.meaning.directions {
      table.add(
        "\(comparison.models[direction.model].mark) \(direction.number)",
        String(format: "%.4f", direction.strength), titles(direction.high), titles(direction.low))
    }
    return comparison.meaning.directions.isEmpty ? [] : table.lines
  }
}

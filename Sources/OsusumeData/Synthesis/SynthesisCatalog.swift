// The items of a synthesized set as `anime.csv`: the real file's schema, order and gaps.
import Foundation

/// One row of `anime.csv`.
private struct CatalogRow {
  let id: Int
  var title = ""
  var genres = ""
  var kind = ""
  var episodes = "Unknown"
  /// Hundredths of a point; nil is an empty field.
  var rating: Int?
  var members = 0

  /// The row as text, with the line end of the real file.
  var text: String {
    let score = rating.map { "\($0 / 100).\($0 % 100 < 10 ? "0" : "")\($0 % 100)" } ?? ""
    return "\(id),\(quoted(title)),\(quoted(genres)),\(kind),\(episodes),\(score),\(members)\r\n"
  }

  private func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

extension SynthesisItems {
  /// The text of `anime.csv`: best rated first, items without a rating last.
  func catalogText(sizes: SynthesisSizes, seed: UInt64) -> String {
    let listed = (0..<count).filter { roles[$0] != .missing }
    let unrated = Self.spread(sizes.withoutRating, over: listed.filter { roles[$0] == .unseen })
    let untyped = Self.spread(sizes.withoutType, over: unrated.sorted())
    let plain = Self.spread(sizes.withoutGenre, over: listed)
    var draws = SynthesisDraws(.itemText, seed: seed &+ 1)
    var titles = SynthesisTitles(seed: seed)
    var rows = listed.map { item in
      var row = CatalogRow(id: ids[item])
      let kind = kind(of: item, &draws)
      row.title = titles.next(kind: kind.name)
      if !plain.contains(item) {
        row.genres = SynthesisGenre.listed(genres[item]).joined(separator: ", ")
      }
      let episodes = kind.episodes[draws.index(weights: kind.episodes.map(\.count))].number
      let isAnnounced = unrated.contains(item)
      row.members = members(of: item, &draws)
      let score = rating(of: item, &draws)
      if !untyped.contains(item) { row.kind = kind.name }
      if !isAnnounced { row.rating = score }
      // Most items without a rating are yet to come.
      if episodes > 0 && !(isAnnounced && (untyped.contains(item) || item % 8 < 5)) {
        row.episodes = String(episodes)
      }
      return row
    }
    rows.sort { ($0.rating ?? -1, $1.id) > ($1.rating ?? -1, $0.id) }
    return "anime_id,name,genre,type,episodes,rating,members\r\n" + rows.map(\.text).joined()
  }

  /// `number` of the items, evenly spaced.
  private static func spread(_ number: Int, over items: [Int]) -> Set<Int> {
    Set((0..<number).map { items[(2 * $0 + 1) * items.count / (2 * number)] })
  }

  /// Popular items are series more often.
  private func kind(of item: Int, _ draws: inout SynthesisDraws) -> SynthesisKind {
    let fame = (log(max(popularity[item], 1e-7)) + 11) / 3
    let weights = SynthesisKind.all.map { $0.count * exp(0.4 * fame * ($0.popularity - 7.2)) }
    return SynthesisKind.all[draws.index(weights: weights)]
  }

  /// People who list an item: some thirty times those of the set's users who rate it, more or less.
  private func members(of item: Int, _ draws: inout SynthesisDraws) -> Int {
    let ratings = popularity[item] * 6_337_239
    let spread = exp(0.45 * draws.normal())
    return 5 + Int((ratings > 0 ? 40 * pow(ratings, 0.95) : 60) * spread)
  }

  /// The site's average rating, in hundredths: lower than that of the set's users, who like anime.
  private func rating(of item: Int, _ draws: inout SynthesisDraws) -> Int {
    let points = Double(quality[item]) - 0.35 + 0.18 * draws.normal()
    return min(1000, max(167, Int((points * 100).rounded())))
  }
}

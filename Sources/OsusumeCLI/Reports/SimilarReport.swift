// What `osusume similar` prints: neighbours, a pair, a vector or ranked biases, as JSON and as lines.
import Foundation
import Osusume

/// A model and the name of its contents.
struct SimilarSource {
  let model: Model
  let version: String

  /// An item or user as answers name it.
  func named(_ entity: Entity, _ row: Int) -> SimilarName {
    guard entity == .item else { return SimilarName(user: model.userIDs[row]) }
    let id = model.itemIDs[row]
    return SimilarName(item: id, title: model.catalog[id]?.title)
  }

  /// Number of training ratings.
  func ratings(_ entity: Entity, _ row: Int) -> Int {
    entity == .user ? model.seen[row].count : Int(model.itemCounts[row])
  }
}

/// The item or user that an answer is about.
struct SimilarName: Encodable {
  var item: String?
  var user: String?
  var title: String?
  var genre: String?

  /// As in a heading.
  var text: String {
    genre.map { "genre \($0)" } ?? item.map { "item \($0)" + (title.map { " \($0)" } ?? "") }
      ?? "user \(user ?? "")"
  }
}

/// One line of an answer: a neighbour, or somebody or something with its bias.
struct SimilarEntry: Encodable {
  var item: String?
  var user: String?
  var genre: String?
  var title: String?
  var type: String?
  var genres: [String]?
  var averageRating: Double?
  var ratings: Int?
  /// Of a genre: how many items have it.
  var items: Int?
  var raters: Int?
  var inCommon: Int?
  var similarity: Double?
  var distance: Double?
  var bias: Float?
  var rank: Int

  init(_ source: SimilarSource, _ entity: Entity, row: Int, rank: Int) {
    let name = source.named(entity, row)
    let known = name.item.flatMap { source.model.catalog[$0] }
    item = name.item
    user = name.user
    title = name.title
    type = known?.type
    genres = known?.genres
    averageRating = known?.averageRating
    ratings = source.ratings(entity, row)
    self.rank = rank
  }

  init(_ genres: GenreFactors, _ place: Int, rank: Int) {
    genre = genres.names[place]
    items = genres.itemCounts[place]
    self.rank = rank
  }

  /// The same with a neighbour's figure.
  func at(_ value: Double, by measure: SimilarityMeasure?) -> SimilarEntry {
    var entry = self
    if measure == .euclid { entry.distance = value } else { entry.similarity = value }
    return entry
  }

  /// The same with a bias.
  func with(bias: Float) -> SimilarEntry {
    var entry = self
    entry.bias = bias
    return entry
  }

  /// Entries as a table whose second column holds the figure of each, by name.
  static func table(_ entries: [SimilarEntry], _ figure: String) -> [String] {
    let isOfItems = entries.first?.item != nil
    var table = TextTable(
      [
        "", figure, isOfItems ? "item" : "user", "genre", "title", "type", "in common", "ratings",
        "items", "genres",
      ],
      alignments: [
        .right, .right, .right, .left, .left, .left, .right, .right, .right, .left,
      ])
    for entry in entries {
      let value =
        entry.similarity ?? entry.distance ?? entry.bias.map { Double($0) } ?? .nan
      table.add(
        String(entry.rank), String(format: "%.3f", value), entry.item ?? entry.user ?? "",
        entry.genre ?? "", (entry.title ?? "").clipped(to: 48), entry.type ?? "",
        entry.inCommon?.grouped ?? "", entry.ratings?.grouped ?? "", entry.items?.grouped ?? "",
        (entry.genres?.joined(separator: ", ") ?? "").clipped(to: 40))
    }
    return table.lines
  }
}

/// The nearest of an item, a user or a genre.
struct SimilarNeighbours: Report {
  let command = "similar"
  let model: String
  let modelVersion: String
  let item: String?
  let user: String?
  let genre: String?
  let title: String?
  let raters: Int?
  let by: String
  let items: [SimilarEntry]?
  let users: [SimilarEntry]?
  let genres: [SimilarEntry]?
  let filtered: [String: Int]?
  let note: String?
  @NotEncoded var lines: [String]

  /// The nearest of a user, by vectors.
  init(users source: SimilarSource, _ by: SimilarityMeasure, _ answer: Similarity.Neighbours) {
    self.init(source, .user, by.rawValue, figure: by.figure, by.rawValue, answer)
  }

  /// The nearest of an item, with how many people they rest on.
  ///
  /// - Parameters:
  ///   - by: The measure between vectors; nil: the model's own.
  ///   - fewest: Ratings that a neighbour has at least because nobody said how many; 0: they were said.
  init(
    items source: SimilarSource, by: SimilarityMeasure?, _ answer: Similarity.Neighbours,
    _ common: CommonRaters, fewest: Int
  ) {
    let own = source.model.ranker.neighbourMeasure
    let shrinks = by == .cosine
    let words = by?.rawValue ?? own.words
    let share = "n/(n + \(Int(CommonRaters.halving))) for n in common"
    let how = shrinks ? "\(words), times \(share)" : words
    self.init(
      source, .item, by?.rawValue ?? own.rawValue, figure: by?.figure ?? words, how, answer, common)
    if source.model.ranker.neighbours(ofItem: answer.row)?.isEmpty == true {
      lines.append("the model relates nothing to it: too few people rated it")
    } else if answer.leftOut[.tooFewRatings] > 0 && fewest > 0 {
      lines.append("neighbours have \(fewest) ratings or more; --min-ratings 0 lifts that")
    }
  }

  /// The nearest of a genre.
  init(
    genres: GenreFactors, of source: SimilarSource, to place: Int,
    _ nearest: [NeighbourSearch.Neighbour], by measure: SimilarityMeasure
  ) {
    model = source.model.spec.name
    modelVersion = source.version
    genre = genres.names[place]
    by = measure.rawValue
    let entries = nearest.enumerated().map {
      SimilarEntry(genres, $1.row, rank: $0 + 1).at($1.value, by: measure)
    }
    self.genres = entries
    (item, user, title, raters, items, users, filtered, note) =
      (nil, nil, nil, nil, nil, nil, nil, nil)
    lines =
      ["genre \(genres.names[place]): nearest by \(by)"]
      + SimilarEntry.table(entries, measure.figure)
  }

  private init(
    _ source: SimilarSource, _ entity: Entity, _ by: String, figure: String, _ how: String,
    _ answer: Similarity.Neighbours, _ common: CommonRaters? = nil
  ) {
    let name = source.named(entity, answer.row)
    let entries = answer.nearest.enumerated().map { place, neighbour in
      var entry = SimilarEntry(source, entity, row: neighbour.row, rank: place + 1)
        .at(neighbour.value, by: SimilarityMeasure(rawValue: by))
      entry.raters = common == nil ? nil : entry.ratings
      entry.inCommon = common.map { Int($0.counts[neighbour.row]) }
      return entry
    }
    model = source.model.spec.name
    modelVersion = source.version
    (item, user, title) = (name.item, name.user, name.title)
    (genre, genres) = (nil, nil)
    raters = common.map { Int($0.counts[answer.row]) }
    self.by = by
    items = entity == .item ? entries : nil
    users = entity == .user ? entries : nil
    filtered = answer.leftOut.json
    note = answer.leftOut.shortfall(entries.count, of: answer.asked)
    let people = raters.map { ", \($0.grouped("rating"))" } ?? ""
    lines =
      ["\(name.text)\(people): nearest by \(how)\(answer.leftOut.clause)"]
      + SimilarEntry.table(entries, figure)
      + answer.leftOut.shortfallLines(entries.count, of: answer.asked)
  }
}

extension SimilarityMeasure {
  /// The heading of a column of it.
  fileprivate var figure: String { self == .euclid ? "distance" : rawValue }
}

/// Two items.
struct SimilarPair: Report {
  let command = "similar"
  let model: String
  let pair: [SimilarName]
  let cosine: Double
  let dot: Double
  let distance: Double
  let by: SimilarityMeasure
  @NotEncoded var lines: [String]

  /// Compares the vectors of two items or genres, which are called so.
  init(
    _ source: SimilarSource, _ names: [SimilarName], _ vectors: [[Float]],
    by measure: SimilarityMeasure
  ) {
    let (a, b) = (vectors[0], vectors[1])
    model = source.model.spec.name
    pair = names
    cosine = SimilarityMeasure.cosine.between(a, b)
    dot = SimilarityMeasure.dot.between(a, b)
    distance = SimilarityMeasure.euclid.between(a, b)
    by = measure
    let values: [(SimilarityMeasure, Double)] = [
      (.cosine, cosine), (.dot, dot), (.euclid, distance),
    ]
    lines =
      pair.map(\.text)
      + values.sorted { $0.0 == measure && $1.0 != measure }
      .map { String(format: "%@ %.4f", $0.0.rawValue, $0.1) }
  }
}

/// One vector.
struct SimilarVector: Report {
  let command = "similar"
  let model: String
  let item: String?
  let user: String?
  let title: String?
  let ratings: Int
  let factors: Int
  let norm: Double
  let vector: [Float]
  @NotEncoded var lines: [String]

  init(_ source: SimilarSource, _ similarity: Similarity, row: Int) {
    let name = source.named(similarity.entity, row)
    model = source.model.spec.name
    (item, user, title) = (name.item, name.user, name.title)
    ratings = source.ratings(similarity.entity, row)
    let vector = similarity.vectors[row]
    self.vector = vector
    factors = vector.count
    norm = SimilarityMeasure.dot.between(vector, vector).squareRoot()
    let facts = String(format: "%d factors, norm %.4f, %d ratings", factors, norm, ratings)
    lines =
      ["\(name.text): " + facts]
      + stride(from: 0, to: vector.count, by: 8).map { start in
        vector[start..<min(start + 8, vector.count)].map { String(format: "%9.5f", $0) }
          .joined(separator: " ")
      }
  }
}

/// The highest and lowest biases.
struct SimilarBiases: Report {
  let command = "similar"
  let model: String
  let biases: String
  let count: Int
  let best: [SimilarEntry]
  let worst: [SimilarEntry]
  let filtered: [String: Int]?
  let note: String?
  @NotEncoded var lines: [String]

  /// Of items or users.
  init(_ source: SimilarSource, _ entity: Entity, _ ranking: RankedBiases, asked: Int) {
    self.init(source, entity.rawValue + "s", ranking, asked: asked) {
      SimilarEntry(source, entity, row: $0.row, rank: $0.rank)
    }
  }

  /// Of genres.
  init(_ source: SimilarSource, _ genres: GenreFactors, _ ranking: RankedBiases) {
    self.init(source, "genres", ranking, asked: nil) {
      SimilarEntry(genres, $0.row, rank: $0.rank)
    }
  }

  /// - Parameter asked: How many were asked for, of those that filters left; nil: nothing is filtered.
  private init(
    _ source: SimilarSource, _ kind: String, _ ranking: RankedBiases, asked: Int?,
    _ entry: (RankedBiases.Entry) -> SimilarEntry
  ) {
    model = source.model.spec.name
    biases = kind
    count = ranking.count
    best = ranking.best.map { entry($0).with(bias: $0.bias) }
    worst = ranking.worst.map { entry($0).with(bias: $0.bias) }
    filtered = asked.map { _ in ranking.leftOut.json }
    let found = best.count
    note = asked.flatMap { ranking.leftOut.shortfall(found, of: $0) }
    lines =
      ["\(count.grouped) \(biases) by bias" + ranking.leftOut.clause + "; highest"]
      + SimilarEntry.table(best, "bias") + (worst.isEmpty ? [] : ["", "lowest"])
      + SimilarEntry.table(worst, "bias")
      + (asked.map { ranking.leftOut.shortfallLines(found, of: $0) } ?? [])
  }
}

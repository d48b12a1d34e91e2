// What a map shows: items, users or genres of a model, each a vector and what is known of it.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// Items, users or genres of a model, ready to be placed on a map.
public struct MapSubject: Sendable {
  /// What is placed.
  public enum Kind: String, Sendable, Codable, CaseIterable { case items, users, genres }

  /// One of them, and what is known of it.
  public struct Point: Sendable, Equatable {
    /// Original id of an item or user; the name of a genre.
    public var id: String
    /// Title of an item; the name of a genre.
    public var title: String?
    /// Type of an item.
    public var type: String?
    /// Genres of an item, the main one first.
    public var genres: [String] = []
    /// Episodes of an item.
    public var episodes: Int?
    /// The average rating: an item's by its metadata, or else that of its training ratings.
    public var averageRating: Double?
    /// Number of training ratings; a genre's are those of its items.
    public var ratings: Int
  }

  /// What is placed.
  public let kind: Kind
  /// The points, in order of index in the model.
  public let points: [Point]
  /// Their vectors, [points, width].
  public let vectors: FactorVectors
  /// What the vectors are, in words.
  public let origin: String
  /// The items that are not placed.
  public let leftOut: LeftOut

  /// Takes the vectors of a model's items, users or genres.
  ///
  /// - Parameters:
  ///   - items: The items to place; not for users and genres.
  ///   - unrated: Whether items without training ratings are placed too: models know nothing of them.
  ///
  /// Errors: `MapError.noVectors`, `MapError.noGenres`, `MapError.tooFew`; `RatingsFault` for items of another model,
  /// `SettingError` for `threads`.
  public init(
    _ model: Model, of kind: Kind, among items: FilteredItems = .all, unrated: Bool = false,
    seed: UInt64 = 42, threads: Int = allCores
  ) throws {
    try items.check(of: model)
    try SettingError.check("threads", threads, in: 1...1024)
    self.kind = kind
    switch kind {
    case .items:
      let all = try Self.itemVectors(model, seed: seed, threads: threads)
      let placed = unrated ? items : items.rated(model)
      let rows = placed.candidates ?? (0..<Int32(all.vectors.count)).map { $0 }
      vectors = all.vectors.rows(rows)
      points = Self.items(model, rows)
      origin = all.origin
      leftOut = placed.leftOut()
    case .users:
      guard let all = model.parameters.vectors(of: .user) else {
        throw MapError.noVectors(kind, model: model.spec.name)
      }
      let rows = (0..<Int32(all.count)).filter { !model.seen[Int($0)].isEmpty }
      vectors = all.rows(rows)
      points = Self.users(model, rows)
      origin = "user vectors of \(model.spec.name), \(all.factors) wide"
      leftOut = LeftOut([.unrated: all.count - rows.count])
    case .genres:
      (points, vectors, origin) = try Self.genres(model, seed: seed, threads: threads)
      leftOut = LeftOut()
    }
    guard points.count >= 2 else { throw MapError.tooFew(kind, points.count) }
  }

  /// The model's item vectors, or else the axes of the relations between items that it keeps.
  private static func itemVectors(_ model: Model, seed: UInt64, threads: Int) throws -> (
    vectors: FactorVectors, origin: String
  ) {
    guard let vectors = model.parameters.vectors(of: .item) else {
      throw MapError.noVectors(.items, model: model.spec.name)
    }
    return (vectors, "item vectors of \(model.spec.name), \(vectors.factors) wide")
  }

  private static func items(_ model: Model, _ rows: [Int32]) -> [Point] {
    let means = meanRatings(model, of: .item)
    return rows.map { row in
      let id = model.itemIDs[Int(row)]
      let known = model.catalog[id]
      return Point(
        id: id, title: known?.title, type: known?.type, genres: known?.genres ?? [],
        episodes: known?.episodes, averageRating: known?.averageRating ?? means[Int(row)],
        ratings: Int(model.itemCounts[Int(row)]))
    }
  }

  private static func users(_ model: Model, _ rows: [Int32]) -> [Point] {
    let means = meanRatings(model, of: .user)
    return rows.map { row in
      Point(
        id: model.userIDs[Int(row)], averageRating: means[Int(row)],
        ratings: model.seen[Int(row)].count)
    }
  }

  /// The genres with the vectors that a network has learned for them, or else with the mean of their
  /// items' vectors.
  private static func genres(_ model: Model, seed: UInt64, threads: Int) throws -> (
    [Point], FactorVectors, String
  ) {
    let all = (0..<Int32(model.itemIDs.count)).filter { model.itemCounts[Int($0)] > 0 }
    let items = items(model, all)
    var members: [String: [Int]] = [:]
    for (place, item) in items.enumerated() {
      for genre in Set(item.genres) { members[genre, default: []].append(place) }
    }
    guard !members.isEmpty else { throw MapError.noGenres(model: model.spec.name) }
    func point(_ genre: String) -> Point {
      let own = (members[genre] ?? []).map { items[$0] }
      let rated = own.compactMap(\.averageRating)
      return Point(
        id: genre, title: genre,
        averageRating: rated.isEmpty ? nil : rated.reduce(0, +) / Double(rated.count),
        ratings: own.reduce(0) { $0 + $1.ratings })
    }
    if let network = model.parameters.network, let table = network.genreTable(.factors) {
      return (
        network.features.genres.map(point), FactorVectors(table, factors: table.columns),
        "genre vectors of \(model.spec.name), \(table.columns) wide"
      )
    }
    let vectors = try itemVectors(model, seed: seed, threads: threads).vectors
    let names = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let table = FloatMatrix(rows: names.count, columns: vectors.factors)
    for (row, name) in names.enumerated() {
      let own = members[name] ?? []
      for lane in 0..<vectors.factors {
        let sum = own.reduce(0.0) { $0 + Double(vectors.table[Int(all[$1])][lane]) }
        table[row][lane] = Float(sum / Double(own.count))
      }
    }
    return (
      names.map(point), FactorVectors(table, factors: vectors.factors),
      "means of the item vectors of each genre, \(vectors.factors) wide"
    )
  }

  /// The mean training rating of each item or user; nil where there is none, or the file does not say.
  private static func meanRatings(_ model: Model, of entity: Entity) -> [Double?] {
    let count = entity == .item ? model.itemIDs.count : model.userIDs.count
    guard let ratings = model.seenRatings else { return [Double?](repeating: nil, count: count) }
    var sums = [Double](repeating: 0, count: count)
    var numbers = [Int](repeating: 0, count: count)
    for user in 0..<model.userIDs.count {
      for place in Int(model.seen.offsets[user])..<Int(model.seen.offsets[user + 1]) {
        let row = entity == .item ? Int(model.seen.items[place]) : user
        sums[row] += Double(ratings[place])
        numbers[row] += 1
      }
    }
    return zip(sums, numbers).map { $1 > 0 ? $0 / Double($1) : nil }
  }
}

extension FactorVectors {
  /// Some of the vectors, in a table of their own.
  fileprivate func rows(_ chosen: [Int32]) -> FactorVectors {
    let copy = FloatMatrix(rows: chosen.count, columns: factors)
    for (place, row) in chosen.enumerated() {
      copy[place].baseAddress?.update(from: table.base + Int(row) * table.stride, count: factors)
    }
    return FactorVectors(copy, factors: factors)
  }
}

/// Why there is no map.
public enum MapError: OsusumeError, Equatable {
  /// The model has no vectors of these, and no relations that would make some.
  case noVectors(MapSubject.Kind, model: String)
  /// No item of the model has a genre.
  case noGenres(model: String)
  /// There is one thing to place, or none.
  case tooFew(MapSubject.Kind, Int)
  /// A perplexity is too large for so few points.
  case perplexity(Double, points: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noVectors(.users, let model):
      "model \(model) has no vectors of users to place: train one with factors, such as mf"
    case .noVectors(_, let model):
      "model \(model) has no vectors to place: train one that has, such "
        + "as mf or lists"
    case .noGenres(let model):
      "no item of model \(model) has a genre: train it with `items`, or give `items` here"
    case .tooFew(let kind, let count):
      "\(count == 0 ? "no" : "one") \(kind.rawValue.dropLast(count == 1 ? 1 : 0)) to place: a map needs "
        + "two or more; lift the filters"
    case .perplexity(let perplexity, let points):
      "a perplexity of \(perplexity.shortest) needs \(Int(3 * perplexity) + 2) points or more, and there "
        + "are \(points): give a smaller `perplexity`"
    }
  }
}

extension Double {
  /// As few digits as say it: `30`, `12.5`.
  var shortest: String {
    self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self)
  }
}

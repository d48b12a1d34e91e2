// One person as a model knows them: what they rated and what it predicts, their taste by genre, who is near.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// A user of a model.
public struct Person: Sendable, Codable {
  /// An item that a user rated in training.
  public struct RatedItem: Sendable, Equatable, Codable {
    /// Original id.
    public var id: String
    /// Its metadata, where the model has any.
    public var item: Item?
    /// The rating; nil where the model does not keep ratings.
    public var rating: Float?
    /// What the model predicts, clipped to the scale; nil where it predicts no ratings.
    public var predicted: Float?
    /// The rating nearest to the prediction of those that occur; of two as near the lower.
    public var rounded: Float?
  }

  /// How a user likes items of a genre.
  public struct Taste: Sendable, Equatable, Codable {
    /// The genre.
    public var genre: String
    /// How many items of it the user rated.
    public var count: Int
    /// The mean of those ratings.
    public var mean: Double
    /// How far that is above the mean of all the user's ratings, shrunk by five ratings:
    /// Σ(r − mean)/(count + 5).
    public var liking: Double
  }

  /// A user with a vector near to this one's.
  public struct Neighbour: Sendable, Equatable, Codable {
    /// Original id.
    public var id: String
    /// Cosine of both vectors, times n/(n + 20) for n items in common.
    public var similarity: Double
    /// Training ratings.
    public var ratings: Int
    /// Items that both rated.
    public var inCommon: Int
  }

  /// Original id.
  public let id: String
  /// What they rated in training, the highest first, equal ones by falling prediction, then by item.
  public let rated: [RatedItem]
  /// The mean of their ratings; nil where the model does not keep ratings.
  public let mean: Double?
  /// Number of ratings held out for the test.
  public let testRatings: Int
  /// Number of items seen without being rated.
  public let unrated: Int
  /// Genres by falling liking, equal ones by name; none where the model keeps no ratings.
  public let tastes: [Taste]
  /// The nearest users with an item in common, nearest first; none where the model has no vectors of users.
  public let neighbours: [Neighbour]

  /// Ratings that a genre's mean is shrunk by.
  private static let shrinkage = 5.0
  /// Items in common that a cosine is shrunk by.
  private static let strangers = 20.0

  /// Looks up a user and `count` neighbours.
  ///
  /// Errors: `RatingsFault` for a user that there is not, `SettingError` for a number out of range.
  public init(
    _ model: Model, user: Int32, neighbours count: Int = 5, threads: Int = allCores
  ) throws {
    try RatingsFault.check("user", Int(user), count: model.userIDs.count)
    try SettingError.check("neighbours", count, in: 0...1_000_000)
    try SettingError.check("threads", threads, in: 1...1024)
    let user = Int(user)
    let items = Array(model.seen[user])
    let first = Int(model.seen.offsets[user])
    let ratings = items.indices.map { model.seenRatings?[first + $0] }
    let predicted =
      model.spec.predictsRatings
      ? model.parameters.scores(
        users: [Int32](repeating: Int32(user), count: items.count), items: items, threads: threads)
      : nil
    let rated = items.indices.map { place in
      let id = model.itemIDs[Int(items[place])]
      let score = predicted.map {
        min(max($0[place], model.scale.lowerBound), model.scale.upperBound)
      }
      return RatedItem(
        id: id, item: model.catalog[id], rating: ratings[place], predicted: score,
        rounded: score.flatMap { model.seenRatings?.nearest(to: $0) })
    }
    id = model.userIDs[user]
    self.rated = zip(items, rated).sorted { a, b in
      (b.1.rating ?? 0, b.1.predicted ?? 0, a.0) < (a.1.rating ?? 0, a.1.predicted ?? 0, b.0)
    }.map(\.1)
    let known = ratings.compactMap { $0.map(Double.init) }
    let mean = known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    self.mean = mean
    testRatings = model.seenInTest.map { $0[user].count } ?? 0
    unrated = model.seenUnrated.map { $0[user].count } ?? 0
    tastes = mean.map { Self.tastes(rated, mean: $0) } ?? []
    neighbours = Self.neighbours(model, user, count)
  }

  private static func tastes(_ rated: [RatedItem], mean: Double) -> [Taste] {
    var ratings: [String: [Double]] = [:]
    for entry in rated {
      guard let rating = entry.rating else { continue }
      for genre in Set(entry.item?.genres ?? []) {
        ratings[genre, default: []].append(Double(rating))
      }
    }
    return ratings.map { genre, ratings in
      let sum = ratings.reduce(0, +)
      let count = Double(ratings.count)
      return Taste(
        genre: genre, count: ratings.count, mean: sum / count,
        liking: (sum - count * mean) / (count + shrinkage))
    }.sorted { ($1.liking, $0.genre) < ($0.liking, $1.genre) }
  }

  private static func neighbours(_ model: Model, _ user: Int, _ count: Int) -> [Neighbour] {
    guard let similarity = try? Similarity(model, of: .user) else { return [] }
    let vectors = similarity.vectors
    var isOwn = [Bool](repeating: false, count: model.itemIDs.count)
    for item in model.seen[user] { isOwn[Int(item)] = true }
    return (0..<model.userIDs.count).compactMap { other -> (row: Int, near: Neighbour)? in
      let common = other == user ? 0 : model.seen[other].count { isOwn[Int($0)] }
      guard common > 0 else { return nil }
      let shrunk =
        similarity.measure.between(vectors[user], vectors[other]) * Double(common)
        / (Double(common) + strangers)
      return (
        other,
        Neighbour(
          id: model.userIDs[other], similarity: shrunk, ratings: model.seen[other].count,
          inCommon: common)
      )
    }.sorted { ($1.near.similarity, $0.row) < ($0.near.similarity, $1.row) }
      .prefix(count).map(\.near)
  }
}

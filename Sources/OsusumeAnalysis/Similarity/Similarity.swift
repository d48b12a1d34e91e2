// What is near what in a model's factor space: items to an item, users to a user, any two of them.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// A model asked about likeness.
public struct Similarity: Sendable {
  /// The nearest of one item or user.
  public struct Neighbours: Sendable, Codable {
    /// Row of the one asked about.
    public var row: Int
    /// At most as many as asked for, nearest first.
    public var nearest: [NeighbourSearch.Neighbour]
    /// The items that the search omitted.
    public var leftOut: LeftOut
    /// How many were asked for.
    public var asked: Int
  }

  /// The model asked.
  public let model: Model
  /// What is compared.
  public let entity: Entity
  /// How it is compared.
  public let measure: SimilarityMeasure
  /// The vectors compared.
  public let vectors: FactorVectors

  /// Takes a model's vectors.
  ///
  /// Errors: `SimilarityError.noVectors`.
  public init(_ model: Model, of entity: Entity, by measure: SimilarityMeasure = .cosine) throws {
    guard let vectors = model.parameters.vectors(of: entity) else {
      throw SimilarityError.noVectors(model: model.spec.name)
    }
    self.model = model
    self.entity = entity
    self.measure = measure
    self.vectors = vectors
  }

  /// The nearest items of an item, of those that pass a filter.
  ///
  /// Items without training ratings are omitted: the vector of such an item is the mean of the others.
  ///
  /// - Parameter common: People in common by which cosines are shrunk, the item's own; nil: as they are.
  /// - Throws: `SettingError` for a count out of range, `RatingsFault` for an item that there is not, or of another
  ///   model, `SimilarityError.otherEntity`.
  public func nearest(
    _ count: Int, toItem row: Int, among items: FilteredItems = .all,
    shrunkBy common: CommonRaters? = nil
  ) throws -> Neighbours {
    try check(.item, row, count)
    try items.check(of: model)
    if let common {
      guard common.counts.count == vectors.count else {
        throw RatingsFault.otherModel("items", common.counts.count, count: vectors.count)
      }
    }
    let rated = items.rated(model)
    let nearest =
      if measure == .cosine, let common {
        shrunk(by: common, to: row, among: rated.candidates).prefix(count)
      } else {
        NeighbourSearch(vectors, by: measure, candidates: rated.candidates)
          .nearest(count, to: row)[...]
      }
    return Neighbours(
      row: row, nearest: Array(nearest), leftOut: rated.leftOut(), asked: count)
  }

  /// The shrunk cosines of an item with all candidates but itself, largest first, equal ones by row.
  private func shrunk(
    by common: CommonRaters, to row: Int, among candidates: [Int32]?
  ) -> [NeighbourSearch.Neighbour] {
    let own = vectors[row]
    return (candidates?.map { Int($0) } ?? Array(0..<vectors.count)).filter { $0 != row }
      .map { .init(row: $0, value: common.shrunk(measure.between(own, vectors[$0]), of: $0)) }
      .sorted { ($1.value, $0.row) < ($0.value, $1.row) }
  }

  /// The nearest users of a user, of those with training ratings.
  ///
  /// Errors: as of the nearest items.
  public func nearest(_ count: Int, toUser row: Int) throws -> Neighbours {
    try check(.user, row, count)
    let rated = (0..<vectors.count).filter { !model.seen[$0].isEmpty }.map { Int32($0) }
    return Neighbours(
      row: row,
      nearest: NeighbourSearch(vectors, by: measure, candidates: rated).nearest(count, to: row),
      leftOut: LeftOut([.unrated: vectors.count - rated.count]), asked: count)
  }

  /// The measure between two rows.
  ///
  /// Errors: `RatingsFault` for a row that there is not.
  public func between(_ a: Int, _ b: Int) throws -> Double {
    for row in [a, b] { try RatingsFault.check(entity.rawValue, row, count: vectors.count) }
    return measure.between(vectors[a], vectors[b])
  }

  private func check(_ asked: Entity, _ row: Int, _ count: Int) throws {
    guard asked == entity else { throw SimilarityError.otherEntity(asked, of: entity) }
    try SettingError.check("top", count, in: 0...1_000_000)
    try RatingsFault.check(entity.rawValue, row, count: vectors.count)
  }
}

/// Why similarities cannot be computed.
public enum SimilarityError: OsusumeError, Equatable {
  /// The model has no vectors.
  case noVectors(model: String)
  /// The model keeps similarities of its own, and those are all it can tell.
  case ownMeasureAlone(NeighbourMeasure, model: String)
  /// Items were asked for where users are compared, or users where items are.
  case otherEntity(Entity, of: Entity)
  /// The model has no biases of users or items.
  case noBiases(Entity, model: String)
  /// The model has no biases of genres.
  case noGenreBiases(model: String)
  /// The model knows nothing of genres.
  case noGenres(model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .noVectors(let model):
      "model \(model) has no vectors to compare: train one with factors, such as mf"
    case .otherEntity(let asked, let entity):
      "\(entity.rawValue)s are compared here, not \(asked.rawValue)s: make a similarity of \(asked.rawValue)s"
    case .ownMeasureAlone(let measure, let model):
      "model \(model) keeps \(measure.words)s between items and nothing else: leave out `by`"
    case .noBiases(let entity, let model):
      "model \(model) has no biases of \(entity.rawValue)s to rank: train one that has, such as mf"
    case .noGenreBiases(let model):
      "model \(model) has no biases of genres to rank: train one that has, such as genre-dot"
    case .noGenres(let model):
      "model \(model) learns nothing about genres, so none is near another: ask about items, or "
        + "train a model with genre features, such as genre-dot"
    }
  }
}

extension NeighbourMeasure {
  /// What it is called.
  public var words: String { self == .cosine ? "cosine" : "partial correlation" }
}

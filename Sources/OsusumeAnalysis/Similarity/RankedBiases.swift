// Items or users by bias: what is liked, or who likes, beyond what everything else explains.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// The ends of a ranking by bias.
public struct RankedBiases: Sendable, Codable {
  /// An item or user with its bias.
  public struct Entry: Sendable, Equatable, Codable {
    /// Row of the item or user.
    public var row: Int
    /// Its bias, in rating points.
    public var bias: Float
    /// 1 for the highest bias.
    public var rank: Int
  }

  /// The highest biases, highest first.
  public let best: [Entry]
  /// The lowest biases, lowest first; none of them among `best`.
  public let worst: [Entry]
  /// How many were ranked.
  public let count: Int
  /// The items that the ranking omitted.
  public let leftOut: LeftOut

  /// Ranks items that pass a filter, or users, that have training ratings.
  ///
  /// Errors: `SimilarityError.noBiases`.
  public init(
    _ model: Model, of entity: Entity, count: Int, among items: FilteredItems = .all
  ) throws {
    try SettingError.check("top", count, in: 0...1_000_000)
    try items.check(of: model)
    guard let biases = model.parameters.biases(of: entity), model.spec.hasBiases(of: entity) else {
      throw SimilarityError.noBiases(entity, model: model.spec.name)
    }
    if entity == .item {
      let rated = items.rated(model)
      self.init(
        rated.candidates?.map { Int($0) } ?? Array(biases.indices), count: count,
        leftOut: rated.leftOut()
      ) { biases[$0] }
    } else {
      let rows = biases.indices.filter { !model.seen[$0].isEmpty }
      self.init(rows, count: count, leftOut: LeftOut([.unrated: biases.count - rows.count])) {
        biases[$0]
      }
    }
  }

  /// Ranks rows by a bias, equal ones by row.
  init(_ rows: [Int], count: Int, leftOut: LeftOut, bias: (Int) -> Float) {
    let ranked = rows.map { (row: $0, bias: bias($0)) }
      .sorted { ($1.bias, $0.row) < ($0.bias, $1.row) }
      .enumerated().map { Entry(row: $1.row, bias: $1.bias, rank: $0 + 1) }
    best = Array(ranked.prefix(count))
    worst = ranked.dropFirst(best.count).suffix(count).reversed()
    self.count = ranked.count
    self.leftOut = leftOut
  }
}

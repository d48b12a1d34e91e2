// Genres as a model sees them: which are near which, and which are liked.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

/// The vectors and biases of genres of a model with genre features.
public struct GenreFactors: Sendable {
  /// The genres, ascending by name.
  public let names: [String]
  /// How many items of the model have each.
  public let itemCounts: [Int]
  /// Name of the model, for messages.
  private let model: String
  private let vectors: FactorVectors?
  private let biases: [Float]?

  /// Takes what a model has learned of genres.
  ///
  /// Errors: `SimilarityError.noGenres`.
  public init(_ model: Model) throws {
    guard let network = model.parameters.network else {
      throw SimilarityError.noGenres(model: model.spec.name)
    }
    let biases = network.genreTable(.bias)
    let vectors = network.genreTable(.factors)
    guard biases != nil || vectors != nil else {
      throw SimilarityError.noGenres(model: model.spec.name)
    }
    self.model = model.spec.name
    names = network.features.genres
    var counts = [Int](repeating: 0, count: names.count)
    for genre in network.features.members { counts[Int(genre)] += 1 }
    itemCounts = counts
    self.vectors = vectors.map { FactorVectors($0, factors: $0.columns) }
    self.biases = biases.map { table in (0..<table.rows).map { table[$0][0] } }
  }

  /// The `count` nearest of a genre, nearest first, without itself.
  ///
  /// Errors: `SimilarityError.noVectors`, `SettingError` for a count or a genre out of range.
  public func nearest(_ count: Int, to genre: Int, by measure: SimilarityMeasure) throws
    -> [NeighbourSearch.Neighbour]
  {
    guard let vectors else { throw SimilarityError.noVectors(model: model) }
    try SettingError.check("top", count, in: 0...1_000_000)
    try check(genre)
    return NeighbourSearch(vectors, by: measure).nearest(count, to: genre)
  }

  /// The vector of a genre, given by its place among the names.
  ///
  /// Errors: `SimilarityError.noVectors`, `SettingError` for a genre out of range.
  public func vector(of genre: Int) throws -> [Float] {
    guard let vectors else { throw SimilarityError.noVectors(model: model) }
    try check(genre)
    return vectors[genre]
  }

  private func check(_ genre: Int) throws {
    guard names.indices.contains(genre) else {
      throw SettingError.outOfRange(
        setting: "genre", value: "\(genre)", range: "the place of one of \(names.count) genres")
    }
  }

  /// The genres ranked by bias.
  ///
  /// Errors: `SimilarityError.noBiases`, `SettingError` for a count out of range.
  public func rankedBiases(count: Int) throws -> RankedBiases {
    try SettingError.check("top", count, in: 0...1_000_000)
    guard let biases else { throw SimilarityError.noGenreBiases(model: model) }
    return RankedBiases(Array(biases.indices), count: count, leftOut: LeftOut()) { biases[$0] }
  }

  /// The place of a genre, compared without regard to case and accents.
  ///
  /// Errors: `ItemFilterError.unknown` with the closest name.
  public func index(of name: String) throws -> Int {
    if let place = names.firstIndex(where: { $0.folded == name.folded }) { return place }
    let frequent = names.indices.sorted { itemCounts[$0] > itemCounts[$1] }.map { names[$0] }
    throw ItemFilterError.unknownGenre(name, among: frequent)
  }
}

// The items nearest an item in a model that relates items to each other itself.
import OsusumeData
import OsusumeModels
import OsusumeRecommending

extension Similarity.Neighbours {
  /// The items most similar to one, of those that pass a filter and that the model keeps as its neighbours.
  ///
  /// The similarity is the model's own (`Scorer.neighbourMeasure`). nil for models that keep none.
  ///
  /// Errors: `SettingError` for a count out of range, `RatingsFault` for an item that there is not, or of another model.
  public init?(
    _ count: Int, toItem row: Int, in model: Model, among items: FilteredItems = .all
  ) throws {
    try SettingError.check("top", count, in: 0...1_000_000)
    try RatingsFault.check("item", row, count: model.itemIDs.count)
    try items.check(of: model)
    guard let neighbours = model.ranker.neighbours(ofItem: row) else { return nil }
    let found = neighbours.map {
      NeighbourSearch.Neighbour(row: $0.item, value: Double($0.similarity))
    }
    let rated = items.rated(model)
    let known = Set(found.map { Int32($0.row) } + [Int32(row)])
    let near = rated.among(neighbours: known, of: model.itemIDs.count)
    let passing = Set(near.candidates ?? Array(known))
    self.init(
      row: row,
      nearest: Array(
        found.filter { passing.contains(Int32($0.row)) }
          .sorted { ($1.value, $0.row) < ($0.value, $1.row) }.prefix(count)),
      leftOut: near.leftOut(), asked: count)
  }
}

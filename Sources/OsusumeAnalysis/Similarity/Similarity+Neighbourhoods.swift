// What is near an item in a model of neighbourhoods: the neighbours it keeps.
import OsusumeData
import OsusumeModels

extension Similarity.Neighbours {
  /// The items rated most like one, of those that pass a filter and that the model keeps as its neighbours.
  ///
  /// The similarity is the model's own: the cosine of what biases leave of common users' ratings, shrunk
  /// by how many there are. nil for models of another kind.
  public init?(_ count: Int, toItem row: Int, in model: Model, among items: FilteredItems = .all) {
    guard case .neighbours(let parameters) = model.parameters else { return nil }
    let lists = parameters.reverseNeighbours
    var found: [NeighbourSearch.Neighbour] = []
    for item in 0..<lists.count {
      for place in Int(lists.offsets[item])..<Int(lists.offsets[item + 1])
      where lists.items[place] == Int32(row) {
        found.append(.init(row: item, value: Double(lists.values[place])))
      }
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

// The tensors of relations between items, and what must hold of them.
import OsusumeData

extension ItemRelations {
  /// Whether the specification is of relations between items.
  public static func reads(_ spec: ModelSpec) -> Bool { spec.fit == .ease }

  /// Reads relations, and which of the items that each user has rated are liked.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let seen = try reader.seenItems(users: context.userCount)
    var relations: [ItemRelation] = []
    for name in Self.names where relations.isEmpty || reader.has("\(name)_offsets") {
      relations.append(
        ItemRelation(
          offsets: try reader.vector("\(name)_offsets", count: context.itemCount + 1),
          columns: try reader.vector("\(name)_items"),
          weights: try reader.vector("\(name)_weights")))
    }
    self.init(
      relations: relations, rated: seen,
      isLiked: try reader.vector("seen_liked", count: seen.items.count),
      likedFrom: try reader.tensor("liked_from", shape: [], as: Float.self)[0])
  }

  /// The names of the relations, in order.
  private static let names = ["rated", "liked"]

  /// Relations and likes; the items that users have rated are in every model file.
  public var tensors: [Tensor] {
    zip(Self.names, relations).flatMap { name, relation in
      [
        Tensor("\(name)_offsets", relation.offsets), Tensor("\(name)_items", relation.columns),
        Tensor("\(name)_weights", relation.weights),
      ]
    } + [Tensor("seen_liked", isLiked), Tensor("liked_from", [likedFrom], shape: [])]
  }

  /// Checks every index and number, for kernels do not.
  public func check() throws {
    try checkRange(
      [likedFrom], "liked_from", -RatingTable.largestRating...RatingTable.largestRating)
    try rated.check(items: itemCount, "seen")
    for (name, relation) in zip(Self.names, relations) {
      try SeenItems(offsets: relation.offsets, items: relation.columns)
        .check(items: itemCount, name)
      guard relation.weights.count == relation.columns.count else {
        throw ModelFileFault.tensorShape(
          "\(name)_weights", [relation.weights.count], expected: [relation.columns.count])
      }
      try checkRange(relation.weights, "\(name)_weights")
    }
  }

  /// A user may have met every item in each sense.
  public func largestScore() -> Double {
    relations.reduce(0) { $0 + $1.weights.largest * Double($1.items) }
  }
}

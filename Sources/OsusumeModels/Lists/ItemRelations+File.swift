// The tensors of relations between items, and what must hold of them.
import OsusumeData

extension ItemRelations {
  /// Whether the specification is of relations between items.
  public static func reads(_ spec: ModelSpec) -> Bool { spec.fit == .ease }

  /// Reads a relation, and what counts how much of what each user has met.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let rated = try reader.seenItems(users: context.userCount)
    self.init(
      relation: ItemRelation(
        offsets: try reader.vector("relation_offsets", count: context.itemCount + 1),
        columns: try reader.vector("relation_items"),
        weights: try reader.vector("relation_weights")),
      rated: rated, strengths: try reader.vector("seen_strengths", count: rated.items.count),
      unrated: try reader.seenItems(ifAny: "unrated", users: context.userCount)
        ?? SeenItems(
          offsets: [Int32](repeating: 0, count: context.userCount + 1), items: []),
      strength: RatingStrength(
        likedFrom: try reader.tensor("liked_from", shape: [], as: Float.self)[0],
        deviation: try reader.tensor("rating_deviation", shape: [], as: Float.self)[0]))
  }

  /// The relation and what counts how much; the items that users have met are in every model file.
  public var tensors: [Tensor] {
    [
      Tensor("relation_offsets", relation.offsets), Tensor("relation_items", relation.columns),
      Tensor("relation_weights", relation.weights), Tensor("seen_strengths", strengths),
      Tensor("liked_from", [strength.likedFrom], shape: []),
      Tensor("rating_deviation", [strength.deviation], shape: []),
    ]
  }

  /// Checks every index and number, for kernels do not.
  public func check() throws {
    let largest = RatingTable.largestRating
    try checkRange([strength.likedFrom], "liked_from", -largest...largest)
    try checkRange([strength.deviation], "rating_deviation", .leastNormalMagnitude...largest)
    if let place = strengths.firstIndex(where: { $0 > RatingStrength.largest }) {
      throw ModelFileFault.index("seen_strengths", at: place)
    }
    try rated.check(items: itemCount, "seen")
    try unrated.check(items: itemCount, "unrated")
    try SeenItems(offsets: relation.offsets, items: relation.columns)
      .check(items: itemCount, "relation")
    guard relation.weights.count == relation.columns.count else {
      throw ModelFileFault.tensorShape(
        "relation_weights", [relation.weights.count], expected: [relation.columns.count])
    }
    try checkRange(relation.weights, "relation_weights")
  }

  /// A user may have met every item, in the strongest sense.
  public func largestScore() -> Double {
    relation.weights.largest * Double(relation.items)
      * Double(RatingStrength.value(RatingStrength.largest))
  }
}

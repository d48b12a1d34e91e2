// The tensors of relations between items, and what must hold of them.
import OsusumeData

extension ItemRelations {
  /// Whether the specification is of relations between items.
  public static func reads(_ spec: ModelSpec) -> Bool { spec.fit == .ease }

  /// Reads a relation, and what counts how much of what each user has met.
  ///
  /// What a rating counts follows from the ratings in the file, unless that has strengths of their own.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let strength = RatingStrength(
      likedFrom: try reader.tensor("liked_from", shape: [], as: Float.self)[0],
      deviation: try reader.tensor("rating_deviation", shape: [], as: Float.self)[0])
    let strengths =
      reader.has(Self.strengthsName) ? nil : context.seenRatings?.map(strength.hundredths)
    self.init(
      relation: ItemRelation(
        offsets: try reader.vector("relation_offsets", count: context.itemCount + 1),
        columns: try reader.vector("relation_items"),
        weights: try reader.vector("relation_weights")),
      rated: context.seen,
      strengths: try strengths
        ?? reader.vector(Self.strengthsName, count: context.seen.items.count),
      unrated: context.seenUnrated
        ?? SeenItems(
          offsets: [Int32](repeating: 0, count: context.userCount + 1), items: []),
      strength: strength)
  }

  /// What each rating counts: in a model file only where ratings beside it do not say the same.
  static let strengthsName = "seen_strengths"

  /// The relation and what counts how much; the items that users have met are in every model file.
  public var tensors: [Tensor] {
    [
      Tensor("relation_offsets", relation.offsets), Tensor("relation_items", relation.columns),
      Tensor("relation_weights", relation.weights), Tensor(Self.strengthsName, strengths),
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
      throw ModelFileFault.index(Self.strengthsName, at: place)
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

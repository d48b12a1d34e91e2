// The tensors of a neighbourhood model, and what must hold of them.
import OsusumeData

extension NeighbourParameters {
  /// Whether the specification is of item neighbourhoods.
  public static func reads(_ spec: ModelSpec) -> Bool {
    spec.isFactorModel && spec.fit == .neighbours
  }

  /// Reads biases, lists of neighbours, and residuals beside the items that each user has rated.
  public init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    let biases = try FactorParameters(from: &reader, context)
    guard biases.layout.biased, biases.layout.factors == 0 else {
      throw ModelFileFault.tensorShape(
        "user_factors", [context.userCount, biases.layout.factors],
        expected: [context.userCount, 0])
    }
    self.init(
      biases: biases,
      reverseNeighbours: .init(
        offsets: try reader.vector("neighbour_offsets", count: context.itemCount + 1),
        items: try reader.vector("neighbour_items"),
        values: try reader.vector("neighbour_similarities")),
      ratings: .init(
        offsets: context.seen.offsets, items: context.seen.items,
        values: try reader.vector("seen_residuals", count: context.seen.items.count)),
      damping: try reader.tensor("neighbour_damping", shape: [], as: Float.self)[0])
  }

  /// Biases and lists; the items that users have rated are in every model file.
  public var tensors: [Tensor] {
    biases.tensors + [
      Tensor("neighbour_offsets", reverseNeighbours.offsets),
      Tensor("neighbour_items", reverseNeighbours.items),
      Tensor("neighbour_similarities", reverseNeighbours.values),
      Tensor("seen_residuals", ratings.values),
      Tensor("neighbour_damping", [damping], shape: []),
    ]
  }

  /// Checks every index and number, for kernels do not.
  public func check() throws {
    try biases.check()
    // Above 0: a sum of similarities is divided by it where there are none.
    try checkRange([damping], "neighbour_damping", .leastNormalMagnitude...NumberLimit.parameter)
    try Self.check(
      reverseNeighbours, rows: biases.items.rows, items: biases.items.rows, "neighbour_offsets",
      "neighbour_items", "neighbour_similarities")
    try Self.check(
      ratings, rows: biases.users.rows, items: biases.items.rows, "seen_offsets", "seen_items",
      "seen_residuals")
    try checkRange(
      reverseNeighbours.values, "neighbour_similarities",
      -NumberLimit.similarity...NumberLimit.similarity)
    try checkRange(ratings.values, "seen_residuals")
  }

  /// What neighbours say is a mean of residuals, weighted by at most 1 in all.
  public func largestScore() -> Double { biases.largestScore() + ratings.values.largest }

  private static func check(
    _ lists: Lists, rows: Int, items: Int, _ offsets: String, _ entries: String, _ values: String
  ) throws {
    guard lists.offsets.count == rows + 1 else {
      throw ModelFileFault.tensorShape(offsets, [lists.offsets.count], expected: [rows + 1])
    }
    guard lists.offsets[0] == 0, lists.offsets[rows] == Int32(lists.items.count) else {
      throw ModelFileFault.offsets(offsets, at: 0)
    }
    if let row = (0..<rows).first(where: { lists.offsets[$0] > lists.offsets[$0 + 1] }) {
      throw ModelFileFault.offsets(offsets, at: row)
    }
    if let place = lists.items.firstIndex(where: { $0 < 0 || Int($0) >= items }) {
      throw ModelFileFault.index(entries, at: place)
    }
    guard lists.values.count == lists.items.count else {
      throw ModelFileFault.tensorShape(
        values, [lists.values.count], expected: [lists.items.count])
    }
  }
}
